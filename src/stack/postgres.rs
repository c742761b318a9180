//! The embedded Postgres: a StatefulSet with a volume, what sets that up, and two Services.

use super::names::{Component, Map, Names};
use super::pod::{env, env_from_secret, mount, pod_restricted, pull_policy, restricted, scratch};
use crate::values::{DatabaseKind, Values};
use chartwright::When;
use k8s_openapi::api::apps::v1::{StatefulSet, StatefulSetPersistentVolumeClaimRetentionPolicy, StatefulSetSpec};
use k8s_openapi::api::core::v1::{
    ConfigMap, ConfigMapVolumeSource, Container, ContainerPort, EmptyDirVolumeSource, ExecAction,
    PersistentVolumeClaim, PersistentVolumeClaimSpec, PodSpec, PodTemplateSpec, Probe, Service, ServicePort,
    ServiceSpec, TCPSocketAction, Volume, VolumeResourceRequirements,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use std::collections::BTreeMap;

const PORT: i32 = 5432;
const PORT_NAME: &str = "postgres";

/// Whom the image makes the superuser. No name that a Secret is likely to have for the server's role: `postgres` is.
const SUPERUSER: &str = "mlflow_superuser";

/// The database's objects.
#[derive(Clone, Debug)]
pub struct Postgres {
    /// The pod and its volume.
    pub stateful_set: When<StatefulSet>,
    /// What sets an empty volume up: the server's role, and who may come in.
    pub setup: When<ConfigMap>,
    /// Where clients connect.
    pub service: When<Service>,
    /// What gives the pod its name.
    pub headless_service: When<Service>,
}

impl Postgres {
    /// The database that the values describe.
    pub fn new(v: &Values, names: &Names) -> Self {
        let embedded = v.database.kind.is(DatabaseKind::Embedded);
        Self {
            stateful_set: embedded.when(|| stateful_set(v, names)),
            // Not in the command, as other scripts are: a new version of it is no reason to restart the database.
            setup: embedded.when(|| ConfigMap {
                metadata: names.meta(&names.postgres_setup, Component::Postgres),
                data: Some(Map::from([(
                    "setup_database.sh".into(),
                    include_str!("scripts/setup_database.sh").into(),
                )])),
                ..ConfigMap::default()
            }),
            service: embedded.when(|| Service {
                metadata: names.meta(&names.postgres, Component::Postgres),
                spec: Some(ServiceSpec {
                    type_: Some("ClusterIP".into()),
                    ..service(names)
                }),
                ..Service::default()
            }),
            headless_service: embedded.when(|| Service {
                metadata: names.meta(&names.postgres_headless, Component::Postgres),
                spec: Some(ServiceSpec {
                    cluster_ip: Some("None".into()),
                    publish_not_ready_addresses: Some(true),
                    ..service(names)
                }),
                ..Service::default()
            }),
        }
    }

    /// The pod's description, to be changed.
    pub fn pod_mut(&mut self) -> &mut PodSpec {
        let stateful_set = self.stateful_set.spec.get_or_insert_default();
        stateful_set.template.spec.get_or_insert_default()
    }
}

fn service(names: &Names) -> ServiceSpec {
    ServiceSpec {
        selector: Some(names.selector_labels(Component::Postgres)),
        ports: Some(vec![ServicePort {
            name: Some(PORT_NAME.into()),
            port: PORT,
            target_port: Some(IntOrString::String(PORT_NAME.into())),
            ..ServicePort::default()
        }]),
        ..ServiceSpec::default()
    }
}

fn stateful_set(v: &Values, names: &Names) -> StatefulSet {
    let p = &v.postgres;
    StatefulSet {
        metadata: names.meta(&names.postgres, Component::Postgres),
        spec: Some(StatefulSetSpec {
            replicas: Some(1),
            service_name: Some(names.postgres_headless.get()),
            selector: names.selector(Component::Postgres),
            // The data outlive the release, whatever the cluster's defaults become.
            persistent_volume_claim_retention_policy: Some(StatefulSetPersistentVolumeClaimRetentionPolicy {
                when_deleted: Some("Retain".into()),
                when_scaled: Some("Retain".into()),
            }),
            template: PodTemplateSpec {
                metadata: Some(ObjectMeta {
                    labels: Some(names.pod_labels(Component::Postgres, &p.pod_labels)),
                    annotations: p.pod_annotations.non_empty(),
                    ..ObjectMeta::default()
                }),
                spec: Some(PodSpec {
                    automount_service_account_token: Some(false),
                    enable_service_links: Some(false),
                    security_context: pod_restricted(
                        &p.pod_security_context.run_as_user,
                        &p.pod_security_context.run_as_group,
                        &p.pod_security_context.fs_group,
                    ),
                    image_pull_secrets: v.image_pull_secrets.non_empty(),
                    // A fast shutdown ends sessions at once, but the last checkpoint takes its time.
                    termination_grace_period_seconds: Some(120),
                    containers: vec![container(v, names)],
                    volumes: Some(vec![
                        Volume {
                            name: "setup".into(),
                            config_map: Some(ConfigMapVolumeSource {
                                name: names.postgres_setup.get(),
                                // The image runs what is executable, and reads the rest into its own shell.
                                default_mode: Some(0o555),
                                ..ConfigMapVolumeSource::default()
                            }),
                            ..Volume::default()
                        },
                        scratch("run", "16Mi"),
                        scratch("tmp", "1Gi"),
                        // Parallel queries share memory here, and a container has 64 MiB of it by default.
                        Volume {
                            name: "shm".into(),
                            empty_dir: Some(EmptyDirVolumeSource {
                                medium: Some("Memory".into()),
                                size_limit: Some(Quantity("256Mi".into())),
                            }),
                            ..Volume::default()
                        },
                    ]),
                    node_selector: p.node_selector.non_empty(),
                    tolerations: p.tolerations.non_empty(),
                    affinity: p.affinity.non_empty(),
                    priority_class_name: p.priority_class_name.non_empty(),
                    ..PodSpec::default()
                }),
            },
            volume_claim_templates: Some(vec![claim(v, names)]),
            ..StatefulSetSpec::default()
        }),
        ..StatefulSet::default()
    }
}

fn container(v: &Values, names: &Names) -> Container {
    let p = &v.postgres;
    let keys = &v.credentials.keys;
    let mut args = vec!["-c".to_owned(), format!("max_connections={}", p.max_connections.get())];
    args.extend(p.extra_args.get());
    // Over TCP: while the image sets an empty volume up, Postgres listens to its socket only.
    let ready = [
        "pg_isready",
        "-h",
        "127.0.0.1",
        "-p",
        "5432",
        "-U",
        "probe",
        "-d",
        "postgres",
    ];
    let ready = ExecAction {
        command: Some(ready.map(String::from).into()),
    };
    Container {
        name: "postgres".into(),
        image: Some(names.postgres_image.get()),
        image_pull_policy: pull_policy(&p.image.pull_policy),
        args: Some(args),
        env: Some(vec![
            // Below the mount, where a file system may have a lost+found.
            env("PGDATA", "/var/lib/postgresql/data/pgdata"),
            env("POSTGRES_DB", v.database.name.get()),
            env("POSTGRES_USER", SUPERUSER),
            // Nobody comes in over TCP until the setup has ended, should it be interrupted: its last act is to allow it.
            env("POSTGRES_INITDB_ARGS", "--data-checksums --auth-host=reject"),
            env("POSTGRES_HOST_AUTH_METHOD", "reject"),
            env_from_secret("DATABASE_OWNER", &names.credentials, keys.postgres_user.get()),
            env_from_secret("POSTGRES_PASSWORD", &names.credentials, keys.postgres_password.get()),
        ]),
        ports: Some(vec![ContainerPort {
            name: Some(PORT_NAME.into()),
            container_port: PORT,
            ..ContainerPort::default()
        }]),
        // After a crash, half an hour to read the log again.
        startup_probe: Some(Probe {
            exec: Some(ready.clone()),
            period_seconds: Some(5),
            timeout_seconds: Some(5),
            failure_threshold: Some(360),
            ..Probe::default()
        }),
        readiness_probe: Some(Probe {
            exec: Some(ready),
            period_seconds: Some(10),
            timeout_seconds: Some(5),
            ..Probe::default()
        }),
        // Answers while it recovers, when a restart would only make it begin again.
        liveness_probe: Some(Probe {
            tcp_socket: Some(TCPSocketAction {
                port: IntOrString::String(PORT_NAME.into()),
                ..TCPSocketAction::default()
            }),
            period_seconds: Some(10),
            timeout_seconds: Some(5),
            failure_threshold: Some(6),
            ..Probe::default()
        }),
        resources: Some(p.resources.get()),
        security_context: restricted(),
        volume_mounts: Some(vec![
            mount("data", "/var/lib/postgresql/data"),
            mount("setup", "/docker-entrypoint-initdb.d"),
            mount("run", "/var/run/postgresql"),
            mount("tmp", "/tmp"),
            mount("shm", "/dev/shm"),
        ]),
        ..Container::default()
    }
}

/// Nothing of a claim's template can be changed later, so it has no label that ever changes.
fn claim(v: &Values, names: &Names) -> PersistentVolumeClaim {
    let p = &v.postgres.persistence;
    let labels: Map = names.selector_labels(Component::Postgres);
    PersistentVolumeClaim {
        metadata: ObjectMeta {
            name: Some("data".into()),
            labels: Some(labels),
            ..ObjectMeta::default()
        },
        spec: Some(PersistentVolumeClaimSpec {
            access_modes: Some(vec!["ReadWriteOnce".into()]),
            resources: Some(VolumeResourceRequirements {
                requests: Some(BTreeMap::from([("storage".into(), p.size.get())])),
                ..VolumeResourceRequirements::default()
            }),
            storage_class_name: p.storage_class.non_empty(),
            ..PersistentVolumeClaimSpec::default()
        }),
        ..PersistentVolumeClaim::default()
    }
}
