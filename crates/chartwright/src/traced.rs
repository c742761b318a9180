//! A traced chart: its checks, and its files.

use crate::chart::Chart;
use crate::emit::{files, prose, yaml};
use crate::error::{Error, Result};
use crate::eval::Environment;
use crate::expr::{Expr, Op};
use crate::manifest::{Built, Manifests, Note};
use crate::release::{Refusal, ReleaseInfo};
use crate::rendered::Rendered;
use crate::shape::Shape;
use crate::sources::Sources;
use crate::testing::{Typed, read_back};
use crate::tidy::tidy;
use crate::trace::{Named, Trace};
use crate::tree::Tree;
use crate::{sample, weave};
use proptest::strategy::{Strategy, ValueTree};
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};
use std::panic::Location;

/// How many random values the law is checked with whenever a chart is traced. Real Helm is asked by the tests.
const SAMPLES: u64 = 60;

/// The named template that gives the refusals; no other can have this name.
pub(crate) const REFUSALS: &str = "refusals";

/// A chart as files, ready to be written.
#[derive(Debug)]
pub struct Traced {
    pub(crate) objects: Vec<(String, Tree)>,
    pub(crate) notes: Vec<Tree>,
    pub(crate) refusals: Vec<Refusing>,
    pub(crate) helpers: BTreeMap<String, Tree>,
    named: Vec<Named>,
    pub(crate) settings: Vec<(Vec<String>, Shape)>,
    /// By file, the lines of Rust that wrote the object.
    pub(crate) sources: BTreeMap<String, Sources>,
    files: BTreeMap<String, String>,
}

/// A refusal with its message as an expression.
#[derive(Debug)]
pub(crate) struct Refusing {
    pub condition: Expr,
    pub path: String,
    pub message: Expr,
    written_at: &'static Location<'static>,
}

/// The refusals with their messages as expressions; while the trace is on.
pub(crate) fn woven(refusals: Vec<Refusal>) -> Result<Vec<Refusing>> {
    let woven = refusals.into_iter().map(|refusal| {
        let written_at = refusal.written_at;
        let message = weave::text(&refusal.message).map_err(|error| error.of(&refusal.path).caused_at(written_at))?;
        let last = match &message {
            Expr::Format(parts) => parts.last(),
            whole => Some(whole),
        };
        if !matches!(last, Some(Expr::Literal(Json::String(text))) if !text.is_empty() && text.trim_end() == text) {
            return Err(Error::trace(
                &refusal.path,
                "the message ends in a value or in white space, of which the chart may lose some; end it in what to do",
            )
            .caused_at(written_at));
        }
        Ok(Refusing {
            condition: refusal.condition.expr(),
            path: refusal.path,
            message,
            written_at,
        })
    });
    woven.collect()
}

impl Traced {
    pub(crate) fn new(manifests: Manifests, refusals: Vec<Refusing>, trace: Trace) -> Result<Self> {
        let mut objects: Vec<(String, Tree)> = Vec::new();
        let mut sources = BTreeMap::new();
        for built in manifests.objects {
            if let Built::Traced {
                file,
                tree,
                sources: lines,
            } = built
            {
                if objects.iter().any(|(other, _)| *other == file) {
                    return Err(Error::trace(
                        format!("templates/{file}.yaml"),
                        "two objects are added under this name; give the second another one",
                    ));
                }
                sources.insert(file.clone(), lines);
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
            named: trace.named,
            settings: trace.settings,
            sources,
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
                    format!("templates/{file}.yaml"),
                    format!(
                        "has the kind, name and namespace of templates/{first}.yaml, and one would replace the other; give \
                         one of the two another `metadata.name`"
                    ),
                ));
            }
            seen.push((identity, file));
        }
        Ok(())
    }

    /// The checks that need the chart: presets, and the law.
    pub(crate) fn check<V>(&self, chart: &Chart<V>) -> Result<()>
    where
        V: Serialize + DeserializeOwned + JsonSchema + Default + 'static,
    {
        self.paths_exist()?;
        self.law(chart, "the defaults", Json::Object(serde_json::Map::new()), true)?;
        for (name, text) in &chart.presets {
            let what = format!("the preset {name}");
            let values = chart.preset_values(name, text).map_err(|error| error.of(&what))?;
            self.law(chart, &what, values, true)?;
        }
        let random = sample::overlay(chart.schema()?, &self.own_keys());
        let mut runner = sample::runner(0);
        for _ in 0..SAMPLES {
            let drawn = random.new_tree(&mut runner);
            let values = drawn
                .map_err(|reason| Error::trace("random values", reason.message()))?
                .current();
            self.law(chart, &format!("the random values {values}"), values.clone(), false)?;
        }
        Ok(())
    }

    /// The keys that the chart itself writes into maps which a user may add to: those of labels and annotations.
    pub(crate) fn own_keys(&self) -> Vec<String> {
        let mut keys = BTreeSet::new();
        let bodies = self.objects.iter().map(|(_, tree)| tree).chain(self.helpers.values());
        bodies.for_each(|tree| {
            tree.walk(&mut |part| {
                keys.extend(
                    part.keys()
                        .into_iter()
                        .filter(|key| key.contains('/'))
                        .map(str::to_owned),
                )
            })
        });
        keys.into_iter().collect()
    }

    /// The API versions that the chart asks whether the cluster serves them.
    pub(crate) fn apis(&self) -> Vec<String> {
        let mut apis = BTreeSet::new();
        self.expressions(&mut |expr| {
            if let Expr::Call(Op::Serves, arguments) = expr
                && let Expr::Literal(Json::String(api)) = &*arguments[1]
            {
                apis.insert(api.clone());
            }
        });
        apis.into_iter().collect()
    }

    /// Calls `visit` on every expression of the chart.
    fn expressions(&self, visit: &mut impl FnMut(&Expr)) {
        self.objects.iter().for_each(|(_, tree)| tree.expressions(visit));
        self.notes.iter().for_each(|tree| tree.expressions(visit));
        self.helpers.values().for_each(|tree| tree.expressions(visit));
        for refusal in &self.refusals {
            refusal.condition.walk(visit);
            refusal.message.walk(visit);
        }
    }

    /// No dead settings.
    pub(crate) fn all_used(&self, allowed: &[String]) -> Result<()> {
        if let Some(path) = allowed.iter().find(|path| !self.has_setting(path)) {
            return Err(Error::trace(
                path,
                "`allow_unused` names this setting, and there is none; remove the call, or mend the name",
            ));
        }
        let mut used = BTreeSet::new();
        let mut note = |expr: &Expr| {
            if let Expr::Value { path, .. } = expr {
                used.insert(path.join("."));
            }
        };
        self.expressions(&mut note);
        let unused: Vec<String> = self
            .settings
            .iter()
            .map(|(path, _)| path.join("."))
            .filter(|path| {
                !used.contains(path)
                    && !allowed
                        .iter()
                        .any(|name| path == name || path.starts_with(&format!("{name}.")))
            })
            .collect();
        if unused.is_empty() {
            return Ok(());
        }
        let problems = unused.into_iter().map(|path| crate::Problem {
            at: path,
            what: "no template uses this setting; use it, remove it, or say `allow_unused` where that is meant".into(),
            source: None,
        });
        Err(Error::new(crate::error::Kind::Trace, problems.collect()))
    }

    /// A refusal names a value that there is.
    fn paths_exist(&self) -> Result<()> {
        match self.refusals.iter().find(|refusal| !self.has_setting(&refusal.path)) {
            Some(refusal) => Err(Error::trace(
                refusal.path.as_str(),
                "a refusal names this value, and there is none; mend the path, or, where the values are nested, pass \
                 `release.under(…)`",
            )
            .caused_at(refusal.written_at)),
            None => Ok(()),
        }
    }

    /// Whether there is a setting of this path, above it or below it.
    fn has_setting(&self, wanted: &str) -> bool {
        self.settings.iter().any(|(path, _)| {
            let path = path.join(".");
            path == wanted || path.starts_with(&format!("{wanted}.")) || wanted.starts_with(&format!("{path}."))
        })
    }

    /// The law, without Helm: the trace gives for these values what the function gives.
    fn law<V>(&self, chart: &Chart<V>, what: &str, values: Json, must_be_valid: bool) -> Result<()>
    where
        V: Serialize + DeserializeOwned + JsonSchema + Default + 'static,
    {
        let info = ReleaseInfo::default();
        let merged = match chart.merged(values) {
            Err(error) if must_be_valid => return Err(error.of(what)),
            Err(_) => return Ok(()), // not valid: the generator is only nearly exact
            Ok(merged) => merged,
        };
        let native = match chart.render_merged(merged.clone(), &info) {
            Err(error) if must_be_valid => return Err(error.of(what)),
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
            .any(|refusal| environment.expr(&refusal.condition) == Json::Bool(true))
    }

    pub(crate) fn environment<'a, V>(
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
            taken: None,
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
                (Some(traced), Some(rendered)) => match typed_difference(traced, rendered)? {
                    Some(difference) => difference,
                    None => continue,
                },
            };
            return Err(Error::trace(
                format!("templates/{file}.yaml"),
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
            all.insert(
                "templates/_helpers.tpl".into(),
                files::helpers(&self.named, &self.helpers),
            );
        }
        if !self.refusals.is_empty() {
            let name = format!("{}.{REFUSALS}", chart.name);
            all.insert("templates/validate.yaml".into(), prose::refusals(&name, &self.refusals));
        }
        if !self.notes.is_empty() {
            all.insert("templates/NOTES.txt".into(), prose::notes(&self.notes));
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

/// Where two objects differ first. As they stand, or else, because a number and its text can be one quantity, as their
/// Kubernetes type reads them.
fn typed_difference(left: &Json, right: &Json) -> Result<Option<String>> {
    if left == right {
        return Ok(None);
    }
    let read = |object: &Json| read_back(object).map(Typed::into_json);
    Ok(first_difference(&read(left)?, &read(right)?, ""))
}

/// Where two objects differ first.
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
        _ if left == right => None,
        _ => Some(format!(
            "at {} the chart has {left}, the function {right}",
            path.trim_start_matches('.')
        )),
    }
}
