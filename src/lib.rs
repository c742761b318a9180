//! MLflow on Kubernetes, described by typed Rust.
//!
//! One plain function, [`Stack::new`], describes the whole stack: the server, its database, its artifacts, and what
//! belongs around them, as `k8s-openapi` objects. Traced by this crate's `build.rs` it becomes the Helm chart in
//! `charts-out/mlflow`; run with known values it renders the same objects natively.
//!
//! ```
//! use chartwright::{ReleaseInfo, values::Inputs};
//!
//! let rendered = mlflow_kube::chart().render(&Inputs::default(), &ReleaseInfo::default())?;
//! assert!(rendered.objects.iter().any(|object| object.json["kind"] == "StatefulSet"));
//! # Ok::<(), chartwright::Error>(())
//! ```
//!
//! A stack of your own begins with ours: [`Stack`] is a struct of public fields, one an object, to be changed, added to
//! and left out. `examples/custom-stack` is a whole crate of that kind.

pub mod stack;
pub mod values;

pub use stack::{Stack, chart};
pub use values::Values;

// Of the versions that the types here are of, so that a stack of your own cannot have others.
pub use {chartwright, k8s_openapi};

/// What the README says in Rust is compiled, as a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
