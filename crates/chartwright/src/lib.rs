//! Write a Helm chart as a plain typed Rust function.
//!
//! The function takes values and returns Kubernetes objects. **Traced**, with every value standing for its path, it
//! becomes an ordinary Helm chart: templates, `values.yaml`, `values.schema.json`, notes. **Run**, with known values, it
//! renders the same objects without any Helm. The law: for every valid values file, `helm template` of the chart and the
//! native rendering give the same objects.
//!
//! ```
//! use chartwright::{Chart, Manifests, Release, ReleaseInfo, Val, values::Inputs};
//! use k8s_openapi::api::core::v1::ConfigMap;
//! use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
//! use schemars::JsonSchema;
//! use serde::{Deserialize, Serialize};
//!
//! /// A greeting, as a ConfigMap.
//! #[derive(Serialize, Deserialize, JsonSchema)]
//! #[serde(deny_unknown_fields)]
//! struct Values {
//!     /// What is said. Any text.
//!     greeting: Val<String>,
//!     /// How often.
//!     #[schemars(extend("minimum" = 1, "maximum" = 9))]
//!     times: Val<i32>,
//! }
//!
//! impl Default for Values {
//!     fn default() -> Self {
//!         Self { greeting: "hello".into(), times: 3.into() }
//!     }
//! }
//!
//! fn stack(v: &Values, release: &Release) -> Manifests {
//!     let tone = v.times.gt(5).then(|| "insistent".to_owned());
//!     let mut data: std::collections::BTreeMap<String, String> = [
//!         ("greeting".to_owned(), v.greeting.get()),
//!         ("times".to_owned(), format!("{} times", v.times.get())),
//!     ]
//!     .into();
//!     data.extend(tone.map(|tone| ("tone".to_owned(), tone)));
//!     let map = ConfigMap {
//!         metadata: ObjectMeta { name: Some(release.name.get()), ..ObjectMeta::default() },
//!         data: Some(data),
//!         ..ConfigMap::default()
//!     };
//!     let mut manifests = Manifests::new();
//!     manifests.add("configmap", map);
//!     manifests
//! }
//!
//! let chart: Chart<Values> = Chart::new("greeter", "0.1.0", stack);
//!
//! // Traced: a chart. In a build script, `chartwright::build_script(&chart)` writes it.
//! assert_eq!(
//!     chart.trace()?.files()["templates/configmap.yaml"],
//!     r#"apiVersion: v1
//! kind: ConfigMap
//! metadata:
//!   name: {{ .Release.Name | quote }}
//! data:
//!   greeting: {{ .Values.greeting | quote }}
//!   times: {{ printf "%d times" (int64 .Values.times) | quote }}
//!   {{- if gt (int64 .Values.times) 5 }}
//!   tone: insistent
//!   {{- end }}
//! "#
//! );
//!
//! // Run: the objects, checked by the same schema.
//! let inputs = Inputs::file("mine.yaml", "times: 7");
//! let rendered = chart.render(&inputs, &ReleaseInfo::default())?;
//! assert_eq!(rendered.objects[0].json["data"]["tone"], "insistent");
//! # Ok::<(), chartwright::Error>(())
//! ```
//!
//! # What to write
//!
//! | for | write | in the chart |
//! | --- | --- | --- |
//! | a value in a field | [`v.x.get()`](Val::get) | `{{ .Values.x \| quote }}`, `{{ int64 .Values.x }}`, `{{ toYaml .Values.x }}` |
//! | a key that is left out when there is nothing | [`v.x.non_empty()`](Val::non_empty) | `with` |
//! | something that is sometimes there | [`condition.then(\|\| …)`](Val::then) | `if` |
//! | one thing or another | [`condition.choose(\|\| …, \|\| …)`](Val::choose) | `if` and `else`, around what differs |
//! | one thing for each variant of an enum | [`v.kind.select(\|kind\| match kind { … })`](Val::select) | `if`, `else if`, `else` |
//! | a whole object that is sometimes there | [`condition.when(\|\| …)`](Val::when) | the whole file in an `if` |
//! | one thing for each item of a list | [`v.items.each(\|item\| …)`](Val::each) | `range` |
//! | text of several values | `format!("{}:{}", a.get(), b.get())`, and [`text()`] to go on with it | `printf` |
//! | a name, labels | [`release.named(…)`](Release::named), [`release.block(…)`](Release::block) | a named template |
//! | values that cannot work together | [`release.refuse_if(…)`](Release::refuse_if) | `fail`, with all reasons at once |
//! | conditions | `!a`, `a & b`, `a \| b`, [`is`](Val::is), [`is_set`](Val::is_set), [`gt`](Val::gt) | `not`, `and`, `or`, `eq`, `ne … nil`, `gt` |
//!
//! A plain `if` or `match` on a value does not compile: there is no `Deref`, no `PartialEq` and no `Display` on a
//! [`Val`]. What gets past that (comparing what `get` returned, cutting a string) is found when the chart is traced: the
//! trace, evaluated for the defaults, every preset and random valid values, must be what the function returns.
//!
//! # How it works
//!
//! To put a value into a field of type `T`, the engine makes the smallest `T` that can carry a mark, by driving the
//! type's own `Deserialize`, and remembers what the mark stands for. When the finished object is serialised, the marks
//! are found, and a template takes their place. So any type that serialises and deserialises can stand for any template;
//! one that has neither a string nor an integer in it (a bare `bool`) cannot, and the error says to use `choose`.
//!
//! # Proof
//!
//! [`testing::law`] asks real Helm, in one line of a test; [`testing::read_back`] reads objects into their Kubernetes
//! types, with unknown fields refused.

pub mod testing;
pub mod values;

mod build_script;
mod carrier;
mod chart;
mod deprecated;
mod emit;
mod error;
mod eval;
mod example;
mod explain;
mod expr;
mod manifest;
mod ops;
mod release;
mod rendered;
mod sample;
mod schema;
mod shape;
mod sources;
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
