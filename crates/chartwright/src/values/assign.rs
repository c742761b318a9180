//! Parses `key=value,…`, and sets what it says while it goes along.

use serde_json::{Map, Value};

use super::number::through_floats;
use super::set::Flag;

/// The longest list that an index may ask for, the largest Helm allows.
const MAX_INDEX: i64 = 65_536;

/// How many dots a key may have, as many as Helm allows.
const MAX_DOTS: usize = 30;

/// What is wrong, and what to do.
pub(super) type Refusal = (String, String);

/// Sets in `map` what the argument of a flag says.
pub(super) fn assign(map: &mut Map<String, Value>, flag: Flag, argument: &str) -> Result<(), Refusal> {
    let mut parser = Parser { flag, rest: argument };
    loop {
        match parser.assignment(map, 0) {
            Ok(()) => {}
            Err(Stop::End) => return Ok(()),
            Err(Stop::Refused(refusal)) => return Err(refusal),
        }
    }
}

/// Why parsing does not go on.
enum Stop {
    /// The text is over. To Helm that is an end like any other, even in the middle of a key:
    /// `a[0` and `a.` are no errors and do nothing.
    End,
    Refused(Refusal),
}

fn refused<T>(problem: impl Into<String>, remedy: impl Into<String>) -> Result<T, Stop> {
    Err(Stop::Refused((problem.into(), remedy.into())))
}

struct Parser<'a> {
    flag: Flag,
    rest: &'a str,
}

impl Parser<'_> {
    /// Reads one `key=value` into `map`, `dots` levels below the top.
    fn assignment(&mut self, map: &mut Map<String, Value>, dots: usize) -> Result<(), Stop> {
        let literal = self.flag == Flag::SetLiteral;
        let (key, end) = self.until(if literal { "=[." } else { "=[.," });
        match end {
            None if key.is_empty() => Err(Stop::End),
            None | Some(',') => refused(format!("`{key}` has no value"), format!("write `{key}=…`")),
            Some('=') => self.value(|value| put(map, key, value)),
            Some('[') => self.indexed(map, key, dots),
            _ => self.dotted(map, key, dots + 1),
        }
    }

    fn dotted(&mut self, map: &mut Map<String, Value>, key: String, dots: usize) -> Result<(), Stop> {
        if dots > MAX_DOTS {
            return refused(
                format!("a key with more than {MAX_DOTS} dots"),
                "use --set-json or a file",
            );
        }
        let nothing = |key: &str| refused(format!("nothing is set in `{key}`"), "name a key after the dot");
        match map.get_mut(&key) {
            Some(Value::Object(inner)) => {
                self.assignment(inner, dots)?;
                if inner.is_empty() { nothing(&key) } else { Ok(()) }
            }
            Some(other) => refused(
                format!("`{key}` is {} and has no keys", kind(other)),
                "set it as a whole, with --set-json",
            ),
            None => {
                let mut inner = Map::new();
                let result = self.assignment(&mut inner, dots);
                if inner.is_empty() {
                    return result.and_then(|()| nothing(&key));
                }
                put(map, key, Value::Object(inner));
                result
            }
        }
    }

    fn indexed(&mut self, map: &mut Map<String, Value>, key: String, dots: usize) -> Result<(), Stop> {
        let index = self.index()?;
        match map.get_mut(&key) {
            Some(Value::Array(list)) => self.item(list, index, dots),
            Some(other) => refused(
                format!("`{key}` is {} and no list", kind(other)),
                "set it as a whole: `key={a,b}`",
            ),
            None => {
                let mut list = Vec::new();
                let result = self.item(&mut list, index, dots);
                put(map, key, Value::Array(list));
                result
            }
        }
    }

    /// Reads what follows `[…]` into the list at that index.
    fn item(&mut self, list: &mut Vec<Value>, index: i64, dots: usize) -> Result<(), Stop> {
        let Ok(at) = usize::try_from(index) else {
            return refused(format!("the index {index} is negative"), "count from 0");
        };
        let (text, end) = self.until("[.=");
        if !text.is_empty() {
            return refused(format!("`{text}` after an index"), "write `]=`, `].` or `][`");
        }
        match end {
            None => Err(Stop::End),
            Some('=') => {
                let mut item = None;
                let result = self.value(|value| item = Some(value));
                // At the end of the text a list item is the empty text, and all is well.
                if let (Some(item), Ok(()) | Err(Stop::End)) = (item, &result) {
                    return put_item(list, at, item);
                }
                result
            }
            Some('[') => {
                let next = self.index()?;
                match list.get_mut(at) {
                    Some(Value::Array(inner)) => self.item(inner, next, dots),
                    None | Some(Value::Null) => {
                        let mut inner = Vec::new();
                        self.item(&mut inner, next, dots)?;
                        put_item(list, at, Value::Array(inner))
                    }
                    Some(other) => refused(
                        format!("item {at} is {} and no list", kind(other)),
                        "set the list as a whole, with --set-json",
                    ),
                }
            }
            _ => {
                if let Some(item) = list.get_mut(at) {
                    if !item.is_object() {
                        *item = Value::Object(Map::new());
                    }
                    if let Value::Object(inner) = item {
                        return self.assignment(inner, dots);
                    }
                }
                let mut inner = Map::new();
                self.assignment(&mut inner, dots)?;
                put_item(list, at, Value::Object(inner))
            }
        }
    }

    /// Reads what follows `=` and hands it to `put`.
    fn value(&mut self, put: impl FnOnce(Value)) -> Result<(), Stop> {
        match self.flag {
            Flag::SetLiteral => {
                put(Value::String(std::mem::take(&mut self.rest).into()));
                Ok(())
            }
            Flag::SetJson => {
                put(self.json()?);
                Ok(())
            }
            Flag::Set | Flag::SetString | Flag::SetFile if self.rest.is_empty() => {
                put(Value::String(String::new()));
                Err(Stop::End)
            }
            Flag::Set | Flag::SetString | Flag::SetFile => {
                put(match self.rest.strip_prefix('{') {
                    Some(rest) => {
                        self.rest = rest;
                        self.list()?
                    }
                    None => {
                        let (text, _) = self.until(",");
                        self.typed(text)?
                    }
                });
                Ok(())
            }
        }
    }

    /// Reads `a,b}`. Helm takes `{}` for a list with one empty text in it.
    fn list(&mut self) -> Result<Value, Stop> {
        let mut list = Vec::new();
        loop {
            let (text, end) = self.until(",}");
            if end.is_none() {
                return refused("a list without an end", "close it with `}`");
            }
            list.push(self.typed(text)?);
            if end == Some('}') {
                self.rest = self.rest.strip_prefix(',').unwrap_or(self.rest);
                return Ok(Value::Array(list));
            }
        }
    }

    fn json(&mut self) -> Result<Value, Stop> {
        if self.skip_blank() {
            return Ok(Value::Null);
        }
        let mut stream = serde_json::Deserializer::from_str(self.rest).into_iter::<Value>();
        match stream.next() {
            Some(Ok(value)) => {
                self.rest = &self.rest[stream.byte_offset()..];
                self.skip_blank();
                Ok(through_floats(value))
            }
            Some(Err(error)) => Err(Stop::Refused(bad_json(&error))),
            None => Ok(Value::Null),
        }
    }

    /// Passes over blanks and one comma, and tells whether nothing else came.
    fn skip_blank(&mut self) -> bool {
        self.rest = self.rest.trim_start();
        let Some(rest) = self.rest.strip_prefix(',') else {
            return self.rest.is_empty();
        };
        self.rest = rest;
        true
    }

    fn index(&mut self) -> Result<i64, Stop> {
        let (text, end) = self.until("]");
        if end.is_none() {
            return Err(Stop::End);
        }
        text.parse()
            .or_else(|_| refused(format!("the index `{text}` is no integer"), "count from 0"))
    }

    /// The text up to one of the characters `stops`, and which one it was. A backslash takes the
    /// next character out of the language, except in a literal.
    fn until(&mut self, stops: &str) -> (String, Option<char>) {
        let mut text = String::new();
        let mut chars = self.rest.chars();
        let mut end = None;
        while let Some(c) = chars.next() {
            if stops.contains(c) {
                end = Some(c);
                break;
            }
            match c {
                '\\' if self.flag != Flag::SetLiteral => text.extend(chars.next()),
                c => text.push(c),
            }
        }
        self.rest = chars.as_str();
        (text, end)
    }

    fn typed(&self, text: String) -> Result<Value, Stop> {
        match self.flag {
            Flag::Set => {}
            Flag::SetFile => return contents(&text).map(Value::String),
            _ => return Ok(Value::String(text)),
        }
        Ok(match text.to_uppercase().as_str() {
            "TRUE" => Value::Bool(true),
            "FALSE" => Value::Bool(false),
            "NULL" => Value::Null,
            "0" => Value::from(0),
            // A leading zero is kept, because it may be a phone number or a commit.
            digits if !digits.starts_with('0') && digits.parse::<i64>().is_ok() => {
                digits.parse::<i64>().map_or(Value::Null, Value::from)
            }
            _ => Value::String(text),
        })
    }
}

/// The text of a file that `--set-file` names.
fn contents(path: &str) -> Result<String, Stop> {
    std::fs::read_to_string(path).or_else(|error| {
        refused(
            format!("cannot read the file `{path}` ({error})"),
            "name a text file that is there, as PATH in `key=PATH`",
        )
    })
}

/// Sets a key, unless it is empty: Helm then sets nothing and says nothing.
fn put(map: &mut Map<String, Value>, key: String, value: Value) {
    if !key.is_empty() {
        map.insert(key, value);
    }
}

fn put_item(list: &mut Vec<Value>, at: usize, item: Value) -> Result<(), Stop> {
    if at as i64 > MAX_INDEX {
        return refused(
            format!("the index {at} is larger than {MAX_INDEX}"),
            "use a smaller one",
        );
    }
    if list.len() <= at {
        list.resize(at + 1, Value::Null);
    }
    list[at] = item;
    Ok(())
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "a map",
    }
}

pub(super) fn bad_json(error: &serde_json::Error) -> Refusal {
    (
        format!("no JSON: {error}"),
        "put text in double quotes, and the whole in single ones for the shell".into(),
    )
}
