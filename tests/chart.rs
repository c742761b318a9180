//! The chart: its files, its presets, and that what is committed is what the build writes.

use chartwright::{ReleaseInfo, testing};
use std::path::Path;
use std::process::Command;

fn committed() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("charts-out/mlflow")
}

#[test]
fn committed_chart_is_up_to_date() {
    let changes = mlflow_kube::chart().trace().unwrap().compare(committed()).unwrap();
    assert!(
        changes.is_empty(),
        "charts-out/mlflow is stale: run `cargo build` and commit what it wrote: {changes:?}"
    );
}

#[test]
fn templates() {
    for (name, text) in mlflow_kube::chart().trace().unwrap().files() {
        if name.starts_with("templates/") {
            for (number, line) in text.lines().enumerate() {
                assert!(
                    line.chars().count() <= 120,
                    "{name}:{}: over 120 characters: {line}",
                    number + 1
                );
                assert!(!line.ends_with(' '), "{name}:{}: trailing space", number + 1);
            }
        }
        if name != "values.schema.json" {
            insta::assert_snapshot!(name.replace(['/', '.'], "_"), text);
        }
    }
}

#[test]
fn presets() {
    let chart = mlflow_kube::chart();
    let mut all = vec![("defaults".to_owned(), String::new())];
    all.extend(chart.presets().iter().cloned());
    for (name, text) in all {
        let inputs = chartwright::values::Inputs::file(name.as_str(), text);
        let info = ReleaseInfo {
            name: "mlflow".into(),
            ..ReleaseInfo::default()
        };
        let rendered = chart.render(&inputs, &info).unwrap();
        for object in &rendered.objects {
            testing::read_back(&object.json).unwrap();
        }
        insta::assert_snapshot!(
            format!("preset_{name}"),
            rendered.to_yaml() + "# NOTES\n" + &rendered.notes
        );
    }
}

/// The command prints what `helm template` prints, and the notes are those of Helm.
#[test]
fn command_is_helm_template() {
    let flags = [
        "template",
        "mlflow",
        "--namespace",
        "team",
        "-f",
        "values/seed.yaml",
        "--set",
        "server.preStopSeconds=9",
    ];
    let run = |program: &str, arguments: &[&str]| {
        let output = Command::new(program).args(arguments).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        testing::helm::documents(&String::from_utf8(output.stdout).unwrap()).unwrap()
    };
    let mut native = run(env!("CARGO_BIN_EXE_mlflow-kube"), &flags);
    let chart = committed().display().to_string();
    let mut arguments = flags.to_vec();
    arguments.insert(2, &chart);
    let mut helm = run(&testing::helm::program(), &arguments);
    let by_source = |all: &mut Vec<(String, serde_json::Value)>| all.sort_by(|a, b| a.0.cmp(&b.0));
    by_source(&mut native);
    by_source(&mut helm);
    for (native, helm) in native.iter().zip(&helm) {
        assert_eq!(native, helm);
    }
    assert_eq!(native.len(), helm.len());
}

#[test]
fn lint() {
    for values in ["", "values/seed.yaml", "values/laptop.yaml", "values/production.yaml"] {
        let chart = committed().display().to_string();
        let mut arguments = vec!["lint", "--strict", &chart];
        if !values.is_empty() {
            arguments.extend(["-f", values]);
        }
        let output = testing::helm::run(&arguments).unwrap();
        assert!(
            output.status.success(),
            "{values}: {}",
            String::from_utf8_lossy(&output.stdout)
        );
    }
}

/// Each bad input is refused by Helm and natively, with the path of the value.
#[test]
fn refusals() {
    let cases = [
        ("server.replicaz=2", "/server", "replicaz"),
        ("server.replicas=many", "server/replicas", ""),
        ("service.nodePort=80", "service/nodePort", ""),
        ("service.type=Nodeport", "service/type", ""),
        ("server.replicas=null", "server", "replicas"),
        ("server.replicas=2", "server.replicas", "ReadWriteOnce"),
        ("autoscaling.enabled=true", "autoscaling.enabled", "ReadWriteOnce"),
        (
            "artifacts.pvc.accessMode=ReadWriteMany,autoscaling.enabled=true,server.resources.requests.cpu=null",
            "server.resources.requests.cpu",
            "500m",
        ),
        (
            "artifacts.pvc.accessMode=ReadWriteMany,server.replicas=9",
            "postgres.maxConnections",
            "connections",
        ),
        (
            "credentials.source=existingSecret",
            "credentials.existingSecret",
            "kubectl create secret",
        ),
        (
            "credentials.source=values",
            "credentials.values.postgresPassword",
            "missing",
        ),
        ("artifacts.kind=s3", "credentials.source", "S3"),
        ("database.kind=external", "database.external.host", "host"),
        ("postgres.image.tag=18", "postgres/image/tag", ""),
    ];
    let chart = committed().display().to_string();
    for (set, path, text) in cases {
        let helm = testing::helm::run(["template", "r", &chart, "--set", set]).unwrap();
        let said = String::from_utf8_lossy(&helm.stderr).into_owned();
        assert!(!helm.status.success(), "{set}: helm accepts it");
        assert!(said.contains(path) && said.contains(text), "{set}: {said}");
        let native = Command::new(env!("CARGO_BIN_EXE_mlflow-kube"))
            .args(["template", "r", "--set", set])
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&native.stderr).into_owned();
        assert!(!native.status.success(), "{set}: accepted natively");
        let path = path.trim_start_matches('/').replace('/', ".");
        assert!(said.contains(&path) && said.contains(text), "{set}: {said}");
    }
}
