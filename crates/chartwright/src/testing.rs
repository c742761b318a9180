//! The law, asked of real Helm: for random valid values, `helm template` and the native rendering give the same objects.
//!
//! A chart of your own has this in one line of a test:
//!
//! ```no_run
//! # use chartwright::{Chart, Manifests, Val};
//! # #[derive(Default, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
//! # struct Values { replicas: Val<i32> }
//! # let chart: Chart<Values> = Chart::new("c", "0.1.0", |_, _| Manifests::new());
//! chartwright::testing::law(&chart).check();
//! ```
//!
//! Many cases are rendered by one Helm process: an umbrella chart that aliases the chart once for each.

pub mod helm;
mod typed;
mod upgrade;

pub use typed::{Typed, read_back};
pub use upgrade::{Upgrade, upgrade};

use crate::chart::Chart;
use crate::error::Error;
use crate::release::ReleaseInfo;
use crate::rendered::Object;
use crate::{sample, traced};
use fastrand::Rng;
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::path::Path;

/// How many cases one Helm process renders.
const BATCH: usize = 100;

/// The law of a chart, ready to be checked.
#[derive(Debug)]
pub struct Law<'a, V> {
    chart: &'a Chart<V>,
    cases: usize,
    seed: u64,
}

/// The law of this chart: the defaults, every preset, and random valid values.
pub fn law<V>(chart: &Chart<V>) -> Law<'_, V> {
    Law {
        chart,
        cases: 500,
        seed: fastrand::u64(..),
    }
}

/// Values, and what the native rendering makes of them.
struct Case {
    values: Json,
    info: ReleaseInfo,
    native: Vec<Object>,
}

impl<V: Serialize + DeserializeOwned + JsonSchema + Default + 'static> Law<'_, V> {
    /// How many random cases; 500 unless told.
    pub fn cases(mut self, cases: usize) -> Self {
        self.cases = cases;
        self
    }

    /// The seed of the random values, to repeat a failure; another one each run unless told.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Checks it, and says in a line how many cases were compared.
    ///
    /// # Panics
    ///
    /// Where a case differs: with the values, the object, the first difference, and the seed.
    pub fn check(self) {
        let compared = self.run().unwrap_or_else(|error| panic!("{error}"));
        println!(
            "{}: {compared} cases, no difference (seed {})",
            self.chart.name(),
            self.seed
        );
    }

    fn run(&self) -> Result<usize, Error> {
        let chart = tempfile::tempdir().map_err(|error| Error::io(Path::new("temporary directory"), &error))?;
        self.chart.trace()?.write(chart.path())?;
        let mut rng = Rng::with_seed(self.seed);
        let mut fixed = vec![json!({})];
        for (name, text) in self.chart.presets() {
            fixed.push(self.chart.preset_values(name, text)?);
        }
        let wanted = self.cases + fixed.len();
        let mut fixed = fixed.into_iter();
        let (mut compared, mut tried) = (0, 0);
        while compared < wanted {
            let release = *rng
                .choice(&[
                    "r",
                    "release-name",
                    "a2345678901234567890123456789012345678901234567890-53",
                ])
                .unwrap_or(&"r");
            let namespace = *rng.choice(&["default", "team-1"]).unwrap_or(&"default");
            let mut batch = Vec::new();
            while batch.len() < BATCH.min(wanted - compared) {
                let random = fixed.next();
                let values = match random {
                    Some(values) => values,
                    None => sample::values(self.chart.schema()?, &mut rng),
                };
                let alias = format!("c{}", batch.len());
                let info = ReleaseInfo {
                    name: release.into(),
                    namespace: namespace.into(),
                    alias: Some(alias),
                    ..ReleaseInfo::default()
                };
                tried += 1;
                match self.chart.render_json(values.clone(), &info) {
                    Ok(native) => batch.push(Case {
                        values,
                        info,
                        native: native.objects,
                    }),
                    Err(error) if error.is_values() => {}
                    Err(error) => return Err(error),
                }
                assert!(
                    tried < 200 + wanted * 50,
                    "of {tried} random values, only {compared} are valid; is a pattern too narrow?"
                );
            }
            self.compare(chart.path(), &batch)?;
            compared += batch.len();
        }
        Ok(compared)
    }

    /// One Helm process for all of them.
    fn compare(&self, chart: &Path, batch: &[Case]) -> Result<(), Error> {
        let umbrella = helm::Umbrella::new(chart, self.chart.name(), &self.chart.version, batch.len())?;
        let values: BTreeMap<String, &Json> = batch
            .iter()
            .enumerate()
            .map(|(i, case)| (format!("c{i}"), &case.values))
            .collect();
        let Some(first) = batch.first() else {
            return Ok(());
        };
        let documents = umbrella.template(&serde_json::to_value(values).unwrap_or_default(), &first.info)?;
        for (i, case) in batch.iter().enumerate() {
            let prefix = format!("umbrella/charts/c{i}/templates/");
            let rendered: BTreeMap<&str, &Json> = documents
                .iter()
                .filter_map(|(source, json)| Some((source.strip_prefix(&prefix)?.strip_suffix(".yaml")?, json)))
                .collect();
            self.same(case, &rendered)?;
        }
        Ok(())
    }

    fn same(&self, case: &Case, rendered: &BTreeMap<&str, &Json>) -> Result<(), Error> {
        let fail = |file: &str, what: String| {
            Error::trace(
                file,
                format!(
                    "helm and the native rendering differ (seed {}): {what}\nvalues: {}\nrelease: {:?}",
                    self.seed, case.values, case.info
                ),
            )
        };
        for object in &case.native {
            let Some(helm) = rendered.get(object.file.as_str()) else {
                return Err(fail(&object.file, "only the native rendering has it".into()));
            };
            let (Typed::Known(left) | Typed::Unknown(left), Typed::Known(right) | Typed::Unknown(right)) =
                (read_back(helm)?, read_back(&object.json)?);
            if let Some(difference) = traced::first_difference(&left, &right, "") {
                return Err(fail(&object.file, difference));
            }
        }
        match rendered
            .keys()
            .find(|file| !case.native.iter().any(|object| object.file == **file))
        {
            Some(file) => Err(fail(file, "only helm has it".into())),
            None => Ok(()),
        }
    }
}
