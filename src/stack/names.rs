//! Names and labels, by the conventions that `helm create` set.

use crate::values::Values;
use chartwright::{Release, Val, text};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};
use std::collections::BTreeMap;

/// A map of strings, as labels and annotations are.
pub type Map = BTreeMap<String, String>;

/// The parts of the stack, as the label `app.kubernetes.io/component` has them.
#[derive(Clone, Copy, Debug)]
pub enum Component {
    /// MLflow.
    Server,
    /// The database.
    Postgres,
    /// What makes secrets.
    Generator,
    /// What refuses upgrades that cannot work.
    UpgradeCheck,
    /// `helm test`.
    Test,
}

impl Component {
    fn label(self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::Postgres => "postgres",
            Self::Generator => "generator",
            Self::UpgradeCheck => "upgrade-check",
            Self::Test => "test",
        }
    }
}

/// The names of all objects of a release, and their labels.
#[derive(Clone, Debug)]
pub struct Names {
    /// The server's Deployment and Service, and what the other names begin with.
    pub fullname: Val<String>,
    /// The database's StatefulSet and Service.
    pub postgres: Val<String>,
    /// The Service that gives the database's pod a name.
    pub postgres_headless: Val<String>,
    /// The ConfigMap with what sets the database up.
    pub postgres_setup: Val<String>,
    /// The server's ServiceAccount.
    pub service_account: Val<String>,
    /// The claim of the artifacts' volume.
    pub artifacts: Val<String>,
    /// The Secret with user, password and keys of S3.
    pub credentials: Val<String>,
    /// The Secret that is made from values.
    pub values_secret: Val<String>,
    /// The Secret that is made inside the cluster.
    pub generated_secret: Val<String>,
    /// What makes it.
    pub generator: Val<String>,
    /// What refuses upgrades that cannot work.
    pub upgrade_check: Val<String>,
    /// The pod of `helm test`.
    pub test: Val<String>,
    /// MLflow's image.
    pub image: Val<String>,
    /// Postgres' image.
    pub postgres_image: Val<String>,
    release: Release,
    name: Val<String>,
    chart: Val<String>,
}

impl Names {
    /// The names in a release with these values.
    pub fn new(v: &Values, release: &Release) -> Self {
        let name = release.named(
            "name",
            "The chart's name, or nameOverride; at most 63 characters, as Kubernetes has it for names.",
            || v.name_override.or_default_to(&release.chart).trunc(63).trim_suffix("-"),
        );
        let fullname = release.named(
            "fullname",
            "What all names begin with: the release's name and the chart's, or fullnameOverride. A release whose \
             name has the chart's in it is not named twice.",
            || {
                let both = text(format!("{}-{}", release.name.get(), name.get()));
                let default = release.name.contains(&name).pick(&release.name, both);
                v.fullname_override.or_default_to(default).trunc(63).trim_suffix("-")
            },
        );
        let with = |suffix| with(&fullname, suffix);
        let postgres = release.named(
            "postgres",
            "The name of the database's StatefulSet and Service.",
            || v.postgres.fullname_override.or_default_to(with("-postgres")),
        );
        let values_secret = with("-credentials");
        let generated_secret = release.named(
            "generatedSecret",
            "The Secret that is made inside the cluster. Names that end in a suffix are cut to 52 characters, \
             because Kubernetes adds to them.",
            || with("-generated"),
        );
        let credentials = release.named(
            "credentials",
            "The Secret with user, password and keys of S3: the user's own, the one made from values, or the \
             generated one.",
            || {
                let source = &v.credentials.source;
                use crate::values::CredentialSource::{ExistingSecret, Values};
                source.is(ExistingSecret).pick(
                    &v.credentials.existing_secret,
                    source.is(Values).pick(&values_secret, &generated_secret),
                )
            },
        );
        let service_account = release.named("serviceAccountName", "The ServiceAccount of the server's pods.", || {
            let default = v.service_account.create.pick(&fullname, "default");
            v.service_account.name.or_default_to(default)
        });
        Self {
            postgres_headless: text(format!("{}-headless", postgres.get())),
            postgres_setup: with("-postgres-setup"),
            artifacts: v.artifacts.pvc.existing_claim.or_default_to(with("-artifacts")),
            generator: release.named(
                "generator",
                "What makes the generated Secret: the name of its Job, and of its identity.",
                || with("-generator"),
            ),
            upgrade_check: with("-upgrade-check"),
            test: with("-test"),
            postgres,
            service_account,
            credentials,
            values_secret,
            generated_secret,
            fullname,
            image: release.named(
                "image",
                "MLflow's image, by digest where there is one, else by tag.",
                || image(&v.image.repository, &v.image.tag, &v.image.digest),
            ),
            postgres_image: release.named(
                "postgresImage",
                "Postgres' image, by digest where there is one, else by tag.",
                || {
                    let image_of = &v.postgres.image;
                    image(&image_of.repository, &image_of.tag, &image_of.digest)
                },
            ),
            chart: release.named(
                "chart",
                "The chart's name and version, as the label helm.sh/chart has them.",
                || release.chart_label(),
            ),
            release: release.clone(),
            name,
        }
    }

    /// The name of a further object: the server's, with `suffix` behind it.
    pub fn with(&self, suffix: &str) -> Val<String> {
        with(&self.fullname, suffix)
    }

    /// What is needed to give a part of the chart a name.
    pub fn release(&self) -> &Release {
        &self.release
    }

    /// The release's namespace.
    pub fn namespace(&self) -> String {
        self.release.namespace.get()
    }

    /// The label `app.kubernetes.io/name`.
    pub fn name(&self) -> String {
        self.name.get()
    }

    /// The label `app.kubernetes.io/instance`.
    pub fn instance(&self) -> String {
        self.release.name.get()
    }

    /// Labels by which the pods of a component are found; they never change.
    pub fn selector_labels(&self, component: Component) -> Map {
        let mut labels = self.release.block(
            "selectorLabels",
            "Labels by which pods are found, beside their component; they never change.",
            || {
                Map::from([
                    ("app.kubernetes.io/name".into(), self.name.get()),
                    ("app.kubernetes.io/instance".into(), self.release.name.get()),
                ])
            },
        );
        labels.insert("app.kubernetes.io/component".into(), component.label().into());
        labels
    }

    /// Labels of an object of a component.
    pub fn labels(&self, component: Component) -> Map {
        let release = &self.release;
        let mut labels = release.block("labels", "Labels of every object, beside its component.", || {
            Map::from([
                ("helm.sh/chart".into(), self.chart.get()),
                ("app.kubernetes.io/name".into(), self.name.get()),
                ("app.kubernetes.io/instance".into(), release.name.get()),
                ("app.kubernetes.io/version".into(), release.app_version.get()),
                ("app.kubernetes.io/managed-by".into(), release.service.get()),
            ])
        });
        labels.insert("app.kubernetes.io/component".into(), component.label().into());
        labels
    }

    /// Labels of a component's pods: those of the user, and over them those by which the pods are found. Nothing
    /// that changes with the chart's version, which would restart the database for nothing.
    pub fn pod_labels(&self, component: Component, more: &Val<Map>) -> Map {
        let mut labels = more.get();
        labels.extend(self.selector_labels(component));
        labels
    }

    /// A selector of a component's pods.
    pub fn selector(&self, component: Component) -> LabelSelector {
        LabelSelector {
            match_labels: Some(self.selector_labels(component)),
            ..LabelSelector::default()
        }
    }

    /// The metadata of an object.
    pub fn meta(&self, name: &Val<String>, component: Component) -> ObjectMeta {
        ObjectMeta {
            name: Some(name.get()),
            namespace: Some(self.release.namespace.get()),
            labels: Some(self.labels(component)),
            ..ObjectMeta::default()
        }
    }

    /// The metadata of an object that runs as a hook of Helm.
    pub fn hook_meta(&self, name: &Val<String>, component: Component, hook: &Hook) -> ObjectMeta {
        let annotations = [
            ("helm.sh/hook", hook.events.to_owned()),
            ("helm.sh/hook-weight", hook.weight.to_string()),
            ("helm.sh/hook-delete-policy", hook.delete_policy.to_owned()),
        ];
        // Helm 4 then shows why it failed.
        let log = hook
            .shows_log
            .then(|| ("helm.sh/hook-output-log-policy", "hook-failed".to_owned()));
        let annotations = annotations.into_iter().chain(log);
        let annotations = annotations.map(|(key, value)| (key.to_owned(), value));
        ObjectMeta {
            annotations: Some(annotations.collect()),
            ..self.meta(name, component)
        }
    }
}

/// Repository and tag, or digest.
fn image(repository: &Val<String>, tag: &Val<String>, digest: &Val<String>) -> Val<String> {
    let by_digest = text(format!("{}@{}", repository.get(), digest.get()));
    let by_tag = text(format!("{}:{}", repository.get(), tag.get()));
    digest.is_not_empty().pick(by_digest, by_tag)
}

/// Objects of which Kubernetes makes more, and names those after them, get no more than 52 characters.
fn with(fullname: &Val<String>, suffix: &str) -> Val<String> {
    let stem = fullname.trunc(52_usize.saturating_sub(suffix.len())).trim_suffix("-");
    text(format!("{}{suffix}", stem.get()))
}

/// When Helm runs a hook, in what order, and when it removes it.
#[derive(Clone, Debug)]
pub struct Hook {
    /// `pre-install,pre-upgrade`
    pub events: &'static str,
    /// Lower ones come first.
    pub weight: i32,
    /// `before-hook-creation,hook-succeeded`
    pub delete_policy: &'static str,
    /// Whether Helm is to print its log when it fails.
    pub shows_log: bool,
}
