//! End to end: the chart on a real Kubernetes, used by a real MLflow client.
//!
//! Behind the feature `cluster`, since it needs more than cargo:
//!
//! - a cluster, the one that `KUBECONFIG` names, with a default StorageClass and node port 30003 free;
//!   its nodes are reached from here at their `InternalIP`;
//! - `kubectl`, and Helm 4 as `helm` or as the program that `HELM` names;
//! - a Python with MLflow and scikit-learn: `python3`, or the one that `MLFLOW_PYTHON` names.
//!
//! ```sh
//! cargo test --features cluster --test cluster
//! cargo test --features cluster --test cluster -- --ignored    # the long ones, best with three nodes
//! ```
//!
//! Each test has a namespace `mlflow-kube-<test>`, which is removed before and after; `KEEP=1` leaves it for a look.

#[path = "cluster/availability.rs"]
mod availability;
#[path = "cluster/bench.rs"]
mod bench;
#[path = "cluster/browser.rs"]
mod browser;
#[path = "cluster/client.rs"]
mod client;
#[path = "cluster/command.rs"]
mod command;
#[path = "cluster/diagnosis.rs"]
mod diagnosis;
#[path = "cluster/durability.rs"]
mod durability;
#[path = "cluster/kube.rs"]
mod kube;
#[path = "cluster/load.rs"]
mod load;
#[path = "cluster/release.rs"]
mod release;
#[path = "cluster/role.rs"]
mod role;
#[path = "cluster/scaling.rs"]
mod scaling;
#[path = "cluster/secrets.rs"]
mod secrets;
#[path = "cluster/seed.rs"]
mod seed;
#[path = "cluster/tools.rs"]
mod tools;
#[path = "cluster/upgrades.rs"]
mod upgrades;

use bench::{Bench, case};
use client::Client;
use command::{Outcome, ensure};
use release::Release;

/// No values at all: everything that the chart needs is in it, or made by it.
#[test]
fn defaults() {
    case("defaults", |bench| {
        let release = Release::new(bench, "mlflow", &[]);
        let client = install_and_use(bench, &release)?;
        role::least_privilege(bench)?;
        let run = log_from_outside(bench, &client)?;
        browser::shows(bench, &client, &run)?;
        log_from_inside(bench, &release, &client)?;
        upgrade_changes_nothing(bench, &release)?;
        survives_reinstall(bench, &release, &client, &run)
    });
}

/// The seed preset as it is, with an S3 server that is not Amazon's and a Secret made from an .env file.
#[test]
fn seed() {
    case("seed", |bench| {
        let preset = seed::preset()?;
        seed::credentials(bench, &preset)?;
        seed::s3(bench, None)?;
        // Another name than the chart's, so that both ways of naming objects are seen.
        let endpoint = ["--set", "artifacts.s3.endpoint=http://s3:7070"];
        let values = [["--values", preset.path.as_str()], endpoint].concat();
        let release = Release::new(bench, "team", &values);
        let client = install_and_use(bench, &release)?;
        role::least_privilege(bench)?;
        seed::autoscaler(bench)?;
        let run = log_from_outside(bench, &client)?;
        seed::in_bucket(bench, &run)?;
        log_from_inside(bench, &release, &client)?;
        upgrade_changes_nothing(bench, &release)?;
        survives_reinstall(bench, &release, &client, &run)
    });
}

/// Values that are wrong are refused before anything is created, and the message has their path.
#[test]
fn refusals() {
    case("refusals", |bench| {
        for (value, path) in [
            ("server.replicas=x", "'/server/replicas'"),
            ("server.nonsense=1", "at '/server': additional properties 'nonsense'"),
            ("nonsense=1", "additional properties 'nonsense'"),
            ("service.nodePort=80", "'/service/nodePort'"),
            // Only the chart as a whole can tell: the volume is for one pod.
            ("server.replicas=2", "server.replicas"),
        ] {
            bench.step(&format!("helm install --set {value}"));
            Release::new(bench, "mlflow", &["--set", value]).refused(path)?;
            let left = kube::objects(bench)?;
            ensure(left.is_empty(), || {
                format!("--set {value} was refused, but created {left:?}")
            })?;
        }
        Ok(())
    });
}

/// A setup of the database that failed half way lets nobody in, and is finished as the advice says.
#[test]
fn setup() {
    case("setup", role::test);
}

/// No request fails while pods are deleted, nodes are drained, and changes are rolled out and back.
#[test]
#[ignore = "takes several minutes, and needs three nodes"]
fn availability() {
    case("availability", availability::test);
}

/// Nothing that was acknowledged is lost when Postgres is deleted, killed, or its node restarted.
#[test]
fn durability() {
    case("durability", durability::test);
}

/// From the previous MLflow to this one under load; the way back is refused.
#[test]
fn upgrades() {
    case("upgrades", upgrades::test);
}

/// Pods are added under load, and taken away again without.
#[test]
#[ignore = "takes several minutes of load"]
fn scaling() {
    case("scaling", scaling::test);
}

/// Installs; all pods become ready, keep their secrets to themselves, and the page works in a browser.
fn install_and_use(bench: &Bench, release: &Release) -> Outcome<Client> {
    release.install()?;
    let pods = kube::workload_pods(bench)?;
    let restarts: u64 = pods.iter().map(|pod| pod.restarts).sum();
    bench.step(&format!("{} pods are ready, after {restarts} restarts", pods.len()));
    ensure(pods.iter().all(|pod| pod.ready), || {
        format!("these pods are not all ready: {pods:?}")
    })?;
    secrets::unseen(bench, release)?;
    let client = Client::new(bench)?;
    bench.step(&format!("a browser opens {}", client.url()));
    client.browser()?;
    Ok(client)
}

/// A client on this machine logs, registers versions 1, 2 and 3 of a model, and reads it all back.
fn log_from_outside(bench: &Bench, client: &Client) -> Outcome<String> {
    bench.step(&format!("a client logs to {}, and reads back", client.url()));
    client.log()
}

/// `helm test` does the like from inside the cluster, and its run is seen from outside.
fn log_from_inside(bench: &Bench, release: &Release, client: &Client) -> Outcome {
    let before = client.runs()?;
    release.test()?;
    let after = client.runs()?;
    bench.step(&format!(
        "the server had {before} run(s) before helm test, and has {after}"
    ));
    ensure(after > before, || {
        "helm test passed, but no run of it is on the server".into()
    })
}

/// `helm upgrade` with the same values leaves every pod alone, and starts none.
fn upgrade_changes_nothing(bench: &Bench, release: &Release) -> Outcome {
    let (revisions, pods) = (kube::revisions(bench)?, kube::workload_pods(bench)?);
    release.upgrade()?;
    // By name only: an autoscaler may add pods of the same revision meanwhile.
    ensure(kube::revisions(bench)? == revisions, || {
        "helm upgrade with the same values rolled out new pods".into()
    })?;
    let now = kube::workload_pods(bench)?;
    let lost: Vec<_> = pods.iter().filter(|pod| !now.contains(pod)).collect();
    ensure(lost.is_empty(), || {
        format!("helm upgrade with the same values replaced or restarted {lost:?}; now there are {now:?}")
    })
}

/// `helm uninstall` leaves what cannot be made again, and the next install goes on with it.
fn survives_reinstall(bench: &Bench, release: &Release, client: &Client, run: &str) -> Outcome {
    let (claims, secrets) = (kube::claims(bench)?, secrets::kept(bench)?);
    release.uninstall()?;
    let left = kube::objects(bench)?;
    bench.step(&format!("left: {}", left.join(", ")));
    for kind in ["Deployment/", "StatefulSet/", "Service/", "HorizontalPodAutoscaler/"] {
        let of_chart = |object: &&String| object.starts_with(kind) && !object.ends_with("/s3");
        let left: Vec<_> = left.iter().filter(of_chart).collect();
        ensure(left.is_empty(), || format!("helm uninstall left {left:?}"))?;
    }
    ensure(kube::claims(bench)? == claims, || {
        "helm uninstall removed volume claims".into()
    })?;
    ensure(secrets::kept(bench)? == secrets, || {
        "helm uninstall removed secrets".into()
    })?;
    release.install()?;
    ensure(secrets::kept(bench)? == secrets, || {
        "the next install changed secrets, although the volumes are the old ones".into()
    })?;
    bench.step("the run, its artifacts and the models are still there");
    client.read(run)
}
