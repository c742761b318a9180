//! Turns the stack into the chart: traces it, checks it, and writes it to `OUT_DIR`, and to `charts-out/` where that is.
//!
//! A failed check fails the build and leaves the last good chart as it is.

// The build script is not part of the library's documentation.
#![allow(missing_docs, dead_code, unused_imports)]

#[path = "src/stack/mod.rs"]
mod stack;
#[path = "src/values.rs"]
mod values;

use build_print::{error, info, println};
use std::path::{Path, PathBuf};

fn main() {
    for path in ["build.rs", "src/values.rs", "src/stack", "values", "charts-out"] {
        std::println!("cargo::rerun-if-changed={path}");
    }
    if let Err(problem) = build() {
        for line in problem.to_string().lines() {
            error!("{line}");
        }
        error!("the chart was not written; the last good one is as it was");
        std::process::exit(1);
    }
}

fn build() -> chartwright::Result<()> {
    let chart = stack::chart();
    let traced = chart.trace()?;
    let out = PathBuf::from(std::env::var_os("OUT_DIR").unwrap_or_default()).join(chart.name());
    traced.write(&out)?;
    // Only in the repository: a published crate has no such folder, and a dependent's build writes into no sources.
    let mirror = Path::new(env!("CARGO_MANIFEST_DIR")).join("charts-out");
    if mirror.is_dir() {
        let changes = traced.write(mirror.join(chart.name()))?;
        for name in &changes.written {
            println!("   wrote charts-out/{}/{name}", chart.name());
        }
        for name in &changes.removed {
            println!("   removed charts-out/{}/{name}", chart.name());
        }
    }
    info!(
        "chart {}: {} objects, {} settings, {} presets, all checked",
        chart.name(),
        traced.objects(),
        traced.settings(),
        chart.presets().len()
    );
    Ok(())
}
