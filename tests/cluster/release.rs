//! A release of the chart, and what Helm does with it.

use crate::bench::Bench;
use crate::command::{Outcome, Run, ensure};

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

    /// Installs, until everything is ready.
    pub fn install(&self) -> Outcome {
        self.bench.step(&format!("helm install {}", self.name));
        self.with_chart("install")
            .args(["--wait", "--timeout", READY])
            .within(330)
            .text()?;
        Ok(())
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
        self.bench.step(&format!("helm upgrade {}, nothing changed", self.name));
        self.with_chart("upgrade")
            .args(["--wait", "--timeout", READY])
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
