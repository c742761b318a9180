//! What containers and pods of all components have in common.

use super::names::Names;
use crate::values::{PullPolicy, SecretKeys, Values};
use chartwright::Val;
use k8s_openapi::api::core::v1::{
    Capabilities, Container, EmptyDirVolumeSource, EnvVar, EnvVarSource, PodSecurityContext, PodSpec,
    ResourceRequirements, SeccompProfile, SecretKeySelector, SecurityContext, Volume, VolumeMount,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

/// As Kubernetes writes it.
pub fn pull_policy(policy: &Val<PullPolicy>) -> Option<String> {
    Some(policy.select(|policy| {
        String::from(match policy {
            PullPolicy::IfNotPresent => "IfNotPresent",
            PullPolicy::Always => "Always",
            PullPolicy::Never => "Never",
        })
    }))
}

/// An environment variable with a fixed value, or a value's.
pub fn env(name: &str, value: impl Into<String>) -> EnvVar {
    EnvVar {
        name: name.into(),
        value: Some(value.into()),
        value_from: None,
    }
}

/// An environment variable from a key of a Secret.
pub fn env_from_secret(name: &str, secret: &Val<String>, key: String) -> EnvVar {
    env_from(
        name,
        SecretKeySelector {
            name: secret.get(),
            key,
            optional: None,
        },
    )
}

/// An environment variable from a key of a Secret that need not be there.
pub fn env_from_optional(name: &str, secret: &Val<String>, key: String) -> EnvVar {
    env_from(
        name,
        SecretKeySelector {
            name: secret.get(),
            key,
            optional: Some(true),
        },
    )
}

fn env_from(name: &str, key: SecretKeySelector) -> EnvVar {
    EnvVar {
        name: name.into(),
        value: None,
        value_from: Some(EnvVarSource {
            secret_key_ref: Some(key),
            ..EnvVarSource::default()
        }),
    }
}

/// The keys of S3, from the Secret.
pub fn aws_keys(secret: &Val<String>, keys: &SecretKeys) -> Vec<EnvVar> {
    vec![
        env_from_secret("AWS_ACCESS_KEY_ID", secret, keys.aws_access_key_id.get()),
        env_from_secret("AWS_SECRET_ACCESS_KEY", secret, keys.aws_secret_access_key.get()),
    ]
}

/// What the "restricted" Pod Security standard asks of a container, and a root file system that cannot be written.
pub fn restricted() -> Option<SecurityContext> {
    Some(SecurityContext {
        allow_privilege_escalation: Some(false),
        read_only_root_filesystem: Some(true),
        capabilities: Some(Capabilities {
            drop: Some(vec!["ALL".into()]),
            ..Capabilities::default()
        }),
        ..SecurityContext::default()
    })
}

/// What it asks of a pod. A large volume is not walked through at each start.
pub fn pod_restricted(
    user: &Val<Option<i64>>,
    group: &Val<Option<i64>>,
    fs_group: &Val<Option<i64>>,
) -> Option<PodSecurityContext> {
    Some(PodSecurityContext {
        run_as_non_root: Some(true),
        run_as_user: user.get(),
        run_as_group: group.get(),
        fs_group: fs_group.get(),
        fs_group_change_policy: Some("OnRootMismatch".into()),
        seccomp_profile: Some(SeccompProfile {
            type_: "RuntimeDefault".into(),
            ..SeccompProfile::default()
        }),
        ..PodSecurityContext::default()
    })
}

/// What it asks of the server's pods, and of those that run as its user.
pub fn pod_security_context(v: &Values, names: &Names) -> Option<PodSecurityContext> {
    let user = &v.server.pod_security_context;
    names.release().block(
        "podSecurityContext",
        "The user that MLflow runs as, in the server's pods and in those that use its image.",
        || pod_restricted(&user.run_as_user, &user.run_as_group, &user.fs_group),
    )
}

/// A volume that lives as long as the pod.
pub fn scratch(name: &str, size_limit: &str) -> Volume {
    Volume {
        name: name.into(),
        empty_dir: Some(EmptyDirVolumeSource {
            size_limit: Some(Quantity(size_limit.into())),
            ..EmptyDirVolumeSource::default()
        }),
        ..Volume::default()
    }
}

/// Where a volume is mounted.
pub fn mount(name: &str, path: &str) -> VolumeMount {
    VolumeMount {
        name: name.into(),
        mount_path: path.into(),
        ..VolumeMount::default()
    }
}

/// A Python script as a command. It is in the command and not in a ConfigMap, so that it is always that of the
/// same version as the pod.
pub fn python(script: &str) -> Option<Vec<String>> {
    Some(vec!["python".into(), "-c".into(), script.trim_end().into()])
}

/// A script that a pod runs once, with the server's image, as its user and where it may run.
#[derive(Debug)]
pub struct Script<'a> {
    /// Name of the container.
    pub name: &'a str,
    /// The script, in Python.
    pub text: &'a str,
    /// Its environment.
    pub env: Vec<EnvVar>,
    /// What it asks for and may use.
    pub resources: &'a Val<ResourceRequirements>,
    /// How much it may write to `/tmp`.
    pub scratch: &'a str,
}

/// A pod that runs a script once.
pub fn script_pod(v: &Values, names: &Names, script: Script<'_>) -> PodSpec {
    PodSpec {
        automount_service_account_token: Some(false),
        enable_service_links: Some(false),
        restart_policy: Some("Never".into()),
        security_context: pod_security_context(v, names),
        image_pull_secrets: v.image_pull_secrets.non_empty(),
        node_selector: v.server.node_selector.non_empty(),
        tolerations: v.server.tolerations.non_empty(),
        containers: vec![Container {
            name: script.name.into(),
            image: Some(names.image.get()),
            image_pull_policy: pull_policy(&v.image.pull_policy),
            command: python(script.text),
            env: Some(script.env),
            resources: Some(script.resources.get()),
            security_context: restricted(),
            volume_mounts: Some(vec![mount("tmp", "/tmp")]),
            ..Container::default()
        }],
        volumes: Some(vec![scratch("tmp", script.scratch)]),
        ..PodSpec::default()
    }
}
