//! Every setting of the stack, typed and documented.
//!
//! The chart's `values.yaml` is the [`Default`] of [`Values`] with the comments of its fields, and
//! `values.schema.json` is its JSON schema. Limits that Kubernetes puts on names and numbers are part of the types,
//! so that values which pass the schema can be installed.

use chartwright::Val;
use k8s_openapi::api::autoscaling::v2::{HPAScalingPolicy, HPAScalingRules, HorizontalPodAutoscalerBehavior};
use k8s_openapi::api::core::v1::{
    Affinity, EnvFromSource, EnvVar, LocalObjectReference, ResourceRequirements, Toleration, TopologySpreadConstraint,
    Volume, VolumeMount,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;

/// The settings of the whole stack.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Values {
    /// Replaces the chart's name in the names of objects.
    #[schemars(extend("pattern" = NAME, "maxLength" = 40, "examples" = ["mlflow"]))]
    pub name_override: Val<String>,
    /// Replaces the whole name that objects have or begin with. Empty: the release's name, followed by the chart's
    /// unless it is in there.
    #[schemars(extend("pattern" = NAME, "maxLength" = 50, "examples" = ["mlflow"]))]
    pub fullname_override: Val<String>,
    /// MLflow's image. It must have psycopg2 and, for S3, boto3 in it: the `-full` images do.
    pub image: MlflowImage,
    /// Names of Secrets with which images are pulled, for every pod.
    pub image_pull_secrets: Val<Vec<LocalObjectReference>>,
    /// The MLflow server: Tracking API, Model Registry and UI.
    pub server: Server,
    /// How the server is reached.
    pub service: Service,
    /// Where metadata is kept.
    pub database: Database,
    /// The Postgres of this chart, used while `database.kind` is `embedded`.
    pub postgres: Postgres,
    /// Where artifacts and models are kept.
    pub artifacts: Artifacts,
    /// User and password of the database, and keys of S3.
    pub credentials: Credentials,
    /// A Job, run before each install and upgrade, that makes the secrets that no one should have to make up, and
    /// keeps the ones that exist: a password for `credentials.source: generated`, and always the two keys with which
    /// MLflow encrypts webhook secrets and API keys in the database. They are in a Secret that neither upgrades nor
    /// `helm uninstall` touch.
    pub generator: Generator,
    /// A Job, run before each upgrade and rollback, that refuses them where the database cannot be used afterwards: its
    /// schema is of a newer MLflow, or the password is wrong. The old pods then go on serving.
    pub upgrade_check: UpgradeCheck,
    /// More pods under load, fewer without.
    pub autoscaling: Autoscaling,
    /// How many pods may be down at a time while nodes are drained.
    pub pod_disruption_budget: PodDisruptionBudget,
    /// The identity of the server's pods.
    pub service_account: ServiceAccount,
    /// `helm test`: logs a run, a metric and an artifact, and registers a model, from inside the cluster.
    pub tests: Tests,
    /// The domain of the cluster's DNS.
    #[schemars(extend("pattern" = "^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$", "maxLength" = 100))]
    pub cluster_domain: Val<String>,
}

impl Default for Values {
    fn default() -> Self {
        Self {
            name_override: "".into(),
            fullname_override: "".into(),
            image: MlflowImage::default(),
            image_pull_secrets: Val::default(),
            server: Server::default(),
            service: Service::default(),
            database: Database::default(),
            postgres: Postgres::default(),
            artifacts: Artifacts::default(),
            credentials: Credentials::default(),
            generator: Generator::default(),
            upgrade_check: UpgradeCheck::default(),
            autoscaling: Autoscaling::default(),
            pod_disruption_budget: PodDisruptionBudget::default(),
            service_account: ServiceAccount::default(),
            tests: Tests::default(),
            cluster_domain: "cluster.local".into(),
        }
    }
}

/// See [`Values::image`].
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MlflowImage {
    /// Registry and name.
    #[schemars(extend("pattern" = REPOSITORY))]
    pub repository: Val<String>,
    /// Version. 3.18.0 or later: older servers send clients of proxied artifacts to S3 itself.
    #[schemars(extend("pattern" = TAG))]
    pub tag: Val<String>,
    /// `sha256:…`: pins the very image, and the tag no longer counts.
    #[schemars(extend("pattern" = DIGEST))]
    pub digest: Val<String>,
    /// When the image is pulled.
    pub pull_policy: Val<PullPolicy>,
}

impl Default for MlflowImage {
    fn default() -> Self {
        Self {
            repository: "ghcr.io/mlflow/mlflow".into(),
            tag: "v3.18.0-full".into(),
            digest: "".into(),
            pull_policy: PullPolicy::IfNotPresent.into(),
        }
    }
}

/// When an image is pulled.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
pub enum PullPolicy {
    /// Unless the node has it.
    IfNotPresent,
    /// At each start of a pod.
    Always,
    /// The node must have it.
    Never,
}

/// See [`Values::server`].
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Server {
    /// Number of pods. Not used while `autoscaling.enabled`. More than one needs artifacts that all pods can reach:
    /// S3, or a volume that is ReadWriteMany.
    #[schemars(extend("minimum" = 0, "maximum" = 500))]
    pub replicas: Val<i32>,
    /// Worker processes in a pod, about 250 MiB each. One, and more pods instead, is best: memory, connections and
    /// autoscaling are then simple sums.
    #[schemars(extend("minimum" = 1, "maximum" = 32))]
    pub workers: Val<i32>,
    /// What a pod asks for and may use. One worker was measured at 370 to 420 MiB; below half a CPU it takes half
    /// a minute to start.
    #[schemars(with = "Resources")]
    pub resources: Val<ResourceRequirements>,
    /// Further hosts, without port, under which the server is reached: of a load balancer, an ingress, a public
    /// name. MLflow answers 403 to any other. Localhost, private addresses, the Service's names, and any host on
    /// the node port are always allowed. `*` is any host.
    #[schemars(extend("items" = host()))]
    pub allowed_hosts: Val<Vec<String>>,
    /// Further origins (`https://portal.example.com`) whose pages may call the API. Those of `allowedHosts` and of
    /// the node port are always allowed, so that the UI works.
    #[schemars(extend("items" = origin()))]
    pub cors_origins: Val<Vec<String>>,
    /// Seconds that a pod goes on serving after it was told to stop, while load balancers forget it.
    #[schemars(extend("minimum" = 1, "maximum" = 600))]
    pub pre_stop_seconds: Val<i64>,
    /// Seconds that requests in progress are then given to end: an upload, say.
    #[schemars(extend("minimum" = 1, "maximum" = 3600))]
    pub graceful_shutdown_seconds: Val<i64>,
    /// Seconds that a starting pod waits for the database, and then for other pods that migrate its schema.
    #[schemars(extend("minimum" = 10, "maximum" = 86400))]
    pub database_wait_seconds: Val<i32>,
    /// Checks, five seconds apart, that a starting server may fail. It tries to reach the database for 105 seconds
    /// itself, so fewer than 30 would end it before it can say what is wrong.
    #[schemars(extend("minimum" = 30, "maximum" = 10000))]
    pub startup_failure_threshold: Val<i32>,
    /// Further arguments of `mlflow server`.
    pub extra_args: Val<Vec<String>>,
    /// Further environment variables, of the migration too. See <https://mlflow.org/docs/latest/api_reference/cli.html>.
    pub extra_env: Val<Vec<EnvVar>>,
    /// Secrets and ConfigMaps that are read as environment variables.
    pub extra_env_from: Val<Vec<EnvFromSource>>,
    /// Further volumes of the pod.
    #[schemars(schema_with = "volumes")]
    pub extra_volumes: Val<Vec<Volume>>,
    /// Where those are mounted.
    pub extra_volume_mounts: Val<Vec<VolumeMount>>,
    /// Users and groups that pods run as. On OpenShift set all of them to null: the project's range then decides.
    pub pod_security_context: ServerUser,
    /// Labels of the pods, besides the chart's own.
    #[schemars(extend("propertyNames" = label_key(), "additionalProperties" = label_value()))]
    pub pod_labels: Val<BTreeMap<String, String>>,
    /// Annotations of the pods.
    #[schemars(extend("propertyNames" = label_key()))]
    pub pod_annotations: Val<BTreeMap<String, String>>,
    /// Labels of the nodes that pods may run on.
    #[schemars(extend("propertyNames" = label_key(), "additionalProperties" = label_value()))]
    pub node_selector: Val<BTreeMap<String, String>>,
    /// Taints of nodes that pods tolerate.
    pub tolerations: Val<Vec<Toleration>>,
    /// Which nodes pods prefer or need.
    pub affinity: Val<Affinity>,
    /// How pods are spread. Empty: over nodes, where there are enough.
    pub topology_spread_constraints: Val<Vec<TopologySpreadConstraint>>,
    /// Which pods make room for others when nodes are full.
    #[schemars(extend("pattern" = DNS_NAME, "maxLength" = 253))]
    pub priority_class_name: Val<String>,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            replicas: 1.into(),
            workers: 1.into(),
            resources: resources("500m", "512Mi", "1Gi"),
            allowed_hosts: Val::default(),
            cors_origins: Val::default(),
            pre_stop_seconds: 5.into(),
            graceful_shutdown_seconds: 30.into(),
            database_wait_seconds: 300.into(),
            startup_failure_threshold: 60.into(),
            extra_args: Val::default(),
            extra_env: Val::default(),
            extra_env_from: Val::default(),
            extra_volumes: Val::default(),
            extra_volume_mounts: Val::default(),
            pod_security_context: ServerUser::default(),
            pod_labels: Val::default(),
            pod_annotations: Val::default(),
            node_selector: Val::default(),
            tolerations: Val::default(),
            affinity: Val::default(),
            topology_spread_constraints: Val::default(),
            priority_class_name: "".into(),
        }
    }
}

/// See [`Server::pod_security_context`].
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ServerUser {
    /// The user's number. The image has none of its own and would run as root.
    #[schemars(extend("minimum" = 1, "maximum" = 2147483647))]
    pub run_as_user: Val<Option<i64>>,
    /// The group's number.
    #[schemars(extend("minimum" = 1, "maximum" = 2147483647))]
    pub run_as_group: Val<Option<i64>>,
    /// The group that volumes belong to.
    #[schemars(extend("minimum" = 1, "maximum" = 2147483647))]
    pub fs_group: Val<Option<i64>>,
}

impl Default for ServerUser {
    fn default() -> Self {
        Self {
            run_as_user: Some(10001).into(),
            run_as_group: Some(10001).into(),
            fs_group: Some(10001).into(),
        }
    }
}

/// What `resources` look like: both parts are always there, with what is set in them.
#[derive(JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(dead_code, reason = "only its schema is used; the values are Kubernetes' own type")]
struct Resources {
    /// What is kept free for it.
    requests: Amounts,
    /// What it may use at most: beyond, CPU is throttled, and out of memory it is ended.
    limits: Amounts,
}

#[derive(JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[expect(dead_code, reason = "only its schema is used")]
struct Amounts {
    /// CPUs: `500m` is half of one.
    #[schemars(extend("pattern" = CPU))]
    #[serde(default)]
    cpu: String,
    /// Memory: `512Mi`.
    #[schemars(extend("pattern" = BYTES))]
    #[serde(default)]
    memory: String,
    /// Space for logs and temporary files on the node.
    #[schemars(extend("pattern" = BYTES))]
    #[serde(default)]
    ephemeral_storage: String,
}

fn resources(cpu: &str, memory: &str, memory_limit: &str) -> Val<ResourceRequirements> {
    let amounts = |list: &[(&str, &str)]| {
        let amounts = list
            .iter()
            .map(|(name, amount)| ((*name).into(), Quantity((*amount).into())));
        Some(amounts.collect())
    };
    ResourceRequirements {
        requests: amounts(&[("cpu", cpu), ("memory", memory)]),
        limits: amounts(&[("memory", memory_limit)]),
        ..ResourceRequirements::default()
    }
    .into()
}

/// See [`Values::service`].
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Service {
    /// From where it is reached: `NodePort` at every node's address, `LoadBalancer` at an address of the cloud,
    /// `ClusterIP` from inside the cluster only.
    pub r#type: Val<ServiceType>,
    /// Port inside the cluster, and of a load balancer.
    #[schemars(extend("minimum" = 1, "maximum" = 65535))]
    pub port: Val<i32>,
    /// Port of every node, for `NodePort`. null: any free one.
    #[schemars(extend("minimum" = 30000, "maximum" = 32767))]
    pub node_port: Val<Option<i32>>,
    /// Annotations, by which clouds configure their load balancers.
    #[schemars(extend("propertyNames" = label_key()))]
    pub annotations: Val<BTreeMap<String, String>>,
}

impl Default for Service {
    fn default() -> Self {
        Self {
            r#type: ServiceType::NodePort.into(),
            port: 5000.into(),
            node_port: Some(30003).into(),
            annotations: Val::default(),
        }
    }
}

/// From where a Service is reached.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
pub enum ServiceType {
    /// From inside the cluster.
    ClusterIP,
    /// At every node's address.
    NodePort,
    /// At an address of the cloud.
    LoadBalancer,
}

/// See [`Values::database`].
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Database {
    /// `embedded` is the Postgres of this chart, `external` one that is there already.
    pub kind: Val<DatabaseKind>,
    /// Name of the database.
    #[schemars(extend("pattern" = "^[A-Za-z_][A-Za-z0-9_-]*$", "maxLength" = 63))]
    pub name: Val<String>,
    /// Where the external one is.
    pub external: ExternalDatabase,
    /// Connections that each worker may hold. A worker answers 40 requests at a time, and one that logs a batch
    /// takes a second connection: with fewer than 41 in all, requests can wait for each other until they fail.
    pub pool: Pool,
}

impl Default for Database {
    fn default() -> Self {
        Self {
            kind: DatabaseKind::Embedded.into(),
            name: "mlops".into(),
            external: ExternalDatabase::default(),
            pool: Pool::default(),
        }
    }
}

/// Whose Postgres it is.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum DatabaseKind {
    /// This chart's.
    Embedded,
    /// One that is there already.
    External,
}

/// See [`Database::external`].
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExternalDatabase {
    /// Host name or address.
    #[schemars(extend("pattern" = "^[A-Za-z0-9_.:-]*$", "maxLength" = 253, "examples" = ["db.example.com"]))]
    pub host: Val<String>,
    /// Port.
    #[schemars(extend("minimum" = 1, "maximum" = 65535))]
    pub port: Val<i32>,
    /// Whether the connection is encrypted, and what of the certificate is checked. The last two need the
    /// authority's certificate: mount it with `server.extraVolumes`, and name it in `PGSSLROOTCERT`.
    pub ssl_mode: Val<SslMode>,
    /// Its `max_connections`, so that more pods than it can serve are refused. null: not checked.
    #[schemars(extend("minimum" = 10, "maximum" = 100000))]
    pub max_connections: Val<Option<i32>>,
}

impl Default for ExternalDatabase {
    fn default() -> Self {
        Self {
            host: "".into(),
            port: 5432.into(),
            ssl_mode: SslMode::Prefer.into(),
            max_connections: None.into(),
        }
    }
}

/// libpq's `sslmode`.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SslMode {
    /// Never encrypted.
    Disable,
    /// Encrypted if the server wants it.
    Allow,
    /// Encrypted if the server can.
    Prefer,
    /// Encrypted, whoever it is.
    Require,
    /// Encrypted, and the certificate is of a trusted authority.
    VerifyCa,
    /// Encrypted, and the certificate is the host's.
    VerifyFull,
}

/// See [`Database::pool`].
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Pool {
    /// Connections that are kept open.
    #[schemars(extend("minimum" = 1, "maximum" = 1000))]
    pub size: Val<i32>,
    /// Connections that are opened for peaks. MLflow takes 0 for its own default, so it cannot be 0.
    #[schemars(extend("minimum" = 1, "maximum" = 1000))]
    pub max_overflow: Val<i32>,
}

impl Default for Pool {
    fn default() -> Self {
        Self {
            size: 20.into(),
            max_overflow: 21.into(),
        }
    }
}

/// See [`Values::postgres`].
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Postgres {
    /// Name of the Service at which Postgres is reached, and of the StatefulSet. Empty: the server's name and
    /// `-postgres`.
    #[schemars(extend("pattern" = NAME, "maxLength" = 52, "examples" = ["mlflow-db"]))]
    pub fullname_override: Val<String>,
    /// Postgres' image.
    pub image: PostgresImage,
    /// `max_connections`. Each pod of the server takes `workers` times the pool, and 3; a rollout runs one pod more;
    /// 10 are kept for tests and people.
    #[schemars(extend("minimum" = 20, "maximum" = 10000))]
    pub max_connections: Val<i32>,
    /// Further arguments of `postgres`: `["-c", "shared_buffers=512MB"]`.
    pub extra_args: Val<Vec<String>>,
    /// The volume of the data. It stays when the release is uninstalled.
    pub persistence: Persistence,
    /// What the pod asks for and may use.
    #[schemars(with = "Resources")]
    pub resources: Val<ResourceRequirements>,
    /// Users and groups that the pod runs as. On OpenShift set all of them to null.
    pub pod_security_context: PostgresUser,
    /// Labels of the pod, besides the chart's own.
    #[schemars(extend("propertyNames" = label_key(), "additionalProperties" = label_value()))]
    pub pod_labels: Val<BTreeMap<String, String>>,
    /// Annotations of the pod.
    #[schemars(extend("propertyNames" = label_key()))]
    pub pod_annotations: Val<BTreeMap<String, String>>,
    /// Labels of the nodes that the pod may run on.
    #[schemars(extend("propertyNames" = label_key(), "additionalProperties" = label_value()))]
    pub node_selector: Val<BTreeMap<String, String>>,
    /// Taints of nodes that the pod tolerates.
    pub tolerations: Val<Vec<Toleration>>,
    /// Which nodes the pod prefers or needs.
    pub affinity: Val<Affinity>,
    /// Which pods make room for others when nodes are full.
    #[schemars(extend("pattern" = DNS_NAME, "maxLength" = 253))]
    pub priority_class_name: Val<String>,
}

impl Default for Postgres {
    fn default() -> Self {
        Self {
            fullname_override: "".into(),
            image: PostgresImage::default(),
            max_connections: 300.into(),
            extra_args: Val::default(),
            persistence: Persistence::default(),
            resources: resources("100m", "256Mi", "1Gi"),
            pod_security_context: PostgresUser::default(),
            pod_labels: Val::default(),
            pod_annotations: Val::default(),
            node_selector: Val::default(),
            tolerations: Val::default(),
            affinity: Val::default(),
            priority_class_name: "".into(),
        }
    }
}

/// See [`Postgres::image`].
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PostgresImage {
    /// Registry and name.
    #[schemars(extend("pattern" = REPOSITORY))]
    pub repository: Val<String>,
    /// Version, from 14 to 17. Data of one major version cannot be read by another: dump before such a change, and
    /// restore after it. 18 keeps its data elsewhere and is not supported.
    #[schemars(extend("pattern" = "^1[4-7]([.-][A-Za-z0-9_.-]*)?$", "maxLength" = 128))]
    pub tag: Val<String>,
    /// `sha256:…`: pins the very image, and the tag no longer counts.
    #[schemars(extend("pattern" = DIGEST))]
    pub digest: Val<String>,
    /// When the image is pulled.
    pub pull_policy: Val<PullPolicy>,
}

impl Default for PostgresImage {
    fn default() -> Self {
        Self {
            repository: "docker.io/library/postgres".into(),
            tag: "17".into(),
            digest: "".into(),
            pull_policy: PullPolicy::IfNotPresent.into(),
        }
    }
}

/// See [`Postgres::persistence`].
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Persistence {
    /// Its size. Kubernetes does not let a StatefulSet change it: later, enlarge the claim itself.
    #[schemars(extend("type" = "string", "pattern" = BYTES))]
    pub size: Val<Quantity>,
    /// Its StorageClass. Empty: the cluster's default.
    #[schemars(extend("pattern" = DNS_NAME, "maxLength" = 253))]
    pub storage_class: Val<String>,
}

impl Default for Persistence {
    fn default() -> Self {
        Self {
            size: Quantity("10Gi".into()).into(),
            storage_class: "".into(),
        }
    }
}

/// See [`Postgres::pod_security_context`].
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PostgresUser {
    /// The user's number: 999 in Debian's image, 70 in Alpine's.
    #[schemars(extend("minimum" = 1, "maximum" = 2147483647))]
    pub run_as_user: Val<Option<i64>>,
    /// The group's number.
    #[schemars(extend("minimum" = 1, "maximum" = 2147483647))]
    pub run_as_group: Val<Option<i64>>,
    /// The group that the volume belongs to.
    #[schemars(extend("minimum" = 1, "maximum" = 2147483647))]
    pub fs_group: Val<Option<i64>>,
}

impl Default for PostgresUser {
    fn default() -> Self {
        Self {
            run_as_user: Some(999).into(),
            run_as_group: Some(999).into(),
            fs_group: Some(999).into(),
        }
    }
}

/// See [`Values::artifacts`].
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Artifacts {
    /// `pvc` is a volume of the cluster, `s3` a bucket.
    pub kind: Val<ArtifactStore>,
    /// The volume. It stays when the release is uninstalled.
    pub pvc: ArtifactVolume,
    /// The bucket.
    pub s3: S3,
}

impl Default for Artifacts {
    fn default() -> Self {
        Self {
            kind: ArtifactStore::Pvc.into(),
            pvc: ArtifactVolume::default(),
            s3: S3::default(),
        }
    }
}

/// Where artifacts are kept.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum ArtifactStore {
    /// On a volume of the cluster.
    Pvc,
    /// In a bucket of S3, or of a server that speaks it.
    S3,
}

/// See [`Artifacts::pvc`].
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ArtifactVolume {
    /// A PersistentVolumeClaim that is there already. Empty: one is made.
    #[schemars(extend("pattern" = DNS_NAME, "maxLength" = 253))]
    pub existing_claim: Val<String>,
    /// Size of the one that is made.
    #[schemars(extend("type" = "string", "pattern" = BYTES))]
    pub size: Val<Quantity>,
    /// Its StorageClass. Empty: the cluster's default.
    #[schemars(extend("pattern" = DNS_NAME, "maxLength" = 253))]
    pub storage_class: Val<String>,
    /// How it can be mounted. Only with `ReadWriteMany`, which few StorageClasses have, can there be several pods.
    pub access_mode: Val<AccessMode>,
}

impl Default for ArtifactVolume {
    fn default() -> Self {
        Self {
            existing_claim: "".into(),
            size: Quantity("10Gi".into()).into(),
            storage_class: "".into(),
            access_mode: AccessMode::ReadWriteOnce.into(),
        }
    }
}

/// How a volume can be mounted.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
pub enum AccessMode {
    /// On one node.
    ReadWriteOnce,
    /// On all nodes.
    ReadWriteMany,
}

/// See [`Artifacts::s3`].
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct S3 {
    /// `s3://bucket` or `s3://bucket/prefix`. Empty: it is read from the Secret, key
    /// `credentials.keys.s3ArtifactRoot`.
    #[schemars(extend("pattern" = "^(s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9!_.*'()/=-]*)?)?$", "examples" = ["s3://my-bucket/mlflow"]))]
    pub uri: Val<String>,
    /// `proxied`: clients send artifacts to the server, and need no keys. `direct`: clients talk to S3 themselves,
    /// with keys and an endpoint of their own. An experiment keeps the way it was created with.
    pub access: Val<S3Access>,
    /// URL of a server that speaks S3. Empty: that of AWS.
    #[schemars(extend("pattern" = "^(https?://[A-Za-z0-9_.:/\\[\\]-]+)?$", "examples" = ["http://minio:9000"]))]
    pub endpoint: Val<String>,
    /// Region. Empty: the SDK's own way to find it.
    #[schemars(extend("pattern" = "^[a-z0-9-]*$", "examples" = ["eu-central-1"]))]
    pub region: Val<String>,
    /// Where keys come from. `secret`: from the Secret. `ambient`: from the pod's identity (on EKS a role in
    /// `serviceAccount.annotations`), or `server.extraEnv`.
    pub credentials: Val<S3Credentials>,
}

impl Default for S3 {
    fn default() -> Self {
        Self {
            uri: "".into(),
            access: S3Access::Proxied.into(),
            endpoint: "".into(),
            region: "".into(),
            credentials: S3Credentials::Secret.into(),
        }
    }
}

/// Who talks to S3.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum S3Access {
    /// The server, for its clients.
    Proxied,
    /// Clients themselves.
    Direct,
}

/// Where the keys of S3 come from.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum S3Credentials {
    /// The Secret.
    Secret,
    /// The pod's identity.
    Ambient,
}

/// See [`Values::credentials`].
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Credentials {
    /// `generated`: user `mlops` and a password that is made inside the cluster, once. `existingSecret`: a Secret
    /// that is there already, made from an .env file, by an operator or a vault. `values`: what is below; it can
    /// then be read wherever the release's values are.
    pub source: Val<CredentialSource>,
    /// Name of the Secret, for `existingSecret`. `kubectl create secret generic NAME --from-env-file=.env` makes one.
    #[schemars(extend("pattern" = DNS_NAME, "maxLength" = 253))]
    pub existing_secret: Val<String>,
    /// Names of the keys in the Secret.
    pub keys: SecretKeys,
    /// The credentials themselves, for `values`.
    pub values: CredentialValues,
}

impl Default for Credentials {
    fn default() -> Self {
        Self {
            source: CredentialSource::Generated.into(),
            existing_secret: "".into(),
            keys: SecretKeys::default(),
            values: CredentialValues::default(),
        }
    }
}

/// Where credentials come from.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum CredentialSource {
    /// Made inside the cluster.
    Generated,
    /// A Secret that is there already.
    ExistingSecret,
    /// The values.
    Values,
}

/// See [`Credentials::keys`].
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SecretKeys {
    /// User of the database.
    #[schemars(extend("pattern" = SECRET_KEY, "maxLength" = 253))]
    pub postgres_user: Val<String>,
    /// Password of that user. Any characters.
    #[schemars(extend("pattern" = SECRET_KEY, "maxLength" = 253))]
    pub postgres_password: Val<String>,
    /// Access key of S3.
    #[schemars(extend("pattern" = SECRET_KEY, "maxLength" = 253))]
    pub aws_access_key_id: Val<String>,
    /// Secret key of S3.
    #[schemars(extend("pattern" = SECRET_KEY, "maxLength" = 253))]
    pub aws_secret_access_key: Val<String>,
    /// Bucket and prefix, while `artifacts.s3.uri` is empty.
    #[schemars(extend("pattern" = SECRET_KEY, "maxLength" = 253))]
    pub s3_artifact_root: Val<String>,
}

impl Default for SecretKeys {
    fn default() -> Self {
        Self {
            postgres_user: "POSTGRES_USER".into(),
            postgres_password: "POSTGRES_PASSWORD".into(),
            aws_access_key_id: "AWS_ACCESS_KEY_ID".into(),
            aws_secret_access_key: "AWS_SECRET_ACCESS_KEY".into(),
            s3_artifact_root: "MLFLOW_S3_ARTIFACT_ROOT".into(),
        }
    }
}

/// See [`Credentials::values`].
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CredentialValues {
    /// User of the database.
    pub postgres_user: Val<String>,
    /// Password of that user. The chart's own Postgres takes it when it starts with an empty volume, and not again.
    pub postgres_password: Val<String>,
    /// Access key of S3.
    pub aws_access_key_id: Val<String>,
    /// Secret key of S3.
    pub aws_secret_access_key: Val<String>,
}

impl Default for CredentialValues {
    fn default() -> Self {
        Self {
            postgres_user: "mlops".into(),
            postgres_password: "".into(),
            aws_access_key_id: "".into(),
            aws_secret_access_key: "".into(),
        }
    }
}

/// See [`Values::generator`].
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Generator {
    /// Whether it runs. Without it, put MLFLOW_WEBHOOK_SECRET_ENCRYPTION_KEY and MLFLOW_CRYPTO_KEK_PASSPHRASE into
    /// the Secret of `credentials.existingSecret`, or pods cannot read each other's webhook secrets.
    pub enabled: Val<bool>,
    /// What it asks for and may use.
    #[schemars(with = "Resources")]
    pub resources: Val<ResourceRequirements>,
}

impl Default for Generator {
    fn default() -> Self {
        Self {
            enabled: true.into(),
            resources: resources("50m", "64Mi", "256Mi"),
        }
    }
}

/// See [`Values::upgrade_check`].
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UpgradeCheck {
    /// Whether it runs. Without it, new pods still refuse to start on such a database.
    pub enabled: Val<bool>,
    /// What it asks for and may use.
    #[schemars(with = "Resources")]
    pub resources: Val<ResourceRequirements>,
}

impl Default for UpgradeCheck {
    fn default() -> Self {
        Self {
            enabled: true.into(),
            resources: resources("50m", "64Mi", "256Mi"),
        }
    }
}

/// See [`Values::autoscaling`].
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Autoscaling {
    /// Whether there is a HorizontalPodAutoscaler. It needs a metrics server in the cluster.
    pub enabled: Val<bool>,
    /// Pods at least.
    #[schemars(extend("minimum" = 1, "maximum" = 500))]
    pub min_replicas: Val<i32>,
    /// Pods at most. The database must have connections for all of them.
    #[schemars(extend("minimum" = 1, "maximum" = 500))]
    pub max_replicas: Val<i32>,
    /// CPU in use, in percent of `server.resources.requests.cpu`, that pods are added or removed to keep. Memory
    /// says nothing of load: MLflow takes as much idle as busy.
    #[serde(rename = "targetCPUUtilizationPercentage")]
    #[schemars(extend("minimum" = 1, "maximum" = 1000))]
    pub target_cpu_utilization_percentage: Val<i32>,
    /// How fast. By default two pods a minute are added, and one a minute is removed after five quiet minutes.
    pub behavior: Val<HorizontalPodAutoscalerBehavior>,
}

impl Default for Autoscaling {
    fn default() -> Self {
        let rules = |window, pods| HPAScalingRules {
            stabilization_window_seconds: Some(window),
            policies: Some(vec![HPAScalingPolicy {
                type_: "Pods".into(),
                value: pods,
                period_seconds: 60,
            }]),
            ..HPAScalingRules::default()
        };
        Self {
            enabled: false.into(),
            min_replicas: 2.into(),
            max_replicas: 5.into(),
            target_cpu_utilization_percentage: 75.into(),
            behavior: HorizontalPodAutoscalerBehavior {
                scale_up: Some(rules(0, 2)),
                scale_down: Some(rules(300, 1)),
            }
            .into(),
        }
    }
}

/// See [`Values::pod_disruption_budget`].
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PodDisruptionBudget {
    /// Whether there is one.
    pub enabled: Val<bool>,
    /// Pods that may be down at a time.
    #[schemars(extend("minimum" = 1, "maximum" = 500))]
    pub max_unavailable: Val<i32>,
}

impl Default for PodDisruptionBudget {
    fn default() -> Self {
        Self {
            enabled: true.into(),
            max_unavailable: 1.into(),
        }
    }
}

/// See [`Values::service_account`].
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ServiceAccount {
    /// Whether it is made. Otherwise it must be there.
    pub create: Val<bool>,
    /// Its name. Empty: the server's name if it is made, `default` if not.
    #[schemars(extend("pattern" = DNS_NAME, "maxLength" = 253))]
    pub name: Val<String>,
    /// Its annotations: a role of the cloud, for S3 without keys.
    #[schemars(extend("propertyNames" = label_key()))]
    pub annotations: Val<BTreeMap<String, String>>,
}

impl Default for ServiceAccount {
    fn default() -> Self {
        Self {
            create: true.into(),
            name: "".into(),
            annotations: Val::default(),
        }
    }
}

/// See [`Values::tests`].
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Tests {
    /// Whether `helm test` has something to run.
    pub enabled: Val<bool>,
    /// What it asks for and may use.
    #[schemars(with = "Resources")]
    pub resources: Val<ResourceRequirements>,
}

impl Default for Tests {
    fn default() -> Self {
        Self {
            enabled: true.into(),
            resources: resources("100m", "256Mi", "1Gi"),
        }
    }
}

/// A name that, with what is put behind it, any object can have.
const NAME: &str = "^([a-z]([-a-z0-9]*[a-z0-9])?)?$";
const DNS_NAME: &str = "^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*)?$";
const REPOSITORY: &str = "^[a-z0-9][a-z0-9._/:-]*[a-z0-9]$";
const TAG: &str = "^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$";
const DIGEST: &str = "^(sha256:[a-f0-9]{64})?$";
const SECRET_KEY: &str = "^[-._a-zA-Z0-9]+$";
const CPU: &str = "^([1-9][0-9]{0,5}m|[0-9]{1,4}\\.[0-9]{0,2}[1-9]|[1-9][0-9]{0,3})$";
const BYTES: &str = "^[1-9][0-9]{0,8}(Ki|Mi|Gi|Ti|k|M|G|T)?$";

fn label_key() -> Json {
    json!({
        "pattern": "^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$",
        "maxLength": 63,
        "examples": ["example.com/team"],
    })
}

fn label_value() -> Json {
    json!({ "type": "string", "pattern": "^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$", "maxLength": 63, "examples": ["ml-1"] })
}

fn host() -> Json {
    json!({ "type": "string", "pattern": "^[A-Za-z0-9*?._-]+$", "maxLength": 253, "examples": ["mlflow.example.com"] })
}

fn origin() -> Json {
    json!({ "type": "string", "pattern": "^(\\*|https?://[A-Za-z0-9*?._:-]+)$", "maxLength": 300, "examples": ["https://portal.example.com"] })
}

/// Volumes, without those that Kubernetes itself has given up, and without claims of the pod's own: they are half of
/// what Kubernetes' schema of a volume has, and Helm reads all of a schema at each start.
fn volumes(generator: &mut SchemaGenerator) -> Schema {
    const KEPT: [&str; 10] = [
        "name",
        "configMap",
        "csi",
        "emptyDir",
        "hostPath",
        "image",
        "nfs",
        "persistentVolumeClaim",
        "projected",
        "secret",
    ];
    let mut volume = Volume::json_schema(generator);
    volume.remove("description");
    if let Some(Json::Object(properties)) = volume.get_mut("properties") {
        properties.retain(|name, _| KEPT.contains(&name.as_str()));
    }
    json_schema!({ "type": "array", "items": volume })
}
