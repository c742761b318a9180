//! A steady stream of requests from this machine, none of which is repeated, and what came of them.

use crate::bench::Bench;
use crate::client::Client;
use crate::command::{Outcome, Run, ensure};
use crate::tools::project;
use serde::Deserialize;
use std::fs;
use std::io::{BufRead, BufReader, Lines, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// `load.py`, running; it ends with this.
#[derive(Debug)]
pub struct Load<'a> {
    bench: &'a Bench,
    child: Child,
    input: Option<ChildStdin>,
    answers: Lines<BufReader<ChildStdout>>,
    failures: usize,
    requests: usize,
}

/// What came of the requests until now.
#[derive(Clone, Debug, Deserialize)]
pub struct Summary {
    /// How many there were.
    pub requests: usize,
    /// How many failed.
    pub failures: usize,
    /// The first of them, in words.
    pub failed: Vec<String>,
}

impl<'a> Load<'a> {
    /// Starts, with a journal of all acknowledged writes if there is a place for one.
    pub fn start(bench: &'a Bench, client: &Client, journal: Option<&Path>) -> Outcome<Self> {
        bench.step(&format!("a steady stream of requests to {}", client.url()));
        Self::run(bench, client, journal, "0.1")
    }

    /// Starts, with as many requests as there are answers.
    pub fn hard(bench: &'a Bench, client: &Client) -> Outcome<Self> {
        bench.step(&format!("as many requests as there are answers, to {}", client.url()));
        Self::run(bench, client, None, "0")
    }

    fn run(bench: &'a Bench, client: &Client, journal: Option<&Path>, pause: &str) -> Outcome<Self> {
        let failed = |error| format!("load.py did not start: {error}");
        let mut child = Command::new(&bench.tools.python)
            .arg(program())
            .args([client.url(), "stream"])
            .args(journal)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("PAUSE", pause)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(failed)?;
        let input = child.stdin.take();
        let output = child.stdout.take().ok_or("load.py has no output")?;
        Ok(Self {
            bench,
            child,
            input,
            answers: BufReader::new(output).lines(),
            failures: 0,
            requests: 0,
        })
    }

    /// What came of the requests until now.
    pub fn so_far(&mut self) -> Outcome<Summary> {
        let input = self.input.as_mut().ok_or("load.py was ended")?;
        input.write_all(b"\n").map_err(|error| format!("load.py: {error}"))?;
        self.answer()
    }

    /// No request failed since the last call, and there were some.
    pub fn unharmed(&mut self, by: &str) -> Outcome {
        let now = self.so_far()?;
        let (requests, failures) = (now.requests - self.requests, now.failures - self.failures);
        (self.requests, self.failures) = (now.requests, now.failures);
        self.bench
            .step(&format!("{by}: {requests} requests meanwhile, {failures} failed"));
        ensure(failures == 0, || {
            format!(
                "{by}: {failures} of {requests} requests failed:\n{}",
                now.failed.join("\n")
            )
        })?;
        ensure(requests > 0, || format!("{by}: there were no requests meanwhile"))
    }

    /// Ends it; what came of all requests.
    pub fn end(mut self) -> Outcome<Summary> {
        self.input = None;
        self.answer()
    }

    fn answer(&mut self) -> Outcome<Summary> {
        let line = self.answers.next().and_then(Result::ok);
        let line = line.ok_or("load.py ended; what it says is above")?;
        serde_json::from_str(&line).map_err(|error| format!("load.py said {line:?}: {error}"))
    }
}

impl Drop for Load<'_> {
    fn drop(&mut self) {
        self.input = None;
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Reads back every write of the journal; what was found.
pub fn verify(bench: &Bench, client: &Client, journal: &Path) -> Outcome<String> {
    bench.step("every acknowledged write is read back");
    let text = Run::new(&bench.tools.python)
        .args([program().as_os_str()])
        .args([client.url(), "verify"])
        .args([journal])
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .within(300)
        .text()?;
    bench.step(text.trim());
    Ok(text)
}

/// An empty journal of the test.
pub fn journal(bench: &Bench) -> Outcome<PathBuf> {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{}.journal", bench.namespace));
    fs::write(&path, "").map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(path)
}

fn program() -> PathBuf {
    project().join("tests/cluster/load.py")
}
