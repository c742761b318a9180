//! Where user, password and keys come from: a Secret from values, or one that is made inside the cluster.

use super::names::{Component, Hook, Map, Names};
use super::pod::{Script, env, script_pod};
use crate::values::{CredentialSource, Values};
use chartwright::When;
use k8s_openapi::api::batch::v1::{Job, JobSpec};
use k8s_openapi::api::core::v1::{PodSpec, PodTemplateSpec, Secret, ServiceAccount};
use k8s_openapi::api::rbac::v1::{PolicyRule, Role, RoleBinding, RoleRef, Subject};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

/// The objects that hold or make secrets.
#[derive(Clone, Debug)]
pub struct Secrets {
    /// What the values hold, for `credentials.source: values`.
    pub from_values: When<Secret>,
    /// What makes the generated Secret, before each install and upgrade.
    pub generator: When<Job>,
    /// Its identity.
    pub service_account: When<ServiceAccount>,
    /// What it may do: make Secrets, and read and complete the one.
    pub role: When<Role>,
    /// Who may do it.
    pub role_binding: When<RoleBinding>,
}

impl Secrets {
    /// The secrets that the values describe.
    pub fn new(v: &Values, names: &Names) -> Self {
        let enabled = &v.generator.enabled;
        let meta = |hook: Hook| names.hook_meta(&names.generator, Component::Generator, &hook);
        Self {
            from_values: v
                .credentials
                .source
                .is(CredentialSource::Values)
                .when(|| from_values(v, names)),
            generator: enabled.when(|| Job {
                metadata: meta(Hook {
                    shows_log: true,
                    ..hook(1)
                }),
                spec: Some(job(v, names)),
                ..Job::default()
            }),
            service_account: enabled.when(|| ServiceAccount {
                metadata: meta(hook(0)),
                ..ServiceAccount::default()
            }),
            role: enabled.when(|| Role {
                metadata: meta(hook(0)),
                rules: Some(vec![
                    // A name cannot be demanded of what does not exist yet.
                    PolicyRule {
                        verbs: vec!["create".into()],
                        ..secrets()
                    },
                    PolicyRule {
                        verbs: vec!["get".into(), "patch".into()],
                        resource_names: Some(vec![names.generated_secret.get()]),
                        ..secrets()
                    },
                ]),
            }),
            role_binding: enabled.when(|| RoleBinding {
                metadata: meta(hook(0)),
                role_ref: RoleRef {
                    api_group: "rbac.authorization.k8s.io".into(),
                    kind: "Role".into(),
                    name: names.generator.get(),
                },
                subjects: Some(vec![Subject {
                    kind: "ServiceAccount".into(),
                    name: names.generator.get(),
                    ..Subject::default()
                }]),
            }),
        }
    }
}

fn hook(weight: i32) -> Hook {
    Hook {
        events: "pre-install,pre-upgrade",
        weight,
        delete_policy: "before-hook-creation,hook-succeeded",
        shows_log: false,
    }
}

fn secrets() -> PolicyRule {
    PolicyRule {
        api_groups: Some(vec![String::new()]),
        resources: Some(vec!["secrets".into()]),
        ..PolicyRule::default()
    }
}

fn from_values(v: &Values, names: &Names) -> Secret {
    // Under the default names of the keys: other ones are refused here, because a key of a manifest is fixed.
    let values = &v.credentials.values;
    let mut data = Map::from([
        ("POSTGRES_USER".to_owned(), values.postgres_user.get()),
        ("POSTGRES_PASSWORD".to_owned(), values.postgres_password.get()),
    ]);
    let aws = |name: &str, value: &chartwright::Val<String>| value.non_empty().map(|text| (name.to_owned(), text));
    data.extend(aws("AWS_ACCESS_KEY_ID", &values.aws_access_key_id));
    data.extend(aws("AWS_SECRET_ACCESS_KEY", &values.aws_secret_access_key));
    Secret {
        metadata: names.meta(&names.values_secret, Component::Server),
        type_: Some("Opaque".into()),
        string_data: Some(data),
        ..Secret::default()
    }
}

fn job(v: &Values, names: &Names) -> JobSpec {
    JobSpec {
        backoff_limit: Some(3),
        active_deadline_seconds: Some(600),
        template: PodTemplateSpec {
            metadata: Some(ObjectMeta {
                labels: Some(names.selector_labels(Component::Generator)),
                ..ObjectMeta::default()
            }),
            spec: Some(PodSpec {
                service_account_name: Some(names.generator.get()),
                // The one pod that talks to Kubernetes.
                automount_service_account_token: Some(true),
                ..script_pod(v, names, generator(v, names))
            }),
        },
        ..JobSpec::default()
    }
}

fn generator<'a>(v: &'a Values, names: &Names) -> Script<'a> {
    let generated = v.credentials.source.is(CredentialSource::Generated);
    let labels = format!(
        r#"{{"app.kubernetes.io/name":"{}","app.kubernetes.io/instance":"{}"}}"#,
        names.name(),
        names.instance()
    );
    Script {
        name: "generator",
        text: include_str!("scripts/generate_secret.py"),
        env: vec![
            env("HOME", "/tmp"),
            env("NAMESPACE", names.namespace()),
            env("SECRET_NAME", names.generated_secret.get()),
            env("LABELS", labels),
            env("WITH_CREDENTIALS", generated.pick("true", "false").get()),
            env("USER_KEY", v.credentials.keys.postgres_user.get()),
            env("PASSWORD_KEY", v.credentials.keys.postgres_password.get()),
        ],
        resources: &v.generator.resources,
        scratch: "16Mi",
    }
}
