use mlflow_kube::chartwright::testing;
use team_mlflow::chart;

#[test]
fn law() {
    testing::law(&chart()).check();
}

#[test]
fn committed_chart_is_up_to_date() {
    let changes = chart().trace().unwrap().compare("charts-out/team-mlflow").unwrap();
    assert!(
        changes.is_empty(),
        "run `cargo build` and commit what it wrote: {changes:?}"
    );
}
