//! What a change looks like to a reviewer: `docs/review.md` shows three, and is held to them here.
//!
//! `UPDATE_DOCS=1 cargo test --test review` writes the diffs into the document.

use chartwright::{Chart, ReleaseInfo, values::Inputs};
use mlflow_kube::{Stack, Values};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use similar::TextDiff;
use std::collections::BTreeMap;
use std::path::Path;

/// The stack's values, where a default may be another.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
struct Changed<const SETTING: bool>(Values);

impl<const SETTING: bool> Default for Changed<SETTING> {
    fn default() -> Self {
        let mut values = Values::default();
        if SETTING {
            setting(&mut values);
        }
        Self(values)
    }
}

fn setting(values: &mut Values) {
    values.server.graceful_shutdown_seconds = 60.into();
}

fn container(stack: &mut Stack) {
    stack.server.pod_mut().containers[0].working_dir = Some("/tmp".into());
}

fn label(stack: &mut Stack) {
    let labels = &mut stack.server.deployment.metadata.labels;
    labels.get_or_insert_default().insert("team".into(), "vision".into());
}

#[test]
fn document_shows_what_changes() {
    let same = |_: &mut Stack| {};
    let before = files::<false>(same);
    let diffs = [files::<true>(same), files::<false>(container), files::<false>(label)].map(|after| {
        let diff = diff(&before, &after);
        let changed = diff.lines().filter(|line| line.starts_with(['+', '-'])).count();
        assert!((1..=20).contains(&changed), "not a small diff:\n{diff}");
        diff
    });
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/review.md");
    let document = std::fs::read_to_string(&path).unwrap();
    let current = with_blocks(&document, "```diff\n", &diffs);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        return std::fs::write(&path, &current).unwrap();
    }
    assert!(
        document == current,
        "docs/review.md is stale: UPDATE_DOCS=1 cargo test --test review"
    );
    let source = include_str!("review.rs");
    for block in document.split("```rust\n").skip(1) {
        for line in block.lines().take_while(|line| *line != "```") {
            assert!(
                source.contains(line),
                "docs/review.md has Rust that is not tested: {line}"
            );
        }
    }
}

/// The chart's files and the presets' objects, as they are under `charts-out` and `tests/snapshots`.
fn files<const SETTING: bool>(change: impl Fn(&mut Stack) + Send + Sync + 'static) -> BTreeMap<String, String> {
    let seed = include_str!("../values/seed.yaml");
    let chart = Chart::new("mlflow", "0.1.0", move |values: &Changed<SETTING>, release| {
        let mut stack = Stack::new(&values.0, release);
        change(&mut stack);
        stack
    });
    let rendered = chart
        .render(&Inputs::file("seed", seed), &ReleaseInfo::default())
        .unwrap()
        .to_yaml();
    let traced = chart.trace().unwrap();
    let files = traced
        .files()
        .iter()
        .map(|(name, text)| (format!("charts-out/mlflow/{name}"), text.clone()));
    files
        .chain([("tests/snapshots/chart__preset_seed.snap".into(), rendered)])
        .collect()
}

fn diff(before: &BTreeMap<String, String>, after: &BTreeMap<String, String>) -> String {
    let mut all = String::new();
    for (name, new) in after {
        let diff = TextDiff::from_lines(&before[name], new);
        let (old_name, new_name) = (format!("a/{name}"), format!("b/{name}"));
        let diff = diff
            .unified_diff()
            .context_radius(2)
            .header(&old_name, &new_name)
            .to_string();
        // Without the numbers of the lines, which change with all that is above them.
        let lines = diff
            .lines()
            .map(|line| if line.starts_with("@@ ") { "@@" } else { line });
        all.extend(lines.flat_map(|line| {
            [
                line, "
",
            ]
        }));
    }
    all
}

/// The document with what is between each `fence` and the next one's end replaced.
fn with_blocks(document: &str, fence: &str, blocks: &[String]) -> String {
    let mut parts = document.split(fence);
    let mut whole = parts.next().unwrap_or_default().to_owned();
    let mut blocks = blocks.iter();
    for part in parts {
        let (_, rest) = part.split_once("```").unwrap();
        let block = blocks.next().expect("a diff for each block of the document");
        whole += &format!("{fence}{block}```{rest}");
    }
    assert_eq!(blocks.next(), None, "the document has no block for this");
    whole
}
