//! From one version of MLflow to the next, with data and under load; and what happens on the way back.

use crate::bench::Bench;
use crate::client::Client;
use crate::command::{Outcome, ensure};
use crate::kube;
use crate::load::{self, Load, journal};
use crate::release::Release;
use crate::seed;
use crate::tools::copy_of_chart;
use std::thread;
use std::time::{Duration, Instant};

/// The release of MLflow before the chart's.
const PREVIOUS: &str = "v3.17.2-full";
const REFUSED: &str = "is of an MLflow that is newer than this one";

/// Two pods of the previous MLflow, artifacts in S3, a steady stream of requests.
pub fn test(bench: &Bench) -> Outcome {
    let preset = seed::preset()?;
    seed::credentials(bench, &preset)?;
    seed::s3(bench, None)?;
    let now = Release::new(bench, "team", &["--values", &preset.path])
        .with(&["--set", "artifacts.s3.endpoint=http://s3:7070"])
        .with(&["--set", "autoscaling.enabled=false", "--set", "server.replicas=2"]);
    let tag = format!("image.tag={PREVIOUS}");
    let previous = now.with(&["--set", &tag]);
    bench.step(&format!("MLflow {PREVIOUS}"));
    previous.install()?;
    let client = Client::new(bench)?;
    let journal = journal(bench)?;
    let mut load = Load::start(bench, &client, Some(&journal))?;
    thread::sleep(Duration::from_secs(10));
    load.unharmed("nothing happens")?;

    let version = client.version()?;
    now.upgrade_to("to the chart's MLflow")?;
    // Helm returns when the new pods are ready; the old ones serve a little longer.
    kube::wait(bench, "the old pods are gone", || {
        Ok(kube::pods_of(bench, "server")?.len() == 2)
    })?;
    let newer = client.version()?;
    load.unharmed(&format!("MLflow {version} became {newer}"))?;
    ensure(version != newer && PREVIOUS.contains(&version), || {
        format!("the server was {version} before the upgrade, and is {newer} after it")
    })?;
    there_is_no_way_back(bench, &now, &previous, &mut load)?;
    chart(bench, &now, &mut load)?;

    let summary = load.end()?;
    bench.step(&format!(
        "{} requests in all, {} failed",
        summary.requests, summary.failures
    ));
    load::verify(bench, &client, &journal).map(drop)
}

/// The old image on the new schema is refused, by whatever way it comes, and the pods that are there go on serving.
fn there_is_no_way_back(bench: &Bench, now: &Release, previous: &Release, load: &mut Load<'_>) -> Outcome {
    let before = kube::workload_pods(bench)?;
    let start = Instant::now();
    previous.upgrade_refused(REFUSED)?;
    bench.step(&format!("refused after {:.0} s", start.elapsed().as_secs_f64()));
    now.rollback_refused("1", REFUSED)?;
    // Helm takes a rollback that a hook refused for one in progress; the message says that this ends it.
    now.rollback("2")?;
    ensure(kube::workload_pods(bench)? == before, || {
        "a refused upgrade replaced pods".into()
    })?;
    load.unharmed("an upgrade and a rollback to the old MLflow were refused")?;

    bench.step("kubectl set image, past Helm: the new pod says why it does not start, the old ones go on");
    let deployment = "deployment/team-mlflow";
    let image = format!("ghcr.io/mlflow/mlflow:{PREVIOUS}");
    let images = [format!("mlflow={image}"), format!("migrate={image}")];
    bench
        .kubectl(["set", "image", deployment, &images[0], &images[1]])
        .text()?;
    kube::wait_for_message(bench, REFUSED)?;
    load.unharmed("a pod of the old MLflow could not start")?;
    bench.kubectl(["rollout", "undo", deployment]).text()?;
    let status = ["rollout", "status", deployment, "--timeout=180s"];
    bench.kubectl(status).within(190).text()?;
    load.unharmed("kubectl rollout undo")
}

/// Another version of the chart changes nothing that Kubernetes keeps fixed, and replaces no pod.
fn chart(bench: &Bench, now: &Release, load: &mut Load<'_>) -> Outcome {
    let before = kube::revisions(bench)?;
    let other = copy_of_chart("9.9.9-other")?;
    for (chart, what) in [
        (other.as_path(), "to another version of the chart"),
        (&bench.tools.chart, "and back"),
    ] {
        now.upgrade_with_chart(chart, what)?;
        ensure(kube::revisions(bench)? == before, || {
            format!("helm upgrade {what} replaced pods, which nothing in it asks for")
        })?;
    }
    load.unharmed("the chart's version changed")
}
