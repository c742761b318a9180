//! `helm test`: what a user does first, from inside the cluster.

use super::artifacts;
use super::names::{Component, Hook, Names};
use super::pod::{Script, env, script_pod};
use crate::values::Values;
use chartwright::When;
use k8s_openapi::api::core::v1::{Pod, PodSpec};

/// The pod that `helm test` runs.
pub fn pod(v: &Values, names: &Names) -> When<Pod> {
    let hook = Hook {
        events: "test",
        weight: 0,
        // One that failed stays, for a look at its log.
        delete_policy: "before-hook-creation,hook-succeeded",
        shows_log: true,
    };
    v.tests.enabled.when(|| {
        let mut environment = vec![
            env("HOME", "/tmp"),
            env("MLFLOW_DISABLE_TELEMETRY", "true"),
            env("GIT_PYTHON_REFRESH", "quiet"),
            env(
                "MLFLOW_TRACKING_URI",
                format!("http://{}:{}", names.fullname.get(), v.service.port.get()),
            ),
        ];
        environment.extend(artifacts::client_env(v, names));
        let script = Script {
            name: "test",
            text: include_str!("scripts/smoke_test.py"),
            env: environment,
            resources: &v.tests.resources,
            scratch: "1Gi",
        };
        Pod {
            metadata: names.hook_meta(&names.test, Component::Test, &hook),
            spec: Some(PodSpec {
                active_deadline_seconds: Some(300),
                ..script_pod(v, names, script)
            }),
            ..Pod::default()
        }
    })
}
