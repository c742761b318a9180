//! Random values that a schema allows, biased to the hostile ones, as strategies of `proptest`: they shrink.
//!
//! A strategy gives *nearly* only valid values: what a combination of keywords forbids is left to the caller, who checks.

mod hostile;

use crate::schema::{FROM_PARENT, resolve};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::Union;
use proptest::string::string_regex_parsed;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use regex_syntax::hir::{Hir, HirKind};
use serde_json::{Map, Value as Json, json};
use std::cell::RefCell;
use std::collections::BTreeMap;

/// Below this depth, only what a schema requires is given: Kubernetes' types are deep.
const DEEPEST: usize = 8;

/// How many of a hundred optional fields a structure has.
const FILLED: f64 = 0.3;

/// Values to lay over the defaults: many settings are left alone, so that they meet in groups of every size.
///
/// `keys` are those that the chart itself writes into its maps.
pub(crate) fn overlay(schema: &Json, keys: &[String]) -> BoxedStrategy<Json> {
    let sampler = Sampler {
        root: schema,
        keys,
        known: RefCell::default(),
        texts: RefCell::default(),
    };
    let densities = [0.03, 0.1, 0.3].map(|density| sampler.structure(schema, 0, density));
    Union::new(densities).boxed()
}

/// A text that matches a pattern; `None` where the pattern cannot be read.
pub(crate) fn matching(pattern: &str) -> Option<BoxedStrategy<String>> {
    let hir = regex_syntax::parse(pattern).ok()?;
    Some(string_regex_parsed(&without_anchors(hir)).ok()?.boxed())
}

/// The source of random values that a number stands for: the same number, the same values.
pub(crate) fn runner(seed: u64) -> TestRunner {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let config = Config {
        failure_persistence: None,
        ..Config::default()
    };
    TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes))
}

struct Sampler<'a> {
    root: &'a Json,
    keys: &'a [String],
    /// What is made already, by reference and depth.
    known: RefCell<BTreeMap<(String, usize), BoxedStrategy<Json>>>,
    /// The same for texts, by their schema.
    texts: RefCell<BTreeMap<String, BoxedStrategy<String>>>,
}

impl Sampler<'_> {
    /// An object of the chart's own structure, of whose settings some are given.
    fn structure(&self, schema: &Json, depth: usize, density: f64) -> BoxedStrategy<Json> {
        let required = names(schema, "required");
        let fields = properties(schema).filter(|(name, _)| depth > 0 || !FROM_PARENT.contains(&name.as_str()));
        let fields = fields.map(|(name, property)| {
            let target = resolve(self.root, property);
            // Where something below is required, the defaults have it, and it may be given piece by piece.
            let inside = required.contains(&name.as_str()) && target.get("required").is_some();
            let value = if inside {
                let whole = self.structure(target, depth + 1, density);
                whole
                    .prop_map(|json| json.as_object().is_some_and(|map| !map.is_empty()).then_some(json))
                    .boxed()
            } else {
                option::weighted(density, self.any(property, depth + 1)).boxed()
            };
            (name.clone(), value)
        });
        object(fields.collect())
    }

    fn any(&self, schema: &Json, depth: usize) -> BoxedStrategy<Json> {
        let Some(reference) = schema.get("$ref").and_then(Json::as_str) else {
            return self.made(schema, depth);
        };
        let key = (reference.to_owned(), depth);
        if let Some(known) = self.known.borrow().get(&key) {
            return known.clone();
        }
        let made = self.made(resolve(self.root, schema), depth);
        self.known.borrow_mut().insert(key, made.clone());
        made
    }

    fn made(&self, schema: &Json, depth: usize) -> BoxedStrategy<Json> {
        let list = |name: &str| {
            schema
                .get(name)
                .and_then(Json::as_array)
                .filter(|list| !list.is_empty())
        };
        if let Some(options) = list("anyOf").or_else(|| list("oneOf")) {
            return Union::new(options.iter().map(|option| self.any(option, depth))).boxed();
        }
        if let Some(parts) = list("allOf") {
            return self.any(&parts[0], depth);
        }
        if let Some(only) = schema.get("const") {
            return Just(only.clone()).boxed();
        }
        if let Some(options) = list("enum") {
            return select(options.clone()).boxed();
        }
        match schema.get("type") {
            Some(Json::String(kind)) => self.of_type(kind, schema, depth),
            Some(Json::Array(kinds)) => {
                let kinds = kinds.iter().filter_map(Json::as_str);
                Union::new(kinds.map(|kind| self.of_type(kind, schema, depth))).boxed()
            }
            _ => Just(json!({})).boxed(),
        }
    }

    fn of_type(&self, kind: &str, schema: &Json, depth: usize) -> BoxedStrategy<Json> {
        match kind {
            "boolean" => any::<bool>().prop_map(Json::from).boxed(),
            "integer" => integer(schema).prop_map(Json::from).boxed(),
            "number" => prop_oneof![
                integer(schema).prop_map(Json::from),
                select(hostile::NUMBERS).prop_map(Json::from)
            ]
            .boxed(),
            "string" => self.text(schema).prop_map(Json::from).boxed(),
            "array" => self.list(schema, depth),
            "object" => self.map(schema, depth),
            _ => Just(Json::Null).boxed(),
        }
    }

    fn list(&self, schema: &Json, depth: usize) -> BoxedStrategy<Json> {
        let count = |name: &str| Some(schema.get(name)?.as_u64()? as usize);
        let least = count("minItems").unwrap_or(0);
        if depth > DEEPEST && least == 0 {
            return Just(json!([])).boxed();
        }
        let most = count("maxItems").unwrap_or(least + 12).max(least);
        let item = self.any(schema.get("items").unwrap_or(&Json::Null), depth + 1);
        let few = vec(item.clone(), least..=most.min(least + 2));
        // Long lists of structures are much work, and say little.
        let many = vec(item, least..=if depth < 4 { most } else { most.min(least + 3) });
        prop_oneof![12 => few, 1 => many].prop_map(Json::Array).boxed()
    }

    /// An object that is a value: a structure of Kubernetes, or a map.
    fn map(&self, schema: &Json, depth: usize) -> BoxedStrategy<Json> {
        let required = names(schema, "required");
        let fields = properties(schema).map(|(name, property)| {
            let value = || self.any(property, depth + 1);
            let value = if required.contains(&name.as_str()) {
                value().prop_map(Some).boxed()
            } else if depth < DEEPEST {
                option::weighted(FILLED, value()).boxed()
            } else {
                Just(None).boxed()
            };
            (name.clone(), value)
        });
        let fixed = object(fields.collect());
        let Some(values) = schema.get("additionalProperties").filter(|schema| schema.is_object()) else {
            return fixed;
        };
        let free = vec((self.key(schema), self.any(values, depth + 1)), 0..=3);
        let whole = (free, fixed).prop_map(|(free, fixed)| {
            let mut map: Map<String, Json> = free.into_iter().collect();
            if let Json::Object(fixed) = fixed {
                map.extend(fixed);
            }
            Json::Object(map)
        });
        whole.boxed()
    }

    fn key(&self, schema: &Json) -> BoxedStrategy<String> {
        let mut rule = schema.get("propertyNames").cloned().unwrap_or_else(|| json!({}));
        rule["type"] = "string".into();
        let known = hostile::KEYS.iter().map(|key| (*key).to_owned());
        let known: Vec<String> = known.chain(self.keys.iter().cloned()).collect();
        one_of(known, &rule)
    }

    fn text(&self, schema: &Json) -> BoxedStrategy<String> {
        let rule = json!({
            "type": "string",
            "pattern": schema.get("pattern").cloned().unwrap_or_else(|| "".into()),
            "minLength": schema.get("minLength").cloned().unwrap_or_else(|| 0.into()),
            "maxLength": schema.get("maxLength").cloned().unwrap_or_else(|| 100_000.into()),
            "not": schema.get("not").cloned().unwrap_or_else(|| false.into()),
        });
        let mut texts = self.texts.borrow_mut();
        texts.entry(rule.to_string()).or_insert_with(|| text(&rule)).clone()
    }
}

/// The object of those fields that are there.
fn object(fields: Vec<(String, BoxedStrategy<Option<Json>>)>) -> BoxedStrategy<Json> {
    let (names, values): (Vec<String>, Vec<_>) = fields.into_iter().unzip();
    let object = values.prop_map(move |values| {
        let given = names
            .iter()
            .zip(values)
            .filter_map(|(name, value)| Some((name.clone(), value?)));
        Json::Object(given.collect())
    });
    object.boxed()
}

fn properties(schema: &Json) -> impl Iterator<Item = (&String, &Json)> {
    schema.get("properties").and_then(Json::as_object).into_iter().flatten()
}

fn names<'a>(schema: &'a Json, list: &str) -> Vec<&'a str> {
    let names = schema.get(list).and_then(Json::as_array);
    names.into_iter().flatten().filter_map(Json::as_str).collect()
}

fn integer(schema: &Json) -> BoxedStrategy<i64> {
    let bound = |name: &str, otherwise: i64| {
        let bound = schema
            .get(name)
            .and_then(|n| n.as_i64().or_else(|| n.as_f64().map(|f| f as i64)));
        bound.unwrap_or(otherwise)
    };
    let least = bound("minimum", -1000);
    let most = bound("maximum", 1000).max(least);
    let mut edges = vec![
        least,
        most,
        least.saturating_add(1).min(most),
        most.saturating_sub(1).max(least),
    ];
    edges.extend(hostile::INTEGERS.iter().filter(|n| (least..=most).contains(n)));
    let small = least.max(-10).min(most)..=most.min(20).max(least.max(-10).min(most));
    prop_oneof![3 => small, 2 => select(edges), 1 => least..=most].boxed()
}

fn text(rule: &Json) -> BoxedStrategy<String> {
    let mut texts: Vec<String> = hostile::TEXTS.iter().map(|text| (*text).to_owned()).collect();
    let length = |name: &str| rule.get(name).and_then(Json::as_u64).unwrap_or_default().min(1000) as usize;
    texts.extend(["minLength", "maxLength"].map(|name| "x".repeat(length(name))));
    texts.push("1".repeat(length("maxLength")));
    let usual = one_of(texts, rule);
    let long = hostile::LONG_LINE.repeat(65_536 / hostile::LONG_LINE.len());
    match jsonschema::is_valid(rule, &long.as_str().into()) {
        true => prop_oneof![400 => usual, 1 => Just(long)].boxed(),
        false => usual,
    }
}

/// One of the texts that a rule (the schema of a text) allows, or a random one.
fn one_of(mut texts: Vec<String>, rule: &Json) -> BoxedStrategy<String> {
    let validator = jsonschema::validator_for(rule).ok();
    let fits = move |text: &String| {
        let text = Json::from(text.as_str());
        validator.as_ref().is_none_or(|validator| validator.is_valid(&text))
    };
    texts.retain(&fits);
    let pattern = rule
        .get("pattern")
        .and_then(Json::as_str)
        .filter(|pattern| !pattern.is_empty());
    let random = matching(pattern.unwrap_or("(?s)^.{0,24}$"))
        .map(|random| random.prop_filter("the schema forbids it", fits).boxed());
    match (texts.is_empty(), random) {
        (true, Some(random)) => random,
        (true, None) => Just(String::new()).boxed(),
        (false, None) => select(texts).boxed(),
        (false, Some(random)) => prop_oneof![3 => select(texts), 1 => random].boxed(),
    }
}

/// A generator has no use for anchors, and `proptest` refuses them.
fn without_anchors(hir: Hir) -> Hir {
    match hir.into_kind() {
        HirKind::Look(_) => Hir::empty(),
        HirKind::Capture(capture) => without_anchors(*capture.sub),
        HirKind::Concat(parts) => Hir::concat(parts.into_iter().map(without_anchors).collect()),
        HirKind::Alternation(parts) => Hir::alternation(parts.into_iter().map(without_anchors).collect()),
        HirKind::Repetition(mut repetition) => {
            repetition.sub = Box::new(without_anchors(*repetition.sub));
            Hir::repetition(repetition)
        }
        HirKind::Literal(literal) => Hir::literal(literal.0),
        HirKind::Class(class) => Hir::class(class),
        HirKind::Empty => Hir::empty(),
    }
}
