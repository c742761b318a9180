use chartwright::Val;

fn hosts(host: &Val<String>) -> Vec<String> {
    host.each(|host: Val<String>| host.get())
}

fn main() {
    hosts(&"a".into());
}
