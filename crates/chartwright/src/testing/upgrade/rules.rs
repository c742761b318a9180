//! Which changes of an object Kubernetes refuses, and which lose data.

use serde_json::Value as Json;

/// A change that is not safe.
pub(super) struct Change {
    /// The object and its field: `StatefulSet mlflow-postgres, spec.serviceName`.
    pub at: String,
    /// What happens, and what to do.
    pub what: String,
}

/// The fields of each kind that Kubernetes does not let change.
const IMMUTABLE: &[(&str, &[&str])] = &[
    ("Deployment", &["spec.selector"]),
    ("DaemonSet", &["spec.selector"]),
    ("ReplicaSet", &["spec.selector"]),
    (
        "StatefulSet",
        &[
            "spec.selector",
            "spec.serviceName",
            "spec.volumeClaimTemplates",
            "spec.podManagementPolicy",
            "spec.revisionHistoryLimit",
        ],
    ),
    (
        "Job",
        &[
            "spec.template",
            "spec.selector",
            "spec.completionMode",
            "spec.completions",
        ],
    ),
    (
        "PersistentVolumeClaim",
        &[
            "spec.accessModes",
            "spec.selector",
            "spec.storageClassName",
            "spec.volumeMode",
            "spec.volumeName",
            "spec.dataSource",
            "spec.dataSourceRef",
        ],
    ),
    ("Service", &["spec.clusterIP"]),
    ("RoleBinding", &["roleRef"]),
    ("ClusterRoleBinding", &["roleRef"]),
    ("Secret", &["type"]),
    (
        "StorageClass",
        &["provisioner", "parameters", "reclaimPolicy", "volumeBindingMode"],
    ),
    ("PriorityClass", &["value"]),
];

/// All changes between two renderings that are not safe.
pub(super) fn changes(before: &[Json], after: &[Json]) -> Vec<Change> {
    let lasting =
        |objects: &[Json]| -> Vec<Json> { objects.iter().filter(|object| !is_hook(object)).cloned().collect() };
    let (before, after) = (lasting(before), lasting(after));
    let mut changes = Vec::new();
    for old in &before {
        match after.iter().find(|new| identity(new) == identity(old)) {
            Some(new) => {
                changes.extend(immutable(old, new));
                changes.extend(frozen(old, new));
                changes.extend(shrunk(old, new));
                changes.extend(unkept(old, new));
            }
            None => changes.extend(dropped(old)),
        }
    }
    changes
}

/// Hooks are made anew each time, and are no part of the release.
fn is_hook(object: &Json) -> bool {
    annotation(object, "helm.sh/hook").is_some()
}

/// The API group, kind, namespace and name. Another version of a group is the same object.
fn identity(object: &Json) -> (&str, &str, &str, &str) {
    let text = |path: &str| field(object, path).and_then(Json::as_str).unwrap_or_default();
    let group = text("apiVersion").rsplit_once('/').map_or("", |(group, _)| group);
    (group, text("kind"), text("metadata.namespace"), text("metadata.name"))
}

fn named(object: &Json) -> String {
    let (_, kind, _, name) = identity(object);
    format!("{kind} {name}")
}

fn field<'a>(object: &'a Json, path: &str) -> Option<&'a Json> {
    path.split('.').try_fold(object, |json, name| json.get(name))
}

fn annotation<'a>(object: &'a Json, name: &str) -> Option<&'a str> {
    field(object, "metadata.annotations")?.get(name)?.as_str()
}

fn is_kept(object: &Json) -> bool {
    annotation(object, "helm.sh/resource-policy") == Some("keep")
}

/// What Kubernetes refuses to change.
fn immutable(old: &Json, new: &Json) -> Vec<Change> {
    let (_, kind, _, _) = identity(old);
    let fields = IMMUTABLE
        .iter()
        .find(|(known, _)| *known == kind)
        .map_or(&[][..], |(_, fields)| fields);
    let changed = fields.iter().filter(|path| field(old, path) != field(new, path));
    let change = |path: &&str| Change {
        at: format!("{}, {path}", named(old)),
        what: format!(
            "Kubernetes does not let it change, so the upgrade fails: it was {}, and is {}; leave it as it was, or make \
             another object, with another name, and move what is in this one",
            shown(field(old, path)),
            shown(field(new, path))
        ),
    };
    changed.map(change).collect()
}

/// The content of what was made immutable.
fn frozen(old: &Json, new: &Json) -> Option<Change> {
    if old.get("immutable") != Some(&Json::Bool(true)) {
        return None;
    }
    let changed = ["immutable", "data", "stringData", "binaryData"]
        .into_iter()
        .find(|name| old.get(*name) != new.get(*name))?;
    Some(Change {
        at: format!("{}, {changed}", named(old)),
        what: "it is immutable, so the upgrade fails; give the object a name that changes with what is in it".into(),
    })
}

/// A claim grows; it does not shrink.
fn shrunk(old: &Json, new: &Json) -> Option<Change> {
    const SIZE: &str = "spec.resources.requests.storage";
    let size = |object: &Json| field(object, SIZE).and_then(Json::as_str).and_then(bytes);
    if identity(old).1 != "PersistentVolumeClaim" || size(new)? >= size(old)? {
        return None;
    }
    Some(Change {
        at: format!("{}, {SIZE}", named(old)),
        what: format!(
            "a claim cannot shrink, so the upgrade fails: it was {}, and is {}; leave the default as it was",
            shown(field(old, SIZE)),
            shown(field(new, SIZE))
        ),
    })
}

/// What kept an object when the release was uninstalled, and does no longer.
fn unkept(old: &Json, new: &Json) -> Option<Change> {
    (is_kept(old) && !is_kept(new)).then(|| Change {
        at: format!("{}, helm.sh/resource-policy", named(old)),
        what: "it was kept when the release was uninstalled, and would be deleted now; leave the annotation \
               `helm.sh/resource-policy: keep`"
            .into(),
    })
}

/// An object that holds data, or what holds it, and is gone.
fn dropped(old: &Json) -> Option<Change> {
    let has_claims = field(old, "spec.volumeClaimTemplates").is_some();
    let what = match identity(old).1 {
        "PersistentVolumeClaim" if is_kept(old) => {
            "the claim stays, and nothing uses it any longer: pods would start \
             with an empty volume; leave its name as it was"
        }
        "PersistentVolumeClaim" => {
            "Helm deletes the claim, and with it the data; leave its name as it was, or release \
             once with the annotation `helm.sh/resource-policy: keep`"
        }
        "StatefulSet" if has_claims => {
            "its claims stay, and nothing uses them any longer: pods would start with empty \
             volumes; leave its name as it was"
        }
        "Secret" if !is_kept(old) => {
            "Helm deletes the Secret, and with it passwords and keys that nothing else may have; \
             leave its name as it was, or release once with the annotation `helm.sh/resource-policy: keep`"
        }
        "Namespace" | "CustomResourceDefinition" => "Helm deletes it, and with it all that is in it; leave it",
        _ => return None,
    };
    Some(Change {
        at: named(old),
        what: format!("was dropped or renamed: {what}"),
    })
}

fn shown(value: Option<&Json>) -> String {
    match value {
        Some(value) => value.to_string(),
        None => "not set".into(),
    }
}

/// The bytes of a quantity: `10Gi`.
fn bytes(quantity: &str) -> Option<f64> {
    let digits = quantity.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let factor: f64 = match &quantity[digits.len()..] {
        "" => 1.0,
        "k" => 1e3,
        "M" => 1e6,
        "G" => 1e9,
        "T" => 1e12,
        "P" => 1e15,
        "Ki" => 1024.0,
        "Mi" => 1024f64.powi(2),
        "Gi" => 1024f64.powi(3),
        "Ti" => 1024f64.powi(4),
        "Pi" => 1024f64.powi(5),
        _ => return None,
    };
    Some(digits.parse::<f64>().ok()? * factor)
}
