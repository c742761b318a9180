//! Random values that a schema allows, biased to the hostile ones.

use crate::schema::{FROM_PARENT, resolve};
use fastrand::Rng;
use regex_syntax::hir::{Class, Hir, HirKind};
use serde_json::{Map, Value as Json, json};

/// Strings that break careless templates.
const HOSTILE: &[&str] = &[
    "",
    " ",
    "a",
    "yes",
    "no",
    "on",
    "y",
    "null",
    "~",
    "true",
    "1",
    "0x10",
    "017",
    "1e3",
    "1_000",
    "12:30:45",
    "2001-01-01",
    ".inf",
    "a: b",
    "a #b",
    "- x",
    "{a: b}",
    "[a]",
    "{{ .Values }}",
    "}}",
    "%s",
    "\"",
    "'",
    "\\",
    "a\nb",
    "a\n",
    "\n",
    "\ta",
    "  lead",
    "trail  ",
    "|",
    ">",
    "&a",
    "*a",
    "!tag",
    "@x",
    "`x`",
    "ü한",
    "😀",
    "\u{feff}bom",
    "\u{2028}",
    "\u{200f}rtl",
    "p@:/%#?' \"ue[]&=+$\\!ü한",
    "<<",
    "=",
    "a,b=c",
    "\r\n",
    "\u{1}",
];

/// Values to lay over the defaults: most settings are left alone, so that they meet in small groups.
pub(crate) fn values(schema: &Json, rng: &mut Rng) -> Json {
    let density = *rng.choice(&[3u32, 10, 30]).unwrap_or(&10);
    Sampler {
        root: schema,
        rng,
        density,
    }
    .object(schema, 0, true)
}

struct Sampler<'a> {
    root: &'a Json,
    rng: &'a mut Rng,
    /// How many of a hundred settings are changed.
    density: u32,
}

impl Sampler<'_> {
    fn any(&mut self, schema: &Json, depth: usize) -> Json {
        let schema = resolve(self.root, schema);
        for name in ["anyOf", "oneOf"] {
            if let Some(options) = schema.get(name).and_then(Json::as_array) {
                let index = self.rng.usize(..options.len().max(1));
                return options.get(index).map_or(Json::Null, |option| self.any(option, depth));
            }
        }
        if let Some(only) = schema.get("const") {
            return only.clone();
        }
        if let Some(options) = schema.get("enum").and_then(Json::as_array) {
            return options[self.rng.usize(..options.len())].clone();
        }
        let kind = match schema.get("type") {
            Some(Json::String(kind)) => kind.clone(),
            Some(Json::Array(kinds)) => {
                let kind = &kinds[self.rng.usize(..kinds.len())];
                kind.as_str().unwrap_or("null").to_owned()
            }
            _ => return json!({}),
        };
        match kind.as_str() {
            "boolean" => self.rng.bool().into(),
            "integer" => self.integer(schema).into(),
            "number" => json!(self.rng.i64(0..100)),
            "string" => self.text(schema).into(),
            "array" => self.list(schema, depth),
            "object" => self.object(schema, depth, false),
            _ => Json::Null,
        }
    }

    fn integer(&mut self, schema: &Json) -> i64 {
        let bound = |name: &str, otherwise: i64| {
            schema
                .get(name)
                .and_then(|n| n.as_i64().or_else(|| n.as_f64().map(|f| f as i64)))
                .unwrap_or(otherwise)
        };
        let (least, most) = (bound("minimum", -1000), bound("maximum", 1000));
        match self.rng.u32(..6) {
            0 => least,
            1 => most,
            2 => 1_000_000i64.clamp(least, most),
            3 => self.rng.i64(least..=most),
            _ => self
                .rng
                .i64(least.max(-10).min(most)..=most.min(least.max(-10).saturating_add(20)).max(least)),
        }
    }

    fn text(&mut self, schema: &Json) -> String {
        let most = schema.get("maxLength").and_then(Json::as_u64).unwrap_or(80) as usize;
        let least = schema.get("minLength").and_then(Json::as_u64).unwrap_or(0) as usize;
        let pattern = schema.get("pattern").and_then(Json::as_str);
        if let Some(pattern) = pattern.filter(|pattern| !pattern.starts_with("^[^") && !pattern.starts_with("^([^")) {
            return match regex_syntax::parse(pattern) {
                Ok(hir) => {
                    let mut text = String::new();
                    self.matching(&hir, &mut text);
                    text
                }
                Err(_) => String::new(),
            };
        }
        let mut text: String = self
            .rng
            .choice(HOSTILE)
            .copied()
            .unwrap_or_default()
            .chars()
            .take(most)
            .collect();
        while text.chars().count() < least {
            text.push('x');
        }
        text
    }

    /// A text that a pattern matches; look-arounds and anchors aside.
    fn matching(&mut self, hir: &Hir, text: &mut String) {
        match hir.kind() {
            HirKind::Literal(literal) => text.push_str(&String::from_utf8_lossy(&literal.0)),
            HirKind::Class(Class::Unicode(class)) => {
                let ranges = class.ranges();
                let range = ranges[self.rng.usize(..ranges.len())];
                text.push(self.rng.char(range.start()..=range.end()));
            }
            HirKind::Repetition(repetition) => {
                let most = repetition.max.unwrap_or(repetition.min + 8).min(repetition.min + 8);
                for _ in 0..self.rng.u32(repetition.min..=most) {
                    self.matching(&repetition.sub, text);
                }
            }
            HirKind::Capture(capture) => self.matching(&capture.sub, text),
            HirKind::Concat(parts) => parts.iter().for_each(|part| self.matching(part, text)),
            HirKind::Alternation(parts) => {
                let part = &parts[self.rng.usize(..parts.len())];
                self.matching(part, text);
            }
            _ => {}
        }
    }

    fn list(&mut self, schema: &Json, depth: usize) -> Json {
        let least = schema.get("minItems").and_then(Json::as_u64).unwrap_or(0) as usize;
        let length = if depth > 5 { least } else { least + self.rng.usize(..3) };
        (0..length)
            .map(|_| self.any(schema.get("items").unwrap_or(&Json::Null), depth + 1))
            .collect::<Vec<_>>()
            .into()
    }

    /// An object. In the chart's own structure (`sparse`), only some of the settings are given.
    fn object(&mut self, schema: &Json, depth: usize, sparse: bool) -> Json {
        let mut map = Map::new();
        let required: Vec<&str> = schema
            .get("required")
            .and_then(Json::as_array)
            .into_iter()
            .flatten()
            .filter_map(Json::as_str)
            .collect();
        for (name, property) in schema.get("properties").and_then(Json::as_object).into_iter().flatten() {
            if depth == 0 && FROM_PARENT.contains(&name.as_str()) {
                continue;
            }
            let target = resolve(self.root, property);
            let structure = sparse && required.contains(&name.as_str()) && target.get("properties").is_some();
            let given = if sparse {
                structure || self.rng.u32(..100) < self.density
            } else {
                required.contains(&name.as_str()) || depth < 8 && self.rng.u32(..100) < 30
            };
            if given {
                let below = sparse && structure && target.get("required").is_some();
                let value = if below {
                    self.object(target, depth + 1, true)
                } else {
                    self.any(property, depth + 1)
                };
                if !below || value.as_object().is_some_and(|map| !map.is_empty()) {
                    map.insert(name.clone(), value);
                }
            }
        }
        if let Some(values) = schema.get("additionalProperties").filter(|schema| schema.is_object()) {
            let names = json!({"pattern": schema.pointer("/propertyNames/pattern").cloned().unwrap_or_else(|| "^[a-z]+$".into())});
            for _ in 0..self.rng.usize(..3) {
                let colliding = ["app.kubernetes.io/name", "app.kubernetes.io/component", "a", "b/c"];
                let name = if self.rng.bool() {
                    self.rng.choice(colliding).unwrap_or_default().to_owned()
                } else {
                    self.text(&names)
                };
                let value = self.any(values, depth + 1);
                map.insert(name, value);
            }
        }
        map.into()
    }
}
