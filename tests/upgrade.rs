//! The upgrade from the released chart to this one neither fails nor loses data. See `docs/upgrades.md`.

/// With `UPDATE_RELEASED=1`, this chart becomes the released one.
#[test]
fn from_the_released_chart() {
    let released = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/released");
    chartwright::testing::upgrade(&mlflow_kube::chart())
        .from(released)
        .check();
}
