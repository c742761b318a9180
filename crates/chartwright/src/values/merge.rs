//! The two ways in which Helm puts values on top of values.
//!
//! They differ in what `null` does: between files it is a value like any other; over the chart's
//! defaults it takes the default away.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// Merges one values file over another: maps deeply, and all else is replaced, by `null` too.
///
/// Helm does this with several `-f` files, with several documents in one, and with
/// `--set-json '{…}'`.
pub fn merge_files(base: Value, over: Value) -> Value {
    match (base, over) {
        (Value::Object(mut base), Value::Object(over)) => {
            for (key, value) in over {
                let merged = match base.get_mut(&key) {
                    Some(under) => merge_files(under.take(), value),
                    None => value,
                };
                base.insert(key, merged);
            }
            Value::Object(base)
        }
        (_, over) => over,
    }
}

/// Lays the user's values over the chart's defaults.
///
/// - Maps are merged deeply; a list or scalar of the user replaces the default.
/// - The user's `null` deletes the default. A `null` for what has no default stays `null`.
/// - A `null` among the defaults is no default. (For the topmost keys alone the user's `null` is
///   then dropped too.)
/// - A scalar of the user replaces a map, and a map replaces a scalar or list. Helm logs
///   `skipped value for …: Not a table.` for the latter when it happens at the top, and goes on;
///   the chart's schema is what stops both.
///
/// This is a chart on its own: Helm also hands `global` down to subcharts, and this does not.
/// Anything but a map in the place of `defaults` or `user` counts as an empty map.
pub fn coalesce_over_defaults(defaults: Value, user: Value) -> Value {
    Value::Object(coalesce(into_map(defaults), into_map(user), true))
}

fn coalesce(defaults: Map<String, Value>, mut user: Map<String, Value>, topmost: bool) -> Map<String, Value> {
    let mut result = Map::new();
    let mut settled = BTreeSet::new();
    for (key, default) in defaults {
        settled.insert(key.clone());
        match (user.get_mut(&key).map(Value::take), default) {
            (None, Value::Null) => continue,
            (None, default) => result.insert(key, without_nulls(default)),
            (Some(Value::Null), default) if topmost || !default.is_null() => continue,
            (Some(Value::Object(over)), Value::Object(under)) => {
                result.insert(key, Value::Object(coalesce(under, over, false)))
            }
            (Some(over), _) => result.insert(key, over),
        };
    }
    result.extend(user.into_iter().filter(|(key, _)| !settled.contains(key)));
    result
}

fn into_map(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// A default without the nulls in its maps; those in its lists stay.
fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let kept = map.into_iter().filter(|(_, value)| !value.is_null());
            Value::Object(kept.map(|(key, value)| (key, without_nulls(value))).collect())
        }
        other => other,
    }
}
