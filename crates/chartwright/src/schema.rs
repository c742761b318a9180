//! The JSON schema of a chart's values: what `helm install` and the native rendering check with.

use serde_json::{Map, Value as Json, json};
use std::collections::BTreeSet;

/// What a parent chart adds to the values of every subchart: a chart takes them, whether it has such settings or not.
pub(crate) const FROM_PARENT: [&str; 2] = ["global", "enabled"];

/// The largest integer that Helm, which reads numbers as floats, carries unchanged: 2^53 - 1.
const LARGEST: i64 = 9_007_199_254_740_991;

/// What a structure loses, or is lost for, as part of a class of characters.
macro_rules! lost {
    () => {
        "\\x7f-\\x9f\u{2028}\u{2029}\u{fffe}\u{ffff}"
    };
}

/// Unicode's white space that YAML writes without quotes, as part of a class of characters.
macro_rules! wide {
    () => {
        "\u{a0}\u{1680}\u{2000}-\u{200a}\u{202f}\u{205f}\u{3000}"
    };
}

/// Text that survives inside a structure which Helm writes with `toYaml` and `nindent`: DEL, C1 controls, U+FFFE and
/// U+FFFF turn the whole structure into `null` without any error; U+2028 and U+2029 end a line there for one reader of
/// YAML and not for another; a text of several lines that begins with white space or ends in a newline comes back
/// changed; and Helm 3 cuts a no-break space, or another of Unicode's white space, off the end of a file.
pub(crate) const CARRIED: &str = concat!(
    "^(|",
    concat!("[^\\n", lost!(), "]*[^\\n", lost!(), wide!(), "]"), // one line
    "|",
    concat!("[^\\s", lost!(), "][^", lost!(), "]*[^\\n", lost!(), wide!(), "]"), // several
    ")$"
);

/// Keys of maps: a line of text. Several lines are something else to a reader of YAML.
pub(crate) const KEY: &str = "^[^\\x00-\\x1f\\x7f-\\x9f\u{2028}\u{2029}\u{fffe}\u{ffff}]*$";

/// Keys that no map may have: `<<` is a merge to every reader of YAML, and an annotation `helm.sh/hook` takes the whole
/// object out of the release, or, with a value that Helm does not know, out of its output.
const NO_KEY: &str = "^<<$|^helm\\.sh/hook$|<no value>";

/// What Helm removes from everything that it renders, because Go's templates print it for what is missing.
const NO_VALUE: &str = "<no value>";

/// The schema of a text with it.
fn no_value() -> Json {
    json!({"type": "string", "pattern": NO_VALUE})
}

/// Kubernetes' own pattern for quantities.
pub(crate) const QUANTITY: &str =
    "^[+-]?([0-9]+|[0-9]+\\.[0-9]*|\\.[0-9]+)(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei|[eE][+-]?[0-9]{1,2})?$";

/// The schema of `V`, made strict: closed objects, exact numbers, required where there is a default.
///
/// `settings` are the paths of the `Val`s; what is above them is the chart's own structure.
pub(crate) fn of<V: schemars::JsonSchema>(defaults: &Json, settings: &[Vec<String>]) -> Json {
    let settings_of = schemars::generate::SchemaSettings::draft2020_12();
    let mut schema = settings_of.into_generator().into_root_schema_for::<V>().to_value();
    refine(&mut schema, false, false);
    if let Some(root) = schema.as_object_mut() {
        root.entry("$defs").or_insert_with(|| json!({}));
    }
    if let Some(definitions) = schema.get_mut("$defs").and_then(Json::as_object_mut) {
        definitions.insert(
            "text".into(),
            json!({"type": "string", "pattern": CARRIED, "not": no_value()}),
        );
        for (name, definition) in definitions.iter_mut() {
            let foreign = name.starts_with("io.k8s.");
            refine(definition, foreign, foreign);
            match name.rsplit('.').next() {
                Some("Quantity") => {
                    *definition =
                        json!({"type": ["string", "number"], "pattern": QUANTITY, "minimum": 0, "maximum": LARGEST})
                }
                Some("IntOrString") => {
                    *definition = json!({"type": ["integer", "string"], "pattern": CARRIED, "not": no_value(), "minimum": i32::MIN, "maximum": i32::MAX});
                }
                _ => {}
            }
        }
    }
    let interior: BTreeSet<String> = settings
        .iter()
        .flat_map(|path| (0..path.len()).map(|depth| path[..depth].join(".")))
        .collect();
    require(&mut schema, defaults, &interior);
    let mut used = BTreeSet::new();
    references(&schema, &schema, &mut used);
    if let Some(definitions) = schema.get_mut("$defs").and_then(Json::as_object_mut) {
        definitions.retain(|name, _| used.contains(name));
    }
    if let Some(properties) = schema.get_mut("properties").and_then(Json::as_object_mut) {
        // A parent chart adds these to the values of every subchart.
        properties.entry("global").or_insert_with(
            || json!({"description": "Values that a parent chart shares with all its charts.", "type": "object"}),
        );
        properties.entry("enabled").or_insert_with(
            || json!({"description": "For the condition of a parent chart; not read here.", "type": "boolean"}),
        );
    }
    schema
}

/// Goes through a schema and makes every part of it exact. `foreign` are Kubernetes' own types.
///
/// A `structure` is written whole with `toYaml`; a string of its own is quoted, and may be anything.
fn refine(schema: &mut Json, foreign: bool, structure: bool) {
    let Json::Object(object) = schema else {
        if let Json::Array(items) = schema {
            items.iter_mut().for_each(|item| refine(item, foreign, structure));
        }
        return;
    };
    for name in ["default", "title", "format", "$schema"] {
        if name == "format" {
            limit(object);
        }
        // A property may be called like a keyword; then it is a schema itself.
        if object
            .get(name)
            .is_some_and(|value| !value.is_object() || name == "default")
        {
            object.remove(name);
        }
    }
    if foreign && object.get("description").is_some_and(Json::is_string) {
        object.remove("description");
    }
    plain_enum(object);
    for (name, part) in object.iter_mut() {
        match name.as_str() {
            "properties" | "patternProperties" => {
                for (_, property) in part.as_object_mut().into_iter().flatten() {
                    refine(property, foreign, structure);
                }
            }
            "items" | "additionalProperties" => refine(part, foreign, true),
            "anyOf" | "oneOf" | "allOf" => refine(part, foreign, structure),
            _ => {}
        }
    }
    if object.contains_key("properties") && !object.contains_key("additionalProperties") {
        object.insert("additionalProperties".into(), false.into());
    }
    if object.get("additionalProperties").is_some_and(Json::is_object) {
        let keys = object.entry("propertyNames").or_insert_with(|| json!({"pattern": KEY}));
        if let Some(keys) = keys.as_object_mut() {
            keys.entry("not").or_insert_with(|| json!({"pattern": NO_KEY}));
        }
    }
    let text = object
        .get("type")
        .is_some_and(|kind| kind == "string" || *kind == json!(["string", "null"]));
    let free = !["enum", "const", "pattern"]
        .iter()
        .any(|name| object.contains_key(*name));
    if text && free && structure && object["type"] == "string" {
        object.remove("type");
        object.insert("$ref".into(), "#/$defs/text".into());
    } else if text && free {
        object.insert("not".into(), no_value());
    }
}

/// An enum whose variants are documented is a choice of schemas; as a list of names it is shorter, and an error about
/// it lists them.
fn plain_enum(object: &mut Map<String, Json>) {
    let Some(options) = object.get("oneOf").and_then(Json::as_array) else {
        return;
    };
    let mut names = Vec::new();
    for option in options {
        match (option.get("const"), option.get("enum")) {
            (Some(name), _) => names.push(name.clone()),
            (None, Some(Json::Array(more))) => names.extend(more.iter().cloned()),
            _ => return,
        }
    }
    if names.iter().all(Json::is_string) {
        object.remove("oneOf");
        object.insert("type".into(), "string".into());
        object.insert("enum".into(), names.into());
    }
}

/// The range of an integer, from its format.
fn limit(object: &mut Map<String, Json>) {
    let (least, most) = match object.get("format").and_then(Json::as_str) {
        Some("int32") => (i64::from(i32::MIN), i64::from(i32::MAX)),
        Some("int64" | "uint64") => (-LARGEST, LARGEST),
        _ => return,
    };
    object.entry("minimum").or_insert_with(|| least.into());
    object.entry("maximum").or_insert_with(|| most.into());
}

/// Requires whatever has a default, so that a null in the user's values, which deletes it, is noticed; except where
/// null is a value.
fn require(schema: &mut Json, defaults: &Json, interior: &BTreeSet<String>) {
    fn visit(root: &mut Json, pointer: &str, defaults: &Json, path: &str, interior: &BTreeSet<String>) {
        let Some(map) = defaults.as_object().filter(|_| interior.contains(path)) else {
            return;
        };
        let pointer = target(root, pointer);
        let needed = |key: &&String| *key != "global" && !may_be_null(root, &format!("{pointer}/properties/{key}"));
        let needed: Vec<String> = map.keys().filter(needed).cloned().collect();
        if let Some(object) = root.pointer_mut(&pointer).and_then(Json::as_object_mut) {
            object.insert("required".into(), needed.into());
        }
        for (key, value) in map {
            let below = if path.is_empty() {
                key.clone()
            } else {
                format!("{path}.{key}")
            };
            visit(root, &format!("{pointer}/properties/{key}"), value, &below, interior);
        }
    }
    visit(schema, "", defaults, "", interior);
}

/// Whether the schema at a pointer lets null through.
fn may_be_null(root: &Json, pointer: &str) -> bool {
    fn lets(root: &Json, schema: &Json) -> bool {
        let schema = resolve(root, schema);
        let listed = |name: &str| schema.get(name).and_then(Json::as_array).into_iter().flatten();
        schema.get("type").is_some_and(|kind| kind == "null")
            || listed("type").any(|kind| kind == "null")
            || listed("anyOf").any(|schema| lets(root, schema))
    }
    root.pointer(pointer).is_some_and(|schema| lets(root, schema))
}

/// Where the schema at a pointer really is, behind references.
fn target(root: &Json, pointer: &str) -> String {
    let mut at = pointer.to_owned();
    while let Some(reference) = root
        .pointer(&at)
        .and_then(|schema| schema.get("$ref"))
        .and_then(Json::as_str)
    {
        at = reference.trim_start_matches('#').into();
    }
    at
}

/// The schema that a part of `root` refers to.
pub(crate) fn resolve<'a>(root: &'a Json, mut schema: &'a Json) -> &'a Json {
    while let Some(reference) = schema.get("$ref").and_then(Json::as_str) {
        match root.pointer(reference.trim_start_matches('#')) {
            Some(found) => schema = found,
            None => break,
        }
    }
    schema
}

fn references(root: &Json, part: &Json, used: &mut BTreeSet<String>) {
    match part {
        Json::Object(object) => {
            for (name, value) in object {
                if name == "$defs" {
                    continue;
                }
                if let Some(name) = value
                    .as_str()
                    .filter(|_| name == "$ref")
                    .and_then(|to| to.strip_prefix("#/$defs/"))
                {
                    if used.insert(name.into())
                        && let Some(definition) = root.pointer(&format!("/$defs/{name}"))
                    {
                        references(root, definition, used);
                    }
                } else {
                    references(root, value, used);
                }
            }
        }
        Json::Array(items) => items.iter().for_each(|item| references(root, item, used)),
        _ => {}
    }
}
