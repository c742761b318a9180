use chartwright::Val;

fn short(name: &Val<String>) -> &str {
    name.trim_end_matches('-')
}

fn main() {
    short(&"a-".into());
}
