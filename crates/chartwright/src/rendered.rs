//! What a native rendering gives: objects and notes, as Helm would print them.

use crate::emit::yaml;
use serde_json::Value as Json;

/// The objects that a chart gives for some values.
#[derive(Clone, Debug)]
pub struct Rendered {
    chart: String,
    /// The objects, in the order in which the function made them.
    pub objects: Vec<Object>,
    /// The notes that `helm install` prints.
    pub notes: String,
}

/// One object, and the template that it comes from in the chart.
#[derive(Clone, Debug, PartialEq)]
pub struct Object {
    /// The file below `templates`, without `.yaml`.
    pub file: String,
    /// The object.
    pub json: Json,
}

/// The order in which Helm installs kinds, after its `InstallOrder`
/// (<https://helm.sh/docs/intro/using_helm/#helm-install-installing-a-package>).
const ORDER: &[&str] = &[
    "PriorityClass",
    "Namespace",
    "NetworkPolicy",
    "ResourceQuota",
    "LimitRange",
    "PodDisruptionBudget",
    "ServiceAccount",
    "Secret",
    "ConfigMap",
    "StorageClass",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "CustomResourceDefinition",
    "ClusterRole",
    "ClusterRoleBinding",
    "Role",
    "RoleBinding",
    "Service",
    "DaemonSet",
    "Pod",
    "ReplicaSet",
    "Deployment",
    "HorizontalPodAutoscaler",
    "StatefulSet",
    "Job",
    "CronJob",
    "IngressClass",
    "Ingress",
    "APIService",
];

impl Rendered {
    pub(crate) fn new(chart: String, objects: Vec<Object>, notes: String) -> Self {
        Self { chart, objects, notes }
    }

    /// The same with the objects of some templates only.
    pub(crate) fn only(&self, wanted: impl Fn(&str) -> bool) -> Self {
        let objects = self.objects.iter().filter(|object| wanted(&object.file));
        Self::new(self.chart.clone(), objects.cloned().collect(), self.notes.clone())
    }

    /// The objects as `helm template` prints them: in Helm's order, each with its source.
    pub fn to_yaml(&self) -> String {
        let mut objects: Vec<&Object> = self.objects.iter().collect();
        objects.sort_by_key(|object| {
            let kind = object.json.get("kind").and_then(Json::as_str).unwrap_or_default();
            let place = ORDER.iter().position(|known| *known == kind).unwrap_or(ORDER.len());
            (object.is_hook(), place, object.file.clone())
        });
        let documents = objects.into_iter().map(|object| {
            format!(
                "---\n# Source: {}/templates/{}.yaml\n{}\n",
                self.chart,
                object.file,
                yaml::plain(object.json.clone())
            )
        });
        documents.collect()
    }
}

impl Object {
    fn is_hook(&self) -> bool {
        self.json
            .pointer("/metadata/annotations")
            .and_then(|all| all.get("helm.sh/hook"))
            .is_some()
    }
}
