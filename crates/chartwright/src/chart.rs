//! [`Chart`]: a typed function, and all that a Helm chart has besides.

use crate::deprecated::Deprecated;
use crate::emit::files;
use crate::error::{Error, Kind, Problem, Result};
use crate::explain::{Finding, Misfit};
use crate::manifest::{Built, Manifests, Note, without_nulls};
use crate::release::{Release, ReleaseInfo};
use crate::rendered::{Object, Rendered};
use crate::symbolic;
use crate::trace;
use crate::traced::Traced;
use crate::values::{self, Inputs, UserValues};
use crate::{ops, schema};
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

/// The function that a chart is made from: objects out of values and what Helm knows of the release.
pub(crate) type Stack<V> = Arc<dyn Fn(&V, &Release) -> Manifests + Send + Sync>;

/// A chart: a typed function from values to objects, with the chart's name, versions and presets.
///
/// [`render`](Chart::render) runs the function with known values; [`trace`](Chart::trace) runs it with symbolic ones
/// and gives the files of a Helm chart. For every valid values file, both give the same objects.
///
/// `V` is the type of the values: a struct of [`Val`](crate::Val)s and of structs of them, whose `Default` is the
/// chart's `values.yaml`.
#[derive(Clone)]
pub struct Chart<V> {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) app_version: String,
    pub(crate) kube_version: String,
    pub(crate) description: String,
    pub(crate) metadata: Vec<(&'static str, String)>,
    pub(crate) presets: Vec<(String, String)>,
    pub(crate) unused: Vec<String>,
    pub(crate) readme: Option<String>,
    pub(crate) stack: Stack<V>,
    known: OnceLock<Known>,
}

/// What follows from the type of the values.
#[derive(Clone)]
struct Known {
    defaults: Json,
    schema: Json,
    validator: Arc<jsonschema::Validator>,
    /// The paths of the `Val`s.
    settings: Vec<Vec<String>>,
    deprecated: Vec<Deprecated>,
}

impl<V> std::fmt::Debug for Chart<V> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Chart")
            .field("name", &self.name)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

impl<V: Serialize + DeserializeOwned + JsonSchema + Default + 'static> Chart<V> {
    /// A chart of this name and version (SemVer 2), made from a function.
    pub fn new<M: Into<Manifests>>(
        name: &str,
        version: &str,
        stack: impl Fn(&V, &Release) -> M + Send + Sync + 'static,
    ) -> Self {
        Self {
            name: name.into(),
            version: version.into(),
            app_version: String::new(),
            kube_version: String::new(),
            description: String::new(),
            metadata: Vec::new(),
            presets: Vec::new(),
            unused: Vec::new(),
            readme: None,
            stack: Arc::new(move |values, release| stack(values, release).into()),
            known: OnceLock::new(),
        }
    }

    /// The version of what the chart installs: `appVersion`.
    pub fn app_version(mut self, version: &str) -> Self {
        self.app_version = version.into();
        self
    }

    /// One sentence about the chart: `description`.
    pub fn description(mut self, description: &str) -> Self {
        self.description = description.into();
        self
    }

    /// The Kubernetes versions that the chart is for: `kubeVersion`. Helm refuses others, and so does the native
    /// rendering.
    ///
    /// The range is a least version, `>=1.30.0-0`; any other is an error of [`trace`](Chart::trace).
    pub fn kube_version(mut self, range: &str) -> Self {
        self.kube_version = range.into();
        self
    }

    /// Another field of `Chart.yaml`: `home`, `icon`, `type`.
    pub fn metadata(mut self, name: &'static str, value: &str) -> Self {
        self.metadata.push((name, value.into()));
        self
    }

    /// The chart's `README.md`.
    pub fn readme(mut self, text: &str) -> Self {
        self.readme = Some(text.into());
        self
    }

    /// A values file that comes with the chart. It is checked whenever the chart is traced.
    pub fn preset(mut self, name: &str, yaml: &str) -> Self {
        self.presets.push((name.into(), yaml.into()));
        self
    }

    /// A setting that no template uses, on purpose; any other unused one is an error.
    pub fn allow_unused(mut self, path: &str) -> Self {
        self.unused.push(path.into());
        self
    }

    /// The chart's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The presets: names and texts.
    pub fn presets(&self) -> &[(String, String)] {
        &self.presets
    }

    fn known(&self) -> Result<&Known> {
        if let Some(known) = self.known.get() {
            return Ok(known);
        }
        let defaults = serde_json::to_value(V::default()).map_err(|error| Error::trace("values", error.to_string()))?;
        let defaults = without_nulls(defaults);
        let ((), trace) = trace::session(&self.name, || {
            let _: V = symbolic::values(symbolic::root());
            Ok(())
        })?;
        let settings: Vec<Vec<String>> = trace.settings.iter().map(|(path, _)| path.clone()).collect();
        let schema = schema::of::<V>(&defaults, &settings);
        let deprecated = Deprecated::all(&schema, &defaults, &trace.settings)?;
        let validator = jsonschema::validator_for(&schema)
            .map_err(|error| Error::trace("values.schema.json", error.to_string()))?;
        Ok(self.known.get_or_init(|| Known {
            defaults,
            schema,
            validator: Arc::new(validator),
            settings,
            deprecated,
        }))
    }

    /// The default values, as in `values.yaml`.
    pub fn defaults(&self) -> Result<&Json> {
        Ok(&self.known()?.defaults)
    }

    /// The paths of all settings, in the order of `values.yaml`.
    pub(crate) fn settings(&self) -> Result<Vec<String>> {
        Ok(self.known()?.settings.iter().map(|path| path.join(".")).collect())
    }

    /// The same chart in other versions of itself and of what it installs.
    pub(crate) fn versioned(&self, version: &str, app_version: &str) -> Self {
        Self {
            name: self.name.clone(),
            version: version.into(),
            app_version: app_version.into(),
            kube_version: self.kube_version.clone(),
            description: self.description.clone(),
            metadata: self.metadata.clone(),
            presets: self.presets.clone(),
            unused: self.unused.clone(),
            readme: self.readme.clone(),
            stack: Arc::clone(&self.stack),
            known: self.known.clone(),
        }
    }

    /// The schema of the values, as in `values.schema.json`.
    pub fn schema(&self) -> Result<&Json> {
        Ok(&self.known()?.schema)
    }

    /// The text of `values.yaml`: every setting, documented.
    pub fn values_yaml(&self) -> Result<String> {
        let known = self.known()?;
        Ok(files::values(&known.schema, &known.defaults))
    }

    /// Renders natively what `helm template` renders from the chart with the same files and flags.
    ///
    /// # Errors
    ///
    /// Where the values cannot be read, do not fit the schema, or are refused, and where the chart is not for the
    /// Kubernetes version.
    pub fn render(&self, inputs: &Inputs, info: &ReleaseInfo) -> Result<Rendered> {
        let user = inputs.read().map_err(unreadable)?;
        let merged = self.checked(user.value.clone(), Some(&user))?;
        self.render_merged(merged, info)
            .map_err(|error| error.located(|path| user.locate(&values::pointer(path)).map(|place| place.to_string())))
    }

    /// Renders values that are already merged over nothing: what a user would write into one file.
    pub fn render_json(&self, user: Json, info: &ReleaseInfo) -> Result<Rendered> {
        self.render_merged(self.merged(user)?, info)
    }

    /// Renders values that were laid over the defaults and checked.
    pub(crate) fn render_merged(&self, merged: Json, info: &ReleaseInfo) -> Result<Rendered> {
        self.render_typed(&self.typed(merged)?, info)
    }

    /// Runs the function on typed values. Only the refusals are checked: the types said the rest.
    pub fn render_typed(&self, values: &V, info: &ReleaseInfo) -> Result<Rendered> {
        self.fits(info)?;
        let release = Release::known(info, &self.name, &self.version, &self.app_version);
        let manifests = (self.stack)(values, &release);
        let refused = release.refused();
        if !refused.is_empty() {
            return Err(Error::new(Kind::Refused, refused));
        }
        let objects = manifests.objects.into_iter().filter_map(|built| match built {
            Built::Known { file, json } => Some(Object { file, json }),
            Built::Traced { .. } => None,
        });
        let notes = manifests.notes.into_iter().filter_map(|note| match note {
            Note::Known(text) => Some(text),
            Note::Traced(_) => None,
        });
        let notes: Vec<String> = notes.chain(self.deprecations(values)?).collect();
        Ok(Rendered::new(self.name.clone(), objects.collect(), notes.join("\n\n")))
    }

    /// What the notes say of deprecated settings. Values are written out only where there is one.
    fn deprecations(&self, values: &V) -> Result<Vec<String>> {
        let deprecated = &self.known()?.deprecated;
        if deprecated.is_empty() {
            return Ok(Vec::new());
        }
        let values = serde_json::to_value(values).map_err(|error| Error::one(Kind::Values, "", error.to_string()))?;
        Ok(deprecated.iter().filter_map(|one| one.known(&values)).collect())
    }

    /// What Helm refuses of a release, whatever the values are.
    fn fits(&self, info: &ReleaseInfo) -> Result<()> {
        info.check()?;
        let Some(least) = least_kube_version(&self.kube_version)? else {
            return Ok(());
        };
        if ops::kube_at_least(&info.kube_version, least) {
            return Ok(());
        }
        Err(Error::one(
            Kind::Release,
            "--kube-version",
            format!(
                "the chart needs Kubernetes {}, and this is {}; use a newer cluster, or give its version with \
                 --kube-version",
                self.kube_version, info.kube_version
            ),
        ))
    }

    /// The user's values over the defaults, checked by the schema.
    pub fn merged(&self, user: Json) -> Result<Json> {
        self.checked(user, None)
    }

    /// As [`merged`](Chart::merged); errors point into the files that the values come from.
    fn checked(&self, user: Json, source: Option<&UserValues>) -> Result<Json> {
        let merged = values::coalesce_over_defaults(self.known()?.defaults.clone(), user.clone());
        self.check(&merged, &user, source)?;
        Ok(merged)
    }

    fn typed(&self, mut merged: Json) -> Result<V> {
        let known = self.known()?;
        if let Some(map) = merged.as_object_mut() {
            // What a parent chart adds, where the chart itself has no such settings.
            for name in schema::FROM_PARENT {
                if known.defaults.get(name).is_none() {
                    map.remove(name);
                }
            }
        }
        fill_unset(&mut merged, &known.settings);
        serde_json::from_value(merged).map_err(|error| Error::one(Kind::Values, "", error.to_string()))
    }

    fn check(&self, merged: &Json, user: &Json, source: Option<&UserValues>) -> Result<()> {
        let known = self.known()?;
        if known.validator.is_valid(merged) {
            return Ok(());
        }
        let misfit = Misfit {
            schema: &known.schema,
            defaults: &known.defaults,
            user,
        };
        let place = |finding: &Finding| {
            let place = match finding.is_key {
                true => source?.locate_key(&finding.pointer)?,
                false => source?.locate(&finding.pointer)?,
            };
            Some(if finding.is_secret {
                place.without_value()
            } else {
                place
            })
        };
        let findings = misfit.explain(known.validator.iter_errors(merged)).into_iter();
        let problems = findings.map(|finding| Problem {
            at: values::dotted(&finding.pointer),
            source: place(&finding).map(|place| place.to_string()),
            what: finding.what,
        });
        Err(Error::new(Kind::Values, problems.collect()))
    }

    /// Runs the function with symbolic values, checks what came of it, and gives the files of the chart.
    ///
    /// # Errors
    ///
    /// Where the function cannot be traced; where its trace, evaluated on the defaults, on every preset and on random
    /// valid values, is not what it renders natively; where a preset is not valid, a setting is used by no template, or
    /// two objects have one identity.
    pub fn trace(&self) -> Result<Traced> {
        least_kube_version(&self.kube_version)?;
        let ((manifests, refusals), trace) = trace::session(&self.name, || {
            let values: V = symbolic::values(symbolic::root());
            let release = Release::symbolic();
            let manifests = (self.stack)(&values, &release);
            Ok((manifests, crate::traced::woven(release.refusals())?))
        })?;
        let mut traced = Traced::new(manifests, refusals, trace)?;
        traced.all_used(&self.unused)?;
        // Only now: a deprecated setting must be used by more than its own note.
        traced
            .notes
            .extend(self.known()?.deprecated.iter().map(Deprecated::traced));
        traced.check(self)?;
        traced.emit(self)
    }

    /// The preset's values, read and checked.
    pub(crate) fn preset_values(&self, name: &str, yaml: &str) -> Result<Json> {
        let user = Inputs::file(format!("preset {name}"), yaml)
            .read()
            .map_err(unreadable)?;
        self.checked(user.value.clone(), Some(&user))?;
        Ok(user.value)
    }

    /// The files that do not come from objects.
    pub(crate) fn common_files(&self) -> Result<BTreeMap<String, String>> {
        let known = self.known()?;
        let mut fields = vec![
            ("name", self.name.clone()),
            ("description", self.description.clone()),
            ("type", "application".to_owned()),
            ("version", self.version.clone()),
            ("appVersion", self.app_version.clone()),
            ("kubeVersion", self.kube_version.clone()),
        ];
        fields.extend(self.metadata.iter().cloned());
        let schema = serde_json::to_string_pretty(&known.schema)
            .map_err(|error| Error::trace("values.schema.json", error.to_string()))?;
        let mut files = BTreeMap::from([
            ("Chart.yaml".to_owned(), files::chart(&fields)),
            ("values.yaml".to_owned(), files::values(&known.schema, &known.defaults)),
            ("values.schema.json".to_owned(), schema + "\n"),
            (".helmignore".to_owned(), files::HELMIGNORE.to_owned()),
        ]);
        if let Some(readme) = &self.readme {
            files.insert("README.md".into(), readme.clone());
        }
        Ok(files)
    }
}

fn unreadable(error: values::ValuesError) -> Error {
    let problem = Problem {
        what: error.what(),
        source: Some(error.place.to_string()),
        at: error.path,
    };
    Error::new(Kind::Unreadable, vec![problem])
}

/// The least version of the range `>=1.30.0-0`, the only kind of range that both sides understand alike.
///
/// The `-0` lets pre-releases in, which many clouds number their versions as: `v1.33.1-gke.100`.
fn least_kube_version(range: &str) -> Result<Option<&str>> {
    if range.is_empty() {
        return Ok(None);
    }
    let least = range.strip_prefix(">=").and_then(|rest| rest.strip_suffix("-0"));
    match least.filter(|least| least.split('.').count() == 3 && ops::is_kube_version(least)) {
        Some(least) => Ok(Some(least)),
        None => Err(Error::trace(
            "kubeVersion",
            format!("{range:?} is not understood; write the least version, as `>=1.30.0-0`"),
        )),
    }
}

/// Writes `null` for every setting that is not set, so that a struct of `Val`s finds all its fields.
fn fill_unset(values: &mut Json, settings: &[Vec<String>]) {
    for path in settings {
        let Some((name, parents)) = path.split_last() else {
            continue;
        };
        let parent = parents.iter().try_fold(&mut *values, |at, name| at.get_mut(name));
        if let Some(map) = parent.and_then(Json::as_object_mut) {
            map.entry(name.clone()).or_insert(Json::Null);
        }
    }
}
