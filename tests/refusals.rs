//! What must be refused is, by both, with the path of the value and what to do; and nothing else is.
//!
//! A case is a file of `tests/refusals`: `<name>.yaml` are values, `<name>.flags` arguments of `template`, one a line.
//! What the command says is in `<name>.native.txt`, what Helm says, in essence, in `<name>.helm.txt`; the cases in
//! `tests/refusals/valid` are accepted by both, with the same objects. `UPDATE_EXPECT=1` accepts what they say now.

use chartwright::testing::helm;
use chartwright::values::Inputs;
use chartwright::{Chart, ReleaseInfo};
use mlflow_kube::Values;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};

#[path = "refusals/said.rs"]
mod said;

/// How many cases are asked at a time: starting a process is most of the work.
const AT_A_TIME: usize = 4;

#[test]
fn refused_by_both() {
    let cases = of_this_helm("");
    assert!(cases.len() >= 150, "only {} cases", cases.len());
    let failures = each(&cases, |case| {
        let native = case.native().err().ok_or("accepted natively")?;
        let helm = case.helm().err().ok_or("accepted by Helm")?;
        let helm = said::in_essence(&helm);
        names_the_same_values(&native, &helm)?;
        says_what_to_do(&native)?;
        case.expect("native", &native)?;
        case.expect("helm", &helm)
    });
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}

#[test]
fn accepted_by_both() {
    let failures = each(&of_this_helm("valid"), |case| {
        let documents = |answer: Answer| {
            let mut documents = helm::documents(&answer?).map_err(|error| error.to_string())?;
            documents.sort_by(|a, b| a.0.cmp(&b.0));
            Ok::<_, String>(documents)
        };
        let (native, helm) = (documents(case.native())?, documents(case.helm())?);
        match native.iter().zip(&helm).find(|(native, helm)| native != helm) {
            None if native.len() == helm.len() => Ok(()),
            None => Err(format!("{} objects natively, {} by Helm", native.len(), helm.len())),
            Some((native, helm)) => Err(format!("natively {native:?}\nby Helm  {helm:?}")),
        }
    });
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}

/// An expected text without its case would never be looked at.
#[test]
fn no_text_without_a_case() {
    let names: BTreeSet<String> = cases("").into_iter().map(|case| case.name).collect();
    for entry in fs::read_dir(root()).unwrap() {
        let file = entry.unwrap().file_name().into_string().unwrap();
        if let Some(name) = file.strip_suffix(".native.txt").or(file.strip_suffix(".helm.txt")) {
            assert!(names.contains(name), "{file}: remove it, there is no such case");
        }
    }
}

/// Wherever Helm names a value that is wrong, so does the command, or one inside it.
fn names_the_same_values(native: &str, helm: &str) -> Result<(), String> {
    for path in helm.lines().filter_map(|line| line.strip_prefix(said::VALUE)) {
        let named = native
            .lines()
            .filter_map(|line| line.strip_prefix("- "))
            .any(|line| line.starts_with(path));
        if !named {
            return Err(format!("Helm names {path}, and natively it is not named:\n{native}"));
        }
    }
    Ok(())
}

/// No problem without a remedy.
fn says_what_to_do(native: &str) -> Result<(), String> {
    const REMEDIES: [&str; 3] = ["; ", "did you mean", "must be one of"];
    let mut problems = native.lines().filter(|line| line.starts_with("- "));
    match problems.find(|line| !REMEDIES.iter().any(|remedy| line.contains(remedy))) {
        Some(line) => Err(format!("does not say what to do: {line}")),
        None => Ok(()),
    }
}

struct Case {
    name: String,
    /// The file of values, in a case that is one.
    file: Option<String>,
    arguments: Vec<String>,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/refusals")
}

/// The cases in a folder, in the order of their names.
fn cases(folder: &str) -> Vec<Case> {
    let mut cases = Vec::new();
    for entry in fs::read_dir(root().join(folder)).unwrap() {
        let path = entry.unwrap().path();
        let file = path.strip_prefix(root()).unwrap().display().to_string();
        cases.push(match file.rsplit_once('.') {
            Some((name, "yaml")) => Case {
                name: name.into(),
                file: Some(file.clone()),
                arguments: vec!["-f".into(), file.clone()],
            },
            Some((name, "flags")) => Case {
                name: name.into(),
                file: None,
                arguments: fs::read_to_string(&path).unwrap().lines().map(str::to_owned).collect(),
            },
            _ => continue,
        });
    }
    cases.sort_by(|a, b| a.name.cmp(&b.name));
    cases
}

/// Files of several documents, which the command reads as Helm 4 does: Helm 3 knows the first document only.
const HELM_4_ONLY: [&str; 3] = ["yaml-document", "yaml-second-document", "valid/several-documents"];

/// The cases in a folder that this Helm can be asked about.
fn of_this_helm(folder: &str) -> Vec<Case> {
    let version = helm::run(["version", "--template={{.Version}}"]).unwrap();
    let mut cases = cases(folder);
    if version.stdout.starts_with(b"v3.") {
        cases.retain(|case| !HELM_4_ONLY.contains(&case.name.as_str()));
    }
    cases
}

/// Asks about every case, several at a time, and gives what went wrong.
fn each(cases: &[Case], ask: impl Fn(&Case) -> Result<(), String> + Sync) -> Vec<String> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut failures = Vec::new();
        while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
            failures.extend(ask(case).err().map(|error| format!("{}: {error}", case.name)));
        }
        failures
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..AT_A_TIME).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    })
}

/// What is printed: the objects, or the error.
type Answer = Result<String, String>;

static CHART: LazyLock<Chart<Values>> = LazyLock::new(mlflow_kube::chart);

impl Case {
    /// What the command `template` prints: asked of the command where there are flags, of the library for a file.
    fn native(&self) -> Answer {
        let Some(file) = &self.file else {
            return self.command();
        };
        let text = fs::read_to_string(root().join(file)).unwrap();
        let rendered = CHART.render(&Inputs::file(file.as_str(), text), &ReleaseInfo::default());
        rendered
            .map(|rendered| rendered.to_yaml())
            .map_err(|error| format!("Error: {error}\n"))
    }

    fn command(&self) -> Answer {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mlflow-kube"));
        run(command.arg("template").args(&self.arguments))
    }

    fn helm(&self) -> Answer {
        let mut command = Command::new(helm::program());
        // The name of a release, if there is one, goes before the chart.
        run(command
            // Some builds of Helm take a version of Kubernetes for granted that is too old for the chart.
            .args(["template", "--kube-version", "v1.33.0"])
            .args(&self.arguments)
            .arg("../../charts-out/mlflow"))
    }

    /// Compares with what is expected, or makes it so.
    fn expect(&self, who: &str, said: &str) -> Result<(), String> {
        let file = root().join(format!("{}.{who}.txt", self.name));
        let expected = fs::read_to_string(&file).unwrap_or_default();
        if expected == said {
            return Ok(());
        }
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            return fs::write(&file, said).map_err(|error| error.to_string());
        }
        Err(format!(
            "{who} says something else; if it is right, accept it with UPDATE_EXPECT=1\n--- expected\n{expected}\n--- said\n{said}"
        ))
    }
}

fn run(command: &mut Command) -> Answer {
    let output = command.current_dir(root()).output().unwrap();
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    match output.status.success() {
        true => Ok(text(&output.stdout)),
        false => Err(text(&output.stderr)),
    }
}
