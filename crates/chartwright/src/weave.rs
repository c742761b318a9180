//! From what a traced function built to a [`Tree`]: finds every mark and puts what it stands for in its place.

use crate::error::{Error, Result};
use crate::expr::Expr;
use crate::shape::Shape;
use crate::trace::{self, MARK_END, MARK_NUMBER, MARK_START, Mark};
use crate::tree::{Entry, Item, Tree};
use serde::Serialize;
use serde_json::Value as Json;

/// The tree of a finished (part of an) object.
pub(crate) fn weave<T: Serialize>(built: &T) -> Result<Tree> {
    let json = serde_json::to_value(built).map_err(|error| Error::trace("", error.to_string()))?;
    match node(json)? {
        Woven::Tree(tree) => Ok(tree),
        Woven::Up { mark, .. } => Err(lost(&mark)),
        Woven::Splice(tree) => Ok(tree),
    }
}

/// The text of a string that may have marks in it, as one expression.
pub(crate) fn text(text: &str) -> Result<Expr> {
    let mut parts = pieces(text)?;
    Ok(match parts.len() {
        0 => Expr::literal(""),
        1 if is_text(&parts[0]) => parts.remove(0),
        _ => Expr::Format(parts),
    })
}

/// An integer that was written into a string is a string from there on.
fn is_text(part: &Expr) -> bool {
    part.shape() == Shape::Text
}

/// What became of a node.
enum Woven {
    Tree(Tree),
    /// The thing that the mark stands for is `levels` further up.
    Up {
        mark: Mark,
        levels: usize,
    },
    /// The mark stands for items (entries) of the list (map) that this node is in.
    Splice(Tree),
}

fn node(json: Json) -> Result<Woven> {
    match json {
        Json::Null => Ok(Woven::Tree(Tree::Absent)),
        Json::String(string) => leaf_text(string),
        Json::Number(number) => {
            let id = number
                .as_i64()
                .or_else(|| number.as_f64().map(|float| float as i64))
                .and_then(mark_number);
            match id.map(mark).transpose()? {
                Some(found) => leaf(found, &Json::Number(number)),
                None => Ok(Woven::Tree(Tree::Literal(number.into()))),
            }
        }
        Json::Bool(_) => Ok(Woven::Tree(Tree::Literal(json))),
        Json::Array(items) => list(items),
        Json::Object(map) => entries(map),
    }
}

fn leaf_text(string: String) -> Result<Woven> {
    if let Some(id) = whole_mark(&string) {
        return leaf(mark(id)?, &Json::String(string));
    }
    let mut parts = pieces(&string)?;
    Ok(Woven::Tree(match parts.len() {
        1 if matches!(parts[0], Expr::Literal(_)) => Tree::Literal(Json::String(string)),
        0 => Tree::Literal(Json::String(string)),
        1 if is_text(&parts[0]) => Tree::Dynamic(parts.remove(0)),
        _ => Tree::Dynamic(Expr::Format(parts)),
    }))
}

/// A leaf that is a mark and nothing else.
fn leaf(mark: Mark, json: &Json) -> Result<Woven> {
    if mark.depth > 0 {
        let levels = mark.depth;
        return Ok(Woven::Up { mark, levels });
    }
    if mark.splice {
        return Ok(Woven::Splice(mark.tree));
    }
    unchanged(&mark, json)?;
    Ok(Woven::Tree(mark.tree))
}

fn list(items: Vec<Json>) -> Result<Woven> {
    let whole = Json::Array(items);
    let mut woven = Vec::new();
    for (index, item) in whole.as_array().into_iter().flatten().enumerate() {
        match node(item.clone()).map_err(|error| error.under(&format!("[{index}]")))? {
            Woven::Tree(tree) => woven.push(Item::One(tree)),
            Woven::Splice(tree) => woven.push(Item::Splice(tree)),
            Woven::Up { mark, levels } => match risen(mark, levels, &whole)? {
                Risen::Here(tree) => return Ok(tree),
                Risen::Item(tree) => woven.push(Item::Splice(tree)),
            },
        }
    }
    Ok(Woven::Tree(match woven.as_slice() {
        [] => Tree::Literal(whole),
        [Item::Splice(tree)] => tree.clone(),
        _ => Tree::List(woven),
    }))
}

fn entries(map: serde_json::Map<String, Json>) -> Result<Woven> {
    let whole = Json::Object(map);
    let mut woven = Vec::new();
    for (key, value) in whole.as_object().into_iter().flatten() {
        let found = match whole_mark(key) {
            Some(id) => match leaf(mark(id)?, &Json::String(key.clone()))? {
                Woven::Tree(_) => {
                    return Err(Error::trace(
                        key_name(key)?,
                        "a value is the key of a map; write the map of values itself into the map (`get()`), or use a \
                         fixed key",
                    ));
                }
                other => other,
            },
            None if key.contains([MARK_START, MARK_END]) => {
                return Err(Error::trace(
                    key_name(key)?,
                    "a value is part of a key; keys of a manifest are fixed, or come whole from a map of values",
                ));
            }
            None => node(value.clone()).map_err(|error| error.under(key))?,
        };
        match found {
            Woven::Tree(Tree::Absent) => {}
            Woven::Tree(tree) => woven.push(Entry::Field(key.clone(), tree)),
            Woven::Splice(tree) if whole_mark(key).is_some() => woven.push(Entry::Splice(tree)),
            Woven::Splice(tree) => woven.push(Entry::Field(key.clone(), tree)),
            Woven::Up { mark, levels } => match risen(mark, levels, &whole)? {
                Risen::Here(tree) => return Ok(tree),
                Risen::Item(tree) => woven.push(Entry::Field(key.clone(), tree)),
            },
        }
    }
    Ok(Woven::Tree(match woven.as_slice() {
        [] => Tree::Literal(Json::Object(serde_json::Map::new())),
        [Entry::Splice(tree)] => tree.clone(),
        _ => Tree::Map(woven),
    }))
}

enum Risen {
    /// The container itself is replaced, or its container further up.
    Here(Woven),
    /// The member at hand is what a spliced mark stands for.
    Item(Tree),
}

/// One level up from a mark: is it the container `whole` that the mark stands for?
fn risen(mark: Mark, levels: usize, whole: &Json) -> Result<Risen> {
    if levels > 1 {
        return Ok(Risen::Here(Woven::Up {
            mark,
            levels: levels - 1,
        }));
    }
    if mark.splice {
        return Ok(Risen::Here(Woven::Splice(mark.tree)));
    }
    if levels == 0 {
        return Ok(Risen::Item(mark.tree));
    }
    unchanged(&mark, whole)?;
    Ok(Risen::Here(Woven::Tree(mark.tree)))
}

/// A carrier must still be what was handed out: a change to it would be lost in the chart.
fn unchanged(mark: &Mark, found: &Json) -> Result<()> {
    if mark.carrier.is_null() || mark.carrier == *found {
        return Ok(());
    }
    Err(Error::trace(
        "",
        format!(
            "a structure that stands for {} was changed after it was handed out, and the change would be lost; make the \
             change inside the closure (`then`, `choose`, `select`) where the structure is built, or beside it",
            named(mark)
        ),
    )
    .caused_at(mark.made_at))
}

fn lost(mark: &Mark) -> Error {
    Error::trace(
        "",
        format!(
            "a piece of a structure that stands for {} was taken out of it; use the structure whole, or make the piece a \
             value of its own",
            named(mark)
        ),
    )
    .caused_at(mark.made_at)
}

/// The first mark in a scalar.
pub(crate) fn mark_in(scalar: &Json) -> Option<Mark> {
    let id = match scalar {
        Json::Number(number) => mark_number(number.as_i64()?)?,
        Json::String(text) => {
            let (_, after) = text.split_once(MARK_START)?;
            let (inside, _) = after.split_once(MARK_END)?;
            whole_mark(&format!("{MARK_START}{inside}{MARK_END}"))?
        }
        _ => return None,
    };
    mark(id).ok()
}

fn mark(id: usize) -> Result<Mark> {
    trace::with(|trace| trace.marks.get(id).cloned()).ok_or_else(|| {
        Error::trace(
            "",
            "a value of another trace is used here; keep nothing of a traced function but what it returns",
        )
    })
}

fn mark_number(number: i64) -> Option<usize> {
    let id = usize::try_from(number.checked_sub(MARK_NUMBER)?).ok()?;
    trace::with(|trace| id < trace.marks.len()).then_some(id)
}

/// The number of the mark that the string is, if it is one and nothing more.
fn whole_mark(string: &str) -> Option<usize> {
    string
        .strip_prefix(MARK_START)?
        .strip_prefix("Vv")?
        .strip_suffix(MARK_END)?
        .parse()
        .ok()
}

/// A string cut at its marks, strings and integers alike.
fn pieces(string: &str) -> Result<Vec<Expr>> {
    let mut parts = Vec::new();
    let mut rest = string;
    while let Some(start) = rest.find(MARK_START) {
        literal(&rest[..start], &mut parts)?;
        let after = &rest[start..];
        let end = after.find(MARK_END).ok_or_else(|| cut(string))? + MARK_END.len_utf8();
        let id = whole_mark(&after[..end]).ok_or_else(|| cut(string))?;
        parts.push(scalar(mark(id)?)?);
        rest = &after[end..];
    }
    if rest.contains(MARK_END) {
        return Err(cut(string));
    }
    literal(rest, &mut parts)?;
    Ok(parts)
}

/// A part of a string without text marks: constants, and the digits of marked integers.
fn literal(text: &str, parts: &mut Vec<Expr>) -> Result<()> {
    let mut from = 0;
    while let Some(at) = text[from..].find("-2147").map(|at| at + from) {
        let digits: usize = 1 + text[at + 1..].bytes().take_while(u8::is_ascii_digit).count();
        if let Some(id) = text[at..at + digits].parse().ok().and_then(mark_number) {
            if at > 0 {
                literal(&text[..at], parts)?;
            }
            parts.push(scalar(mark(id)?)?);
            return literal(&text[at + digits..], parts);
        }
        from = at + digits;
    }
    if !text.is_empty() {
        parts.push(Expr::literal(text));
    }
    Ok(())
}

/// What a mark inside a string stands for.
fn scalar(mark: Mark) -> Result<Expr> {
    if mark.depth > 0 || mark.splice {
        return Err(lost(&mark));
    }
    mark.tree.to_expr().ok_or_else(|| {
        let what = format!(
            "{} is part of a string, and only a string or an integer can be; use its items with `each` or `join`",
            named(&mark)
        );
        Error::trace("", what).caused_at(mark.made_at)
    })
}

fn cut(string: &str) -> Error {
    // The number may have survived: it is all digits after the two letters.
    let rest = string.split(MARK_START).nth(1).unwrap_or(string);
    let digits: String = rest.chars().skip(2).take_while(char::is_ascii_digit).collect();
    let mark = digits.parse().ok().and_then(|id| mark(id).ok());
    let what = format!(
        "a string that stands for {} was cut or changed ({:?}); use the operations of `Val<String>` (`trunc`, `replace`, \
         `lower`, …) and call `get()` last",
        mark.as_ref().map_or_else(|| "a value".into(), named),
        string.replace([MARK_START, MARK_END], "|")
    );
    match mark {
        Some(mark) => Error::trace("", what).caused_at(mark.made_at),
        None => Error::trace("", what),
    }
}

/// What a mark stands for, in a message: the value that is in it.
fn named(mark: &Mark) -> String {
    match mark.tree.first_value() {
        Some(path) => format!("`{path}`"),
        None => "a template".into(),
    }
}

/// A key with the values that are in it, as `<name>.txt`.
fn key_name(key: &str) -> Result<String> {
    let shown = |part| match part {
        Expr::Literal(Json::String(text)) => text,
        value => format!("<{}>", Tree::Dynamic(value).first_value().unwrap_or_default()),
    };
    Ok(pieces(key)?.into_iter().map(shown).collect())
}
