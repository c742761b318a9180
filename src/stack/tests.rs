//! `helm test`: what a user does first, from inside the cluster.

use super::artifacts;
use super::names::{Component, Hook, Names};
use super::pod::{env, image, mount, pod_restricted, pull_policy, python, resources, restricted, scratch};
use crate::values::Values;
use chartwright::When;
use k8s_openapi::api::core::v1::{Container, Pod, PodSpec};

/// The pod that `helm test` runs.
pub fn pod(v: &Values, names: &Names) -> When<Pod> {
    let user = &v.server.pod_security_context;
    let hook = Hook {
        events: "test",
        weight: 0,
        delete_policy: "before-hook-creation",
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
        Pod {
            metadata: names.hook_meta(&names.test, Component::Test, &hook),
            spec: Some(PodSpec {
                automount_service_account_token: Some(false),
                enable_service_links: Some(false),
                restart_policy: Some("Never".into()),
                security_context: pod_restricted(&user.run_as_user, &user.run_as_group, &user.fs_group),
                image_pull_secrets: v.image_pull_secrets.non_empty(),
                node_selector: v.server.node_selector.non_empty(),
                tolerations: v.server.tolerations.non_empty(),
                containers: vec![Container {
                    name: "test".into(),
                    image: Some(image(&v.image.repository, &v.image.tag, &v.image.digest)),
                    image_pull_policy: pull_policy(&v.image.pull_policy),
                    command: python(include_str!("scripts/smoke_test.py")),
                    env: Some(environment),
                    resources: resources(&v.tests.resources),
                    security_context: restricted(),
                    volume_mounts: Some(vec![mount("tmp", "/tmp")]),
                    ..Container::default()
                }],
                volumes: Some(vec![scratch("tmp", "1Gi")]),
                ..PodSpec::default()
            }),
            ..Pod::default()
        }
    })
}
