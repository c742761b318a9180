//! A string that stands for a value is cut, changed, kept, or used where it cannot be.

use super::{Case, config, manifests, named, trace};
use chartwright::Val;
use k8s_openapi::api::core::v1::ConfigMap;
use std::sync::OnceLock;

pub const CASES: &[Case] = &[
    ("cut", || {
        trace(|v, _| manifests([config("a", v.name.get().chars().take(4).collect::<String>())]))
    }),
    ("sliced", || trace(|v, _| manifests([config("a", &v.name.get()[..3])]))),
    ("lower-case", || {
        trace(|v, _| manifests([config("a", v.name.get().to_lowercase())]))
    }),
    ("trimmed", || {
        trace(|v, _| {
            manifests([config(
                "a",
                format!("x-{}", v.name.get().trim_end_matches(|c: char| !c.is_ascii())),
            )])
        })
    }),
    ("key-of-a-map", || {
        trace(|v, _| {
            manifests([ConfigMap {
                metadata: named("a"),
                data: Some([(v.name.get(), "x".to_owned())].into()),
                ..Default::default()
            }])
        })
    }),
    ("part-of-a-key", || {
        trace(|v, _| {
            manifests([ConfigMap {
                metadata: named("a"),
                data: Some([(format!("{}.txt", v.name.get()), "x".to_owned())].into()),
                ..Default::default()
            }])
        })
    }),
    ("kept-from-another-trace", || {
        static KEPT: OnceLock<String> = OnceLock::new();
        let stack = |v: &super::Values, _: &chartwright::Release| {
            // Handed out first, so that the kept one is the second of its trace.
            let first = v.name.get();
            let kept = KEPT.get_or_init(|| v.name.get()).clone();
            manifests([config("a", first), config("b", kept)])
        };
        trace(stack).ok();
        trace(stack)
    }),
    ("pattern", || {
        trace(|v, release| {
            release.refuse_if(
                v.name.matches(r"^\d+$"),
                "name",
                "a number is no name; begin it with a letter",
            );
            manifests([])
        })
    }),
    ("message-cut", || {
        trace(|v, release| {
            let short: String = v.name.get().chars().take(4).collect();
            release.refuse_if(v.enabled.clone(), "name", format!("{short} is no name"));
            manifests([])
        })
    }),
    ("operation-after-get", || {
        trace(|v, _| {
            let name: Val<String> = v.name.get().replace('V', "W").into();
            manifests([config("a", name.trunc(5).get())])
        })
    }),
];
