//! A traced chart: its checks, and its files.

use crate::chart::Chart;
use crate::emit::{files, yaml};
use crate::error::{Error, Result};
use crate::eval::Environment;
use crate::expr::Expr;
use crate::manifest::{Built, Manifests, Note};
use crate::release::{Refusal, ReleaseInfo};
use crate::rendered::Rendered;
use crate::shape::Shape;
use crate::tidy::tidy;
use crate::trace::Trace;
use crate::tree::Tree;
use crate::{sample, weave};
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};

/// How many random values the law is checked with whenever a chart is traced. Real Helm is asked by the tests.
const SAMPLES: u64 = 60;

/// A chart as files, ready to be written.
#[derive(Debug)]
pub struct Traced {
    objects: Vec<(String, Tree)>,
    notes: Vec<Tree>,
    refusals: Vec<(Expr, String, Expr)>,
    helpers: BTreeMap<String, Tree>,
    settings: Vec<(Vec<String>, Shape)>,
    files: BTreeMap<String, String>,
}

/// The refusals with their messages as expressions; while the trace is on.
pub(crate) fn woven(refusals: Vec<Refusal>) -> Result<Vec<(Expr, String, Expr)>> {
    let woven = refusals.into_iter().map(|refusal| {
        let message = weave::text(&refusal.message).map_err(|error| error.caused_at(refusal.written_at))?;
        Ok((refusal.condition.expr(), refusal.path, message))
    });
    woven.collect()
}

impl Traced {
    pub(crate) fn new(manifests: Manifests, refusals: Vec<(Expr, String, Expr)>, trace: Trace) -> Result<Self> {
        let mut objects: Vec<(String, Tree)> = Vec::new();
        for built in manifests.objects {
            if let Built::Traced { file, tree } = built {
                if objects.iter().any(|(other, _)| *other == file) {
                    return Err(Error::trace(
                        file,
                        "two objects for one file; give the second another name",
                    ));
                }
                objects.push((file, tidy(tree)));
            }
        }
        let notes = manifests.notes.into_iter().filter_map(|note| match note {
            Note::Traced(tree) => Some(tidy(tree)),
            Note::Known(_) => None,
        });
        let helpers: BTreeMap<String, Tree> = trace
            .helpers
            .into_iter()
            .map(|(name, body)| (name, tidy(body)))
            .collect();
        let traced = Self {
            notes: notes.collect(),
            refusals,
            helpers,
            settings: trace.settings,
            files: BTreeMap::new(),
            objects,
        };
        traced.distinct()?;
        Ok(traced)
    }

    /// No two objects of one kind, name and namespace.
    fn distinct(&self) -> Result<()> {
        let mut seen: Vec<(String, &str)> = Vec::new();
        for (file, tree) in &self.objects {
            let identity = identity(tree);
            if let Some((_, first)) = seen.iter().find(|(known, _)| *known == identity) {
                return Err(Error::trace(
                    file,
                    format!("has the kind, name and namespace of {first}; give one of the two another name"),
                ));
            }
            seen.push((identity, file));
        }
        Ok(())
    }

    /// The checks that need the chart: dead settings, presets, and the law.
    pub(crate) fn check<V>(&self, chart: &Chart<V>) -> Result<()>
    where
        V: Serialize + DeserializeOwned + JsonSchema + Default + 'static,
    {
        self.all_used(&chart.unused)?;
        self.paths_exist()?;
        self.law(chart, "the defaults", Json::Object(serde_json::Map::new()), true)?;
        for (name, text) in &chart.presets {
            self.law(
                chart,
                &format!("the preset {name}"),
                chart.preset_values(name, text)?,
                true,
            )?;
        }
        for seed in 0..SAMPLES {
            let values = sample::values(chart.schema()?, &mut fastrand::Rng::with_seed(seed));
            self.law(chart, &format!("the random values {values}"), values.clone(), false)?;
        }
        Ok(())
    }

    fn all_used(&self, allowed: &[String]) -> Result<()> {
        let mut used = BTreeSet::new();
        let mut note = |expr: &Expr| {
            if let Expr::Value { path, .. } = expr {
                used.insert(path.join("."));
            }
        };
        self.objects.iter().for_each(|(_, tree)| tree.expressions(&mut note));
        self.notes.iter().for_each(|tree| tree.expressions(&mut note));
        self.helpers.values().for_each(|tree| tree.expressions(&mut note));
        for (condition, _, message) in &self.refusals {
            condition.walk(&mut note);
            message.walk(&mut note);
        }
        let unused = self.settings.iter().map(|(path, _)| path.join("."));
        let unused: Vec<String> = unused.filter(|path| !used.contains(path)).collect();
        let is_of = |path: &str, name: &str| path == name || path.starts_with(&format!("{name}."));
        let mut problems = Vec::new();
        let mut problem = |at: &str, what: &str| {
            problems.push(crate::Problem {
                at: at.into(),
                what: what.into(),
                source: None,
            });
        };
        for path in unused
            .iter()
            .filter(|path| !allowed.iter().any(|name| is_of(path, name)))
        {
            let what = "no template uses this setting; use it, remove it, or say `allow_unused` where that is meant";
            problem(path, what);
        }
        for name in allowed
            .iter()
            .filter(|name| !unused.iter().any(|path| is_of(path, name)))
        {
            problem(
                name,
                "`allow_unused` names this, and there is no unused setting of that name; take it away",
            );
        }
        if problems.is_empty() {
            return Ok(());
        }
        Err(Error::new(crate::error::Kind::Trace, problems))
    }

    /// A refusal names a value that there is.
    fn paths_exist(&self) -> Result<()> {
        let exists = |wanted: &str| {
            self.settings.iter().any(|(path, _)| {
                let path = path.join(".");
                path == wanted || path.starts_with(&format!("{wanted}.")) || wanted.starts_with(&format!("{path}."))
            })
        };
        match self.refusals.iter().find(|(_, path, _)| !exists(path)) {
            Some((_, path, _)) => Err(Error::trace(
                path.as_str(),
                "a refusal names this value, and there is none; where the values are nested, pass `release.under(…)`",
            )),
            None => Ok(()),
        }
    }

    /// The law, without Helm: the trace gives for these values what the function gives.
    fn law<V>(&self, chart: &Chart<V>, what: &str, values: Json, must_be_valid: bool) -> Result<()>
    where
        V: Serialize + DeserializeOwned + JsonSchema + Default + 'static,
    {
        let info = ReleaseInfo::default();
        let merged = match chart.merged(values) {
            Err(error) if must_be_valid => return Err(error.within(what)),
            Err(_) => return Ok(()), // not valid: the generator is only nearly exact
            Ok(merged) => merged,
        };
        let native = match chart.render_merged(merged.clone(), &info) {
            Err(error) if must_be_valid => return Err(error.within(what)),
            Err(error) if error.is_refusal() => {
                return match self.refused(chart, &merged, &info) {
                    true => Ok(()),
                    false => Err(Error::trace(
                        what,
                        format!("natively refused, and not by the chart: {error}"),
                    )),
                };
            }
            Err(_) => return Ok(()),
            Ok(native) => native,
        };
        if self.refused(chart, &merged, &info) {
            return Err(Error::trace(what, "refused by the chart, and not natively"));
        }
        self.same(chart, what, &native, &merged, &info)
    }

    fn refused<V>(&self, chart: &Chart<V>, merged: &Json, info: &ReleaseInfo) -> bool {
        let environment = self.environment(chart, merged, info);
        self.refusals
            .iter()
            .any(|(condition, _, _)| environment.expr(condition) == Json::Bool(true))
    }

    fn environment<'a, V>(
        &'a self,
        chart: &'a Chart<V>,
        values: &'a Json,
        release: &'a ReleaseInfo,
    ) -> Environment<'a> {
        Environment {
            values,
            release,
            chart: &chart.name,
            chart_version: &chart.version,
            app_version: &chart.app_version,
            helpers: &self.helpers,
        }
    }

    fn same<V>(
        &self,
        chart: &Chart<V>,
        what: &str,
        native: &Rendered,
        merged: &Json,
        info: &ReleaseInfo,
    ) -> Result<()> {
        let environment = self.environment(chart, merged, info);
        for (file, tree) in &self.objects {
            let traced = environment.tree(tree);
            let rendered = native
                .objects
                .iter()
                .find(|object| object.file == *file)
                .map(|object| &object.json);
            let difference = match (&traced, rendered) {
                (None, None) => continue,
                (Some(_), None) => "only the chart has it".into(),
                (None, Some(_)) => "only the native rendering has it".into(),
                (Some(traced), Some(rendered)) => match first_difference(traced, rendered, "") {
                    Some(difference) => difference,
                    None => continue,
                },
            };
            return Err(Error::trace(
                file.as_str(),
                format!(
                    "for {what}, the trace is not what the function renders: {difference}. A plain `if`, `match` or string \
                     operation on something that came out of a value does this; use `then`, `choose`, `select` and the \
                     operations of `Val`"
                ),
            ));
        }
        Ok(())
    }

    pub(crate) fn emit<V>(mut self, chart: &Chart<V>) -> Result<Self>
    where
        V: Serialize + DeserializeOwned + JsonSchema + Default + 'static,
    {
        let mut all = chart.common_files()?;
        for (file, tree) in &self.objects {
            all.insert(format!("templates/{file}.yaml"), yaml::document(tree) + "\n");
        }
        if !self.helpers.is_empty() {
            all.insert("templates/_helpers.tpl".into(), files::helpers(&self.helpers));
        }
        if !self.refusals.is_empty() {
            all.insert("templates/validate.yaml".into(), files::refusals(&self.refusals));
        }
        if !self.notes.is_empty() {
            all.insert("templates/NOTES.txt".into(), files::notes(&self.notes));
        }
        self.files = all;
        Ok(self)
    }

    /// The files, by their paths inside the chart.
    pub fn files(&self) -> &BTreeMap<String, String> {
        &self.files
    }

    /// How many objects the chart has at the most.
    pub fn objects(&self) -> usize {
        self.objects.len()
    }

    /// How many settings the chart has.
    pub fn settings(&self) -> usize {
        self.settings.len()
    }
}

/// The kind, name and namespace of an object, as far as they are written down.
fn identity(tree: &Tree) -> String {
    fn field<'a>(tree: &'a Tree, key: &str) -> Option<&'a Tree> {
        match tree {
            Tree::Map(entries) => entries.iter().find_map(|entry| match entry {
                crate::tree::Entry::Field(name, tree) if name == key => Some(tree),
                _ => None,
            }),
            Tree::Choice(arms, last) => arms
                .iter()
                .find_map(|(_, arm)| field(arm, key))
                .or_else(|| field(last, key)),
            _ => None,
        }
    }
    let metadata = field(tree, "metadata");
    let name = metadata.and_then(|metadata| field(metadata, "name"));
    let namespace = metadata.and_then(|metadata| field(metadata, "namespace"));
    format!(
        "{:?} {:?} {name:?} {namespace:?}",
        field(tree, "apiVersion"),
        field(tree, "kind")
    )
}

/// Where two objects differ first. A number and its text are one quantity.
pub(crate) fn first_difference(left: &Json, right: &Json, path: &str) -> Option<String> {
    match (left, right) {
        (Json::Object(a), Json::Object(b)) => {
            let keys: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            keys.into_iter().find_map(|key| {
                let (a, b) = (a.get(key), b.get(key));
                first_difference(
                    a.unwrap_or(&Json::Null),
                    b.unwrap_or(&Json::Null),
                    &format!("{path}.{key}"),
                )
            })
        }
        (Json::Array(a), Json::Array(b)) if a.len() == b.len() => a
            .iter()
            .zip(b)
            .enumerate()
            .find_map(|(i, (a, b))| first_difference(a, b, &format!("{path}[{i}]"))),
        (Json::Number(number), Json::String(text)) | (Json::String(text), Json::Number(number))
            if number.to_string() == *text =>
        {
            None
        }
        _ if left == right => None,
        _ => Some(format!(
            "at {} the chart has {left}, the function {right}",
            path.trim_start_matches('.')
        )),
    }
}
