//! Write a Helm chart as a plain typed Rust function.

pub mod testing;
pub mod values;

mod build_script;
mod carrier;
mod chart;
mod emit;
mod error;
mod eval;
mod expr;
mod manifest;
mod ops;
mod release;
mod rendered;
mod sample;
mod schema;
mod shape;
mod symbolic;
mod tidy;
mod trace;
mod traced;
mod tree;
mod val;
mod weave;
mod write;

pub use build_script::build_script;
pub use chart::Chart;
pub use error::{Error, Problem, Result};
pub use manifest::{Manifests, Part, When};
pub use release::{Release, ReleaseInfo};
pub use rendered::{Object, Rendered};
pub use traced::Traced;
pub use val::{Collection, Integer, Val, text};
pub use write::Changes;
