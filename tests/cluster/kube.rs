//! What is in the test's namespace.

use crate::bench::Bench;
use crate::command::{Outcome, ensure};
use serde_json::Value;
use std::thread;
use std::time::{Duration, Instant};

/// A pod of a Deployment or a StatefulSet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pod {
    /// Its name.
    pub name: String,
    /// What tells it from another of the same name.
    pub uid: String,
    /// Whether all of it is ready.
    pub ready: bool,
    /// How often its containers were started again.
    pub restarts: u64,
    /// Where it is.
    pub node: String,
    /// Whether it is on its way out.
    pub leaving: bool,
}

impl Pod {
    /// Whether it gets requests, and will go on getting them.
    pub fn serving(&self) -> bool {
        self.ready && !self.leaving
    }
}

/// The objects of one kind, or of several (`pods,jobs`).
pub fn list(bench: &Bench, kinds: &str) -> Outcome<Vec<Value>> {
    let text = bench.kubectl(["get", kinds, "--output", "json"]).text()?;
    let mut list: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    match list["items"].take() {
        Value::Array(items) => Ok(items),
        _ => Err(format!("kubectl get {kinds} did not answer with a list")),
    }
}

/// The text at a path in an object: `/metadata/name`; empty if there is none.
pub fn text<'a>(object: &'a Value, path: &str) -> &'a str {
    object.pointer(path).and_then(Value::as_str).unwrap_or_default()
}

/// The pods that should be there all the time, sorted; not those of Jobs, of `helm test`, or on their way out.
pub fn workload_pods(bench: &Bench) -> Outcome<Vec<Pod>> {
    let mut pods: Vec<_> = list(bench, "pods")?.iter().filter(|pod| stays(pod)).map(pod).collect();
    pods.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(pods)
}

fn stays(pod: &Value) -> bool {
    let owner = text(pod, "/metadata/ownerReferences/0/kind");
    let leaving = pod.pointer("/metadata/deletionTimestamp").is_some();
    ["ReplicaSet", "StatefulSet"].contains(&owner) && !leaving
}

fn pod(pod: &Value) -> Pod {
    let conditions = pod["status"]["conditions"].as_array().into_iter().flatten();
    let containers = pod["status"]["containerStatuses"].as_array().into_iter().flatten();
    Pod {
        name: text(pod, "/metadata/name").into(),
        uid: text(pod, "/metadata/uid").into(),
        ready: conditions
            .into_iter()
            .any(|c| c["type"] == "Ready" && c["status"] == "True"),
        restarts: containers.filter_map(|c| c["restartCount"].as_u64()).sum(),
        node: text(pod, "/spec/nodeName").into(),
        leaving: pod.pointer("/metadata/deletionTimestamp").is_some(),
    }
}

/// The pods of a component of the chart, those on their way out included.
pub fn pods_of(bench: &Bench, component: &str) -> Outcome<Vec<Pod>> {
    let label = "/metadata/labels/app.kubernetes.io~1component";
    let pods = list(bench, "pods")?;
    Ok(pods.iter().filter(|it| text(it, label) == component).map(pod).collect())
}

/// The names of the nodes on which pods may be.
pub fn nodes(bench: &Bench) -> Outcome<Vec<String>> {
    let nodes = list(bench, "nodes")?;
    let usable = nodes.iter().filter(|node| {
        let taints = node["spec"]["taints"].as_array().into_iter().flatten();
        node["spec"]["unschedulable"] != true && taints.into_iter().all(|taint| taint["effect"] == "PreferNoSchedule")
    });
    Ok(usable.map(|node| text(node, "/metadata/name").to_owned()).collect())
}

/// What the pods are made from: the names change when the pods' description does, not with their number.
pub fn revisions(bench: &Bench) -> Outcome<Vec<String>> {
    let mut names: Vec<String> = list(bench, "replicasets,controllerrevisions")?
        .iter()
        .map(|object| format!("{}/{}", text(object, "/kind"), text(object, "/metadata/name")))
        .collect();
    names.sort();
    Ok(names)
}

/// The volume claims, each with what tells it from another of the same name.
pub fn claims(bench: &Bench) -> Outcome<Vec<(String, String)>> {
    let mut claims: Vec<_> = list(bench, "persistentvolumeclaims")?
        .iter()
        .filter(|claim| claim.pointer("/metadata/deletionTimestamp").is_none())
        .map(|claim| {
            (
                text(claim, "/metadata/name").into(),
                text(claim, "/metadata/uid").into(),
            )
        })
        .collect();
    claims.sort();
    Ok(claims)
}

/// Everything that someone made in the namespace, as `Kind/name`: not what Kubernetes puts into each namespace or
/// makes out of other objects.
pub fn objects(bench: &Bench) -> Outcome<Vec<String>> {
    let kinds = "deployments,statefulsets,jobs,cronjobs,pods,services,horizontalpodautoscalers,\
                 poddisruptionbudgets,networkpolicies,configmaps,secrets,persistentvolumeclaims,\
                 serviceaccounts,roles,rolebindings";
    let objects = list(bench, kinds)?;
    let made = objects.iter().filter(|object| {
        object.pointer("/metadata/ownerReferences").is_none() && object.pointer("/metadata/deletionTimestamp").is_none()
    });
    let mut names: Vec<String> = made
        .map(|object| format!("{}/{}", text(object, "/kind"), text(object, "/metadata/name")))
        .filter(|name| !["ConfigMap/kube-root-ca.crt", "ServiceAccount/default"].contains(&name.as_str()))
        .collect();
    names.sort();
    Ok(names)
}

/// Waits, for at most three minutes, until something is so.
pub fn wait(bench: &Bench, what: &str, so: impl Fn() -> Outcome<bool>) -> Outcome {
    let end = Instant::now() + Duration::from_secs(180);
    while !so()? {
        ensure(Instant::now() < end, || {
            format!("after three minutes it is not so that {what}, in {}", bench.namespace)
        })?;
        thread::sleep(Duration::from_millis(500));
    }
    Ok(())
}

/// Waits until an init container has ended with this in its message, where `kubectl describe pod` shows it.
pub fn wait_for_message(bench: &Bench, message: &str) -> Outcome {
    wait(bench, &format!("a pod says {message:?}"), || {
        let pods = list(bench, "pods")?;
        let mut endings = pods.iter().flat_map(|pod| {
            ["state", "lastState"].map(|state| {
                let path = format!("/status/initContainerStatuses/0/{state}/terminated/message");
                text(pod, &path)
            })
        });
        Ok(endings.any(|ending| ending.contains(message)))
    })
}
