use chartwright::Val;

#[derive(Clone, serde::Serialize, serde::Deserialize)]
enum Store {
    Volume,
    Bucket,
}

fn kind(store: &Val<Store>) -> String {
    store.select(|store| match store {
        Store::Volume => "volume".to_owned(),
    })
}

fn main() {
    kind(&Store::Bucket.into());
}
