//! The little language of `--set` and its relatives.

use serde_json::{Map, Value};

use super::assign::{Refusal, assign, bad_json};
use super::error::{Place, ValuesError};
use super::merge::merge_files;
use super::number::through_floats;

/// The flags that put single values over files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Flag {
    /// `--set a.b=1,c={x,y}`: integers, booleans and `null` get their types, all else is text;
    /// even `1.5` and `0x10` are.
    Set,
    /// `--set-string a.b=1`: the same language, and every value is text.
    SetString,
    /// `--set-json 'a.b={"c": 1.5}'`, or one JSON object as a whole.
    SetJson,
    /// `--set-file a.b=path`: the same language, and every value is the text of the file that it names.
    SetFile,
    /// `--set-literal a.b=x,y`: everything after the `=` is the text, commas and backslashes too.
    SetLiteral,
}

impl Flag {
    /// The flag as it is written on a command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Set => "--set",
            Self::SetString => "--set-string",
            Self::SetJson => "--set-json",
            Self::SetFile => "--set-file",
            Self::SetLiteral => "--set-literal",
        }
    }

    /// The flag with its argument; of a long one the beginning.
    pub(super) fn place(self, argument: &str) -> Place {
        const LONGEST: usize = 100;
        let shown = &argument[..argument.floor_char_boundary(LONGEST)];
        let rest = if shown.len() < argument.len() { "…" } else { "" };
        Place {
            source: format!("{} {shown}{rest}", self.name()),
            position: None,
        }
    }
}

/// Applies the argument of a flag to `values`, the way Helm does.
///
/// An argument that fails leaves nothing of `values`: Helm stops there too.
///
/// ```
/// use chartwright::values::{Flag, set};
///
/// let values = set(serde_json::json!({}), Flag::Set, r"a.b[0]=1,label.app\.io/name=1.5")?;
/// assert_eq!(values, serde_json::json!({ "a": { "b": [1] }, "label": { "app.io/name": "1.5" } }));
/// # Ok::<(), chartwright::values::ValuesError>(())
/// ```
pub fn set(values: Value, flag: Flag, argument: &str) -> Result<Value, ValuesError> {
    let refuse = |(problem, remedy): Refusal| ValuesError {
        place: flag.place(argument),
        path: String::new(),
        problem,
        remedy,
    };
    let mut map = match values {
        Value::Object(map) => map,
        _ => Map::new(),
    };
    if flag == Flag::SetJson && argument.trim().starts_with('{') {
        let over = serde_json::from_str(argument.trim()).map_err(|error| refuse(bad_json(&error)))?;
        return Ok(merge_files(Value::Object(map), through_floats(over)));
    }
    assign(&mut map, flag, argument).map_err(refuse)?;
    Ok(Value::Object(map))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Helm keeps these as 64-bit integers, where a file would have made a float of them.
    #[test]
    fn integers_of_a_flag_are_exact() {
        let check = |flag, argument: &str, expected: Value| {
            assert_eq!(set(json!({}), flag, argument).unwrap(), expected);
        };
        check(Flag::Set, "n=9007199254740993", json!({ "n": 9007199254740993i64 }));
        check(Flag::Set, "n=-9223372036854775808", json!({ "n": i64::MIN }));
        check(
            Flag::Set,
            "n=9223372036854775808",
            json!({ "n": "9223372036854775808" }),
        );
        check(Flag::SetJson, "n=9007199254740993", json!({ "n": 9007199254740992i64 }));
    }

    #[test]
    fn errors_say_what_to_do() {
        let error = set(json!({ "a": [1] }), Flag::Set, "a.b=1").unwrap_err();
        assert_eq!(
            error.to_string(),
            "--set a.b=1: `a` is a list and has no keys; set it as a whole, with --set-json"
        );
    }
}
