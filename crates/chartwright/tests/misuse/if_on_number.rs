use chartwright::{Val, text};

fn many(replicas: &Val<i32>) -> Val<String> {
    if *replicas > 3 { text("many") } else { text("few") }
}

fn main() {
    many(&1.into());
}
