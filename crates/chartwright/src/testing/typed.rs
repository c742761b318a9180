//! Reads rendered objects back into their Kubernetes types, the way the API server would.

use crate::error::{Error, Result};
use crate::manifest::without_nulls;
use crate::traced::first_difference;
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
    // A field that the type does not have is lost on the way.
    match first_difference(&without_nulls(object.clone()), &back, "")
        .filter(|difference| difference.contains("the function null"))
    {
        Some(lost) => Err(Error::trace(
            kind,
            format!("a field that the type does not have: {lost}"),
        )),
        None => Ok(back),
    }
}
