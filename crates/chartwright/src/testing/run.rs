//! The run of a law: batches on all processors, with a line now and then.

use super::bench::{BATCH, Bench, Counterexample};
use super::coverage::Coverage;
use crate::error::Result;
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// A run so long that it says how far it is.
const LONG: usize = 5_000;

/// What a run came to.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    pub compared: usize,
    pub tried: usize,
    pub seconds: f64,
    pub found: Option<Counterexample>,
    pub coverage: Coverage,
}

/// Compares `cases` random cases; ends at the first that differs.
pub(super) fn run<V>(bench: &Bench<'_, V>, seed: u64, cases: usize) -> Result<Outcome>
where
    V: Serialize + DeserializeOwned + JsonSchema + Default + 'static,
{
    let next = AtomicUsize::new(0);
    let progress = Mutex::new(Progress::new(cases));
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let batches = cases.div_ceil(BATCH);
    let worker = || -> Result<()> {
        let source = bench.source()?;
        let mut umbrella = bench.umbrella(BATCH)?;
        let mut coverage = Coverage::default();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= batches {
                let mut progress = progress.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
                progress.outcome.coverage.merge(coverage);
                return Ok(());
            }
            let size = BATCH.min(cases - number * BATCH);
            if size != BATCH {
                umbrella = bench.umbrella(size)?;
            }
            let batch = bench.draw(&source, seed, number, size, &mut coverage)?;
            let tried = batch.tried;
            let found = bench.examine(&umbrella, batch)?;
            let mut progress = progress.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
            progress.add(size, tried);
            if found.is_some() {
                next.store(batches, Ordering::Relaxed);
                progress.outcome.found = found;
            }
        }
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads.min(batches)).map(|_| scope.spawn(worker)).collect();
        workers.into_iter().try_for_each(|worker| {
            worker
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
                .inspect_err(|_| {
                    next.store(batches, Ordering::Relaxed);
                })
        })
    })?;
    let progress = progress.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner());
    Ok(Outcome {
        seconds: progress.began.elapsed().as_secs_f64(),
        ..progress.outcome
    })
}

struct Progress {
    outcome: Outcome,
    wanted: usize,
    began: Instant,
    told: Instant,
}

impl Progress {
    fn new(wanted: usize) -> Self {
        let now = Instant::now();
        Self {
            outcome: Outcome::default(),
            wanted,
            began: now,
            told: now,
        }
    }

    fn add(&mut self, cases: usize, tried: usize) {
        self.outcome.compared += cases;
        self.outcome.tried += tried;
        if self.wanted >= LONG && self.told.elapsed() > Duration::from_secs(10) {
            self.told = Instant::now();
            let seconds = self.began.elapsed().as_secs_f64();
            let rate = self.outcome.compared as f64 / seconds;
            eprintln!(
                "{} of {} cases are the same, {seconds:.0} s, {rate:.0} a second",
                self.outcome.compared, self.wanted
            );
        }
    }
}
