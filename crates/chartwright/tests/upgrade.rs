//! Changes of a chart with which an upgrade fails or loses data are found, each with what to do.
//!
//! A case is a folder of `tests/upgrade`: the objects before and after, and what is said of the change, which is nothing
//! where it is safe. `UPDATE_EXPECT=1` accepts what is said now.

use chartwright::testing::upgrade;
use chartwright::{Chart, Manifests, Release, ReleaseInfo, Val, values};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::{Path, PathBuf};

#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
struct NoValues {}

#[test]
fn changes_of_objects() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/upgrade");
    let mut names: Vec<PathBuf> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    names.sort();
    assert!(names.len() > 15);
    for case in names {
        let chart = |name: &str| {
            let text = fs::read_to_string(case.join(name)).unwrap();
            Chart::new("c", "1.0.0", move |_: &NoValues, _: &Release| objects(&text))
        };
        let released = tempfile::tempdir().unwrap();
        upgrade(&chart("before.yaml")).from(released.path()).release().unwrap();
        let after = chart("after.yaml");
        let said = match upgrade(&after).from(released.path()).verify() {
            Ok(()) => String::new(),
            Err(error) => format!("{error}\n"),
        };
        expect(&case.join("said.txt"), &said);
    }
}

/// The objects of a file, each in a file of its own.
fn objects(text: &str) -> Manifests {
    let mut manifests = Manifests::new();
    for (i, document) in text.split("---\n").enumerate() {
        let object = values::read(document, "case").unwrap().value;
        if object != serde_json::json!({}) {
            manifests.add(&format!("object-{i}"), object);
        }
    }
    manifests
}

fn expect(file: &Path, said: &str) {
    let expected = fs::read_to_string(file).unwrap_or_default();
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(file, said).unwrap();
    } else {
        assert_eq!(expected, said, "{}: accept it with UPDATE_EXPECT=1", file.display());
    }
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Before {
    #[schemars(extend("minimum" = 0, "maximum" = 10))]
    replicas: Val<i32>,
    old: Val<String>,
    kept: Val<bool>,
    limit: Val<Option<i32>>,
}

impl Default for Before {
    fn default() -> Self {
        Self {
            replicas: 5.into(),
            old: "x".into(),
            kept: true.into(),
            limit: None.into(),
        }
    }
}

#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct After {
    #[schemars(extend("minimum" = 0, "maximum" = 3))]
    replicas: Val<i32>,
    new: Val<String>,
    kept: Val<String>,
    #[schemars(extend("maximum" = 3))]
    limit: Val<Option<i32>>,
}

fn before() -> Chart<Before> {
    Chart::new("c", "1.0.0", |_: &Before, _: &Release| Manifests::new()).preset("large", "limit: 9\n")
}

fn after() -> Chart<After> {
    Chart::new("c", "1.1.0", |_: &After, _: &Release| Manifests::new())
}

/// A value that is gone, two that take less than before, and a released preset that is refused.
#[test]
fn changes_of_values() {
    let released = tempfile::tempdir().unwrap();
    upgrade(&before()).from(released.path()).release().unwrap();
    let after = after();
    let error = upgrade(&after).from(released.path()).verify().unwrap_err();
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/upgrade-of-values.txt");
    expect(&file, &format!("{error}\n"));
}

#[test]
fn what_is_allowed_passes() {
    let released = tempfile::tempdir().unwrap();
    upgrade(&before()).from(released.path()).release().unwrap();
    let after = after();
    let allowed = |reason| {
        upgrade(&after)
            .from(released.path())
            .allow("old", reason)
            .allow("kept", "was never used")
            .allow("replicas", "more than 3 never worked")
            .allow("limit", "more than 3 never worked")
    };
    allowed("renamed before anyone used it").verify().unwrap();
    let error = allowed("").verify().unwrap_err();
    assert!(
        error.to_string().contains("old: is allowed without a reason"),
        "{error}"
    );
    let error = allowed("r").allow("gone", "r").verify().unwrap_err();
    assert!(
        error
            .to_string()
            .contains("gone: is allowed, and nothing of it changes"),
        "{error}"
    );
}

/// A value that is renamed as `docs/upgrades.md` says: the old name still works, and says what to use.
#[test]
fn a_renamed_value() {
    #[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
    struct Old {
        replicas: Val<i32>,
    }

    #[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
    #[serde(rename_all = "camelCase")]
    struct New {
        /// Deprecated: use `podCount`.
        #[schemars(extend("deprecated" = true))]
        replicas: Val<Option<i32>>,
        pod_count: Val<i32>,
    }

    let old = Chart::new("c", "1.0.0", |_: &Old, _: &Release| Manifests::new());
    let new = Chart::new("c", "1.1.0", |v: &New, _: &Release| {
        let mut manifests = Manifests::new();
        let pods = v.replicas.or(&v.pod_count);
        manifests.add(
            "object",
            serde_json::json!({"kind": "Pods", "metadata": {"name": "a"}, "count": pods.get()}),
        );
        manifests
    });
    let traced = new.trace().unwrap();
    assert_eq!(
        traced.files()["templates/NOTES.txt"],
        "{{- if ne .Values.replicas nil }}\n\nreplicas is deprecated: use `podCount`.\n{{- end }}\n"
    );
    assert!(traced.files()["values.yaml"].contains("# Deprecated: use `podCount`.\n# replicas:\n"));
    assert!(traced.files()["values.schema.json"].contains("\"deprecated\": true"));
    let released = tempfile::tempdir().unwrap();
    upgrade(&old).from(released.path()).release().unwrap();
    upgrade(&new).from(released.path()).verify().unwrap();
    let rendered = |values| new.render_json(values, &ReleaseInfo::default()).unwrap();
    let (before, after) = (
        rendered(serde_json::json!({"replicas": 4, "podCount": 2})),
        rendered(serde_json::json!({"podCount": 2})),
    );
    assert_eq!(
        (&before.objects[0].json["count"], &after.objects[0].json["count"]),
        (&4.into(), &2.into())
    );
    assert_eq!(
        (before.notes.as_str(), after.notes.as_str()),
        ("replicas is deprecated: use `podCount`.", "")
    );
}

#[test]
fn a_chart_upgrades_to_itself() {
    let released = tempfile::tempdir().unwrap();
    let chart = before();
    upgrade(&chart).from(released.path()).release().unwrap();
    upgrade(&chart).from(released.path()).check();
}

/// A label with the chart's version in it is harmless, but not where Kubernetes lets nothing change.
#[test]
fn the_next_version_is_thought_of() {
    let chart = Chart::new("c", "1.0.0", |_: &NoValues, release: &Release| {
        let label = release.chart_label().get();
        let mut manifests = Manifests::new();
        manifests.add(
            "deployment",
            serde_json::json!({
                "apiVersion": "apps/v1",
                "kind": "Deployment",
                "metadata": {"name": "a", "labels": {"helm.sh/chart": label}},
                "spec": {"selector": {"matchLabels": {"helm.sh/chart": label}}},
            }),
        );
        manifests
    });
    let released = tempfile::tempdir().unwrap();
    upgrade(&chart).from(released.path()).release().unwrap();
    let error = upgrade(&chart).from(released.path()).verify().unwrap_err();
    assert_eq!(error.problems().len(), 1, "{error}");
    assert_eq!(error.problems()[0].at, "Deployment a, spec.selector");
    assert!(
        error.to_string().contains("changes with the version of the chart"),
        "{error}"
    );
}

#[test]
fn nothing_released() {
    let folder = tempfile::tempdir().unwrap();
    let chart = before();
    let error = upgrade(&chart).from(folder.path()).verify().unwrap_err();
    assert!(
        error.to_string().contains("run the test once with UPDATE_RELEASED=1"),
        "{error}"
    );
}
