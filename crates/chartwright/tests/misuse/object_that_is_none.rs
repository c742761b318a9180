use chartwright::Manifests;

struct Deployment;

fn main() {
    Manifests::new().add("deployment", Deployment);
}
