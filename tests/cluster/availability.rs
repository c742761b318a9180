//! No request fails while pods come and go: deleted, drained from their nodes, rolled out, rolled back.

use crate::bench::Bench;
use crate::client::Client;
use crate::command::{Outcome, ensure};
use crate::kube;
use crate::load::Load;
use crate::release::Release;
use crate::seed;
use std::collections::{BTreeMap, BTreeSet};
use std::thread;
use std::time::{Duration, Instant};

const REPLICAS: usize = 3;

/// Three pods, artifacts in S3, a steady stream of requests through the node port.
pub fn test(bench: &Bench) -> Outcome {
    let nodes = kube::nodes(bench)?;
    ensure(!nodes.is_empty(), || {
        "the cluster has no node that pods may be on".into()
    })?;
    bench.step(&format!("{} node(s): {}", nodes.len(), nodes.join(", ")));
    let preset = seed::preset()?;
    seed::credentials(bench, &preset)?;
    // What there is one of stands where no node is drained.
    let home = &nodes[0];
    seed::s3(bench, Some(home))?;
    let on_home = format!("postgres.nodeSelector.kubernetes\\.io/hostname={home}");
    let replicas = format!("server.replicas={REPLICAS}");
    let release = Release::new(bench, "team", &["--values", &preset.path])
        .with(&[
            "--set",
            "artifacts.s3.endpoint=http://s3:7070",
            "--set",
            "autoscaling.enabled=false",
        ])
        .with(&["--set", &replicas, "--set", &on_home]);
    release.install()?;
    spread(bench, &nodes)?;
    let client = Client::new(bench)?;
    let mut load = Load::start(bench, &client, None)?;
    thread::sleep(Duration::from_secs(5));
    load.unharmed("nothing happens")?;

    for pod in server_pods(bench)? {
        bench.step(&format!("kubectl delete pod {}", pod.name));
        bench.kubectl(["delete", "pod", &pod.name, "--wait=false"]).text()?;
        all_ready(bench, |pods| pods.iter().all(|now| now.name != pod.name))?;
        load.unharmed("a pod was deleted")?;
    }
    drain(bench, &nodes, &mut load)?;

    let changed = release.with(&["--set", "server.gracefulShutdownSeconds=20"]);
    let before = names(&server_pods(bench)?);
    changed.upgrade_to("one value changed")?;
    all_ready(bench, |pods| pods.iter().all(|pod| !before.contains(&pod.name)))?;
    load.unharmed("a changed value was rolled out")?;
    spread(bench, &nodes)?;

    let before = names(&server_pods(bench)?);
    release.rollback("0")?;
    all_ready(bench, |pods| pods.iter().all(|pod| !before.contains(&pod.name)))?;
    load.unharmed("it was rolled back")?;

    let summary = load.end()?;
    bench.step(&format!(
        "{} requests in all, {} failed",
        summary.requests, summary.failures
    ));
    ensure(summary.failures == 0, || summary.failed.join("\n"))
}

/// Drains all nodes but the first at once, so that the budget for disruptions has something to hold back.
fn drain(bench: &Bench, nodes: &[String], load: &mut Load<'_>) -> Outcome {
    let Some((_, others)) = nodes.split_first().filter(|(_, others)| !others.is_empty()) else {
        bench.step("SKIPPED: draining a node, since there is just one");
        return Ok(());
    };
    bench.step(&format!("kubectl drain {}", others.join(" ")));
    let mut drain = vec![
        "drain",
        "--ignore-daemonsets",
        "--delete-emptydir-data",
        "--timeout=240s",
    ];
    // Only what the test made: other tenants of the cluster are left alone.
    let selector = "--pod-selector=app.kubernetes.io/name=mlflow";
    drain.push(selector);
    drain.extend(others.iter().map(String::as_str));
    let result = thread::scope(|scope| {
        let drained = scope.spawn(|| bench.kubectl(drain.iter().copied()).within(250).text());
        let mut fewest = usize::MAX;
        while !drained.is_finished() {
            fewest = fewest.min(server_pods(bench)?.iter().filter(|pod| pod.serving()).count());
            thread::sleep(Duration::from_millis(500));
        }
        drained.join().map_err(|_| "kubectl drain panicked".to_owned())??;
        Ok(fewest)
    });
    let result = result.and_then(|fewest| {
        bench.step(&format!("meanwhile there were never fewer than {fewest} pods ready"));
        ensure(fewest + 1 >= REPLICAS, || {
            format!("the budget allows one pod to be away, but only {fewest} of {REPLICAS} were ready")
        })?;
        all_ready(bench, |pods| pods.iter().all(|pod| pod.node == nodes[0]))?;
        load.unharmed("nodes were drained")
    });
    for node in others {
        bench.kubectl(["uncordon", node]).text()?;
    }
    result
}

/// The pods of the server are on as many nodes as there can be.
fn spread(bench: &Bench, nodes: &[String]) -> Outcome {
    let pods = all_ready(bench, |_| true)?;
    let mut by_node = BTreeMap::<String, usize>::new();
    pods.into_iter()
        .for_each(|pod| *by_node.entry(pod.node).or_default() += 1);
    bench.step(&format!("pods by node: {by_node:?}"));
    let possible = nodes.len().min(REPLICAS);
    ensure(by_node.len() == possible, || {
        format!("{REPLICAS} pods could be on {possible} nodes, but are on {by_node:?}")
    })
}

/// Waits until as many pods as there should be are ready, and only they are there, and these conditions hold.
fn all_ready(bench: &Bench, condition: impl Fn(&[kube::Pod]) -> bool) -> Outcome<Vec<kube::Pod>> {
    let end = Instant::now() + Duration::from_secs(240);
    loop {
        let pods = server_pods(bench)?;
        if pods.len() == REPLICAS && pods.iter().all(kube::Pod::serving) && condition(&pods) {
            return Ok(pods);
        }
        ensure(Instant::now() < end, || {
            format!("there should be {REPLICAS} pods, all ready, but after 240 s there are {pods:?}")
        })?;
        thread::sleep(Duration::from_secs(1));
    }
}

/// The server's pods, those on their way out included.
fn server_pods(bench: &Bench) -> Outcome<Vec<kube::Pod>> {
    kube::pods_of(bench, "server")
}

fn names(pods: &[kube::Pod]) -> BTreeSet<String> {
    pods.iter().map(|pod| pod.name.clone()).collect()
}
