use chartwright::Val;

fn label(enabled: &Val<bool>) -> &'static str {
    if *enabled { "on" } else { "off" }
}

fn main() {
    label(&true.into());
}
