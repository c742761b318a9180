//! Reads rendered objects back into their Kubernetes types, the way the API server would.

use crate::error::{Error, Result};
use k8s_openapi::api::{apps, autoscaling, batch, core, networking, policy, rbac, scheduling, storage};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

/// A rendered object after it was read back.
#[derive(Clone, Debug, PartialEq)]
pub enum Typed {
    /// As its Kubernetes type writes it.
    Known(Json),
    /// Of a kind that `k8s-openapi` does not have; as it was.
    Unknown(Json),
}

impl Typed {
    /// The object, known or not.
    pub fn into_json(self) -> Json {
        match self {
            Self::Known(json) | Self::Unknown(json) => json,
        }
    }
}

/// Reads an object into its type and refuses fields that the type does not have.
///
/// # Errors
///
/// Where the object does not fit its type, or a field is not known.
pub fn read_back(object: &Json) -> Result<Typed> {
    let text = |name: &str| object.get(name).and_then(Json::as_str).unwrap_or_default().to_owned();
    let (version, kind) = (text("apiVersion"), text("kind"));
    macro_rules! kinds {
        ($($version:literal $kind:literal => $type:ty),+ $(,)?) => {
            match (version.as_str(), kind.as_str()) {
                $(($version, $kind) => through::<$type>(object, $kind).map(Typed::Known),)+
                _ => Ok(Typed::Unknown(object.clone())),
            }
        };
    }
    kinds! {
        "v1" "ConfigMap" => core::v1::ConfigMap,
        "v1" "PersistentVolumeClaim" => core::v1::PersistentVolumeClaim,
        "v1" "Pod" => core::v1::Pod,
        "v1" "Secret" => core::v1::Secret,
        "v1" "Service" => core::v1::Service,
        "v1" "ServiceAccount" => core::v1::ServiceAccount,
        "apps/v1" "DaemonSet" => apps::v1::DaemonSet,
        "apps/v1" "Deployment" => apps::v1::Deployment,
        "apps/v1" "StatefulSet" => apps::v1::StatefulSet,
        "autoscaling/v2" "HorizontalPodAutoscaler" => autoscaling::v2::HorizontalPodAutoscaler,
        "batch/v1" "CronJob" => batch::v1::CronJob,
        "batch/v1" "Job" => batch::v1::Job,
        "networking.k8s.io/v1" "Ingress" => networking::v1::Ingress,
        "networking.k8s.io/v1" "NetworkPolicy" => networking::v1::NetworkPolicy,
        "policy/v1" "PodDisruptionBudget" => policy::v1::PodDisruptionBudget,
        "rbac.authorization.k8s.io/v1" "ClusterRole" => rbac::v1::ClusterRole,
        "rbac.authorization.k8s.io/v1" "ClusterRoleBinding" => rbac::v1::ClusterRoleBinding,
        "rbac.authorization.k8s.io/v1" "Role" => rbac::v1::Role,
        "rbac.authorization.k8s.io/v1" "RoleBinding" => rbac::v1::RoleBinding,
        "scheduling.k8s.io/v1" "PriorityClass" => scheduling::v1::PriorityClass,
        "storage.k8s.io/v1" "StorageClass" => storage::v1::StorageClass,
    }
}

fn through<T: DeserializeOwned + Serialize>(object: &Json, kind: &str) -> Result<Json> {
    let typed: T = serde_json::from_value(object.clone()).map_err(|error| Error::trace(kind, error.to_string()))?;
    let back = serde_json::to_value(&typed).map_err(|error| Error::trace(kind, error.to_string()))?;
    match lost(object, &back, "") {
        Some(path) => Err(Error::trace(
            kind,
            format!("a field that the type does not have: {path}"),
        )),
        None => Ok(back),
    }
}

/// Where the first field is that did not come back.
fn lost(before: &Json, after: &Json, path: &str) -> Option<String> {
    match (before, after) {
        (Json::Object(before), Json::Object(after)) => {
            before
                .iter()
                .filter(|(_, value)| !value.is_null())
                .find_map(|(key, value)| {
                    let path = format!("{path}.{key}");
                    match after.get(key) {
                        Some(after) => lost(value, after, &path),
                        None => Some(path),
                    }
                })
        }
        (Json::Array(before), Json::Array(after)) => before
            .iter()
            .zip(after)
            .enumerate()
            .find_map(|(i, (before, after))| lost(before, after, &format!("{path}[{i}]"))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn unknown_fields_are_refused() {
        let pod = |container: Json| json!({"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [container]}});
        assert!(read_back(&pod(json!({"name": "a", "tty": true, "image": null}))).is_ok());
        let error = read_back(&pod(json!({"name": "a", "comand": ["b"]}))).unwrap_err();
        assert!(error.to_string().contains(".spec.containers[0].comand"), "{error}");
    }
}
