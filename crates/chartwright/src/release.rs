//! What Helm knows besides the values, named templates, and refusals.

use crate::carrier::carry;
use crate::error::{Error, Kind, Problem, Result};
use crate::expr::{Expr, Op};
use crate::ops;
use crate::shape::Shape;
use crate::trace::{self, Named};
use crate::traced::REFUSALS;
use crate::tree::Tree;
use crate::val::{Integer, Repr, Val, built, text};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::cell::RefCell;
use std::panic::Location;
use std::rc::Rc;

/// The release that is installed: its name, its namespace, the cluster, and the chart.
///
/// There is no `lookup` and no randomness: what must be generated is generated inside the cluster, once.
/// See <https://helm.sh/docs/chart_template_guide/builtin_objects/>.
#[derive(Clone, Debug)]
pub struct Release {
    /// `.Release.Name`
    pub name: Val<String>,
    /// `.Release.Namespace`
    pub namespace: Val<String>,
    /// `.Release.Service`: "Helm".
    pub service: Val<String>,
    /// `.Release.IsUpgrade`; an installation otherwise.
    pub is_upgrade: Val<bool>,
    /// `.Chart.Name`, which a parent chart's `alias` replaces.
    pub chart: Val<String>,
    /// `.Chart.Version`
    pub chart_version: Val<String>,
    /// `.Chart.AppVersion`
    pub app_version: Val<String>,
    kube_version: Val<String>,
    api_versions: Val<Vec<String>>,
    scope: String,
    refusals: Rc<RefCell<Vec<Refusal>>>,
}

/// One reason why values are refused.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    pub condition: Val<bool>,
    pub path: String,
    /// As it was written; a traced message may have marks in it.
    pub message: String,
    pub written_at: &'static Location<'static>,
}

/// What is known of a release natively; the defaults are those of `helm template`.
#[derive(Clone, Debug)]
pub struct ReleaseInfo {
    /// The name of the release.
    pub name: String,
    /// The namespace it goes to.
    pub namespace: String,
    /// Whether it is there already.
    pub is_upgrade: bool,
    /// The Kubernetes version, as `v1.33.1`.
    pub kube_version: String,
    /// The API versions that the cluster serves besides Kubernetes' own, `group/version` or `group/version/Kind`.
    pub api_versions: Vec<String>,
    /// The chart's name, where a parent chart's `alias` gives it another.
    pub alias: Option<String>,
}

impl Default for ReleaseInfo {
    fn default() -> Self {
        Self {
            name: "release-name".into(),
            namespace: "default".into(),
            is_upgrade: false,
            kube_version: "v1.37.0".into(),
            api_versions: Vec::new(),
            alias: None,
        }
    }
}

impl ReleaseInfo {
    /// What Helm refuses of a release's name, and of a version of Kubernetes.
    pub(crate) fn check(&self) -> Result<()> {
        const LONGEST: usize = 53;
        let name = &self.name;
        let refuse = |at: &str, what: String| Err(Error::one(Kind::Release, at, what));
        let remedy = "use lower-case letters, digits, `-` and `.`, with a letter or digit at both ends";
        if name.is_empty() {
            return refuse(
                "NAME",
                "the release has no name; give it one, as in `template NAME`".into(),
            );
        }
        if name.len() > LONGEST {
            let length = name.len();
            return refuse(
                "NAME",
                format!("{name:?} has {length} characters, and the name of a release may have {LONGEST}; shorten it"),
            );
        }
        if !ops::matches(RELEASE_NAME, name) {
            return refuse("NAME", format!("{name:?} cannot be the name of a release; {remedy}"));
        }
        if !ops::is_kube_version(&self.kube_version) {
            let version = &self.kube_version;
            return refuse(
                "--kube-version",
                format!("{version:?} is no version; write it as `v1.33.1`"),
            );
        }
        Ok(())
    }
}

/// Helm's own pattern for names of releases.
const RELEASE_NAME: &str = r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$";

impl Release {
    pub(crate) fn known(info: &ReleaseInfo, chart: &str, chart_version: &str, app_version: &str) -> Self {
        Self {
            name: info.name.clone().into(),
            namespace: info.namespace.clone().into(),
            service: "Helm".into(),
            is_upgrade: info.is_upgrade.into(),
            chart: info.alias.clone().unwrap_or_else(|| chart.into()).into(),
            chart_version: chart_version.into(),
            app_version: app_version.into(),
            kube_version: info.kube_version.clone().into(),
            api_versions: info.api_versions.clone().into(),
            scope: String::new(),
            refusals: Rc::default(),
        }
    }

    pub(crate) fn symbolic() -> Self {
        let text = |name| {
            Val::symbolic(Expr::Known {
                name,
                shape: Shape::Text,
            })
        };
        Self {
            name: text("Release.Name"),
            namespace: text("Release.Namespace"),
            service: text("Release.Service"),
            is_upgrade: Val::symbolic(Expr::Known {
                name: "Release.IsUpgrade",
                shape: Shape::Bool,
            }),
            chart: text("Chart.Name"),
            chart_version: text("Chart.Version"),
            app_version: text("Chart.AppVersion"),
            kube_version: text("Capabilities.KubeVersion.Version"),
            api_versions: Val::symbolic(Expr::Known {
                name: "Capabilities.APIVersions",
                shape: Shape::List,
            }),
            scope: String::new(),
            refusals: Rc::default(),
        }
    }

    /// The same release for a stack whose values stand at `path` of the chart's values:
    /// `Stack::new(&v.mlflow, &release.under("mlflow"))`.
    ///
    /// Refusals name their values below it, and named templates are named below it too, so that a chart can have two
    /// stacks of one kind; [`Manifests::add_all`](crate::Manifests::add_all) then keeps their files apart.
    pub fn under(&self, path: &str) -> Self {
        Self {
            scope: format!("{}{path}.", self.scope),
            ..self.clone()
        }
    }

    /// Refuses values that no schema can refuse: a `fail` of the chart, before any object, and the same error
    /// natively. All refusals are shown at once.
    ///
    /// `path` is the value that should change, `message` says what is wrong and, at its end, what to do.
    #[track_caller]
    pub fn refuse_if(&self, condition: impl Into<Val<bool>>, path: &str, message: impl Into<String>) {
        let condition = condition.into();
        if let Repr::Known(false) = condition.0 {
            return;
        }
        let refusal = Refusal {
            condition,
            path: format!("{}{path}", self.scope),
            message: message.into(),
            written_at: Location::caller(),
        };
        self.refusals.borrow_mut().push(refusal);
    }

    pub(crate) fn refusals(&self) -> Vec<Refusal> {
        self.refusals.borrow().clone()
    }

    pub(crate) fn refused(&self) -> Vec<Problem> {
        let refusals = self.refusals.borrow();
        refusals
            .iter()
            .filter(|refusal| matches!(refusal.condition.0, Repr::Known(true)))
            .map(|refusal| Problem {
                at: refusal.path.clone(),
                what: refusal.message.clone(),
                source: None,
            })
            .collect()
    }

    /// A string under a name: the chart has it as a named template (`mlflow.fullname`), and calls that wherever the
    /// string is used.
    ///
    /// `comment` says what it is for, and stands above it. The same name must always stand for the same string.
    #[track_caller]
    pub fn named(&self, name: &str, comment: &str, build: impl FnOnce() -> Val<String>) -> Val<String> {
        let value = build();
        if !trace::is_on() {
            return value;
        }
        let name = self.define(name, comment, Tree::Dynamic(value.expr()));
        Val::symbolic(Expr::Include { name })
    }

    /// An integer under a name, as [`named`](Release::named) is for strings: a sum that is needed in several places.
    #[track_caller]
    pub fn named_number<N: Integer>(&self, name: &str, comment: &str, build: impl FnOnce() -> Val<N>) -> Val<N> {
        let value = build();
        if !trace::is_on() {
            return value;
        }
        let name = self.define(name, comment, Tree::Dynamic(value.expr()));
        Val::symbolic(Expr::call(Op::Number, [Expr::Include { name }]))
    }

    /// A map (labels, say), a list or a script under a name: the chart has it as a named template and includes that.
    ///
    /// `comment` says what it is for, and stands above it. Fixed keys may be added to what it returns. The same name
    /// must always stand for the same thing.
    #[track_caller]
    pub fn block<X: Serialize + DeserializeOwned>(&self, name: &str, comment: &str, build: impl FnOnce() -> X) -> X {
        let value = build();
        if !trace::is_on() {
            return value;
        }
        let body = built(&value);
        let name = self.define(name, comment, body.clone());
        carry(Tree::Include {
            name,
            body: Box::new(body),
        })
    }

    /// Whether the cluster runs this Kubernetes version (`"1.30"`) or a later one.
    pub fn kube_at_least(&self, version: &str) -> Val<bool> {
        match &self.kube_version.0 {
            Repr::Known(running) => ops::kube_at_least(running, version).into(),
            Repr::Symbolic(expr) => Val::symbolic(Expr::call(Op::KubeAtLeast, [expr.clone(), Expr::literal(version)])),
        }
    }

    /// Whether the cluster serves an API, `group/version/Kind`: `monitoring.coreos.com/v1/ServiceMonitor`.
    pub fn serves(&self, api: &str) -> Val<bool> {
        match &self.api_versions.0 {
            Repr::Known(served) => served.iter().any(|known| known == api).into(),
            Repr::Symbolic(expr) => Val::symbolic(Expr::call(Op::Serves, [expr.clone(), Expr::literal(api)])),
        }
    }

    /// `chart-version`, as Helm's own charts label their objects with it (`helm.sh/chart`).
    pub fn chart_label(&self) -> Val<String> {
        text(format!("{}-{}", self.chart.get(), self.chart_version.get()))
            .replace("+", "_")
            .trunc(63)
            .trim_suffix("-")
    }

    /// Remembers a named template, under its full name.
    #[track_caller]
    fn define(&self, name: &str, comment: &str, body: Tree) -> String {
        let defined_at = Location::caller();
        let stop = |what: &str| -> ! { trace::stop(Error::trace(name, what).caused_at(defined_at)) };
        if comment.trim().is_empty() || comment.contains("*/") {
            stop("a named template without a comment, or with `*/` in it; say in a sentence what it is for");
        }
        let local = format!("{}{name}", self.scope);
        if local == REFUSALS {
            stop("the named template of what `refuse_if` refuses is called so; give this one another name");
        }
        let full = trace::with(|trace| {
            let full = format!("{}.{local}", trace.chart);
            match trace.helpers.get(&full) {
                Some(known) if *known != body => return None,
                Some(_) => {}
                None => {
                    trace.helpers.insert(full.clone(), body);
                    trace.named.push(Named {
                        name: full.clone(),
                        comment: comment.into(),
                    });
                }
            }
            Some(full)
        });
        full.unwrap_or_else(|| {
            stop(
                "two different bodies for one named template; give the second another name, or build both from the same \
                 values",
            )
        })
    }
}
