//! Charts that contradict themselves.

use super::{Case, Values, allowing, config, manifests, trace};
use chartwright::{Chart, Manifests, Release, Val, text};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

pub const CASES: &[Case] = &[
    ("unused", || {
        Chart::new("misused", "1.0.0", |_: &Values, _: &Release| manifests([])).trace()
    }),
    ("unused-allowed-and-missing", || {
        allowing(Chart::new("misused", "1.0.0", |_: &Values, _: &Release| manifests([])))
            .allow_unused("nmae")
            .trace()
    }),
    ("one-identity", || {
        trace(|_, _| manifests([config("a", "x"), config("a", "y")]))
    }),
    ("one-identity-by-value", || {
        trace(|v, _| manifests([config(&v.name.get(), "x"), config(&v.name.get(), "y")]))
    }),
    ("one-file", || {
        trace(|_, _| {
            let mut manifests = Manifests::new();
            manifests
                .add("config", config("a", "x"))
                .add("config", config("b", "y"));
            manifests
        })
    }),
    ("helper-with-two-bodies", || {
        trace(|v, release| {
            let short = release.named("short", "The name, cut.", || v.name.trunc(5));
            let long = release.named("short", "The name, cut.", || v.name.trunc(50));
            manifests([config("a", short.get()), config("b", long.get())])
        })
    }),
    ("helper-without-a-comment", || {
        trace(|v, release| {
            let name = release.named("short", " ", || v.name.trunc(5));
            manifests([config("a", name.get())])
        })
    }),
    ("helper-named-as-the-refusals", || {
        trace(|v, release| {
            let name = release.named("refusals", "The name, cut.", || v.name.trunc(5));
            manifests([config("a", name.get())])
        })
    }),
    ("block-with-two-bodies", || {
        trace(|v, release| {
            let object = |name: &str, text: String| {
                let mut object = config(name, "x");
                object.metadata.labels = Some(release.block("labels", "Labels.", || [("a".to_owned(), text)].into()));
                object
            };
            manifests([object("a", v.name.get()), object("b", text("fixed").get())])
        })
    }),
    ("refusal-of-nothing", || {
        trace(|v, release| {
            release.refuse_if(v.replicas.gt(3), "replica", "too many; set it to 3 at most");
            manifests([])
        })
    }),
    ("refusal-that-ends-in-a-value", || {
        trace(|v, release| {
            let message = format!("too many; set it to 3 at most, as {}", v.name.get());
            release.refuse_if(v.replicas.gt(3), "replicas", message);
            manifests([config("a", v.name.get())])
        })
    }),
    ("kube-version", || {
        allowing(Chart::new("misused", "1.0.0", |_: &Values, _: &Release| manifests([])))
            .kube_version("^1.30")
            .trace()
    }),
    ("preset-with-a-typo", || {
        allowing(Chart::new("misused", "1.0.0", |_: &Values, _: &Release| manifests([])))
            .preset("large", "# many\nreplcas: 3\n")
            .trace()
    }),
    ("preset-that-is-refused", || {
        let stack = |v: &Values, release: &Release| {
            release.refuse_if(v.replicas.gt(3), "replicas", "too many; set it to 3 at most");
            manifests([])
        };
        allowing(Chart::new("misused", "1.0.0", stack))
            .preset("large", "replicas: 4\n")
            .trace()
    }),
    ("preset-that-is-no-yaml", || {
        allowing(Chart::new("misused", "1.0.0", |_: &Values, _: &Release| manifests([])))
            .preset("large", "replicas: [3\n")
            .trace()
    }),
    ("default-out-of-range", || {
        Chart::new("misused", "1.0.0", |v: &Limited, _: &Release| {
            manifests([config("a", format!("{}", v.replicas.get()))])
        })
        .trace()
    }),
    ("deprecated-with-default", || {
        deprecated::<WithDefault>().allow_unused("replicas").trace()
    }),
    ("deprecated-without-advice", || {
        deprecated::<WithoutAdvice>().allow_unused("replicas").trace()
    }),
    ("deprecated-and-unused", || deprecated::<OnItsWayOut>().trace()),
    ("plain-field", || {
        Chart::new("misused", "1.0.0", |v: &Plain, _: &Release| {
            manifests([config("a", v.name.clone())])
        })
        .trace()
    }),
    ("value-written-as-it-is", || {
        trace(|v, _| {
            let mut manifests = Manifests::new();
            manifests.add("custom", v.clone());
            manifests
        })
    }),
];

/// A default that its own schema refuses.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
struct Limited {
    #[schemars(extend("minimum" = 1, "maximum" = 3))]
    replicas: Val<i32>,
}

/// A setting that is no `Val`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
struct Plain {
    name: String,
}

/// A chart that makes no use of these values.
fn deprecated<V>() -> Chart<V>
where
    V: Serialize + DeserializeOwned + JsonSchema + Default + 'static,
{
    Chart::new("misused", "1.0.0", |_: &V, _: &Release| manifests([]))
}

#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
struct WithDefault {
    /// Deprecated: use `pods`.
    #[schemars(extend("deprecated" = true))]
    replicas: Val<i32>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
struct WithoutAdvice {
    /// How many pods.
    #[schemars(extend("deprecated" = true))]
    replicas: Val<Option<i32>>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
struct OnItsWayOut {
    /// Deprecated: use `pods`.
    #[schemars(extend("deprecated" = true))]
    replicas: Val<Option<i32>>,
}
