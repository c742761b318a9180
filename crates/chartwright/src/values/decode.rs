//! From nodes to JSON: anchors, merges, keys and types, in the order in which Helm reads them.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::error::Position;
use super::guard::Finding;
use super::path::below;
use super::scalar::{Scalar, resolve};
use super::tree::{Id, Kind, Node, Tree};

/// Where the values of a document are written, by JSON pointer.
#[derive(Clone, Debug, Default)]
pub(super) struct Positions {
    pub(super) values: BTreeMap<String, Position>,
    /// Of values in maps, where their keys are.
    pub(super) keys: BTreeMap<String, Position>,
}

/// How deeply values may be nested. Helm allows 10 000 levels; no chart needs a hundred, and the
/// JSON library stops at 128 itself.
const DEEPEST: usize = 100;

/// What is wrong with the value at a JSON pointer.
pub(super) type Refusal = (String, Finding);

/// The value of a document, and where its parts were read.
pub(super) fn decode(tree: &Tree) -> Result<(Value, Positions), Refusal> {
    let mut decoder = Decoder {
        tree,
        positions: Positions::default(),
        open: Vec::new(),
        depth: 0,
        decoded: 0,
        aliased: 0,
    };
    let value = match tree.root {
        Some(root) => decoder.node(root, "")?,
        None => Value::Null,
    };
    Ok((value, decoder.positions))
}

struct Decoder<'a> {
    tree: &'a Tree,
    positions: Positions,
    /// The aliases that are being followed, to notice one inside of its own anchor.
    open: Vec<Id>,
    depth: usize,
    decoded: usize,
    aliased: usize,
}

/// A map that is being filled, and which of its keys were something else than text.
#[derive(Default)]
struct Entries {
    map: Map<String, Value>,
    typed: BTreeMap<String, Scalar>,
}

impl Decoder<'_> {
    fn node(&mut self, id: Id, pointer: &str) -> Result<Value, Refusal> {
        self.count(id, pointer)?;
        let Node { kind, at } = &self.tree.nodes[id];
        if self.open.is_empty() {
            self.positions.values.insert(pointer.to_owned(), *at);
        } else {
            // What an alias brings is written where its anchor is, and read where the alias is.
            let alias = self.tree.nodes[self.open[0]].at;
            self.positions.values.entry(pointer.to_owned()).or_insert(alias);
        }
        match kind {
            Kind::Alias(target) => self.follow(id, pointer, |this| this.node(*target, pointer)),
            Kind::Scalar { .. } => self.scalar(id, pointer)?.into_value().ok_or_else(|| {
                self.refuse(
                    id,
                    pointer,
                    "infinities and NaN are no values for Helm",
                    "use a number, or quote it if it is text",
                )
            }),
            Kind::Sequence(items) => self.nested(id, pointer, |this| {
                let item = |(i, id): (usize, &Id)| this.node(*id, &format!("{pointer}/{i}"));
                items.iter().enumerate().map(item).collect()
            }),
            Kind::Mapping(_) => {
                let mut entries = Entries::default();
                self.mapping(id, &mut entries, pointer)?;
                Ok(Value::Object(entries.map))
            }
        }
    }

    /// Reads entries in their order into a map: what comes later wins, `<<` no less than a key.
    fn mapping(&mut self, id: Id, into: &mut Entries, pointer: &str) -> Result<(), Refusal> {
        let Kind::Mapping(entries) = &self.tree.nodes[id].kind else {
            return Err(self.refuse(
                id,
                pointer,
                "`<<` merges nothing but maps",
                "give it a map, an alias of a map, or a list of those",
            ));
        };
        self.nested(id, pointer, |this| {
            for (key, value) in entries {
                if is_merge(&this.tree.nodes[*key]) {
                    this.merge(*value, into, pointer)?;
                    continue;
                }
                let name = this.key(*key, into, pointer)?;
                let pointer = below(pointer, &name);
                if this.open.is_empty() {
                    this.positions.keys.insert(pointer.clone(), this.tree.nodes[*key].at);
                }
                let value = this.node(*value, &pointer)?;
                into.map.insert(name, value);
            }
            Ok(())
        })
    }

    fn merge(&mut self, id: Id, into: &mut Entries, pointer: &str) -> Result<(), Refusal> {
        match &self.tree.nodes[id].kind {
            // Backwards, so that the first one wins.
            Kind::Sequence(items) => items
                .iter()
                .rev()
                .try_for_each(|item| self.merge_one(*item, into, pointer)),
            _ => self.merge_one(id, into, pointer),
        }
    }

    fn merge_one(&mut self, id: Id, into: &mut Entries, pointer: &str) -> Result<(), Refusal> {
        self.count(id, pointer)?;
        match &self.tree.nodes[id].kind {
            Kind::Alias(target) => self.follow(id, pointer, |this| {
                this.count(*target, pointer)?;
                this.mapping(*target, into, pointer)
            }),
            _ => self.mapping(id, into, pointer),
        }
    }

    fn key(&mut self, id: Id, into: &mut Entries, pointer: &str) -> Result<String, Refusal> {
        self.count(id, pointer)?;
        let key = match &self.tree.nodes[id].kind {
            Kind::Alias(target) => self.scalar(*target, pointer)?,
            _ => self.scalar(id, pointer)?,
        };
        let Some(name) = key.as_key() else {
            return Err(self.refuse(id, pointer, "a key that Helm cannot read", "quote it if it is a name"));
        };
        let before = into.typed.get(&name);
        let same = match &key {
            Scalar::Text(_) => before.is_none(),
            _ => before == Some(&key) || !into.map.contains_key(&name),
        };
        if !same {
            // Both are kept apart until the very end, and then either may win.
            let problem = format!("two keys that both read `{name}`, of which Helm takes one at random");
            return Err(self.refuse(id, pointer, &problem, "keep one of them"));
        }
        if !matches!(key, Scalar::Text(_)) {
            into.typed.insert(name.clone(), key);
        }
        Ok(name)
    }

    fn scalar(&self, id: Id, pointer: &str) -> Result<Scalar, Refusal> {
        let Kind::Scalar { text, plain, tag } = &self.tree.nodes[id].kind else {
            return Err(self.refuse(id, pointer, "a list or map as a key", "use a name"));
        };
        resolve(text, *plain, tag.as_deref())
            .map_err(|problem| self.refuse(id, pointer, &problem, "remove the tag, or write a value of its type"))
    }

    fn nested<T>(
        &mut self,
        id: Id,
        pointer: &str,
        read: impl FnOnce(&mut Self) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        if self.depth == DEEPEST {
            let problem = format!("values nested more than {DEEPEST} levels deep");
            return Err(self.refuse(id, pointer, &problem, "make them flatter"));
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }

    fn follow<T>(
        &mut self,
        id: Id,
        pointer: &str,
        read: impl FnOnce(&mut Self) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        if self.open.contains(&id) {
            return Err(self.refuse(
                id,
                pointer,
                "an alias inside of what it stands for",
                "write the value out",
            ));
        }
        self.open.push(id);
        let result = read(self);
        self.open.pop();
        result
    }

    /// Counts nodes as Helm does, to stop a small file whose aliases multiply it without end.
    fn count(&mut self, id: Id, pointer: &str) -> Result<(), Refusal> {
        self.decoded += 1;
        self.aliased += usize::from(!self.open.is_empty());
        let allowed = match self.decoded {
            ..=400_000 => 0.99,
            4_000_000.. => 0.10,
            n => 0.99 - 0.89 * ((n - 400_000) as f64 / 3_600_000.0),
        };
        let share = self.aliased as f64 / self.decoded as f64;
        if self.aliased > 100 && self.decoded > 1000 && share > allowed {
            return Err(self.refuse(
                id,
                pointer,
                "aliases that multiply the file beyond reason",
                "write the values out",
            ));
        }
        Ok(())
    }

    fn refuse(&self, id: Id, pointer: &str, problem: &str, remedy: &str) -> Refusal {
        let at = self.tree.nodes[id].at;
        (
            pointer.to_owned(),
            Finding {
                at,
                problem: problem.into(),
                remedy: remedy.into(),
            },
        )
    }
}

/// A plain `<<` is no key but a merge.
fn is_merge(node: &Node) -> bool {
    let Kind::Scalar { text, plain, tag } = &node.kind else {
        return false;
    };
    text == "<<"
        && match tag.as_deref() {
            None => *plain,
            Some(tag) => matches!(tag, "!" | "tag:yaml.org,2002:merge"),
        }
}
