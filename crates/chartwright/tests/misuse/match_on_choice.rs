use chartwright::Val;

#[derive(Clone, serde::Serialize, serde::Deserialize)]
enum Store {
    Volume,
    Bucket,
}

fn kind(store: &Val<Store>) -> &'static str {
    match store {
        Store::Volume => "volume",
        Store::Bucket => "bucket",
    }
}

fn main() {
    kind(&Store::Bucket.into());
}
