//! [`build_script`]: the whole of a `build.rs` that keeps a chart up to date.

use crate::chart::Chart;
use crate::error::Result;
use build_print::{error, info, println};
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Traces a chart, checks it, and writes it to `charts-out/<name>` beside the crate's `Cargo.toml`.
///
/// ```ignore
/// // build.rs
/// #[path = "src/lib.rs"]
/// mod stack;
///
/// fn main() -> std::process::ExitCode {
///     chartwright::build_script(&stack::chart())
/// }
/// ```
///
/// Make the folder `charts-out` once: where there is none, nothing is written, and so it is in a published crate that
/// leaves it out. Nor is anything written into sources that Cargo has fetched, or where the environment variable `CI`
/// is set: there, what is committed is tested ([`Traced::compare`](crate::Traced::compare)), not mended.
///
/// A failed check fails the build with its message, and leaves the last good chart as it is.
pub fn build_script<V>(chart: &Chart<V>) -> ExitCode
where
    V: Serialize + DeserializeOwned + JsonSchema + Default + 'static,
{
    let folder = folder();
    // Cargo runs a build script again whenever what it is compiled from changes; the folder is all that it reads.
    let watched = if folder.is_dir() { "charts-out" } else { "build.rs" };
    std::println!("cargo::rerun-if-changed={watched}\ncargo::rerun-if-env-changed=CI");
    let Err(problem) = write(chart, &folder) else {
        return ExitCode::SUCCESS;
    };
    for line in problem.to_string().lines() {
        error!("{line}");
    }
    error!("the chart was not written; the last good one is as it was");
    ExitCode::FAILURE
}

fn folder() -> PathBuf {
    PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default()).join("charts-out")
}

fn write<V>(chart: &Chart<V>, folder: &Path) -> Result<()>
where
    V: Serialize + DeserializeOwned + JsonSchema + Default + 'static,
{
    let traced = chart.trace()?;
    if folder.is_dir() && !fetched(folder) && std::env::var_os("CI").is_none() {
        let changes = traced.write(folder.join(chart.name()))?;
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

/// Whether these sources are Cargo's, which are shared by all that is built on this machine: it marks what it fetches.
fn fetched(folder: &Path) -> bool {
    folder.ancestors().any(|above| above.join(".cargo-ok").exists())
}
