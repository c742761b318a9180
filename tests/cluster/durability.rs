//! What was acknowledged is there, whatever happens to Postgres; and a password that does not fit is called that.

use crate::bench::Bench;
use crate::client::Client;
use crate::command::{Outcome, Run, ensure};
use crate::kube;
use crate::load::{self, Load, journal};
use crate::release::Release;
use serde_json::json;
use std::time::{Duration, Instant};
use std::{env, thread};

const SECRET: &str = "mlflow-generated";
const ADVICE: &str = "put the old ones back into the Secret, or change them in the database";

/// The chart without any values, its Postgres ended in every way, under load.
pub fn test(bench: &Bench) -> Outcome {
    let release = Release::new(bench, "mlflow", &[]);
    release.install()?;
    let client = Client::new(bench)?;
    let journal = journal(bench)?;
    let servers = kube::pods_of(bench, "server")?;
    let mut load = Load::start(bench, &client, Some(&journal))?;
    thread::sleep(Duration::from_secs(5));
    load.unharmed("nothing happens")?;

    struck(bench, &mut load, "Postgres' pod is deleted", |pod| {
        bench.kubectl(["delete", "pod", pod, "--wait=false"]).text().map(drop)
    })?;
    struck(
        bench,
        &mut load,
        "Postgres' pod is deleted, and gets SIGKILL after a second",
        |pod| {
            // Not with --force: the next pod would begin while this one may still write.
            let soon = ["delete", "pod", pod, "--wait=false", "--grace-period=1"];
            bench.kubectl(soon).text().map(drop)
        },
    )?;
    struck(
        bench,
        &mut load,
        "all processes below Postgres' first get SIGKILL",
        |pod| {
            // The shell that does it is one of them, so how it ends says nothing.
            bench
                .kubectl(["exec", pod, "--", "sh", "-c", "kill -KILL -1"])
                .said()
                .map(drop)
        },
    )?;
    struck(
        bench,
        &mut load,
        "Postgres' first process ends without a checkpoint",
        |pod| {
            // A process cannot send SIGKILL to the first one of its container; this is the like.
            bench
                .kubectl(["exec", pod, "--", "sh", "-c", "kill -QUIT 1"])
                .said()
                .map(drop)
        },
    )?;
    ensure(kube::pods_of(bench, "server")? == servers, || {
        "the server did not come back by itself: its pod was replaced or restarted".into()
    })?;
    node_restarted(bench, &mut load)?;

    let summary = load.end()?;
    bench.step(&format!(
        "{} requests in all, {} failed while there was no database",
        summary.requests, summary.failures
    ));
    load::verify(bench, &client, &journal)?;
    wrong_password(bench, &release, &client)?;
    load::verify(bench, &client, &journal).map(drop)
}

/// Strikes Postgres' pod; the server goes on by itself when it is back.
fn struck(bench: &Bench, load: &mut Load<'_>, what: &str, strike: impl FnOnce(&str) -> Outcome) -> Outcome {
    bench.step(what);
    let (before, start) = (load.so_far()?, Instant::now());
    strike(&postgres(bench)?.name)?;
    // From the first failure, or a while without any, to a while without any.
    thread::sleep(Duration::from_secs(2));
    let (mut last, mut calm) = (load.so_far()?, Instant::now());
    while calm.elapsed() < Duration::from_secs(6) || !postgres(bench)?.serving() {
        ensure(start.elapsed() < Duration::from_secs(180), || {
            format!(
                "{what}: after three minutes requests still fail:\n{}",
                last.failed.join("\n")
            )
        })?;
        thread::sleep(Duration::from_millis(500));
        let now = load.so_far()?;
        if now.failures > last.failures || now.requests == last.requests {
            calm = Instant::now();
        }
        last = now;
    }
    let away = (calm - start).as_secs_f64();
    let (failed, all) = (last.failures - before.failures, last.requests - before.requests);
    bench.step(&format!(
        "the last failure was after {away:.0} s; {failed} of {all} requests failed"
    ));
    Ok(())
}

/// How a node is restarted depends on the cluster, so it is the program that RESTART_NODE names: it gets the node's
/// name, and returns when the node is back.
fn node_restarted(bench: &Bench, load: &mut Load<'_>) -> Outcome {
    let Ok(program) = env::var("RESTART_NODE") else {
        bench.step("SKIPPED: restarting Postgres' node, since RESTART_NODE names no program for it");
        return Ok(());
    };
    let node = postgres(bench)?.node;
    struck(bench, load, &format!("Postgres' node {node} is restarted"), |_| {
        Run::new(program.as_str())
            .args([node.as_str()])
            .within(170)
            .text()
            .map(drop)
    })
}

/// A Secret that was changed is refused, with what to do; what it says works.
fn wrong_password(bench: &Bench, release: &Release, client: &Client) -> Outcome {
    bench.step("the password in the Secret is changed, but not the database's");
    let password = "another password";
    let patch = json!({ "stringData": { "POSTGRES_PASSWORD": password } }).to_string();
    bench.kubectl(["patch", "secret", SECRET, "--patch", &patch]).text()?;
    release.upgrade_refused(ADVICE)?;
    bench.step("the old pods go on serving");
    client.browser()?;

    let old = kube::pods_of(bench, "server")?;
    bench.step("a new pod is refused as well, and says why");
    bench.kubectl(["delete", "pod", &old[0].name, "--wait=false"]).text()?;
    kube::wait_for_message(bench, ADVICE)?;
    bench.step("it is done as told, and the pod starts by itself");
    let psql = ["psql", "-U", "mlops", "-c", r"\password"];
    let pod = postgres(bench)?.name;
    bench
        .kubectl(["exec", "-i", &pod, "--"].into_iter().chain(psql))
        .input(format!("{password}\n{password}\n"))
        .text()?;
    kube::wait(bench, "the server's new pod is ready", || {
        let pods = kube::pods_of(bench, "server")?;
        Ok(pods.len() == 1 && pods[0].serving() && pods[0].uid != old[0].uid)
    })
}

fn postgres(bench: &Bench) -> Outcome<kube::Pod> {
    // Between two pods of a StatefulSet there is none for a moment.
    kube::wait(bench, "there is a pod of Postgres", || {
        Ok(!kube::pods_of(bench, "postgres")?.is_empty())
    })?;
    let pod = kube::pods_of(bench, "postgres")?.pop();
    pod.ok_or_else(|| "Postgres' pod is gone again".into())
}
