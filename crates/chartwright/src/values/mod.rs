//! Values, natively: from the user's files and flags to the JSON that a chart sees.
//!
//! Everything here does what Helm 4.3.1 does, bug for bug where that is silent, because a native
//! rendering must be what `helm install` would have made of the same files and flags:
//!
//! 1. [`read`] reads a values file: YAML 1.1 with the types, keys and merges of Helm's reader.
//! 2. [`merge_files`] puts one file over another, [`set`] a flag over the files. [`Inputs`] does
//!    both in Helm's order.
//! 3. [`coalesce_over_defaults`] lays the result over the chart's own values.
//!
//! ```
//! use chartwright::values::{Inputs, coalesce_over_defaults, read};
//!
//! let defaults = read("server: {replicas: 1, debug: false}\n", "values.yaml")?;
//! let user = Inputs {
//!     files: vec![("mine.yaml".into(), "server:\n  replicas: 3\n".into())],
//!     set: vec!["server.debug=null".into()],
//!     ..Inputs::default()
//! }
//! .read()?;
//! assert_eq!(user.locate("/server/replicas").unwrap().1.to_string(), "2:13");
//! let values = coalesce_over_defaults(defaults.value, user.value);
//! assert_eq!(values, serde_json::json!({ "server": { "replicas": 3 } }));
//! # Ok::<(), chartwright::values::ValuesError>(())
//! ```
mod decode;
mod error;
mod guard;
mod inputs;
mod merge;
mod number;
mod read;
mod scalar;
mod set;
mod tree;

pub use error::{Position, ValuesError};
pub use inputs::{Inputs, UserValues};
pub use merge::{coalesce_over_defaults, merge_files};
pub use read::{Document, read};
pub use set::{Flag, set};
