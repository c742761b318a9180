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

pub mod stack;
pub mod values;

pub use stack::{Stack, chart};
pub use values::Values;
