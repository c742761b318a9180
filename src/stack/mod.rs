//! The stack: MLflow, its database, its artifacts, and what belongs around them, as typed objects.
//!
//! Nothing here knows of Helm. Each object is a public field of a public struct, so that a stack of your own can change
//! it, or leave it out.

mod artifacts;
mod database;
mod exposure;
pub mod names;
mod pod;
mod postgres;
mod refusals;
mod scaling;
mod secrets;
mod server;
mod smoke_test;
mod upgrade_check;

pub use artifacts::Artifacts;
pub use names::Names;
pub use postgres::Postgres;
pub use scaling::Scaling;
pub use secrets::Secrets;
pub use server::Server;

use crate::values::{CredentialSource, ServiceType, Values};
use chartwright::{Chart, Manifests, Release, When};
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::{Pod, Service};

/// The version of MLflow that the chart installs unless told otherwise.
pub const MLFLOW_VERSION: &str = "3.18.0";

/// All objects of one MLflow.
#[derive(Clone, Debug)]
pub struct Stack {
    /// Names and labels of everything.
    pub names: Names,
    /// MLflow.
    pub server: Server,
    /// How it is reached.
    pub service: Service,
    /// How many pods of it there are.
    pub scaling: Scaling,
    /// The database of the chart.
    pub postgres: Postgres,
    /// Where artifacts are kept.
    pub artifacts: Artifacts,
    /// Passwords and keys.
    pub secrets: Secrets,
    /// What refuses upgrades that cannot work.
    pub upgrade_check: When<Job>,
    /// `helm test`.
    pub test: When<Pod>,
    /// What is printed after an installation, a paragraph each.
    pub notes: Vec<Option<String>>,
}

impl Stack {
    /// The stack that the values describe.
    ///
    /// Where the values stand below a key of a larger chart, pass `&release.under("key")`.
    pub fn new(v: &Values, release: &Release) -> Self {
        let names = Names::new(v, release);
        refusals::refuse(v, &names, release);
        Self {
            server: Server::new(v, &names, release),
            service: exposure::service(v, &names),
            scaling: Scaling::new(v, &names),
            postgres: Postgres::new(v, &names),
            artifacts: Artifacts::new(v, &names),
            secrets: Secrets::new(v, &names),
            upgrade_check: upgrade_check::job(v, &names),
            test: smoke_test::pod(v, &names),
            notes: notes(v, &names),
            names,
        }
    }
}

impl From<Stack> for Manifests {
    fn from(stack: Stack) -> Self {
        let mut manifests = Self::new();
        manifests
            .add("server/deployment", stack.server.deployment)
            .add("server/serviceaccount", stack.server.service_account)
            .add("server/service", stack.service)
            .add("server/hpa", stack.scaling.autoscaler)
            .add("server/poddisruptionbudget", stack.scaling.disruption_budget)
            .add("server/artifacts-pvc", stack.artifacts.claim)
            .add("postgres/statefulset", stack.postgres.stateful_set)
            .add("postgres/setup-configmap", stack.postgres.setup)
            .add("postgres/service", stack.postgres.service)
            .add("postgres/service-headless", stack.postgres.headless_service)
            .add("credentials/secret", stack.secrets.from_values)
            .add("credentials/generator-job", stack.secrets.generator)
            .add("credentials/generator-serviceaccount", stack.secrets.service_account)
            .add("credentials/generator-role", stack.secrets.role)
            .add("credentials/generator-rolebinding", stack.secrets.role_binding)
            .add("server/upgrade-check", stack.upgrade_check)
            .add("tests/test-tracking", stack.test);
        for note in stack.notes {
            manifests.note(note);
        }
        manifests
    }
}

/// The chart `mlflow`: [`Stack`], its presets, and what is said of it.
pub fn chart() -> Chart<Values> {
    Chart::new("mlflow", env!("CARGO_PKG_VERSION"), Stack::new)
        .app_version(MLFLOW_VERSION)
        .kube_version(">=1.30.0-0")
        .description("MLflow tracking server and model registry, with Postgres and S3 or a volume")
        .metadata("home", "https://mlflow.org")
        .readme(include_str!("chart.md"))
        .preset("seed", include_str!("../../values/seed.yaml"))
        .preset("laptop", include_str!("../../values/laptop.yaml"))
        .preset("production", include_str!("../../values/production.yaml"))
}

fn notes(v: &Values, names: &Names) -> Vec<Option<String>> {
    let (namespace, name, port) = (names.namespace(), names.fullname.get(), v.service.port.get());
    let kind = &v.service.r#type;
    let logs_in = v.credentials.source.is(CredentialSource::Generated);
    vec![
        Some(format!(
            "MLflow is being started. It is there when this returns:\n\n  \
             kubectl -n {namespace} rollout status deployment/{name}"
        )),
        Some(kind.is(ServiceType::NodePort).choose(
            || {
                format!(
                    "Its address, in a browser and as the tracking URI, is any node's, with the node port:\n\n  \
                 NODE=$(kubectl get nodes -o jsonpath='{{.items[0].status.addresses[0].address}}')\n  \
                 PORT=$(kubectl -n {namespace} get service {name} \\\n    \
                 -o jsonpath='{{.spec.ports[0].nodePort}}')\n  \
                 export MLFLOW_TRACKING_URI=http://$NODE:$PORT"
                )
            },
            || {
                format!(
                    "From this machine it is reached through a forwarded port:\n\n  \
                 kubectl -n {namespace} port-forward \\\n    \
                 service/{name} {port}\n  \
                 export MLFLOW_TRACKING_URI=http://localhost:{port}\n\n\
                 Under any other public name or address it answers 403 until that is in server.allowedHosts."
                )
            },
        )),
        Some(format!(
            "Log a run, an artifact and a model from inside the cluster:\n\n  helm test -n {namespace} {}",
            names.instance()
        )),
        logs_in.then(|| {
            format!(
                "The database's password was made inside the cluster; it is in the Secret {}.\n\
                 That Secret and the volumes stay when the release is uninstalled, and the next one finds them:\n\
                 keep them together.",
                names.generated_secret.get()
            )
        }),
    ]
}
