//! Runs the real Helm, which is found as `HELM` says, or else on the `PATH`.

use crate::error::{Error, Kind, Result};
use crate::release::ReleaseInfo;
use serde_json::{Value as Json, json};
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

/// Helm's program: what the environment variable `HELM` says, or `helm`.
pub fn program() -> String {
    std::env::var("HELM").unwrap_or_else(|_| "helm".into())
}

/// Runs Helm with these arguments.
///
/// # Errors
///
/// Where there is no Helm; the error says how to get one.
pub fn run<S: AsRef<std::ffi::OsStr>>(arguments: impl IntoIterator<Item = S>) -> Result<Output> {
    Command::new(program()).args(arguments).output().map_err(|error| {
        Error::one(
            Kind::Io,
            program(),
            format!(
                "cannot run Helm ({error}); install it (https://helm.sh/docs/intro/install/), put it on the PATH or name \
                 it by HELM: `GOBIN=$PWD/target/bin go install helm.sh/helm/v4/cmd/helm@v4.3.1 && export \
                 HELM=$PWD/target/bin/helm`"
            ),
        )
    })
}

/// A chart that has another chart many times, under the names c0, c1, …
pub(crate) struct Umbrella {
    directory: tempfile::TempDir,
}

impl Umbrella {
    pub(crate) fn new(chart: &Path, name: &str, version: &str, count: usize) -> Result<Self> {
        let directory = tempfile::tempdir().map_err(|error| Error::io(Path::new("temporary directory"), &error))?;
        let root = directory.path().join("umbrella");
        let dependencies: Vec<Json> = (0..count)
            .map(|i| json!({"name": name, "version": version, "alias": format!("c{i}")}))
            .collect();
        let metadata =
            json!({"apiVersion": "v2", "name": "umbrella", "version": "1.0.0", "dependencies": dependencies});
        copy(chart, &root.join("charts").join(name))?;
        write(&root.join("Chart.yaml"), &metadata.to_string())?;
        Ok(Self { directory })
    }

    /// The documents that Helm renders, each with the template that it comes from.
    pub(crate) fn template(&self, values: &Json, info: &ReleaseInfo) -> Result<Vec<(String, Json)>> {
        let file = self.directory.path().join("values.yaml");
        write(&file, &escaped(values))?;
        let root = self.directory.path().join("umbrella");
        let output = run([
            "template".as_ref(),
            info.name.as_ref(),
            root.as_os_str(),
            "-f".as_ref(),
            file.as_os_str(),
            "--namespace".as_ref(),
            info.namespace.as_ref(),
        ])?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            return Err(Error::trace("helm template", format!("{said}\nvalues: {values}")));
        }
        documents(&String::from_utf8_lossy(&output.stdout))
    }
}

/// Helm's output, cut into documents.
pub fn documents(text: &str) -> Result<Vec<(String, Json)>> {
    let mut found = Vec::new();
    for document in text.split("---\n# Source: ").skip(1) {
        let (source, body) = document.split_once('\n').unwrap_or((document, ""));
        let json = crate::values::read(body, source)
            .map_err(|error| Error::trace(source, format!("Helm's output is not YAML: {error}\n{body}")))?;
        found.push((source.trim().to_owned(), json.value));
    }
    Ok(found)
}

/// JSON that YAML reads back to the same: control characters that YAML does not allow raw are escaped.
fn escaped(values: &Json) -> String {
    values
        .to_string()
        .chars()
        .map(|c| match c {
            '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}' => {
                format!("\\u{:04x}", c as u32)
            }
            c => c.to_string(),
        })
        .collect()
}

fn write(path: &Path, text: &str) -> Result<()> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(|error| Error::io(parent, &error))?;
    }
    fs::write(path, text).map_err(|error| Error::io(path, &error))
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to).map_err(|error| Error::io(to, &error))?;
    for entry in fs::read_dir(from).map_err(|error| Error::io(from, &error))? {
        let path = entry.map_err(|error| Error::io(from, &error))?.path();
        let target = to.join(path.file_name().unwrap_or_default());
        if path.is_dir() {
            copy(&path, &target)?;
        } else {
            fs::copy(&path, &target).map_err(|error| Error::io(&path, &error))?;
        }
    }
    Ok(())
}
