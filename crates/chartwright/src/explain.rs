//! Why values do not fit the schema, said to the person who wrote them: what is allowed, what was given, what to do.

use crate::example;
use crate::schema::{CARRIED, FROM_PARENT, KEY, QUANTITY, resolve};
use crate::values::{below, dotted, segments};
use jsonschema::ValidationError;
use jsonschema::error::{TypeKind, ValidationErrorKind as Why};
use serde_json::Value as Json;

/// Values that do not fit: what they were checked with, and what they are.
pub(crate) struct Misfit<'a> {
    pub schema: &'a Json,
    pub defaults: &'a Json,
    /// The user's values, before the defaults were laid under them.
    pub user: &'a Json,
}

/// One thing that is wrong with a value.
pub(crate) struct Finding {
    /// The value, as a JSON pointer.
    pub pointer: String,
    /// Whether its name is wrong, and not what it is.
    pub is_key: bool,
    /// Whether the value is one that no log should have: its schema says `writeOnly`.
    pub is_secret: bool,
    /// What is wrong, and what to do.
    pub what: String,
}

impl Misfit<'_> {
    /// All that is wrong, each value once.
    pub(crate) fn explain<'e>(&self, errors: impl Iterator<Item = ValidationError<'e>>) -> Vec<Finding> {
        let mut findings: Vec<Finding> = Vec::new();
        for error in errors {
            for mut finding in self.one(&error) {
                if self.schema_at(&finding.pointer).get("writeOnly") == Some(&Json::Bool(true)) {
                    finding.is_secret = true;
                    finding.what = secret(&error);
                }
                if findings.iter().all(|known| known.pointer != finding.pointer) {
                    findings.push(finding);
                }
            }
        }
        findings
    }

    fn one(&self, error: &ValidationError<'_>) -> Vec<Finding> {
        let pointer = error.instance_path().to_string();
        let given = error.instance().as_ref();
        let value = |what: String| {
            vec![Finding {
                pointer: pointer.clone(),
                is_key: false,
                is_secret: false,
                what,
            }]
        };
        let schema = self.schema_at(&pointer);
        match error.kind() {
            Why::AdditionalProperties { unexpected } => {
                unexpected.iter().map(|key| self.unknown(&pointer, key)).collect()
            }
            Why::PropertyNames { error } => {
                let key = error.instance().as_str().unwrap_or_default();
                vec![Finding {
                    pointer: below(&pointer, key),
                    is_key: true,
                    is_secret: false,
                    what: bad_key(key, error, schema.get("propertyNames").unwrap_or(&Json::Null)),
                }]
            }
            Why::Required { property } => vec![self.missing(&pointer, property.as_str().unwrap_or_default())],
            Why::Type { kind } => value(wrong_type(given, &names_of(kind), schema)),
            Why::Enum { .. } | Why::OneOfNotValid { .. } | Why::AnyOf { .. } if !options(schema).is_empty() => {
                value(no_option(given, &options(schema)))
            }
            Why::AnyOf { context } | Why::OneOfNotValid { context } => {
                self.alternatives(context, given, schema, &pointer)
            }
            Why::Minimum { .. } | Why::Maximum { .. } => value(out_of_range(given, schema)),
            Why::Pattern { pattern } => value(no_match(given, pattern, self.default_at(&pointer), schema)),
            Why::MaxLength { limit } => value(format!(
                "has {} characters, and may have {limit}; shorten it",
                given.as_str().unwrap_or_default().chars().count()
            )),
            _ => value(format!("{error}; see what values.schema.json says of it")),
        }
    }

    /// What stands in the schema for a value, behind references.
    fn schema_at(&self, pointer: &str) -> &Json {
        let mut schema = resolve(self.schema, self.schema);
        for name in segments(pointer) {
            let property = schema.get("properties").and_then(|all| all.get(&name));
            let next = property
                .or_else(|| schema.get("items"))
                .or_else(|| schema.get("additionalProperties"));
            match next {
                Some(next) => schema = resolve(self.schema, next),
                None => return &Json::Null,
            }
        }
        schema
    }

    fn default_at(&self, pointer: &str) -> Option<&Json> {
        self.defaults.pointer(pointer)
    }

    /// A key that the schema does not have: the nearest one that it has, or all of them.
    fn unknown(&self, pointer: &str, key: &str) -> Finding {
        let siblings: Vec<&String> = self
            .schema_at(pointer)
            .get("properties")
            .and_then(Json::as_object)
            .map(|all| all.keys().collect())
            .unwrap_or_default();
        let what = match nearest(key, siblings.iter().map(|name| name.as_str())) {
            Some(name) => format!(
                "there is no such value; did you mean `{}`?",
                dotted(&below(pointer, name))
            ),
            None => {
                const MOST: usize = 16;
                let names: Vec<&str> = siblings
                    .iter()
                    .map(|name| name.as_str())
                    .filter(|name| !(pointer.is_empty() && FROM_PARENT.contains(name)))
                    .collect();
                let more = if names.len() > MOST { ", …" } else { "" };
                let here = names[..names.len().min(MOST)].join(", ") + more;
                match self.elsewhere(key) {
                    Some(known) => format!("there is no such value here, but there is `{known}`; here are {here}"),
                    None => format!("there is no such value; remove it, or use one of {here}"),
                }
            }
        };
        Finding {
            pointer: below(pointer, key),
            is_key: true,
            is_secret: false,
            what,
        }
    }

    /// A value of this name at another place of the chart's own structure.
    fn elsewhere(&self, key: &str) -> Option<String> {
        fn find(defaults: &Json, key: &str, pointer: &str) -> Option<String> {
            let map = defaults.as_object()?;
            match map.keys().find(|name| letters(name) == letters(key)) {
                Some(name) => Some(dotted(&below(pointer, name))),
                None => map
                    .iter()
                    .find_map(|(name, inner)| find(inner, key, &below(pointer, name))),
            }
        }
        find(self.defaults, key, "")
    }

    fn missing(&self, pointer: &str, key: &str) -> Finding {
        let full = below(pointer, key);
        let given = self.user.pointer(&full);
        let what = match self.default_at(&full) {
            Some(default) if given.is_some_and(Json::is_null) => {
                let default = match default {
                    Json::Object(_) => "its defaults".into(),
                    scalar => format!("its default, {scalar}"),
                };
                format!("must not be null; remove the line to get {default}, or write a value")
            }
            _ => "is missing; add it".into(),
        };
        Finding {
            pointer: full,
            is_key: true,
            is_secret: false,
            what,
        }
    }

    /// Of several schemas, the one that the value comes nearest to is explained.
    fn alternatives(
        &self,
        context: &[Vec<ValidationError<'static>>],
        given: &Json,
        schema: &Json,
        pointer: &str,
    ) -> Vec<Finding> {
        let other_type = |error: &ValidationError<'_>| {
            matches!(error.kind(), Why::Type { .. }) && error.instance_path().as_str() == pointer
        };
        let nearest = context.iter().find(|errors| !errors.iter().any(other_type));
        match nearest {
            Some(errors) => errors.iter().flat_map(|error| self.one(error)).collect(),
            None => vec![Finding {
                pointer: pointer.into(),
                is_key: false,
                is_secret: false,
                what: wrong_type(given, &alternatives_of(schema), schema),
            }],
        }
    }
}

/// What is said of a secret value, which is not shown.
fn secret(error: &ValidationError<'_>) -> String {
    match error.kind() {
        Why::Required { .. } => "must not be null; remove the line to get its default, or write a value".into(),
        Why::Type { kind } => format!(
            "must be {}, and is not (what it is, is not shown); put it in quotes",
            in_words(&names_of(kind))
        ),
        _ => "does not fit the schema (what it is, is not shown); see what values.schema.json says of it".into(),
    }
}

/// The one of `names` that is most like a misspelt one, if any is like it.
fn nearest<'n>(wrong: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let wrong = letters(wrong);
    let likeness = |name: &str| {
        let name = letters(name);
        let alike = strsim::normalized_damerau_levenshtein(&wrong, &name);
        let part = wrong.len() > 2 && name.contains(&wrong) || name.len() > 2 && wrong.contains(&name);
        // Below that it is another word.
        (alike >= 0.65 || part).then_some(alike)
    };
    let mut likely: Vec<(f64, &str)> = names.filter_map(|name| Some((likeness(name)?, name))).collect();
    likely.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    likely.first().map(|(_, name)| *name)
}

/// A name without its case and its separators: `node-port` and `NODE_PORT` are `nodePort`.
fn letters(name: &str) -> String {
    name.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

fn bad_key(key: &str, error: &ValidationError<'_>, schema: &Json) -> String {
    match error.kind() {
        Why::Pattern { pattern } => format!("{key:?} cannot be a name here; {}", fitting(pattern, None, schema)),
        Why::MaxLength { limit } => format!(
            "a name of {} characters, and it may have {limit}; shorten it",
            key.chars().count()
        ),
        _ => format!("{key:?} cannot be a name here; use another"),
    }
}

/// The constants that a value may be, if that is all it may be.
fn options(schema: &Json) -> Vec<&Json> {
    if let Some(options) = schema.get("enum").and_then(Json::as_array) {
        return options.iter().collect();
    }
    let listed = ["oneOf", "anyOf"].iter().find_map(|name| schema.get(*name)?.as_array());
    let constants = listed.map(|all| all.iter().map(|one| one.get("const")).collect::<Option<Vec<_>>>());
    constants.flatten().unwrap_or_default()
}

fn no_option(given: &Json, options: &[&Json]) -> String {
    let names: Vec<String> = options.iter().map(|option| bare(option)).collect();
    let meant = given
        .as_str()
        .and_then(|given| nearest(given, names.iter().map(String::as_str)))
        .map(|name| format!("; did you mean {name}?"))
        .unwrap_or_default();
    format!("is {}, and must be one of {}{meant}", shown(given), names.join(", "))
}

/// The types of the keyword `type`.
fn names_of(kind: &TypeKind) -> Vec<String> {
    match kind {
        TypeKind::Single(kind) => vec![kind.to_string()],
        TypeKind::Multiple(kinds) => kinds.iter().map(|kind| kind.to_string()).collect(),
    }
}

/// The types of the schemas of which one must fit.
fn alternatives_of(schema: &Json) -> Vec<String> {
    let listed = ["anyOf", "oneOf"]
        .iter()
        .filter_map(|name| schema.get(*name)?.as_array());
    // What is behind a reference is a structure.
    let kind = |one: &Json| one.get("type").and_then(Json::as_str).unwrap_or("object").to_owned();
    listed.flatten().map(kind).collect()
}

fn wrong_type(given: &Json, kinds: &[String], schema: &Json) -> String {
    let first = kinds.iter().find(|kind| *kind != "null").map_or("", String::as_str);
    let remedy = match (first, given) {
        ("string", Json::Number(_) | Json::Bool(_)) => {
            format!("; put it in quotes, \"{given}\", or use --set-string")
        }
        ("string", Json::Null) => "; write one, or leave the line out".into(),
        ("string", Json::Object(_)) => "; write one, and in `--set` a `\\` before each dot of a name".into(),
        ("integer" | "number", Json::String(text)) if text.parse::<f64>().is_ok() => "; write it without quotes".into(),
        ("integer", _) => range(schema).map_or("; write one".into(), |range| format!("; write one {range}")),
        ("boolean", Json::String(text)) if matches!(text.to_lowercase().as_str(), "true" | "false") => {
            "; write it without quotes".into()
        }
        ("array", _) => "; write `[…]`, or its items on lines of their own, each after a `-`".into(),
        ("object", _) => match schema.get("properties").and_then(Json::as_object) {
            Some(all) => {
                let some: Vec<&str> = all.keys().take(4).map(String::as_str).collect();
                let more = if all.len() > 4 { ", …" } else { "" };
                format!("; write its values below it: {}{more}", some.join(", "))
            }
            None => "; write `name: value` lines below it".into(),
        },
        _ => "; write one".into(),
    };
    format!("is {}, and must be {}{remedy}", shown(given), in_words(kinds))
}

/// What values of these types are; that null is one goes without saying.
fn in_words(kinds: &[String]) -> String {
    let words = kinds
        .iter()
        .filter(|kind| *kind != "null" || kinds.len() == 1)
        .map(|kind| match kind.as_str() {
            "string" => "text",
            "integer" => "a whole number",
            "number" => "a number",
            "boolean" => "true or false",
            "array" => "a list",
            "object" => "a map",
            _ => "null",
        });
    words.collect::<Vec<_>>().join(" or ")
}

fn out_of_range(given: &Json, schema: &Json) -> String {
    match range(schema) {
        Some(range) => format!("is {}; set it to a number {range}", shown(given)),
        None => format!("is {}, which is out of range; set it to another number", shown(given)),
    }
}

fn range(schema: &Json) -> Option<String> {
    let bound = |name: &str| schema.get(name).and_then(Json::as_i64);
    match (bound("minimum"), bound("maximum")) {
        (Some(least), Some(most)) => Some(format!("from {least} to {most}")),
        (Some(least), None) => Some(format!("from {least} up")),
        (None, Some(most)) => Some(format!("up to {most}")),
        (None, None) => None,
    }
}

fn no_match(given: &Json, pattern: &str, default: Option<&Json>, schema: &Json) -> String {
    let default = default.and_then(Json::as_str).filter(|default| !default.is_empty());
    format!("is {}; {}", shown(given), fitting(pattern, default, schema))
}

/// What to write where a pattern must be matched: the default, or an example, or something that matches.
fn fitting(pattern: &str, default: Option<&str>, schema: &Json) -> String {
    match pattern {
        CARRIED => {
            return "Helm would change it: remove control characters, white space other than blanks at the end, and of several \
                    lines the white space at the beginning and the line breaks at the end (`|-` in YAML leaves them out)"
                .into();
        }
        KEY => return "write a line without control characters".into(),
        QUANTITY => return "write an amount as Kubernetes does, `500m` or `512Mi`".into(),
        _ => {}
    }
    let example = schema.pointer("/examples/0").and_then(Json::as_str);
    match default
        .or(example)
        .map(str::to_owned)
        .or_else(|| example::matching(pattern))
    {
        Some(example) => format!("write something like {example:?}, which matches {pattern}"),
        None => format!("write something that matches {pattern}"),
    }
}

/// A value as the user may recognise it, with what kind of value it is.
fn shown(given: &Json) -> String {
    const LONGEST: usize = 60;
    match given {
        Json::Null => "null".into(),
        Json::Bool(truth) => format!("the boolean {truth}"),
        Json::Number(number) => format!("the number {number}"),
        Json::String(text) if text.is_empty() => "empty text".into(),
        Json::String(text) if text.chars().count() > LONGEST => {
            format!("the text {:?}…", text.chars().take(LONGEST).collect::<String>())
        }
        Json::String(text) => format!("the text {text:?}"),
        Json::Array(_) => "a list".into(),
        Json::Object(_) => "a map".into(),
    }
}

fn bare(json: &Json) -> String {
    match json {
        Json::String(text) => text.clone(),
        other => other.to_string(),
    }
}
