//! A chart on the bench: draws cases, renders them on both sides, and shrinks those that differ.

use super::case::{self, Case, Circumstances, Given};
use super::compare::{Difference, difference, says_all};
use super::coverage::Coverage;
use super::helm::{Umbrella, alias};
use crate::chart::Chart;
use crate::error::{Error, Kind, Result};
use crate::release::ReleaseInfo;
use crate::rendered::Rendered;
use crate::sample;
use crate::traced::Traced;
use crate::values;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestError, TestRunner};
use proptest::tuple::TupleValueTree;
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;

/// How many cases one Helm process renders.
pub(super) const BATCH: usize = 100;

/// Of so many batches, one has Helm check the values with the schema as well: it is three quarters of its work.
const SCHEMA_EVERY: usize = 8;

/// Kubernetes versions of which those are used that the chart is for.
const VERSIONS: &[&str] = &["v1.28.0", "v1.30.0", "v1.31.14", "v1.33.1", "v1.34.0", "v1.37.0"];

/// How often a case is made smaller, at the most; Helm is asked each time.
const SHRINKS: u32 = 1500;

/// A chart, and the files that it was traced into.
pub(super) struct Bench<'a, V> {
    chart: &'a Chart<V>,
    pub(super) traced: Traced,
    pub(super) files: BTreeMap<String, String>,
    versions: Vec<&'static str>,
}

/// Where random cases come from.
pub(super) struct Source {
    circumstances: BoxedStrategy<Circumstances>,
    given: BoxedStrategy<Given>,
}

/// One random case that the chart accepts.
pub(super) struct Drawn {
    tree: Option<Box<dyn ValueTree<Value = Given>>>,
    pub(super) given: Given,
    pub(super) native: Rendered,
}

/// The cases that one Helm process renders.
pub(super) struct Batch {
    pub(super) circumstances: Circumstances,
    tree: Option<Box<dyn ValueTree<Value = Circumstances>>>,
    pub(super) cases: Vec<Drawn>,
    /// One that the schema forbids and one that the chart refuses, each with the whole of its tree.
    refused: [Option<Box<dyn ValueTree<Value = Given>>>; 2],
    /// How many had to be drawn.
    pub(super) tried: usize,
    schema: bool,
}

/// How many circumstances are drawn at the most for one batch.
const MOST_CIRCUMSTANCES: usize = 20;

/// A case in which the two sides differ, as small as it could be made.
#[derive(Debug)]
pub(super) struct Counterexample {
    pub(super) case: Case,
    pub(super) difference: Difference,
}

impl Batch {
    /// A case that the chart refuses, if one was drawn.
    pub(super) fn refused(&self) -> Option<Given> {
        self.refused[1].as_ref().map(|tree| tree.current())
    }
}

impl<'a, V: Serialize + DeserializeOwned + JsonSchema + Default + 'static> Bench<'a, V> {
    pub(super) fn new(chart: &'a Chart<V>) -> Result<Self> {
        let traced = chart.trace()?;
        let accepts = |version: &&&str| {
            let info = ReleaseInfo {
                kube_version: (**version).to_owned(),
                ..ReleaseInfo::default()
            };
            chart.render_json(json!({}), &info).is_ok()
        };
        let versions: Vec<&str> = VERSIONS.iter().filter(accepts).copied().collect();
        if versions.is_empty() {
            chart.render_json(json!({}), &ReleaseInfo::default())?; // says why
        }
        Ok(Self {
            chart,
            files: traced.files().clone(),
            traced,
            versions,
        })
    }

    /// A source of cases; one for each thread.
    pub(super) fn source(&self) -> Result<Source> {
        let presets = self.chart.presets().iter();
        let presets = presets
            .map(|(name, text)| self.chart.preset_values(name, text))
            .collect::<Result<_>>()?;
        Ok(Source {
            circumstances: case::circumstances(&self.versions, &self.traced.apis()),
            given: case::given(
                self.chart.schema()?,
                &self.traced.own_keys(),
                presets,
                self.removable()?,
            ),
        })
    }

    /// The parts of the defaults that a user may take away with a null, by setting.
    fn removable(&self) -> Result<Vec<Vec<Vec<String>>>> {
        let defaults = self.chart.defaults()?;
        let groups = self.traced.settings.iter().map(|(path, _)| {
            let mut found = Vec::new();
            parts(values::at(defaults, path), path, &mut found);
            found.retain(|part| {
                let user = part.iter().rev().fold(Json::Null, |inner, name| json!({ name: inner }));
                self.chart.merged(user).is_ok()
            });
            found
        });
        Ok(groups.filter(|found| !found.is_empty()).collect())
    }

    /// The defaults and every preset.
    pub(super) fn fixed(&self) -> Result<Batch> {
        let circumstances = Circumstances::default();
        let mut all = vec![Given::default()];
        for (name, text) in self.chart.presets() {
            all.push(Given::file(self.chart.preset_values(name, text)?));
        }
        let tried = all.len();
        let cases = all.into_iter().enumerate().map(|(i, given)| {
            Ok(Drawn {
                native: self.native(&circumstances, &given, i, None)?,
                tree: None,
                given,
            })
        });
        Ok(Batch {
            cases: cases.collect::<Result<_>>()?,
            circumstances,
            tree: None,
            refused: [None, None],
            tried,
            schema: true,
        })
    }

    /// Batch `number` of the run with this seed, always the same one.
    pub(super) fn draw(
        &self,
        source: &Source,
        seed: u64,
        number: usize,
        size: usize,
        coverage: &mut Coverage,
    ) -> Result<Batch> {
        let mut runner = sample::runner(seed.wrapping_add(number as u64));
        let drawn = |reason: proptest::test_runner::Reason| Error::trace("random values", reason.message());
        let mut tree = source.circumstances.new_tree(&mut runner).map_err(drawn)?;
        // A release's name that the chart refuses, unless a value replaces it, would leave few cases to compare.
        for _ in 0..MOST_CIRCUMSTANCES {
            if self.suits(&tree.current()) {
                break;
            }
            tree = source.circumstances.new_tree(&mut runner).map_err(drawn)?;
        }
        let mut batch = Batch {
            circumstances: tree.current(),
            tree: Some(tree),
            cases: Vec::new(),
            refused: [None, None],
            tried: 0,
            schema: number.is_multiple_of(SCHEMA_EVERY),
        };
        while batch.cases.len() < size {
            batch.tried += 1;
            if batch.tried > 200 + size * 50 {
                let found = format!(
                    "of {} only {} are valid; is a pattern too narrow?",
                    batch.tried,
                    batch.cases.len()
                );
                return Err(Error::trace("random values", found));
            }
            let tree = source.given.new_tree(&mut runner).map_err(drawn)?;
            let given = tree.current();
            match self.native(&batch.circumstances, &given, batch.cases.len(), Some(coverage)) {
                Ok(native) => batch.cases.push(Drawn {
                    tree: Some(tree),
                    given,
                    native,
                }),
                Err(error) if error.is_values() => batch.refused[usize::from(error.is_refusal())] = Some(tree),
                Err(error) => return Err(error),
            }
        }
        Ok(batch)
    }

    /// Whether the defaults are refused by nothing but, perhaps, what they lack themselves.
    fn suits(&self, circumstances: &Circumstances) -> bool {
        let defaults = |circumstances| self.native(circumstances, &Given::default(), 0, None).is_ok();
        defaults(circumstances) || !defaults(&Circumstances::default())
    }

    /// The native rendering; `coverage` remembers what the case reaches.
    pub(super) fn native(
        &self,
        circumstances: &Circumstances,
        given: &Given,
        number: usize,
        coverage: Option<&mut Coverage>,
    ) -> Result<Rendered> {
        let info = circumstances.info(alias(number));
        let user = given
            .inputs()
            .read()
            .map_err(|error| Error::one(Kind::Values, "", error.to_string()))?;
        let merged = self.chart.merged(user.value)?;
        let native = self.chart.render_merged(merged.clone(), &info);
        let refused = native.as_ref().is_err_and(Error::is_refusal);
        if let Some(coverage) = coverage.filter(|_| native.is_ok() || refused) {
            coverage.add(self.chart, &self.traced, &merged, &info, native.as_ref().ok());
        }
        native
    }
    /// An umbrella over `size` copies of the chart.
    pub(super) fn umbrella(&self, size: usize) -> Result<Umbrella> {
        self.umbrella_of(&self.files, size)
    }

    /// The same over a chart of other files.
    pub(super) fn umbrella_of(&self, files: &BTreeMap<String, String>, size: usize) -> Result<Umbrella> {
        Umbrella::new(files, self.chart.name(), &self.chart.version, size)
    }

    /// Asks Helm about all cases of a batch, and gives the first that differs, shrunk.
    pub(super) fn examine(&self, umbrella: &Umbrella, batch: Batch) -> Result<Option<Counterexample>> {
        let given: Vec<&Given> = batch.cases.iter().map(|drawn| &drawn.given).collect();
        let suspect = match umbrella.template(&batch.circumstances, &given, batch.schema)? {
            Ok(texts) => {
                let mut pairs = batch.cases.iter().zip(&texts);
                pairs.position(|(drawn, texts)| difference(&drawn.native, texts).is_some())
            }
            Err(said) => {
                let alone = |given: &&Given| {
                    self.probe(&batch.circumstances, given)
                        .is_ok_and(|found| found.is_some())
                };
                match given.iter().position(alone) {
                    Some(found) => Some(found),
                    None => return Err(Error::trace("helm template", said)),
                }
            }
        };
        if let Some(found) = suspect {
            let drawn = batch.cases.into_iter().nth(found);
            let (tree, given) = drawn.map(|drawn| (drawn.tree, drawn.given)).unwrap_or_default();
            return self.shrink(batch.circumstances, batch.tree, given, tree).map(Some);
        }
        for tree in batch.refused.into_iter().flatten() {
            let given = tree.current();
            if self.probe(&batch.circumstances, &given)?.is_some() {
                return self
                    .shrink(batch.circumstances, batch.tree, given, Some(tree))
                    .map(Some);
            }
        }
        Ok(None)
    }

    /// One case alone, with Helm's own check of the values: the same objects, or both refuse it.
    pub(super) fn probe(&self, circumstances: &Circumstances, given: &Given) -> Result<Option<Difference>> {
        let native = self.native(circumstances, given, 0, None);
        let helm = self.umbrella(1)?.template(circumstances, &[given], true)?;
        Ok(match (native, helm) {
            (Ok(native), Ok(texts)) => texts.first().and_then(|texts| difference(&native, texts)),
            (Ok(_), Err(said)) => Some(Difference::failed("", format!("Helm refuses it: {said}"))),
            (Err(error), _) if !error.is_values() => return Err(error),
            (Err(error), Ok(_)) => Some(Difference::failed("", format!("Helm accepts it; natively: {error}"))),
            (Err(error), Err(said)) if error.is_refusal() && !says_all(&said, &error) => Some(Difference::failed(
                "validate",
                format!("natively: {error}\nHelm: {said}"),
            )),
            (Err(_), Err(_)) => None,
        })
    }

    /// Makes a case that differs as small as can be.
    fn shrink(
        &self,
        circumstances: Circumstances,
        circumstances_tree: Option<Box<dyn ValueTree<Value = Circumstances>>>,
        given: Given,
        given_tree: Option<Box<dyn ValueTree<Value = Given>>>,
    ) -> Result<Counterexample> {
        let mut case = Case { circumstances, given };
        if let (Some(circumstances), Some(given)) = (circumstances_tree, given_tree) {
            let config = Config {
                failure_persistence: None,
                max_shrink_iters: SHRINKS,
                ..Config::default()
            };
            let both = TupleValueTree::new((given, circumstances));
            let outcome = TestRunner::new(config).run_one(both, |(given, circumstances)| {
                match self.probe(&circumstances, &given) {
                    Ok(Some(found)) => Err(TestCaseError::fail(found.what)),
                    _ => Ok(()),
                }
            });
            if let Err(TestError::Fail(_, (given, circumstances))) = outcome {
                case = Case { circumstances, given };
            }
        }
        match self.probe(&case.circumstances, &case.given)? {
            Some(difference) => Ok(Counterexample { case, difference }),
            None => Err(Error::trace(
                "helm template",
                format!("a case differs among others and not alone: {}", json!(case)),
            )),
        }
    }
}

/// The paths of all parts, what is inside a map before the map itself.
fn parts(json: Option<&Json>, path: &[String], found: &mut Vec<Vec<String>>) {
    if let Some(Json::Object(map)) = json {
        map.iter()
            .for_each(|(name, value)| parts(Some(value), &[path, std::slice::from_ref(name)].concat(), found));
    }
    if json.is_some() {
        found.push(path.to_vec());
    }
}
