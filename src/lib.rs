//! MLflow on Kubernetes, described by typed Rust.

pub mod stack;
pub mod values;

pub use stack::Stack;
pub use values::Values;
