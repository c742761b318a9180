//! The law: for every valid values file, real Helm and the native rendering give the same objects.

use chartwright::testing;

/// The defaults, every preset, and 2,000 random cases; `LAW_CASES=100000` for as many as that.
#[test]
fn law() {
    testing::law(&mlflow_kube::chart()).cases(2_000).check();
}
