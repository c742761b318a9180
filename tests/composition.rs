//! Stacks made from ours: two of them in one chart, and one with an object left out.

use chartwright::{Chart, Manifests, ReleaseInfo, testing};
use mlflow_kube::{Stack, Values};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

#[derive(Serialize, Deserialize, JsonSchema)]
struct Two {
    /// The one that everyone uses.
    blue: Values,
    /// The one that is tried out.
    green: Values,
}

impl Default for Two {
    fn default() -> Self {
        let named = |name: &str| Values {
            name_override: name.into(),
            ..Values::default()
        };
        Self {
            blue: named("blue"),
            green: named("green"),
        }
    }
}

fn chart() -> Chart<Two> {
    Chart::new("two-mlflows", "0.1.0", |v: &Two, release| {
        let mut all = Manifests::new();
        all.add_all("blue", Stack::new(&v.blue, &release.under("blue")));
        all.add_all("green", Stack::new(&v.green, &release.under("green")));
        all
    })
}

#[test]
fn law() {
    testing::law(&chart()).cases(50).check();
}

/// The pods of one are not found by the selectors of the other, and a refusal names the one that it is of.
#[test]
fn they_are_apart() {
    let render = |values| chart().render_json(values, &ReleaseInfo::default());
    let objects = render(json!({})).unwrap().objects;
    let selector = |file: &str| {
        let object = objects.iter().find(|object| object.file == file).unwrap();
        object.json["spec"]["selector"].to_string()
    };
    for file in [
        "server/deployment",
        "server/service",
        "postgres/statefulset",
        "postgres/service",
    ] {
        assert_ne!(selector(&format!("blue/{file}")), selector(&format!("green/{file}")));
    }
    let refused = render(json!({"green": {"server": {"replicas": 2}}})).unwrap_err();
    assert_eq!(refused.problems()[0].at, "green.server.replicas");
}

/// A setting of an object that is left out does nothing, which has to be said.
#[test]
fn what_is_left_out_is_named() {
    let problems = |allowed: &str| {
        let chart = Chart::new("team", "0.1.0", move |v: &Values, release| {
            let mut stack = Stack::new(v, release);
            stack.scaling.disruption_budget.leave_out();
            stack
        });
        let traced = chart.allow_unused(allowed).trace();
        let problems = traced.err().map(|error| error.problems().to_vec()).unwrap_or_default();
        problems.into_iter().map(|problem| problem.at).collect::<Vec<_>>()
    };
    let settings = ["podDisruptionBudget.enabled", "podDisruptionBudget.maxUnavailable"];
    assert_eq!(problems("podDisruptionBudget"), [""; 0]);
    assert_eq!(problems(settings[0]), [settings[1]]);
    assert_eq!(problems("server"), settings);
}
