//! MLflow's own client on this machine: a user outside of the cluster.

use crate::bench::{Bench, NODE_PORT};
use crate::command::{Outcome, Run, ensure};
use crate::tools::project;

/// Runs `client.py`, where what a user does is written down.
#[derive(Debug)]
pub struct Client {
    python: String,
    url: String,
}

impl Client {
    /// Of the server at the first node's address.
    pub fn new(bench: &Bench) -> Outcome<Self> {
        let address = r#"jsonpath={.items[0].status.addresses[?(@.type=="InternalIP")].address}"#;
        let addresses = bench.kubectl(["get", "nodes", "--output", address]).text()?;
        // With both protocols a node has two; the chart's node port is on either.
        let address = addresses.split(' ').next().unwrap_or_default();
        ensure(!address.is_empty(), || {
            "the cluster's first node has no InternalIP".into()
        })?;
        let python = bench.tools.python.clone();
        Ok(Self {
            python,
            url: format!("http://{address}:{NODE_PORT}"),
        })
    }

    /// Where the server is.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Logs, registers and reads back; the run's id.
    pub fn log(&self) -> Outcome<String> {
        self.run(&["log"])
    }

    /// Reads back what was logged with this run.
    pub fn read(&self, run: &str) -> Outcome {
        self.run(&["read", run]).map(drop)
    }

    /// How many runs the server knows.
    pub fn runs(&self) -> Outcome<usize> {
        let line = self.run(&["runs"])?;
        line.parse()
            .map_err(|_| format!("client.py printed {line:?}, not how many runs there are"))
    }

    /// The server's version of MLflow.
    pub fn version(&self) -> Outcome<String> {
        self.run(&["version"])
    }

    /// What the web page asks for when it is opened.
    pub fn browser(&self) -> Outcome {
        self.run(&["browser"]).map(drop)
    }

    /// The last line of what it prints.
    fn run(&self, args: &[&str]) -> Outcome<String> {
        let program = project().join("tests/cluster/client.py");
        let said = Run::new(&self.python)
            .args([program.as_os_str()])
            .args([self.url.as_str()])
            .args(args)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .within(180)
            .text()?;
        Ok(said.lines().last().unwrap_or_default().to_owned())
    }
}
