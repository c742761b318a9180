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
//! A case is what a user gives (files and flags, with hostile texts, numbers at their limits, colliding keys) in
//! circumstances of every kind: names, install or upgrade, Kubernetes and API versions. The notes are compared as well,
//! and what one side refuses, the other must refuse too.
//!
//! A case that differs is shrunk and shown, and written to `tests/law-regressions/` beside the crate that tests; the
//! next run tries it first. `LAW_CASES=100000` makes any run as long as that.
//!
//! Many cases are rendered by one Helm process: an umbrella chart that aliases the chart once for each.

mod bench;
mod case;
mod compare;
pub mod helm;
mod regressions;
mod run;
mod typed;

pub use typed::{Typed, read_back};

use crate::chart::Chart;
use crate::error::{Error, Result};
use bench::{Bench, Counterexample};
use run::Outcome;
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use std::hash::{BuildHasher, RandomState};

/// The law of a chart, ready to be checked.
#[derive(Debug)]
pub struct Law<'a, V> {
    chart: &'a Chart<V>,
    cases: usize,
    seed: u64,
}

/// The law of this chart: what failed before, the defaults, every preset, and random valid values.
pub fn law<V>(chart: &Chart<V>) -> Law<'_, V> {
    Law {
        chart,
        cases: 500,
        seed: RandomState::new().hash_one(chart.name.as_str()) % 1_000_000_000,
    }
}

impl<V: Serialize + DeserializeOwned + JsonSchema + Default + 'static> Law<'_, V> {
    /// How many random cases; 500 unless told. The environment variable `LAW_CASES` goes before this.
    pub fn cases(mut self, cases: usize) -> Self {
        self.cases = cases;
        self
    }

    /// The seed of the random values, to repeat a run; another one each run unless told.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Checks it, and says in a line how many cases were compared.
    ///
    /// # Panics
    ///
    /// Where a case differs: with the values, the two renderings of the object, and the line of the template.
    pub fn check(self) {
        let outcome = self.run().unwrap_or_else(|error| panic!("{error}"));
        println!(
            "{}: {} cases, no difference ({} drawn, {:.0} s, seed {})",
            self.chart.name(),
            outcome.compared,
            outcome.tried,
            outcome.seconds,
            self.seed
        );
    }

    fn run(&self) -> Result<Outcome> {
        let cases = match std::env::var("LAW_CASES") {
            Ok(text) => text
                .replace('_', "")
                .parse()
                .map_err(|_| Error::trace("LAW_CASES", format!("{text:?} is not a number of cases")))?,
            Err(_) => self.cases,
        };
        let bench = Bench::new(self.chart)?;
        let file = regressions::file(self.chart.name());
        for case in regressions::load(file.as_deref())? {
            if let Some(difference) = bench.probe(&case.circumstances, &case.given)? {
                return Err(self.broken(&bench, &Counterexample { case, difference }));
            }
        }
        let fixed = bench.fixed()?;
        let mut found = bench.examine(&bench.umbrella(fixed.cases.len())?, fixed)?;
        let mut outcome = Outcome::default();
        if found.is_none() {
            outcome = run::run(&bench, self.seed, cases)?;
            found = outcome.found.take();
        }
        match found {
            None => Ok(outcome),
            Some(found) => {
                regressions::add(file.as_deref(), &found.case)?;
                Err(self.broken(&bench, &found))
            }
        }
    }

    /// The counterexample as a person can read it.
    fn broken(&self, bench: &Bench<'_, V>, found: &Counterexample) -> Error {
        let Counterexample { case, difference } = found;
        let name = match difference.file.as_str() {
            "" | "NOTES.txt" => difference.file.clone(),
            file => format!("{file}.yaml"),
        };
        let mut at = format!("templates/{name}");
        let template = bench.files.get(&at).map(String::as_str).unwrap_or_default();
        if let Some(line) = compare::template_line(template, &difference.path) {
            at.push_str(&format!(":{line}"));
        }
        let mut text = format!(
            "helm and the native rendering differ (seed {}): {}",
            self.seed, difference.what
        );
        if !difference.path.is_empty() {
            text.push_str(&format!("\nat: {}", difference.path));
        }
        for values in &case.given.files {
            text.push_str(&format!("\nvalues: {values}"));
        }
        for (flag, argument) in &case.given.flags {
            text.push_str(&format!("\nflag: {flag} {argument:?}"));
        }
        text.push_str(&format!("\nrelease: {}", json!(case.circumstances)));
        let diff = compare::line_diff(difference);
        if !diff.is_empty() {
            text.push_str(&format!(
                "\nonly Helm has the lines with -, only the native rendering those with +:\n{diff}"
            ));
        }
        Error::trace(at, text)
    }
}
