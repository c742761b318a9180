//! Values, natively: from the user's files and flags to the JSON that a chart sees.
//!
//! Everything here does what Helm 4.3.1 does, bug for bug, because a native rendering must be what
//! `helm install` would have made of the same files and flags:
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
//! assert_eq!(user.locate("/server/replicas").unwrap().to_string(), "mine.yaml:2:13");
//! let values = coalesce_over_defaults(defaults.value, user.value);
//! assert_eq!(values, serde_json::json!({ "server": { "replicas": 3 } }));
//! # Ok::<(), chartwright::values::ValuesError>(())
//! ```
//!
//! # What Helm reads and this refuses
//!
//! What is read here, Helm reads as the same. The reverse has exceptions, all of them loud and none
//! likely in a values file:
//!
//! - YAML 1.1 leniency: `\'` in double quotes; a tab between a key's colon and unquoted text; a
//!   `-` alone in `[…]`; an unquoted `?` in `[…]` or `{…}`; a key like `{a:}`, which for Helm has
//!   the colon in its name; a comment right after a bracket or quote; the next lines of a quoted
//!   text or of `[…]` further left than their parent.
//! - U+0085, U+2028 and U+2029 as they are. They end a line for Helm and for nobody who reads the
//!   file. (The latter two are fine within a quoted text.)
//! - U+FEFF, except at the start. At some places of a file Helm loses the character after it.
//! - `{a: 1}` as a whole file with more behind it, of which Helm silently takes the start.
//! - Keys of different types with one name, `1` and `"1"`: Helm takes either, at random.
//! - A key that Helm cannot use (`null:`) in a map that a later duplicate replaces.
//! - `!!binary` and `!!timestamp`; values nested more than a hundred levels deep.
//! - `--set-json` with two values and no comma between them, and half a surrogate pair in it.
//!
//! - A file of `--set-file` that is no UTF-8, or a URL.
//!
//! Not here: what Helm does for the values of subcharts.

mod assign;
mod decode;
mod error;
mod guard;
mod inputs;
mod merge;
mod number;
mod path;
mod read;
mod scalar;
mod set;
mod tree;

pub(crate) use path::{at, below, dotted, pointer, segments};

pub use error::{Place, Position, ValuesError};
pub use inputs::{Inputs, UserValues};
pub use merge::{coalesce_over_defaults, merge_files};
pub use read::{Document, read};
pub use set::{Flag, set};
