//! Functions that compile and cannot be traced.

mod carriers;
mod charts;
mod strings;

use chartwright::{Chart, Manifests, Release, Result, Traced, Val};
use k8s_openapi::api::core::v1::{ConfigMap, Probe};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, Time};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Settings of every kind.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Values {
    pub name: Val<String>,
    pub replicas: Val<i32>,
    pub enabled: Val<bool>,
    pub kind: Val<Kind>,
    pub shape: Val<Shape>,
    pub hosts: Val<Vec<String>>,
    pub labels: Val<BTreeMap<String, String>>,
    pub probe: Val<Probe>,
    pub since: Val<Option<Time>>,
}

/// A choice by name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub enum Kind {
    /// The one.
    #[default]
    Plain,
    /// The other.
    Fancy,
}

/// A choice with data in it.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub enum Shape {
    /// Without.
    #[default]
    Round,
    /// With.
    Square(i32),
}

/// A wrong use: its name, and the attempt to trace it.
pub type Case = (&'static str, fn() -> Result<Traced>);

pub fn cases() -> Vec<Case> {
    [carriers::CASES, charts::CASES, strings::CASES].concat()
}

/// Traces a chart of these values, of which not all need be used.
fn trace(stack: impl Fn(&Values, &Release) -> Manifests + Send + Sync + 'static) -> Result<Traced> {
    allowing(Chart::new("misused", "1.0.0", stack)).trace()
}

fn allowing(mut chart: Chart<Values>) -> Chart<Values> {
    for setting in [
        "name", "replicas", "enabled", "kind", "shape", "hosts", "labels", "probe", "since",
    ] {
        chart = chart.allow_unused(setting);
    }
    chart
}

/// An object with this text in it.
fn config(name: &str, text: impl Into<String>) -> ConfigMap {
    ConfigMap {
        metadata: named(name),
        data: Some([("text".to_owned(), text.into())].into()),
        ..Default::default()
    }
}

fn named(name: &str) -> ObjectMeta {
    ObjectMeta {
        name: Some(name.into()),
        ..Default::default()
    }
}

fn manifests(objects: impl IntoIterator<Item = ConfigMap>) -> Manifests {
    let mut manifests = Manifests::new();
    for (i, object) in objects.into_iter().enumerate() {
        manifests.add(&format!("config-{i}"), object);
    }
    manifests
}
