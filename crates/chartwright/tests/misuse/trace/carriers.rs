//! What `get`, `then`, `choose` and `select` return stands for a template, and is used as something else.

use super::{Case, Kind, config, manifests, named, trace};
use chartwright::Manifests;
use k8s_openapi::ByteString;
use k8s_openapi::api::apps::v1::{Deployment, DeploymentSpec};
use k8s_openapi::api::core::v1::{ConfigMap, Container, PodSpec, Probe, Secret, ServiceAccount};

pub const CASES: &[Case] = &[
    ("changed-after-choose", || {
        trace(|v, _| {
            let mut probe = v.enabled.choose(|| waiting(1), || waiting(2));
            probe.period_seconds = Some(5);
            pods(|container| container.liveness_probe = Some(probe.clone()))
        })
    }),
    ("changed-after-then", || {
        trace(|v, _| {
            let mut probe = v.enabled.then(|| waiting(1));
            if let Some(probe) = &mut probe {
                probe.period_seconds = Some(5);
            }
            pods(|container| container.liveness_probe = probe.clone())
        })
    }),
    ("changed-after-get", || {
        trace(|v, _| {
            let mut probe = v.probe.get();
            probe.period_seconds = Some(5);
            pods(|container| container.liveness_probe = Some(probe.clone()))
        })
    }),
    ("piece-taken-out", || {
        trace(|v, _| {
            let probe = v.enabled.choose(|| waiting(1), || waiting(2));
            let seconds = probe.initial_delay_seconds;
            pods(|container| {
                container.liveness_probe = Some(Probe {
                    timeout_seconds: seconds,
                    ..Default::default()
                });
            })
        })
    }),
    ("bool", || {
        trace(|v, _| {
            manifests([ConfigMap {
                metadata: named("a"),
                immutable: Some(v.enabled.get()),
                ..Default::default()
            }])
        })
    }),
    ("bool-in-choose", || {
        trace(|v, _| {
            let mut manifests = Manifests::new();
            manifests.add(
                "account",
                ServiceAccount {
                    metadata: named("a"),
                    automount_service_account_token: Some(v.kind.select(|kind| kind == Kind::Fancy)),
                    ..Default::default()
                },
            );
            manifests
        })
    }),
    ("time", || {
        trace(|v, _| {
            let mut metadata = named("a");
            metadata.creation_timestamp = v.since.get();
            manifests([ConfigMap {
                metadata,
                ..Default::default()
            }])
        })
    }),
    ("bytes", || {
        trace(|v, _| {
            let mut manifests = Manifests::new();
            let bytes = |text: &str| ByteString(text.as_bytes().to_vec());
            let key = v.enabled.choose(|| bytes("a"), || bytes("b"));
            manifests.add(
                "secret",
                Secret {
                    metadata: named("a"),
                    data: Some([("key".to_owned(), key)].into()),
                    ..Default::default()
                },
            );
            manifests
        })
    }),
    ("match-on-get", || {
        trace(|v, _| {
            manifests([config(
                "a",
                match v.kind.get() {
                    Kind::Plain => "plain",
                    Kind::Fancy => "fancy",
                },
            )])
        })
    }),
    ("if-on-get", || {
        trace(|v, _| {
            // The stand-in for an integer is a number far below zero.
            let some = v.replicas.get() >= 0;
            manifests([config("a", if some { "some" } else { "none" })])
        })
    }),
    ("arithmetic-on-get", || trace(|v, _| pods_of(v.replicas.get() + 1))),
    ("if-on-then", || {
        trace(|v, _| {
            let known = v.enabled.then(|| "x".to_owned()).is_some();
            manifests([config("a", if known { "on" } else { "off" })])
        })
    }),
    ("emptiness-of-get", || {
        trace(|v, _| {
            let text = if v.hosts.get().is_empty() { "nobody" } else { "somebody" };
            manifests([config("a", text)])
        })
    }),
    ("unwrapped", || {
        trace(|v, _| {
            let number: i32 = v.name.get().parse().unwrap();
            pods_of(number)
        })
    }),
    ("select-on-text", || {
        trace(|v, _| manifests([config("a", v.name.select(|name| name))]))
    }),
    ("select-on-data", || {
        trace(|v, _| manifests([config("a", v.shape.select(|_| "shape".to_owned()))]))
    }),
    ("list-in-a-string", || {
        trace(|v, _| manifests([config("a", format!("hosts: {}", v.hosts.get().join(",")))]))
    }),
];

fn waiting(seconds: i32) -> Probe {
    Probe {
        initial_delay_seconds: Some(seconds),
        ..Default::default()
    }
}

fn pods(change: impl Fn(&mut Container)) -> Manifests {
    let mut container = Container {
        name: "main".into(),
        ..Default::default()
    };
    change(&mut container);
    let mut deployment = Deployment {
        metadata: named("a"),
        spec: Some(DeploymentSpec::default()),
        ..Default::default()
    };
    if let Some(spec) = &mut deployment.spec {
        spec.template.spec = Some(PodSpec {
            containers: vec![container],
            ..Default::default()
        });
    }
    let mut manifests = Manifests::new();
    manifests.add("server/deployment", deployment);
    manifests
}

fn pods_of(replicas: i32) -> Manifests {
    let mut manifests = Manifests::new();
    manifests.add(
        "server/deployment",
        Deployment {
            metadata: named("a"),
            spec: Some(DeploymentSpec {
                replicas: Some(replicas),
                ..Default::default()
            }),
            ..Default::default()
        },
    );
    manifests
}
