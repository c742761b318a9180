//! Reads a values file.

use serde_json::{Map, Value};

use super::decode::{Positions, decode};
use super::error::{Place, Position, ValuesError};
use super::guard::Finding;
use super::merge::merge_files;
use super::path::dotted;
use super::tree;

/// A values file that was read: what it says, and where.
#[derive(Clone, Debug)]
pub struct Document {
    /// The values, always a JSON object.
    pub value: Value,
    positions: Positions,
}

impl Document {
    /// Where the value at a JSON pointer (`/server/replicas`, `/hosts/0`) begins in the file.
    ///
    /// A value that came through an alias is where that alias is. `None` where the file has no
    /// such value.
    pub fn locate(&self, pointer: &str) -> Option<Position> {
        self.value.pointer(pointer)?;
        self.positions.values.get(pointer).copied()
    }

    /// As [`locate`](Document::locate), but where the key is that the value has in its map.
    pub fn locate_key(&self, pointer: &str) -> Option<Position> {
        self.value.pointer(pointer)?;
        let positions = &self.positions;
        positions
            .keys
            .get(pointer)
            .or_else(|| positions.values.get(pointer))
            .copied()
    }
}

/// Reads YAML, and JSON, which is YAML to Helm, as a values file.
///
/// `source` names the file in errors. An empty file is an empty map; several documents are merged
/// as several files are.
///
/// ```
/// let document = chartwright::values::read("replicas: 0x10\ndebug: yes\n", "values.yaml")?;
/// assert_eq!(document.value, serde_json::json!({ "replicas": 16, "debug": true }));
/// assert_eq!(document.locate("/debug").unwrap().line, 2);
/// # Ok::<(), chartwright::values::ValuesError>(())
/// ```
pub fn read(text: &str, source: &str) -> Result<Document, ValuesError> {
    let mut document = Document {
        value: Value::Object(Map::new()),
        positions: Positions::default(),
    };
    for piece in pieces(text).map_err(|finding| error(source, "", 0, finding))? {
        let tree = tree::parse(&piece.text).map_err(|finding| error(source, "", piece.line, finding))?;
        let (value, positions) =
            decode(&tree).map_err(|(pointer, finding)| error(source, &pointer, piece.line, finding))?;
        match value {
            Value::Null => continue,
            Value::Object(_) => document.value = merge_files(document.value, value),
            _ => {
                let at = positions
                    .values
                    .get("")
                    .copied()
                    .unwrap_or(Position { line: 1, column: 1 });
                let problem = "values must be a map of names to values, and this is none".into();
                return Err(error(
                    source,
                    "",
                    piece.line,
                    Finding {
                        at,
                        problem,
                        remedy: "write `name: value`".into(),
                    },
                ));
            }
        }
        let shifted = |(pointer, at)| (pointer, below(at, piece.line));
        let all = &mut document.positions;
        all.values.extend(positions.values.into_iter().map(shifted));
        all.keys.extend(positions.keys.into_iter().map(shifted));
    }
    Ok(document)
}

/// A document of a file, and how many lines come before it.
struct Piece {
    text: String,
    line: usize,
}

/// Splits a file at its `---` lines before any YAML is read, as Helm does.
///
/// So a `---` at the start of a line is never text, not even in a block or in quotes.
fn pieces(text: &str) -> Result<Vec<Piece>, Finding> {
    let mut pieces = vec![Piece {
        text: String::new(),
        line: 0,
    }];
    for (index, line) in text.split_terminator('\n').enumerate() {
        let line = line.strip_suffix('\r').unwrap_or(line);
        let mut last = pieces.len() - 1;
        if let Some(rest) = line.strip_prefix("---").map(str::trim) {
            if !rest.is_empty() && !rest.starts_with('#') {
                return Err(Finding {
                    at: Position {
                        line: index + 1,
                        column: 1,
                    },
                    problem: format!("`---{rest}`: Helm takes `---` for the start of a document"),
                    remedy: "put what follows on the next line, or indent the line if it is text".into(),
                });
            }
            if !pieces[last].text.is_empty() {
                pieces.push(Piece {
                    text: String::new(),
                    line: index + 1,
                });
                continue;
            }
        } else if line.starts_with('%') && pieces[last].text.is_empty() {
            return Err(Finding {
                at: Position {
                    line: index + 1,
                    column: 1,
                },
                problem: "a YAML directive, which Helm cannot read".into(),
                remedy: "remove the line".into(),
            });
        }
        last = pieces.len() - 1;
        pieces[last].text.push_str(line);
        pieces[last].text.push('\n');
    }
    Ok(pieces)
}

fn below(at: Position, lines: usize) -> Position {
    Position {
        line: at.line + lines,
        ..at
    }
}

fn error(source: &str, pointer: &str, lines: usize, finding: Finding) -> ValuesError {
    ValuesError {
        place: Place {
            source: source.into(),
            position: Some(below(finding.at, lines)),
        },
        path: dotted(pointer),
        problem: finding.problem,
        remedy: finding.remedy,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_where_they_are_written() {
        let text = "a:\n  b: [1, {c: x}]\n---\nd: &x\n  e: 1\nf: *x\ng/h: ~\n";
        let document = read(text, "f.yaml").unwrap();
        let check = |pointer, expected: Option<(usize, usize)>| {
            let found = document.locate(pointer).map(|at| (at.line, at.column));
            assert_eq!(found, expected, "{pointer}");
        };
        check("/a/b", Some((2, 6)));
        check("/a/b/1/c", Some((2, 14)));
        check("/d/e", Some((5, 6)));
        check("/f/e", Some((6, 4)));
        check("/g~1h", Some((7, 6)));
        check("/a/x", None);
        assert_eq!(document.locate_key("/a/b/1/c").unwrap().column, 11);
    }

    #[test]
    fn errors_name_the_place_and_the_value() {
        let error = read("a: 1\n---\nb:\n- c: .inf\n", "f.yaml").unwrap_err();
        let expected =
            "f.yaml:4:6: b[0].c: infinities and NaN are no values for Helm; use a number, or quote it if it is text";
        assert_eq!(error.to_string(), expected);
    }
}
