//! MLflow as one team runs it: with a sidecar, and a database that only MLflow reaches.

use mlflow_kube::chartwright::{Chart, Manifests, Val};
use mlflow_kube::k8s_openapi::api::core::v1::Container;
use mlflow_kube::k8s_openapi::api::networking::v1::{NetworkPolicy, NetworkPolicyIngressRule, NetworkPolicyPeer};
use mlflow_kube::stack::names::{Component, Names};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The settings: MLflow's, and the team's.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Values {
    /// MLflow and what belongs to it.
    pub mlflow: mlflow_kube::Values,
    /// A container beside MLflow in each of its pods, which finds it at 127.0.0.1:5000.
    pub sidecar: Sidecar,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Sidecar {
    /// Its image.
    pub image: Val<String>,
    /// What it runs.
    pub command: Val<Vec<String>>,
}

impl Default for Values {
    fn default() -> Self {
        let mut mlflow = mlflow_kube::Values::default();
        mlflow.service.node_port = Some(30013).into();
        let script = "while sleep 10; do wget -q -O - http://127.0.0.1:5000/health; echo; done";
        let sidecar = Sidecar {
            image: "busybox:1.36".into(),
            command: ["sh", "-c", script].map(String::from).to_vec().into(),
        };
        Self { mlflow, sidecar }
    }
}

pub fn chart() -> Chart<Values> {
    Chart::new("team-mlflow", env!("CARGO_PKG_VERSION"), |v: &Values, release| {
        let mut stack = mlflow_kube::Stack::new(&v.mlflow, &release.under("mlflow"));
        // A sidecar, as restricted as MLflow itself.
        let containers = &mut stack.server.pod_mut().containers;
        containers.push(Container {
            name: "sidecar".into(),
            image: Some(v.sidecar.image.get()),
            command: v.sidecar.command.non_empty(),
            security_context: containers[0].security_context.clone(),
            ..Container::default()
        });
        // An object of ours, changed; another one, left out.
        let labels = &mut stack.server.deployment.metadata.labels;
        labels.get_or_insert_default().insert("team".into(), "vision".into());
        stack.scaling.disruption_budget.leave_out();
        // One of the team's own.
        let policy = only_mlflow(&stack.names);
        let mut manifests = Manifests::from(stack);
        manifests.add("postgres/networkpolicy", policy);
        manifests
    })
    .app_version(mlflow_kube::stack::MLFLOW_VERSION)
    .allow_unused("mlflow.podDisruptionBudget")
}

/// Nothing but MLflow's pods reaches the database.
fn only_mlflow(names: &Names) -> NetworkPolicy {
    let mut policy = NetworkPolicy {
        metadata: names.meta(&names.with("-only-mlflow"), Component::Postgres),
        ..NetworkPolicy::default()
    };
    let spec = policy.spec.get_or_insert_default();
    spec.pod_selector = Some(names.selector(Component::Postgres));
    spec.ingress = Some(vec![NetworkPolicyIngressRule {
        from: Some(vec![NetworkPolicyPeer {
            pod_selector: Some(names.selector(Component::Server)),
            ..NetworkPolicyPeer::default()
        }]),
        ..NetworkPolicyIngressRule::default()
    }]);
    policy
}
