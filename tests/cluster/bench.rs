//! The place where a test works: a namespace of its own, one test at a time, with progress on the terminal.

use crate::command::{Outcome, Run, ensure};
use crate::diagnosis;
use crate::tools::Tools;
use std::env;
use std::io::{Write, stderr};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// The node port of the chart, of which a cluster has one.
pub const NODE_PORT: &str = "30003";

/// What a test works with.
#[derive(Debug)]
pub struct Bench {
    /// Programs and the chart.
    pub tools: Tools,
    /// The test's own namespace.
    pub namespace: String,
    name: String,
    started: Instant,
}

/// Runs a test in a namespace of its own, and panics with what it says when it fails.
pub fn case(name: &str, body: impl FnOnce(&Bench) -> Outcome) {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let result = Tools::find().and_then(|tools| {
        let bench = Bench {
            tools,
            namespace: format!("mlflow-kube-{name}"),
            name: name.into(),
            started: Instant::now(),
        };
        bench.prepare()?;
        let result = body(&bench);
        bench.step(if result.is_ok() { "passed" } else { "FAILED" });
        if result.is_err() {
            diagnosis::print(&bench);
        }
        bench.remove().and(result)
    });
    drop(turn);
    if let Err(text) = result {
        panic!("{text}");
    }
}

impl Bench {
    /// Says what begins. Straight to the terminal, since a test of minutes should show where it is.
    pub fn step(&self, what: &str) {
        let seconds = self.started.elapsed().as_secs_f64();
        say(&format!("{:>9} {seconds:6.1} s  {what}", self.name));
    }

    /// `kubectl` in the test's namespace.
    pub fn kubectl<'a>(&self, args: impl IntoIterator<Item = &'a str>) -> Run {
        Run::new("kubectl")
            .args(["--namespace", self.namespace.as_str()])
            .args(args)
    }

    /// An empty namespace with restricted Pod Security, and a free node port.
    fn prepare(&self) -> Outcome {
        self.step(&format!("namespace {}", self.namespace));
        self.delete_namespace()?;
        node_port_is_free()?;
        let namespace = self.namespace.as_str();
        self.kubectl(["create", "namespace", namespace]).text()?;
        let label = "pod-security.kubernetes.io/enforce=restricted";
        self.kubectl(["label", "namespace", namespace, label]).text()?;
        Ok(())
    }

    /// Takes away what the test made, unless it is to be looked at.
    fn remove(&self) -> Outcome {
        if env::var("KEEP").is_ok_and(|keep| keep == "1") {
            self.step(&format!("kept: namespace {}", self.namespace));
            return Ok(());
        }
        self.delete_namespace()?;
        self.step("removed");
        Ok(())
    }

    fn delete_namespace(&self) -> Outcome {
        let namespace = self.namespace.as_str();
        if self
            .kubectl(["get", "namespace", namespace, "--ignore-not-found"])
            .text()?
            .is_empty()
        {
            return Ok(());
        }
        // What makes pods goes first; then they need not end gracefully, and wait for requests that no one makes.
        let makers = "deployments,statefulsets,jobs,replicasets";
        self.kubectl(["delete", makers, "--all", "--cascade=orphan"]).text()?;
        self.kubectl(["delete", "pods", "--all", "--grace-period=1", "--wait=false"])
            .text()?;
        self.kubectl(["delete", "namespace", namespace, "--timeout=120s"])
            .within(150)
            .text()?;
        Ok(())
    }
}

/// A line on the terminal, past the capture of output that tests have.
pub fn say(line: &str) {
    let _ = writeln!(stderr(), "{line}");
}

/// An error that names the Service that has the chart's node port.
fn node_port_is_free() -> Outcome {
    let row = "{range .items[*]}{.metadata.namespace}/{.metadata.name} {.spec.ports[*].nodePort}{\"\\n\"}{end}";
    let services = Run::new("kubectl")
        .args([
            "get",
            "services",
            "--all-namespaces",
            "--output",
            &format!("jsonpath={row}"),
        ])
        .text()?;
    let holder = services
        .lines()
        .find(|line| line.split(' ').skip(1).any(|p| p == NODE_PORT));
    ensure(holder.is_none(), || {
        let holder = holder.and_then(|line| line.split(' ').next()).unwrap_or_default();
        format!("node port {NODE_PORT} belongs to the Service {holder}: remove it, then run the tests again")
    })
}
