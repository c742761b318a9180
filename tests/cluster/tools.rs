//! The programs and the files that the tests need, looked for once.

use crate::command::{Outcome, Run, ensure};
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// What was found.
#[derive(Clone, Debug)]
pub struct Tools {
    /// Helm 4.
    pub helm: String,
    /// A Python that has MLflow's client.
    pub python: String,
    /// The chart's folder.
    pub chart: PathBuf,
}

impl Tools {
    /// All tools; the error says in a sentence what to do about the first that is missing.
    pub fn find() -> Outcome<Self> {
        static FOUND: OnceLock<Outcome<Tools>> = OnceLock::new();
        FOUND.get_or_init(Self::look).clone()
    }

    fn look() -> Outcome<Self> {
        let tools = Self {
            helm: env::var("HELM").unwrap_or_else(|_| "helm".into()),
            python: env::var("MLFLOW_PYTHON").unwrap_or_else(|_| "python3".into()),
            chart: project().join("charts-out/mlflow"),
        };
        ensure(tools.chart.join("Chart.yaml").is_file(), || {
            format!(
                "there is no chart in {}: run `cargo build` first",
                tools.chart.display()
            )
        })?;
        // Not kubectl's own default: that may be a cluster on which nobody wants tests.
        ensure(env::var_os("KUBECONFIG").is_some(), || {
            "set KUBECONFIG to the kubeconfig of a cluster that tests may use".into()
        })?;
        runs("kubectl", &["version", "--client"], "install kubectl on PATH")?;
        let ready = ["get", "--raw", "/readyz", "--request-timeout=10s"];
        runs(
            "kubectl",
            &ready,
            "start the cluster that KUBECONFIG names, or name another",
        )?;
        runs(&tools.helm, &["version"], "install Helm 4 on PATH, or set HELM to it")?;
        let client = "import importlib.util as u; \
                      exit(not all(map(u.find_spec, ('mlflow', 'sklearn'))))";
        runs(
            &tools.python,
            &["-c", client],
            "set MLFLOW_PYTHON to a Python in which `pip install mlflow` was done",
        )?;
        Ok(tools)
    }
}

/// The project's folder.
pub fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The chart again, in another version.
pub fn copy_of_chart(version: &str) -> Outcome<PathBuf> {
    let copy = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("mlflow-{version}"));
    let failed = |error: std::io::Error| format!("{}: {error}", copy.display());
    if copy.exists() {
        fs::remove_dir_all(&copy).map_err(failed)?;
    }
    let from = project().join("charts-out/mlflow");
    Run::new("cp").args([Path::new("-r"), &from, &copy]).text()?;
    let file = copy.join("Chart.yaml");
    let lines = fs::read_to_string(&file).map_err(failed)?;
    let lines = lines.lines().map(|line| match line.split_once(": ") {
        Some((key @ ("version" | "appVersion"), _)) => format!("{key}: {version}\n"),
        _ => format!("{line}\n"),
    });
    fs::write(&file, lines.collect::<String>()).map_err(failed)?;
    Ok(copy)
}

fn runs(program: &str, args: &[&str], remedy: &str) -> Outcome {
    let failed = Run::new(program).args(args).text().err();
    failed.map_or(Ok(()), |error| Err(format!("{remedy}. {}", error.trim_end())))
}
