//! Write a Helm chart as a plain typed Rust function.

pub mod testing;
pub mod values;

mod carrier;
mod write;
mod traced;
mod tidy;
mod schema;
mod sample;
mod rendered;
mod eval;
mod emit;
mod chart;
mod error;
mod expr;
mod manifest;
mod ops;
mod release;
mod shape;
mod symbolic;
mod trace;
mod tree;
mod val;
mod weave;

pub use chart::Chart;
pub use rendered::{Object, Rendered};
pub use traced::Traced;
pub use write::Changes;
pub use error::{Error, Problem, Result};
pub use manifest::{Manifests, Part, When};
pub use release::{Release, ReleaseInfo};
pub use val::{Collection, Integer, Val, text};
