//! What a scalar of a values file means: YAML 1.1 as Helm's reader (yaml.v2) understands it.

use serde_json::Value;

use super::number::{float_key, from_float, parse_float, parse_integer};

/// A scalar that has found its type.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Scalar {
    Null,
    Bool(bool),
    Int(i128),
    Float(f64),
    Text(String),
}

const CORE: &str = "tag:yaml.org,2002:";

/// The meaning of a scalar. `plain` means: neither quoted nor a block.
pub(super) fn resolve(text: &str, plain: bool, tag: Option<&str>) -> Result<Scalar, String> {
    let Some(tag) = tag else {
        return Ok(if plain {
            resolve_plain(text)
        } else {
            Scalar::Text(text.into())
        });
    };
    let wanted = match tag.strip_prefix(CORE) {
        // Tags of other worlds mean nothing to Helm: the text stays text.
        None => return Ok(Scalar::Text(text.into())),
        Some(unread @ ("binary" | "timestamp")) => return Err(format!("`!!{unread}` is not read here")),
        Some(wanted @ ("bool" | "int" | "float" | "null")) => wanted,
        Some(_) => return Ok(Scalar::Text(text.into())),
    };
    // A tag counts even on quoted text: `!!int "3"` is a number.
    match (wanted, resolve_plain(text)) {
        ("bool", it @ Scalar::Bool(_)) => Ok(it),
        ("int", it @ Scalar::Int(_)) => Ok(it),
        ("float", it @ Scalar::Float(_)) => Ok(it),
        ("float", Scalar::Int(n)) if i64::try_from(n).is_ok() => Ok(Scalar::Float(n as f64)),
        ("null", it @ Scalar::Null) => Ok(it),
        _ => Err(format!("`{text}` is tagged `!!{wanted}` and is none")),
    }
}

/// The meaning of a plain scalar without a tag.
fn resolve_plain(text: &str) -> Scalar {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Scalar::Null,
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            return Scalar::Bool(true);
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            return Scalar::Bool(false);
        }
        ".nan" | ".NaN" | ".NAN" => return Scalar::Float(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => {
            return Scalar::Float(f64::INFINITY);
        }
        "-.inf" | "-.Inf" | "-.INF" => return Scalar::Float(f64::NEG_INFINITY),
        _ => {}
    }
    let number = match text.as_bytes()[0] {
        b'.' => leading_dot(text).map(Scalar::Float),
        b'0'..=b'9' | b'-' | b'+' => digits(&text.replace('_', "")),
        _ => None,
    };
    number.unwrap_or_else(|| Scalar::Text(text.into()))
}

fn digits(text: &str) -> Option<Scalar> {
    parse_integer(text)
        .map(Scalar::Int)
        // 089 is no octal number, so it is a decimal float.
        .or_else(|| parse_float(text).map(Scalar::Float))
        // Helm's reader has a second way to read binary numbers, which also takes `0b-1`.
        .or_else(|| {
            i64::from_str_radix(text.strip_prefix("0b")?, 2)
                .ok()
                .map(|n| Scalar::Int(n.into()))
        })
}

/// `.5_0` is a number only with its underscores between digits, unlike `1_`, which is one.
fn leading_dot(text: &str) -> Option<f64> {
    let bytes = text.as_bytes();
    let digit = |at: Option<&u8>| at.is_some_and(u8::is_ascii_digit);
    let between = |i: usize| digit(bytes.get(i.wrapping_sub(1))) && digit(bytes.get(i + 1));
    let tidy = bytes.iter().enumerate().all(|(i, b)| *b != b'_' || between(i));
    tidy.then(|| parse_float(&text.replace('_', ""))).flatten()
}

impl Scalar {
    /// The JSON value, or `None` for what JSON cannot say: infinities and NaN.
    pub(super) fn into_value(self) -> Option<Value> {
        Some(match self {
            Self::Null => Value::Null,
            Self::Bool(b) => Value::Bool(b),
            // Helm hands values on as JSON and reads every number of it as a float.
            Self::Int(n) => return from_float(n as f64),
            Self::Float(f) => return from_float(f),
            Self::Text(s) => Value::String(s),
        })
    }

    /// The scalar as a map key, or `None` where Helm refuses it.
    pub(super) fn as_key(&self) -> Option<String> {
        Some(match self {
            Self::Null => return None,
            Self::Bool(b) => b.to_string(),
            Self::Int(n) => i64::try_from(*n).ok()?.to_string(),
            Self::Float(f) => float_key(*f),
            Self::Text(s) => s.clone(),
        })
    }
}
