//! A small chart through the whole engine: traced, written, rendered by real Helm, rendered natively.

use chartwright::{Chart, Manifests, Release, ReleaseInfo, Val, testing, text};
use k8s_openapi::api::apps::v1::{Deployment, DeploymentSpec};
use k8s_openapi::api::core::v1::{
    Container, EnvVar, PodSpec, PodTemplateSpec, ResourceRequirements, SecurityContext, Service, ServicePort,
    ServiceSpec, Toleration,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Values {
    /// How many pods.
    #[schemars(extend("minimum" = 0, "maximum" = 100))]
    replicas: Val<i32>,
    /// A name in place of the chart's.
    #[schemars(extend("pattern" = "^[a-z]{0,20}$"))]
    name_override: Val<String>,
    /// What is greeted. Any text.
    greeting: Val<String>,
    /// Whether the root file system is read-only.
    read_only: Val<bool>,
    /// How it is reached.
    kind: Val<Kind>,
    /// A port, if one is wanted.
    #[schemars(extend("minimum" = 1, "maximum" = 65535))]
    port: Val<Option<i32>>,
    /// Resources.
    resources: Val<ResourceRequirements>,
    /// Tolerations.
    tolerations: Val<Vec<Toleration>>,
    /// Labels of the pods.
    pod_labels: Val<BTreeMap<String, String>>,
    /// More variables.
    extra_env: Val<Vec<EnvVar>>,
    /// Hosts.
    hosts: Val<Vec<String>>,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
enum Kind {
    ClusterIP,
    NodePort,
    LoadBalancer,
}

impl Default for Values {
    fn default() -> Self {
        Self {
            replicas: 1.into(),
            name_override: "".into(),
            greeting: "hello".into(),
            read_only: true.into(),
            kind: Kind::ClusterIP.into(),
            port: None.into(),
            resources: Val::default(),
            tolerations: Val::default(),
            pod_labels: Val::default(),
            extra_env: Val::default(),
            hosts: Val::default(),
        }
    }
}

fn stack(v: &Values, release: &Release) -> Manifests {
    release.refuse_if(
        v.replicas.gt(50) & v.kind.is(Kind::LoadBalancer),
        "replicas",
        format!(
            "{} pods are too many behind a load balancer; set at most 50, or kind to NodePort",
            v.replicas.get()
        ),
    );
    let name = release.named("fullname", "The release's name and the chart's.", || {
        text(format!(
            "{}-{}",
            release.name.get(),
            v.name_override.or_default_to(&release.chart).get()
        ))
        .trunc(63)
        .trim_suffix("-")
    });
    let labels = release.block("labels", "Labels of every object.", || {
        BTreeMap::from([
            ("app.kubernetes.io/instance".to_owned(), release.name.get()),
            ("app.kubernetes.io/name".to_owned(), "small".to_owned()),
        ])
    });
    let mut pod_labels = v.pod_labels.get();
    pod_labels.extend(labels.clone());
    pod_labels.insert("app.kubernetes.io/component".into(), "greeter".into());
    let mut env = vec![EnvVar {
        name: "GREETING".into(),
        value: Some(v.greeting.get()),
        ..Default::default()
    }];
    env.extend(v.extra_env.get());
    env.extend(v.greeting.matches("[a-z0-9]$").then(|| EnvVar {
        name: "CALM".into(),
        value: Some("yes".into()),
        ..Default::default()
    }));
    env.extend(v.hosts.each(|host| EnvVar {
        name: "HOST".into(),
        value: Some(host.get()),
        ..Default::default()
    }));
    let deployment = Deployment {
        metadata: ObjectMeta {
            name: Some(name.get()),
            labels: Some(labels.clone()),
            ..Default::default()
        },
        spec: Some(DeploymentSpec {
            replicas: Some(v.replicas.get()),
            selector: LabelSelector {
                match_labels: Some(labels.clone()),
                ..Default::default()
            },
            template: PodTemplateSpec {
                metadata: Some(ObjectMeta {
                    labels: Some(pod_labels),
                    ..Default::default()
                }),
                spec: Some(PodSpec {
                    tolerations: v.tolerations.non_empty(),
                    containers: vec![Container {
                        name: "greeter".into(),
                        image: Some(format!("greeter:{}", release.app_version.get())),
                        env: Some(env),
                        resources: v.resources.non_empty(),
                        security_context: Some(v.read_only.choose(|| context(true), || context(false))),
                        ..Default::default()
                    }],
                    ..Default::default()
                }),
            },
            ..Default::default()
        }),
        ..Default::default()
    };
    let service = v.kind.select(|kind| {
        let (kind, port) = match kind {
            Kind::ClusterIP => ("ClusterIP", None),
            Kind::NodePort => ("NodePort", Some(30003)),
            Kind::LoadBalancer => ("LoadBalancer", None),
        };
        ServiceSpec {
            type_: Some(kind.into()),
            ports: Some(vec![ServicePort {
                port: v.port.or(80).get(),
                name: Some("http".into()),
                node_port: port,
                ..Default::default()
            }]),
            ..Default::default()
        }
    });
    let mut manifests = Manifests::new();
    manifests.add("deployment", deployment);
    manifests.add(
        "service",
        Service {
            metadata: ObjectMeta {
                name: Some(name.get()),
                labels: Some(labels),
                ..Default::default()
            },
            spec: Some(service),
            ..Default::default()
        },
    );
    manifests.note(format!("{} greets with {}.", name.get(), v.greeting.get()));
    manifests.note(v.read_only.then(|| "Its root is read-only.".to_owned()));
    manifests
}

fn context(read_only: bool) -> SecurityContext {
    SecurityContext {
        run_as_user: Some(10001),
        read_only_root_filesystem: Some(read_only),
        ..Default::default()
    }
}

fn chart() -> Chart<Values> {
    Chart::new("small", "1.2.3", stack)
        .app_version("4.5")
        .preset("many", "replicas: 3\nhosts: [a, b]\n")
}

#[test]
fn files() {
    let traced = chart().trace().unwrap();
    let text: String = traced
        .files()
        .iter()
        .filter(|(name, _)| name.starts_with("templates/") || *name == "values.yaml")
        .map(|(name, text)| format!("##### {name}\n{text}\n"))
        .collect();
    insta::assert_snapshot!("small_chart", text);
}

#[test]
fn law() {
    let checked = testing::law(&chart()).cases(300).check();
    let taken = |start: &str| {
        checked
            .branches
            .iter()
            .any(|branch| branch.condition == start && branch.taken > 0)
    };
    assert!(
        taken("if .Values.hosts") || taken("range over .Values.hosts"),
        "{:?}",
        checked.branches
    );
}

/// What Helm cannot carry is refused by the schema, wherever it would be lost.
#[test]
fn what_helm_loses_is_refused() {
    let valid = |values: serde_json::Value| chart().render_json(values, &ReleaseInfo::default()).is_ok();
    let pod_labels = |key: &str, value: &str| serde_json::json!({"podLabels": {key: value}});
    assert!(valid(pod_labels("a", "<value>")) && !valid(pod_labels("a", "<no value>")));
    assert!(!valid(pod_labels("a", "\u{2028}")) && !valid(pod_labels("\u{2029}", "a")));
    assert!(!valid(pod_labels("helm.sh/hook", "pre-install")) && valid(pod_labels("helm.sh/hooks", "a")));
    assert!(
        valid(pod_labels("a", "b\u{a0}c"))
            && !valid(pod_labels("a", "b\u{a0}"))
            && !valid(pod_labels("a", "b\nc\u{3000}"))
    );
    let greeting = |text: &str| serde_json::json!({"greeting": text});
    assert!(valid(greeting("\u{2028}")) && !valid(greeting("a <no value> b")));
}

/// A template that is damaged in a way that can be seen is noticed.
#[test]
fn damages_are_noticed() {
    let verdicts = testing::law(&chart()).cases(1000).seed(1).damage(40);
    assert!(verdicts.caught.len() > 20, "{verdicts}");
    assert!(verdicts.survived.is_empty(), "{verdicts}");
}

#[test]
fn refused_natively() {
    let error = chart()
        .render_json(
            serde_json::json!({"replicas": 60, "kind": "LoadBalancer"}),
            &ReleaseInfo::default(),
        )
        .unwrap_err();
    assert!(error.is_refusal());
    assert!(error.to_string().contains("replicas: 60 pods are too many"), "{error}");
}

/// A difference is shrunk, remembered for the next run, and shown with all that a person needs to find its cause.
#[cfg(unix)]
#[test]
fn a_difference_is_shown() {
    use std::os::unix::fs::PermissionsExt;
    let directory = tempfile::tempdir().unwrap();
    // A Helm that makes every root file system read-only.
    let helm = directory.path().join("helm");
    let script = "#!/bin/sh\n\"$REAL_HELM\" \"$@\" >\"$0.$$\" || exit\nsed 's/readOnlyRootFilesystem: false/readOnlyRootFilesystem: true/' \"$0.$$\"\n";
    std::fs::write(&helm, script).unwrap();
    std::fs::set_permissions(&helm, std::fs::Permissions::from_mode(0o755)).unwrap();
    let law = || {
        let output = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "law", "--nocapture"])
            .env("REAL_HELM", testing::helm::program())
            .env("HELM", &helm)
            .env("CARGO_MANIFEST_DIR", directory.path())
            .env("RUST_BACKTRACE", "0")
            .env_remove("LAW_CASES")
            .output()
            .unwrap();
        assert!(!output.status.success());
        let text = String::from_utf8(output.stderr).unwrap();
        let from = text.find("templates/deployment.yaml").expect(&text);
        let text = &text[from..text.find("note: run with").unwrap_or(text.len())];
        // The line of Rust is that of this file, which changes with it.
        text.lines()
            .map(|line| match line.strip_prefix("written by: ") {
                Some(place) => {
                    let (file, line) = place.rsplit_once(':').unwrap();
                    let source = include_str!("small_chart.rs")
                        .lines()
                        .nth(line.parse::<usize>().unwrap() - 1)
                        .unwrap();
                    format!("written by: {}: {}\n", file.rsplit('/').next().unwrap(), source.trim())
                }
                None => format!("{line}\n"),
            })
            .collect::<String>()
    };
    let shown = law();
    insta::assert_snapshot!("a_difference_is_shown", shown);
    let remembered = directory.path().join("tests/law-regressions/small.json");
    assert!(std::fs::read_to_string(remembered).unwrap().contains("readOnly"));
    assert_eq!(law(), shown, "the remembered case is the first to fail");
}
