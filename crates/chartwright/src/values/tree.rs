//! A YAML document as a tree of nodes whose scalars have no types yet.

use std::collections::BTreeMap;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, Span};

use super::error::Position;
use super::guard::{Finding, Guard, Style};

/// The index of a node in its [`Tree`].
pub(super) type Id = usize;

/// What a node is.
#[derive(Debug)]
pub(super) enum Kind {
    Scalar {
        text: String,
        plain: bool,
        tag: Option<String>,
    },
    Sequence(Vec<Id>),
    Mapping(Vec<(Id, Id)>),
    Alias(Id),
}

/// A node and where it begins.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) kind: Kind,
    pub(super) at: Position,
}

/// One document. Without a root it is empty.
#[derive(Debug, Default)]
pub(super) struct Tree {
    pub(super) nodes: Vec<Node>,
    pub(super) root: Option<Id>,
}

/// Reads the first document of `text`; Helm does not look at what follows its end.
pub(super) fn parse(text: &str) -> Result<Tree, Finding> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut guard = Guard::new(text)?;
    let mut builder = Builder::default();
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| Finding {
            at: position(error.marker()),
            problem: format!("no YAML from here on ({})", error.info()),
            remedy: "look for a bracket, a quote or an indentation that is wrong, and quote text \
                     with special characters"
                .into(),
        })?;
        watch(&mut guard, &event, span)?;
        if matches!(event, Event::DocumentEnd | Event::StreamEnd) {
            break;
        }
        builder.take(event, position(&span.start));
    }
    check_start(text, &builder.tree)?;
    Ok(builder.tree)
}

/// The parser also passes over a `...` or an anchor with nothing to end or to name.
fn check_start(text: &str, tree: &Tree) -> Result<(), Finding> {
    let blank = |line: &str| line.is_empty() || line.starts_with('#') || line.starts_with("---");
    match text.lines().enumerate().find(|(_, line)| !blank(line.trim_ascii())) {
        Some((index, line)) if tree.root.is_none() || line.trim_ascii_end() == "..." => Err(Finding {
            at: Position {
                line: index + 1,
                column: 1,
            },
            problem: "a line that Helm cannot read, for there is no value".into(),
            remedy: "remove it".into(),
        }),
        _ => Ok(()),
    }
}

fn watch(guard: &mut Guard, event: &Event<'_>, span: Span) -> Result<(), Finding> {
    match event {
        // A value that is left out spans nothing.
        Event::Scalar(text, ScalarStyle::Plain, ..) if text.is_empty() => Ok(()),
        Event::Scalar(_, style, ..) => {
            let style = match style {
                ScalarStyle::Plain => Style::Plain,
                ScalarStyle::SingleQuoted => Style::SingleQuoted,
                ScalarStyle::DoubleQuoted => Style::DoubleQuoted,
                ScalarStyle::Literal | ScalarStyle::Folded => Style::Block,
            };
            guard.between(span.start.index())?;
            guard.scalar(style, span.end.index())
        }
        Event::DocumentEnd | Event::StreamEnd => guard.finish(),
        _ => Ok(()),
    }
}

fn position(marker: &Marker) -> Position {
    Position {
        line: marker.line(),
        column: marker.col() + 1,
    }
}

#[derive(Default)]
struct Builder {
    tree: Tree,
    /// The node of each of the parser's anchors.
    anchors: BTreeMap<usize, Id>,
    /// The collections that are being filled, and the key that waits for its value.
    open: Vec<(Id, Option<Id>)>,
}

impl Builder {
    fn take(&mut self, event: Event<'_>, at: Position) {
        let (kind, anchor) = match event {
            Event::Scalar(text, style, anchor, tag) => {
                let plain = style == ScalarStyle::Plain;
                let tag = tag.map(|tag| format!("{}{}", tag.handle, tag.suffix));
                (
                    Kind::Scalar {
                        text: text.into_owned(),
                        plain,
                        tag,
                    },
                    anchor,
                )
            }
            // Helm does not look at the tags of collections.
            Event::SequenceStart(anchor, _) => (Kind::Sequence(Vec::new()), anchor),
            Event::MappingStart(anchor, _) => (Kind::Mapping(Vec::new()), anchor),
            Event::Alias(anchor) => (Kind::Alias(self.anchors.get(&anchor).copied().unwrap_or_default()), 0),
            Event::SequenceEnd | Event::MappingEnd => {
                self.open.pop();
                return;
            }
            _ => return,
        };
        let id = self.tree.nodes.len();
        if anchor > 0 {
            self.anchors.insert(anchor, id);
        }
        let collection = matches!(kind, Kind::Sequence(_) | Kind::Mapping(_));
        self.tree.nodes.push(Node { kind, at });
        self.attach(id);
        if collection {
            self.open.push((id, None));
        }
    }

    fn attach(&mut self, id: Id) {
        let Some((parent, key)) = self.open.last_mut() else {
            self.tree.root = Some(id);
            return;
        };
        match &mut self.tree.nodes[*parent].kind {
            Kind::Sequence(items) => items.push(id),
            Kind::Mapping(entries) => match key.take() {
                Some(key) => entries.push((key, id)),
                None => *key = Some(id),
            },
            Kind::Scalar { .. } | Kind::Alias(_) => unreachable!("only collections are open"),
        }
    }
}
