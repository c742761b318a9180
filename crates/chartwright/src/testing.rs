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
//! next run tries it first. `LAW_CASES=100000` makes any run as long as that, with other cases each time; without it a run
//! is always the same.
//!
//! Many cases are rendered by one Helm process: an umbrella chart that aliases the chart once for each.

mod bench;
mod case;
mod compare;
mod coverage;
pub mod helm;
mod mutation;
mod regressions;
mod run;
mod typed;
mod upgrade;

pub use coverage::Branch;
pub use mutation::{Damage, Verdicts};
pub use typed::{Typed, read_back};
pub use upgrade::{Upgrade, upgrade};

use crate::chart::Chart;
use crate::error::{Error, Result};
use bench::{Bench, Counterexample};
use run::Outcome;
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use std::fmt;
use std::hash::{BuildHasher, RandomState};

/// The law of a chart, ready to be checked.
#[derive(Debug)]
pub struct Law<'a, V> {
    chart: &'a Chart<V>,
    cases: usize,
    seed: u64,
}

/// What a run found the law to hold for, and what it reached.
#[derive(Clone, Debug)]
pub struct Checked {
    chart: String,
    /// How many random cases were compared.
    pub cases: usize,
    /// How many were drawn; the chart does not accept the others.
    pub drawn: usize,
    /// How long it took.
    pub seconds: f64,
    /// The seed, to repeat the run.
    pub seed: u64,
    /// Every branch of every template.
    pub branches: Vec<Branch>,
    /// The settings that changed nothing in any case.
    pub without_effect: Vec<String>,
}

impl Checked {
    /// The branches that no case took.
    pub fn untaken(&self) -> impl Iterator<Item = &Branch> {
        self.branches.iter().filter(|branch| branch.taken == 0)
    }
}

impl fmt::Display for Checked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let taken = self.branches.iter().filter(|branch| branch.taken > 0).count();
        write!(
            f,
            "{}: {} cases, no difference; {taken} of {} branches taken ({} drawn, {:.0} s, seed {})",
            self.chart,
            self.cases,
            self.branches.len(),
            self.drawn,
            self.seconds,
            self.seed
        )?;
        list(f, "never taken", self.untaken())?;
        list(f, "never changed anything", &self.without_effect)
    }
}

/// A short run reaches little, and need not say all of that.
fn list<T: fmt::Display>(f: &mut fmt::Formatter<'_>, what: &str, all: impl IntoIterator<Item = T>) -> fmt::Result {
    const SHOWN: usize = 10;
    let all: Vec<T> = all.into_iter().collect();
    all.iter()
        .take(SHOWN)
        .try_for_each(|one| write!(f, "\n  {what}: {one}"))?;
    match all.len().checked_sub(SHOWN) {
        Some(more) if more > 0 => write!(f, "\n  {what}: {more} more; a longer run reaches them, see LAW_CASES"),
        _ => Ok(()),
    }
}

/// The law of this chart: what failed before, the defaults, every preset, and random valid values.
pub fn law<V>(chart: &Chart<V>) -> Law<'_, V> {
    Law {
        chart,
        cases: 500,
        seed: seed(),
    }
}

/// A short run is always the same, so that a change is judged by what it did; a long one searches anew.
fn seed() -> u64 {
    match std::env::var_os("LAW_CASES") {
        None => 1,
        Some(_) => RandomState::new().hash_one("law") % 1_000_000_000,
    }
}

impl<V: Serialize + DeserializeOwned + JsonSchema + Default + 'static> Law<'_, V> {
    /// How many random cases; 500 unless told. The environment variable `LAW_CASES` goes before this.
    pub fn cases(mut self, cases: usize) -> Self {
        self.cases = cases;
        self
    }

    /// The seed of the random values, to repeat a run; 1 unless told, and another one each time where `LAW_CASES` is set.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Checks it, and says how many cases were compared and what none of them reached.
    ///
    /// # Panics
    ///
    /// Where a case differs: with the values, the two renderings of the object, and the line of the template.
    pub fn check(self) -> Checked {
        let checked = self.run().unwrap_or_else(|error| panic!("{error}"));
        println!("{checked}");
        checked
    }

    /// Damages the chart's templates in many small ways, and gives what the law says to each damage.
    ///
    /// At most `wanted` damages are tried, evenly spread over all there are; each on as many cases as the law has.
    ///
    /// # Panics
    ///
    /// Where the chart cannot be traced, or there is no Helm.
    pub fn damage(self, wanted: usize) -> Verdicts {
        let tried = Bench::new(self.chart).and_then(|bench| mutation::try_all(&bench, self.seed, self.cases, wanted));
        tried.unwrap_or_else(|error| panic!("{error}"))
    }

    fn run(&self) -> Result<Checked> {
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
            None => Ok(Checked {
                chart: self.chart.name().into(),
                cases: outcome.compared,
                drawn: outcome.tried,
                seconds: outcome.seconds,
                seed: self.seed,
                branches: outcome.coverage.branches(&bench.traced),
                without_effect: outcome.coverage.without_effect(&bench.traced),
            }),
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
        if let Some(sources) = bench.traced.sources.get(&difference.file) {
            text.push_str(&format!("\nwritten by: {}", sources.line(&difference.path)));
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
