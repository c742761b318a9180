//! What refuses an upgrade, or a rollback, before it changes anything: a database that the new MLflow cannot use.

use super::names::{Component, Hook, Names};
use super::pod::{Script, env, script_pod};
use super::{database, server};
use crate::values::Values;
use chartwright::When;
use k8s_openapi::api::batch::v1::{Job, JobSpec};
use k8s_openapi::api::core::v1::{EnvVar, PodSpec, PodTemplateSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

/// The Job that asks the database.
///
/// The server's pods find out as well, but then they are there already: where artifacts are on a volume of one node,
/// the old ones are gone.
pub fn job(v: &Values, names: &Names) -> When<Job> {
    let hook = Hook {
        events: "pre-upgrade,pre-rollback",
        // After the Secret is complete.
        weight: 2,
        delete_policy: "before-hook-creation,hook-succeeded",
        shows_log: true,
    };
    v.upgrade_check.enabled.when(|| Job {
        metadata: names.hook_meta(&names.upgrade_check, Component::UpgradeCheck, &hook),
        spec: Some(JobSpec {
            backoff_limit: Some(0),
            active_deadline_seconds: Some(180),
            template: PodTemplateSpec {
                metadata: Some(ObjectMeta {
                    labels: Some(names.selector_labels(Component::UpgradeCheck)),
                    ..ObjectMeta::default()
                }),
                spec: Some(pod(v, names)),
            },
            ..JobSpec::default()
        }),
        ..Job::default()
    })
}

fn pod(v: &Values, names: &Names) -> PodSpec {
    let script = server::migrate(names);
    let mut pod = script_pod(
        v,
        names,
        Script {
            name: "upgrade-check",
            text: &script,
            env: environment(v, names),
            resources: &v.upgrade_check.resources,
            scratch: "16Mi",
        },
    );
    // The certificate of the database's authority can be among these.
    pod.volumes.get_or_insert_default().extend(v.server.extra_volumes.get());
    let container = &mut pod.containers[0];
    let mounts = container.volume_mounts.get_or_insert_default();
    mounts.extend(v.server.extra_volume_mounts.get());
    container.env_from = v.server.extra_env_from.non_empty();
    pod
}

fn environment(v: &Values, names: &Names) -> Vec<EnvVar> {
    let mut list = vec![
        env("HOME", "/tmp"),
        env("MLFLOW_BACKEND_STORE_URI", database::URI),
        env("ONLY_CHECK", "true"),
        // A database that is away must not be in the way of the upgrade that brings it back.
        env("DATABASE_WAIT_SECONDS", "20"),
    ];
    list.extend(database::env_vars(v, names));
    list.extend(v.server.extra_env.get());
    list
}
