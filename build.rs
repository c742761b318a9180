//! Turns the stack into the chart: traces it, checks it, and writes it to `charts-out/` where that is.

// The build script is not part of the library's documentation.
#![allow(missing_docs, dead_code, unused_imports)]

#[path = "src/stack/mod.rs"]
mod stack;
#[path = "src/values.rs"]
mod values;

fn main() -> std::process::ExitCode {
    chartwright::build_script(&stack::chart())
}
