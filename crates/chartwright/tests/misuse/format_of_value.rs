use chartwright::Val;

fn image(tag: &Val<String>) -> String {
    format!("mlflow:{tag}")
}

fn main() {
    image(&"v3".into());
}
