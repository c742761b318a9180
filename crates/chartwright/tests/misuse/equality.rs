use chartwright::Val;

fn is_root(user: &Val<String>) -> bool {
    *user == "root".into()
}

fn main() {
    is_root(&"root".into());
}
