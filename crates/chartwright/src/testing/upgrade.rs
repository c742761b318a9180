//! What an upgrade does to what is installed: the chart that is being built, compared with the one released last.
//!
//! The release is a folder that is committed: the values with their defaults, and what the defaults and each preset
//! render to. `UPDATE_RELEASED=1` makes the test write it anew, which is part of releasing a chart.

mod rules;

use super::helm;
use crate::chart::Chart;
use crate::error::{Error, Kind, Problem, Result};
use crate::release::ReleaseInfo;
use crate::values::{self, Inputs};
use rules::Change;
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The environment variable with which [`Upgrade::check`] writes the release instead of comparing with it.
const RELEASE: &str = "UPDATE_RELEASED";

/// The settings of the released chart, a line each: `server.replicas: 1`.
const SETTINGS: &str = "values.txt";

/// The version of the released chart.
const VERSION: &str = "version.txt";

/// The upgrade of a released chart to this one, ready to be checked.
#[derive(Debug)]
pub struct Upgrade<'a, V> {
    chart: &'a Chart<V>,
    released: PathBuf,
    allowed: Vec<(String, String)>,
}

/// The upgrade to this chart; [`from`](Upgrade::from) says where the released one is.
///
/// ```no_run
/// # use chartwright::{Chart, Manifests, Val};
/// # #[derive(Default, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
/// # struct Values { replicas: Val<i32> }
/// # let chart: Chart<Values> = Chart::new("c", "0.1.0", |_, _| Manifests::new());
/// chartwright::testing::upgrade(&chart).from("tests/released").check();
/// ```
pub fn upgrade<V>(chart: &Chart<V>) -> Upgrade<'_, V> {
    Upgrade {
        chart,
        released: PathBuf::from("tests/released"),
        allowed: Vec::new(),
    }
}

impl<V: Serialize + DeserializeOwned + JsonSchema + Default + 'static> Upgrade<'_, V> {
    /// The folder with the release; `tests/released` unless told.
    pub fn from(mut self, folder: impl AsRef<Path>) -> Self {
        self.released = folder.as_ref().to_owned();
        self
    }

    /// Lets one change pass that is not safe, and says why that is all right. `what` is how the check names it: a
    /// value (`server.oldName`), or an object and its field (`StatefulSet mlflow-postgres, spec.serviceName`).
    pub fn allow(mut self, what: &str, reason: &str) -> Self {
        self.allowed.push((what.into(), reason.into()));
        self
    }

    /// Checks that the upgrade is safe. With the environment variable `UPDATE_RELEASED=1` it writes the release
    /// instead.
    ///
    /// # Panics
    ///
    /// Where an upgrade fails or loses data: with every such change, and what to do about it.
    pub fn check(self) {
        let done = match std::env::var_os(RELEASE) {
            Some(_) => self.release(),
            None => self.verify(),
        };
        done.unwrap_or_else(|error| panic!("{error}"));
    }

    /// As [`check`](Upgrade::check), without the panic.
    ///
    /// # Errors
    ///
    /// Where an upgrade fails or loses data, and where there is no release to compare with.
    pub fn verify(&self) -> Result<()> {
        let version = self.read(VERSION)?;
        let mut problems = self.values()?;
        for (name, before) in self.cases()? {
            let case = format!("{name} of the released {}", version.trim());
            match self.render(self.chart, &name, &before.values) {
                Ok(after) => problems.extend(problems_of(&case, rules::changes(&before.objects, &after))),
                Err(error) => problems.extend(refused(&case, &error)),
            }
        }
        // A chart whose version is in a field that cannot change works until its next version.
        let next = self.chart.versioned("9999.0.0-next", "9999.0.0-next");
        let (before, after) = (self.render(self.chart, "", "")?, self.render(&next, "", "")?);
        for mut problem in problems_of("the next version of the chart", rules::changes(&before, &after)) {
            problem.what = format!("changes with the version of the chart: {}", problem.what);
            problems.push(problem);
        }
        let problems = self.not_allowed(problems);
        match problems.is_empty() {
            true => Ok(()),
            false => Err(Error::new(Kind::Upgrade, problems)),
        }
    }

    /// Writes the release: this chart is what later ones are compared with.
    ///
    /// # Errors
    ///
    /// Where the chart does not render, or the folder cannot be written.
    pub fn release(&self) -> Result<()> {
        let mut files = BTreeMap::from([
            (VERSION.to_owned(), format!("{}\n", self.chart.version)),
            (SETTINGS.to_owned(), self.settings()?),
        ]);
        let presets = self.chart.presets().iter().cloned();
        for (name, text) in std::iter::once(("defaults".to_owned(), String::new())).chain(presets) {
            let rendered = self
                .chart
                .render(&Inputs::file(name.as_str(), text.as_str()), &info())?;
            files.insert(format!("{name}/values.yaml"), text);
            files.insert(format!("{name}/objects.yaml"), rendered.to_yaml());
        }
        if self.released.exists() {
            fs::remove_dir_all(&self.released).map_err(|error| Error::io(&self.released, &error))?;
        }
        for (name, text) in files {
            let file = self.released.join(name);
            let folder = file.parent().unwrap_or(&self.released);
            fs::create_dir_all(folder).map_err(|error| Error::io(folder, &error))?;
            fs::write(&file, text).map_err(|error| Error::io(&file, &error))?;
        }
        Ok(())
    }

    /// Every setting with its default, a line each.
    fn settings(&self) -> Result<String> {
        let defaults = self.chart.defaults()?;
        let line = |path: &String| {
            let default = defaults.pointer(&values::pointer(path)).unwrap_or(&Json::Null);
            format!("{path}: {default}\n")
        };
        Ok(self.chart.settings()?.iter().map(line).collect())
    }

    /// Values that were removed, or whose defaults are valid no longer.
    fn values(&self) -> Result<Vec<Problem>> {
        let text = self.read(SETTINGS)?;
        let now = self.chart.settings()?;
        let mut problems = Vec::new();
        for (path, default) in text.lines().filter_map(|line| line.split_once(": ")) {
            if !now.iter().any(|known| known == path) {
                problems.push(Problem {
                    at: path.into(),
                    what:
                        "this value was removed or renamed, and whoever sets it cannot upgrade; keep it beside the new \
                           one, as a `Val<Option<_>>` that wins where it is set, and mark it as deprecated"
                            .into(),
                    source: None,
                });
                continue;
            }
            let default: Json = serde_json::from_str(default).unwrap_or_default();
            if default.is_null() {
                continue;
            }
            let user = path.rsplit('.').fold(default, |inner, name| {
                Json::Object([(name.to_owned(), inner)].into_iter().collect())
            });
            if let Err(error) = self.chart.merged(user) {
                let what = error
                    .problems()
                    .iter()
                    .map(|problem| problem.what.clone())
                    .collect::<Vec<_>>();
                problems.push(Problem {
                    at: path.into(),
                    what: format!(
                        "its released default {}; let the type and the limits of a value grow, never shrink, or add a \
                         new value",
                        what.join("; ")
                    ),
                    source: None,
                });
            }
        }
        Ok(problems)
    }

    /// What was rendered of the release: the defaults, and each preset as it was.
    fn cases(&self) -> Result<BTreeMap<String, Before>> {
        let mut cases = BTreeMap::new();
        let entries = fs::read_dir(&self.released).map_err(|error| Error::io(&self.released, &error))?;
        for entry in entries {
            let path = entry.map_err(|error| Error::io(&self.released, &error))?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if path.is_dir() {
                let before = Before {
                    values: self.read(&format!("{name}/values.yaml"))?,
                    objects: objects(&self.read(&format!("{name}/objects.yaml"))?)?,
                };
                cases.insert(name, before);
            }
        }
        Ok(cases)
    }

    fn read(&self, name: &str) -> Result<String> {
        let file = self.released.join(name);
        fs::read_to_string(&file).map_err(|error| {
            Error::one(
                Kind::Io,
                file.display().to_string(),
                format!(
                    "no released chart is here ({error}); run the test once with {RELEASE}=1, and commit what it wrote"
                ),
            )
        })
    }

    fn render(&self, chart: &Chart<V>, name: &str, values: &str) -> Result<Vec<Json>> {
        objects(&chart.render(&Inputs::file(name, values), &info())?.to_yaml())
    }

    /// What is left when the allowed changes are taken out; an allowance of nothing is a problem itself.
    fn not_allowed(&self, problems: Vec<Problem>) -> Vec<Problem> {
        let allows = |what: &str, problem: &Problem| problem.at == what;
        let stale: Vec<Problem> = self
            .allowed
            .iter()
            .filter(|(what, reason)| reason.trim().is_empty() || !problems.iter().any(|problem| allows(what, problem)))
            .map(|(what, reason)| Problem {
                at: what.clone(),
                what: match reason.trim() {
                    "" => "is allowed without a reason; give one".into(),
                    _ => "is allowed, and nothing of it changes; remove the `allow`".into(),
                },
                source: None,
            })
            .collect();
        let allowed = |problem: &Problem| self.allowed.iter().any(|(what, _)| allows(what, problem));
        let mut left: Vec<Problem> = Vec::new();
        for problem in problems.into_iter().filter(|problem| !allowed(problem)).chain(stale) {
            // The same change in several presets is one.
            if !left.iter().any(|known| known.at == problem.at) {
                left.push(problem);
            }
        }
        left
    }
}

/// One rendering of the released chart.
struct Before {
    values: String,
    objects: Vec<Json>,
}

fn info() -> ReleaseInfo {
    ReleaseInfo {
        name: "mine".into(),
        is_upgrade: true,
        ..ReleaseInfo::default()
    }
}

/// Rendered objects as they are read back, so that both sides went the same way.
fn objects(yaml: &str) -> Result<Vec<Json>> {
    Ok(helm::documents(yaml)?.into_iter().map(|(_, object)| object).collect())
}

fn problems_of(case: &str, changes: Vec<Change>) -> Vec<Problem> {
    let problem = |change: Change| Problem {
        at: change.at,
        what: change.what,
        source: Some(case.into()),
    };
    changes.into_iter().map(problem).collect()
}

/// Values with which the released chart was installed, and which this one refuses.
fn refused(case: &str, error: &Error) -> Vec<Problem> {
    let problem = |problem: &Problem| Problem {
        at: problem.at.clone(),
        what: format!("the released values are refused now: {}", problem.what),
        source: Some(case.into()),
    };
    error.problems().iter().map(problem).collect()
}
