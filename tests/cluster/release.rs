//! A release of the chart, and what Helm does with it.

use crate::bench::Bench;
use crate::command::{Outcome, Run, ensure};
use std::path::Path;

/// How long an install may take: images may have to be pulled.
const READY: &str = "5m";

/// A release in the test's namespace.
#[derive(Debug)]
pub struct Release<'a> {
    bench: &'a Bench,
    name: &'a str,
    values: Vec<&'a str>,
}

impl<'a> Release<'a> {
    /// With these arguments that give values.
    pub fn new(bench: &'a Bench, name: &'a str, values: &[&'a str]) -> Self {
        Self {
            bench,
            name,
            values: values.to_vec(),
        }
    }

    /// The same release, with further arguments.
    pub fn with<'b>(&self, more: &[&'b str]) -> Release<'b>
    where
        'a: 'b,
    {
        let values = self.values.iter().chain(more).copied().collect();
        Release { values, ..*self }
    }

    /// Installs, until everything is ready.
    pub fn install(&self) -> Outcome {
        self.bench.step(&format!("helm install {}", self.name));
        self.with_chart("install")
            .args(["--wait", "--timeout", READY])
            .within(330)
            .text()?;
        Ok(())
    }

    /// Installs, and waits for nothing that runs.
    pub fn begin(&self) -> Outcome {
        self.bench.step(&format!("helm install {}, without --wait", self.name));
        self.with_chart("install").text().map(drop)
    }

    /// Tries to install what must be refused, with this in the message.
    pub fn refused(&self, message: &str) -> Outcome {
        let said = self.with_chart("install").said()?;
        let values = self.values.join(" ");
        ensure(!said.success, || format!("helm installed the chart with {values}"))?;
        ensure(said.err.contains(message), || {
            format!("helm refused {values} without saying {message:?}:\n{}", said.err)
        })
    }

    /// Upgrades, to the same values and the same chart.
    pub fn upgrade(&self) -> Outcome {
        self.upgrade_to("nothing changed")
    }

    /// Upgrades, to what is said in words.
    pub fn upgrade_to(&self, what: &str) -> Outcome {
        self.upgrade_with_chart(&self.bench.tools.chart, what)
    }

    /// Upgrades to another chart.
    pub fn upgrade_with_chart(&self, chart: &Path, what: &str) -> Outcome {
        self.bench.step(&format!("helm upgrade {}, {what}", self.name));
        self.helm("upgrade")
            .args([chart])
            .args(&self.values)
            .args(["--wait", "--timeout", READY])
            .within(330)
            .text()?;
        Ok(())
    }

    /// Tries an upgrade that must fail, soon, with this in what Helm says.
    pub fn upgrade_refused(&self, message: &str) -> Outcome {
        self.bench
            .step(&format!("helm upgrade {}, which must be refused", self.name));
        refused(self.with_chart("upgrade").args(["--wait", "--timeout", READY]), message)
    }

    /// Tries a rollback that must fail, soon, with this in what Helm says.
    pub fn rollback_refused(&self, revision: &str, message: &str) -> Outcome {
        self.bench.step(&format!(
            "helm rollback {} {revision}, which must be refused",
            self.name
        ));
        refused(self.helm("rollback").args([revision, "--wait"]), message)
    }

    /// Rolls back to a revision; 0 is the one before.
    pub fn rollback(&self, revision: &str) -> Outcome {
        self.bench.step(&format!("helm rollback {} {revision}", self.name));
        self.helm("rollback")
            .args([revision, "--wait", "--timeout", READY])
            .within(330)
            .text()?;
        Ok(())
    }

    /// `helm test`, with its logs in the error if it fails.
    pub fn test(&self) -> Outcome {
        self.bench.step(&format!("helm test {}", self.name));
        self.helm("test")
            .args(["--logs", "--timeout", "3m"])
            .within(200)
            .text()?;
        Ok(())
    }

    /// Uninstalls, until what goes is gone.
    pub fn uninstall(&self) -> Outcome {
        self.bench.step(&format!("helm uninstall {}", self.name));
        self.helm("uninstall")
            .args(["--wait", "--timeout", "3m"])
            .within(200)
            .text()?;
        Ok(())
    }

    /// What Helm remembers of the release: values, objects and hooks.
    pub fn remembered(&self) -> Outcome<String> {
        Run::new(&self.bench.tools.helm)
            .args(["get", "all", self.name, "--namespace", &self.bench.namespace])
            .text()
    }

    fn helm(&self, verb: &str) -> Run {
        Run::new(&self.bench.tools.helm).args([verb, self.name, "--namespace", &self.bench.namespace])
    }

    fn with_chart(&self, verb: &str) -> Run {
        self.helm(verb).args([&self.bench.tools.chart]).args(&self.values)
    }
}

/// Ends within a minute and a half, with an error, and with this in what is said.
fn refused(run: Run, message: &str) -> Outcome {
    let said = run.within(90).said()?;
    let text = format!("{}\n{}", said.out.trim_end(), said.err.trim_end());
    ensure(!said.success, || {
        format!("helm did what it should have refused:\n{text}")
    })?;
    // Lines of a log may be broken anywhere, but not words.
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    ensure(words(&text).contains(message), || {
        format!("helm refused without saying {message:?}:\n{text}")
    })
}
