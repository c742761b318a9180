use chartwright::Val;

fn more(share: &Val<f64>) -> Val<f64> {
    share + 0.5
}

fn main() {
    more(&0.1.into());
}
