//! What is printed when a test fails: the state of the namespace, so that a log of CI tells why.

use crate::bench::{Bench, say};
use crate::kube::{self, text};
use serde_json::Value;

/// Objects, events, and the logs of the pods that fail, or of all pods if none does.
pub fn print(bench: &Bench) {
    let kinds = "pods,jobs,persistentvolumeclaims,services,horizontalpodautoscalers";
    show(bench, &["get", kinds, "--output", "wide"], usize::MAX);
    show(bench, &["get", "events", "--sort-by=.lastTimestamp"], 40);
    let pods = kube::list(bench, "pods").unwrap_or_default();
    let (failing, well): (Vec<_>, Vec<_>) = pods.iter().partition(|pod| fails(pod));
    for pod in if failing.is_empty() { &well } else { &failing } {
        let name = text(pod, "/metadata/name");
        let logs = [
            "logs",
            name,
            "--all-containers",
            "--prefix",
            "--tail=60",
            "--ignore-errors",
        ];
        show(bench, &logs, usize::MAX);
        if restarts(pod) > 0 {
            show(bench, &[&logs[..], &["--previous"]].concat(), usize::MAX);
        }
    }
}

/// Whether a pod is neither done nor ready, or was restarted.
fn fails(pod: &Value) -> bool {
    let phase = text(pod, "/status/phase");
    let containers = pod["status"]["containerStatuses"].as_array().into_iter().flatten();
    let ready = containers.into_iter().all(|container| container["ready"] == true);
    phase != "Succeeded" && !(phase == "Running" && ready && restarts(pod) == 0)
}

fn restarts(pod: &Value) -> u64 {
    let lists = [
        &pod["status"]["initContainerStatuses"],
        &pod["status"]["containerStatuses"],
    ];
    let containers = lists.into_iter().filter_map(Value::as_array).flatten();
    containers
        .filter_map(|container| container["restartCount"].as_u64())
        .sum()
}

/// The last lines of what kubectl says.
fn show(bench: &Bench, args: &[&str], last: usize) {
    say(&format!("--- kubectl {}", args.join(" ")));
    match bench.kubectl(args.iter().copied()).said() {
        Ok(said) => {
            let text = format!("{}{}", said.out, said.err);
            let lines: Vec<_> = text.lines().collect();
            lines[lines.len().saturating_sub(last)..]
                .iter()
                .for_each(|line| say(line));
        }
        Err(error) => say(&error),
    }
}
