//! Runs the real Helm, which is found as `HELM` says, or else on the `PATH`.

use super::case::{Circumstances, Given, escaped};
use crate::error::{Error, Kind, Result};
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;
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

/// Helm's output, cut into documents.
pub fn documents(text: &str) -> Result<Vec<(String, Json)>> {
    sections(text)
        .map(|(source, body)| {
            let json = crate::values::read(body, source)
                .map_err(|error| Error::trace(source, format!("Helm's output is not YAML: {error}\n{body}")))?;
            Ok((source.to_owned(), json.value))
        })
        .collect()
}

/// The source and the text of each document.
fn sections(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.split("---\n# Source: ").skip(1).map(|document| {
        let (source, body) = document.split_once('\n').unwrap_or((document, ""));
        (source.trim(), body)
    })
}

/// The template that shows the notes of a chart among its objects: `helm template` does not print them.
pub(super) const NOTES: &str = "chartwright-law-notes";

/// What Helm made of a chart for one case: the text of each object, by its template without `.yaml`.
pub(super) type Texts = BTreeMap<String, String>;

/// A chart that has another chart many times, under the names c0, c1, …
///
/// So one Helm process renders many cases; starting it costs more than rendering one.
pub(super) struct Umbrella {
    directory: tempfile::TempDir,
    size: usize,
}

impl Umbrella {
    /// An umbrella over `size` copies of the chart with these files.
    pub(super) fn new(files: &BTreeMap<String, String>, name: &str, version: &str, size: usize) -> Result<Self> {
        let directory = tempfile::tempdir().map_err(|error| Error::io(Path::new("temporary directory"), &error))?;
        let root = directory.path().join("umbrella");
        let chart = root.join("charts").join(name);
        for (path, text) in files {
            write(&chart.join(path), text)?;
        }
        if let Some(notes) = files.get("templates/NOTES.txt") {
            write(
                &chart.join("templates/_chartwright_law.tpl"),
                &format!("{{{{ define \"{NOTES}\" }}}}{notes}{{{{ end }}}}"),
            )?;
            write(
                &chart.join(format!("templates/{NOTES}.yaml")),
                &format!(
                    "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: notes\nnotes: {{{{ include \"{NOTES}\" . | quote }}}}\n"
                ),
            )?;
        }
        let dependencies: Vec<Json> = (0..size)
            .map(|i| json!({"name": name, "version": version, "alias": alias(i)}))
            .collect();
        let metadata =
            json!({"apiVersion": "v2", "name": "umbrella", "version": "1.0.0", "dependencies": dependencies});
        write(&root.join("Chart.yaml"), &metadata.to_string())?;
        Ok(Self { directory, size })
    }

    /// Renders as many cases as there are copies; `Err` within is what Helm said where it failed.
    ///
    /// Without `schema`, Helm does not check the values, which is most of its work.
    pub(super) fn template(
        &self,
        circumstances: &Circumstances,
        given: &[&Given],
        schema: bool,
    ) -> Result<Result<Vec<Texts>, String>> {
        assert_eq!(given.len(), self.size, "a case for each copy of the chart");
        let mut arguments = vec![
            "template".to_owned(),
            circumstances.release.clone(),
            self.directory.path().join("umbrella").display().to_string(),
            format!("--namespace={}", circumstances.namespace),
            format!("--kube-version={}", circumstances.kube_version),
        ];
        arguments.extend(
            circumstances
                .api_versions
                .iter()
                .map(|api| format!("--api-versions={api}")),
        );
        if circumstances.upgrade {
            arguments.push("--is-upgrade".into());
        }
        if !schema {
            arguments.push("--skip-schema-validation".into());
        }
        for number in 0..given.iter().map(|given| given.files.len()).max().unwrap_or(0) {
            let all = given
                .iter()
                .enumerate()
                .filter_map(|(i, given)| Some((alias(i), given.files.get(number)?.clone())));
            let file = self.directory.path().join(format!("values-{number}.yaml"));
            write(&file, &escaped(&Json::Object(all.collect::<Map<_, _>>())))?;
            arguments.push(format!("--values={}", file.display()));
        }
        for (i, given) in given.iter().enumerate() {
            let flags = given.flags.iter();
            arguments.extend(flags.map(|(flag, argument)| format!("{flag}={}.{argument}", alias(i))));
        }
        let output = run(arguments)?;
        if !output.status.success() {
            return Ok(Err(String::from_utf8_lossy(&output.stderr).into_owned()));
        }
        let mut texts = vec![Texts::new(); self.size];
        for (source, body) in sections(&String::from_utf8_lossy(&output.stdout)) {
            let place = source
                .strip_prefix("umbrella/charts/c")
                .and_then(|source| source.split_once("/templates/"));
            let Some((number, file)) = place else {
                return Err(Error::trace(
                    source,
                    "Helm rendered a template that the chart does not have",
                ));
            };
            let case = number.parse::<usize>().ok().and_then(|number| texts.get_mut(number));
            let file = file.strip_suffix(".yaml").unwrap_or(file).to_owned();
            case.and_then(|texts| texts.insert(file, body.to_owned()));
        }
        Ok(Ok(texts))
    }
}

/// The name of a copy of the chart.
pub(super) fn alias(number: usize) -> String {
    format!("c{number}")
}

fn write(path: &Path, text: &str) -> Result<()> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(|error| Error::io(parent, &error))?;
    }
    fs::write(path, text).map_err(|error| Error::io(path, &error))
}
