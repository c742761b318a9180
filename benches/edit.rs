//! How long it takes from an edit of one setting to the new chart: `cargo bench --bench edit`.
//!
//! Works in a copy of what Git knows, below Cargo's target directory, with a target directory of its own.

#![allow(missing_docs)]

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant, SystemTime};

const ROUNDS: u32 = 7;
const SETTING: &str = "pre_stop_seconds: ";

fn main() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR"));
    let copy = Path::new(env!("CARGO_TARGET_TMPDIR")).join("edit");
    let _ = fs::remove_dir_all(copy.join("charts-out"));
    for file in tracked(source) {
        let to = copy.join(&file);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(source.join(&file), to).unwrap();
    }
    build(&copy);
    let mut whole = Vec::new();
    let mut chart = Vec::new();
    for round in 0..ROUNDS {
        let seconds = 100 + round;
        edit(&copy, seconds);
        let (start, clock) = (Instant::now(), SystemTime::now());
        build(&copy);
        whole.push(start.elapsed());
        let values = copy.join("charts-out/mlflow/values.yaml");
        assert!(
            fs::read_to_string(&values)
                .unwrap()
                .contains(&format!("preStopSeconds: {seconds}"))
        );
        chart.push(
            fs::metadata(&values)
                .unwrap()
                .modified()
                .unwrap()
                .duration_since(clock)
                .unwrap(),
        );
    }
    println!(
        "from an edit to the new chart, median of {ROUNDS}: {:.2?}",
        median(chart)
    );
    println!("until `cargo build` has ended:                 {:.2?}", median(whole));
}

fn tracked(source: &Path) -> Vec<String> {
    let output = Command::new("git")
        .args(["ls-files"])
        .current_dir(source)
        .output()
        .unwrap();
    String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(String::from)
        .collect()
}

fn edit(copy: &Path, seconds: u32) {
    let path = copy.join("src/values.rs");
    let text = fs::read_to_string(&path).unwrap();
    let at = text.rfind(SETTING).unwrap() + SETTING.len();
    let end = at + text[at..].find(".into()").unwrap();
    fs::write(path, format!("{}{seconds}{}", &text[..at], &text[end..])).unwrap();
}

fn build(copy: &Path) {
    let status = Command::new(env!("CARGO"))
        .args(["build", "--quiet"])
        .current_dir(copy)
        .env("CARGO_TARGET_DIR", copy.join("target"))
        .status()
        .unwrap();
    assert!(status.success());
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}
