//! Under load there are more pods, and without it fewer.

use crate::bench::Bench;
use crate::client::Client;
use crate::command::{Outcome, ensure};
use crate::kube::{self, text};
use crate::load::Load;
use crate::release::Release;
use crate::seed;
use std::time::{Duration, Instant};
use std::{fs, path::Path, thread};

/// The autoscaler of the seed preset, with one pod at least, and less patience than it has for its users. On a machine
/// that is busy with other things a pod may never get what it asks for, so it is to use less.
const HASTE: &str = "\
autoscaling:
  minReplicas: 1
  maxReplicas: 3
  targetCPUUtilizationPercentage: 40
  behavior:
    scaleUp: {stabilizationWindowSeconds: 0, policies: [{type: Pods, value: 2, periodSeconds: 15}]}
    scaleDown: {stabilizationWindowSeconds: 45, policies: [{type: Pods, value: 2, periodSeconds: 15}]}
";

/// As much load as one pod cannot carry at its target, then none.
pub fn test(bench: &Bench) -> Outcome {
    let preset = seed::preset()?;
    seed::credentials(bench, &preset)?;
    seed::s3(bench, None)?;
    let haste = Path::new(env!("CARGO_TARGET_TMPDIR")).join("haste.yaml");
    fs::write(&haste, HASTE).map_err(|error| format!("{}: {error}", haste.display()))?;
    let haste = haste.display().to_string();
    let release = Release::new(bench, "team", &["--values", &preset.path]).with(&[
        "--values",
        &haste,
        "--set",
        "artifacts.s3.endpoint=http://s3:7070",
    ]);
    release.install()?;
    // What a pod used to start is over.
    pods(bench, "one pod, at rest", 300, |ready| ready == 1)?;
    let client = Client::new(bench)?;
    let mut load = Load::hard(bench, &client)?;
    pods(bench, "more pods under load", 240, |ready| ready > 1)?;
    load.unharmed("pods were added")?;
    let summary = load.end()?;
    bench.step(&format!("no load any more, after {} requests", summary.requests));
    pods(bench, "one pod again", 300, |ready| ready == 1)
}

/// Waits until so many pods are ready, and says what the autoscaler sees as it changes.
fn pods(bench: &Bench, what: &str, seconds: u64, enough: impl Fn(usize) -> bool) -> Outcome {
    let (start, mut seen) = (Instant::now(), String::new());
    loop {
        let ready = kube::pods_of(bench, "server")?
            .iter()
            .filter(|pod| pod.serving())
            .count();
        let autoscaler = kube::list(bench, "horizontalpodautoscalers")?.pop().unwrap_or_default();
        let wanted = autoscaler["status"]["desiredReplicas"].as_u64().unwrap_or_default();
        let cpu = &autoscaler["status"]["currentMetrics"][0]["resource"]["current"]["averageUtilization"];
        let state = format!("{ready} pod(s) ready, {wanted} wanted");
        if state != seen {
            bench.step(&format!("{state}, at {cpu} % of the CPU that they ask for"));
            seen = state;
        }
        // Ready and wanted alike, or it would go on at once.
        if enough(ready) && wanted == ready as u64 && cpu.is_u64() {
            bench.step(&format!("{what}: after {} s", start.elapsed().as_secs()));
            return Ok(());
        }
        ensure(start.elapsed() < Duration::from_secs(seconds), || {
            let name = text(&autoscaler, "/metadata/name");
            format!(
                "{what}: not within {seconds} s; the autoscaler {name}: {}",
                autoscaler["status"]
            )
        })?;
        thread::sleep(Duration::from_secs(1));
    }
}
