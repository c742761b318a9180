//! MLflow itself: the Deployment, and the identity of its pods.

use super::names::{Component, Names};
use super::pod::{
    env, env_from_optional, env_from_secret, mount, pod_security_context, pull_policy, python, restricted, scratch,
};
use super::{artifacts, database, exposure};
use crate::values::Values;
use chartwright::{Release, When};
use k8s_openapi::api::apps::v1::{Deployment, DeploymentSpec, DeploymentStrategy, RollingUpdateDeployment};
use k8s_openapi::api::core::v1::{
    Container, ContainerPort, EnvVar, HTTPGetAction, Lifecycle, LifecycleHandler, PodSpec, PodTemplateSpec, Probe,
    ServiceAccount, SleepAction, TopologySpreadConstraint,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

/// The port that MLflow listens on.
pub(super) const PORT: i32 = 5000;
/// Its name.
pub(super) const PORT_NAME: &str = "http";

/// The server's own objects.
#[derive(Clone, Debug)]
pub struct Server {
    /// The pods.
    pub deployment: Deployment,
    /// Their identity.
    pub service_account: When<ServiceAccount>,
}

impl Server {
    /// The server that the values describe.
    pub fn new(v: &Values, names: &Names, release: &Release) -> Self {
        Self {
            deployment: Deployment {
                metadata: names.meta(&names.fullname, Component::Server),
                spec: Some(deployment(v, names, release)),
                ..Deployment::default()
            },
            service_account: v.service_account.create.when(|| ServiceAccount {
                metadata: ObjectMeta {
                    annotations: v.service_account.annotations.non_empty(),
                    ..names.meta(&names.service_account, Component::Server)
                },
                automount_service_account_token: Some(false),
                ..ServiceAccount::default()
            }),
        }
    }

    /// The pods' description, to be changed.
    pub fn pod_mut(&mut self) -> &mut PodSpec {
        let deployment = self.deployment.spec.get_or_insert_default();
        deployment.template.spec.get_or_insert_default()
    }
}

fn deployment(v: &Values, names: &Names, release: &Release) -> DeploymentSpec {
    DeploymentSpec {
        // An autoscaler's number would be reset by each upgrade.
        replicas: (!&v.autoscaling.enabled).then(|| v.server.replicas.get()),
        selector: names.selector(Component::Server),
        // A volume of one node can be in the way of a second pod: there, the old one goes first.
        strategy: Some(artifacts::on_one_node(v).choose(
            || DeploymentStrategy {
                type_: Some("Recreate".into()),
                ..DeploymentStrategy::default()
            },
            || DeploymentStrategy {
                type_: Some("RollingUpdate".into()),
                rolling_update: Some(RollingUpdateDeployment {
                    max_surge: Some(IntOrString::Int(1)),
                    max_unavailable: Some(IntOrString::Int(0)),
                }),
            },
        )),
        template: PodTemplateSpec {
            metadata: Some(ObjectMeta {
                labels: Some(names.pod_labels(Component::Server, &v.server.pod_labels)),
                annotations: v.server.pod_annotations.non_empty(),
                ..ObjectMeta::default()
            }),
            spec: Some(pod(v, names, release)),
        },
        ..DeploymentSpec::default()
    }
}

fn pod(v: &Values, names: &Names, release: &Release) -> PodSpec {
    let server = &v.server;
    let mut volumes = vec![scratch("tmp", "10Gi")];
    volumes.extend(artifacts::volume(v, names));
    volumes.extend(server.extra_volumes.get());
    let serving = environment(v, names, release);
    PodSpec {
        service_account_name: Some(names.service_account.get()),
        automount_service_account_token: Some(false),
        // A Service called `mlflow` would put MLFLOW_PORT=tcp://… here, and MLflow would take it for its port.
        enable_service_links: Some(false),
        security_context: pod_security_context(v, names),
        image_pull_secrets: v.image_pull_secrets.non_empty(),
        termination_grace_period_seconds: Some(
            (&server.pre_stop_seconds + &server.graceful_shutdown_seconds + 5).get(),
        ),
        init_containers: Some(vec![Container {
            name: "migrate".into(),
            command: python(&migrate(names)),
            env: Some(migration_environment(v, names)),
            ..base(v, names)
        }]),
        containers: vec![Container {
            name: "mlflow".into(),
            command: Some(vec!["mlflow".into(), "server".into()]),
            args: server.extra_args.non_empty(),
            env: Some(serving),
            ports: Some(vec![ContainerPort {
                name: Some(PORT_NAME.into()),
                container_port: PORT,
                ..ContainerPort::default()
            }]),
            lifecycle: Some(Lifecycle {
                pre_stop: Some(LifecycleHandler {
                    sleep: Some(SleepAction {
                        seconds: server.pre_stop_seconds.get(),
                    }),
                    ..LifecycleHandler::default()
                }),
                ..Lifecycle::default()
            }),
            startup_probe: Some(Probe {
                period_seconds: Some(5),
                failure_threshold: Some(server.startup_failure_threshold.get()),
                ..health()
            }),
            readiness_probe: Some(Probe {
                period_seconds: Some(5),
                failure_threshold: Some(3),
                ..health()
            }),
            liveness_probe: Some(Probe {
                period_seconds: Some(10),
                failure_threshold: Some(6),
                ..health()
            }),
            ..base(v, names)
        }],
        volumes: Some(volumes),
        node_selector: server.node_selector.non_empty(),
        tolerations: server.tolerations.non_empty(),
        affinity: server.affinity.non_empty(),
        topology_spread_constraints: Some(server.topology_spread_constraints.is_not_empty().choose(
            || server.topology_spread_constraints.get(),
            || {
                vec![TopologySpreadConstraint {
                    max_skew: 1,
                    topology_key: "kubernetes.io/hostname".into(),
                    when_unsatisfiable: "ScheduleAnyway".into(),
                    label_selector: Some(names.selector(Component::Server)),
                    // A rollout spreads its own pods, whatever the ones that go leave free.
                    match_label_keys: Some(vec!["pod-template-hash".into()]),
                    ..TopologySpreadConstraint::default()
                }]
            },
        )),
        priority_class_name: server.priority_class_name.non_empty(),
        ..PodSpec::default()
    }
}

/// The script that brings the database's schema to this version, or, as the upgrade check, asks whether it can.
pub(super) fn migrate(names: &Names) -> String {
    names.release().block(
        "migrate",
        "The script that brings the database's schema to this MLflow's version; with ONLY_CHECK, it only asks whether \
         that can be done.",
        || include_str!("scripts/migrate.py").trim_end().to_owned(),
    )
}

/// What both containers have in common.
fn base(v: &Values, names: &Names) -> Container {
    let mut mounts = vec![mount("tmp", "/tmp")];
    mounts.extend(artifacts::volume_mount(v));
    mounts.extend(v.server.extra_volume_mounts.get());
    Container {
        image: Some(names.image.get()),
        image_pull_policy: pull_policy(&v.image.pull_policy),
        env_from: v.server.extra_env_from.non_empty(),
        resources: Some(v.server.resources.get()),
        security_context: restricted(),
        // `kubectl describe pod` then says why it ended.
        termination_message_policy: Some("FallbackToLogsOnError".into()),
        volume_mounts: Some(mounts),
        ..Container::default()
    }
}

/// `/health` does not ask the database: a pod is not restarted, nor taken out of the Service, for what ails it.
fn health() -> Probe {
    Probe {
        http_get: Some(HTTPGetAction {
            path: Some("/health".into()),
            port: IntOrString::String(PORT_NAME.into()),
            ..HTTPGetAction::default()
        }),
        timeout_seconds: Some(5),
        ..Probe::default()
    }
}

/// What MLflow needs to reach its database, and to run as a user that the image does not know.
fn common_environment(v: &Values, names: &Names) -> Vec<EnvVar> {
    let mut list = vec![
        env("HOME", "/tmp"),
        env("MLFLOW_DISABLE_TELEMETRY", "true"),
        env("MLFLOW_BACKEND_STORE_URI", database::URI),
    ];
    list.extend(database::env_vars(v, names));
    list
}

fn migration_environment(v: &Values, names: &Names) -> Vec<EnvVar> {
    let mut list = common_environment(v, names);
    list.push(env(
        "DATABASE_WAIT_SECONDS",
        database::number(&v.server.database_wait_seconds),
    ));
    list.extend(v.server.extra_env.get());
    list
}

fn environment(v: &Values, names: &Names, release: &Release) -> Vec<EnvVar> {
    let server = &v.server;
    let mut list = common_environment(v, names);
    list.extend([
        env("MLFLOW_HOST", "0.0.0.0"),
        env("MLFLOW_PORT", PORT.to_string()),
        env("MLFLOW_WORKERS", database::number(&server.workers)),
        env(
            "MLFLOW_UVICORN_OPTS",
            format!("--timeout-graceful-shutdown {}", server.graceful_shutdown_seconds.get()),
        ),
        env(
            "MLFLOW_SQLALCHEMYSTORE_POOL_SIZE",
            database::number(&v.database.pool.size),
        ),
        env(
            "MLFLOW_SQLALCHEMYSTORE_MAX_OVERFLOW",
            database::number(&v.database.pool.max_overflow),
        ),
        env(
            "MLFLOW_SERVER_ALLOWED_HOSTS",
            exposure::allowed_hosts(v, names, release).get(),
        ),
        env(
            "MLFLOW_SERVER_CORS_ALLOWED_ORIGINS",
            exposure::cors_origins(v, names, release).get(),
        ),
        // Its nine processes and 2 GiB a pod would each run the jobs of all pods.
        env("MLFLOW_SERVER_ENABLE_JOB_EXECUTION", "false"),
        encryption_key(v, names, "MLFLOW_WEBHOOK_SECRET_ENCRYPTION_KEY"),
        encryption_key(v, names, "MLFLOW_CRYPTO_KEK_PASSPHRASE"),
    ]);
    list.extend(artifacts::server_env(v, names));
    list.extend(server.extra_env.get());
    list
}

/// A key that must be the same on all pods, or they cannot read what another has encrypted.
///
/// Where it is generated, no pod starts without it: MLflow would take a key that is gone with the pod, or one that
/// everyone knows. Without a generator it is the Secret's, if that has one.
fn encryption_key(v: &Values, names: &Names, name: &str) -> EnvVar {
    let secret = names.release().named(
        "keysSecret",
        "The Secret with the keys that MLflow encrypts with: the generated one, or without a generator that of the \
         credentials, where they are optional.",
        || v.generator.enabled.pick(&names.generated_secret, &names.credentials),
    );
    v.generator.enabled.choose(
        || env_from_secret(name, &secret, name.into()),
        || env_from_optional(name, &secret, name.into()),
    )
}
