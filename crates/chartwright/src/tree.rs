//! The tree that a traced function built: YAML with expressions and choices in it.

use crate::expr::{Expr, Op};
use serde_json::Value as Json;

/// A node of YAML whose content may depend on values.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Tree {
    /// Nothing: the key or the list item is left out.
    Absent,
    /// A constant scalar, an empty list or an empty map.
    Literal(Json),
    /// What an expression gives, of whatever shape.
    Dynamic(Expr),
    /// A map, in the order of its entries.
    Map(Vec<Entry>),
    /// A list.
    List(Vec<Item>),
    /// The first arm whose condition holds, or else the last tree.
    Choice(Vec<(Expr, Tree)>, Box<Tree>),
    /// A named template that gives a map or a list.
    Include { name: String, body: Box<Tree> },
    /// A list made of one item for each item of a list (or each entry of a map) of values.
    Each(Box<Each>),
}

/// A `range`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Each {
    pub list: Expr,
    /// The name of the loop's variable, without its `$`.
    pub var: String,
    pub body: Tree,
}

/// A part of a map.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Entry {
    Field(String, Tree),
    /// All entries of a map-shaped tree.
    Splice(Tree),
}

/// A part of a list.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Item {
    One(Tree),
    /// All items of a list-shaped tree.
    Splice(Tree),
}

impl Tree {
    /// `tree` where `condition` holds, nothing elsewhere.
    pub(crate) fn when(condition: Expr, tree: Tree) -> Self {
        Self::Choice(vec![(condition, tree)], Box::new(Self::Absent))
    }

    /// `yes` where `condition` holds, `no` elsewhere.
    pub(crate) fn either(condition: Expr, yes: Tree, no: Tree) -> Self {
        Self::Choice(vec![(condition, yes)], Box::new(no))
    }

    /// A constant without anything dynamic in it.
    pub(crate) fn constant(json: Json) -> Self {
        match json {
            Json::Null => Self::Absent,
            Json::Array(items) if !items.is_empty() => {
                Self::List(items.into_iter().map(|item| Item::One(Self::constant(item))).collect())
            }
            Json::Object(map) if !map.is_empty() => Self::Map(
                map.into_iter()
                    .map(|(key, value)| Entry::Field(key, Self::constant(value)))
                    .collect(),
            ),
            scalar => Self::Literal(scalar),
        }
    }

    /// The tree as one expression, where it is a scalar.
    pub(crate) fn to_expr(&self) -> Option<Expr> {
        match self {
            Self::Literal(json) if !json.is_array() && !json.is_object() => Some(Expr::Literal(json.clone())),
            Self::Dynamic(expr) => Some(expr.clone()),
            Self::Choice(arms, last) => arms.iter().rev().try_fold(last.to_expr()?, |no, (condition, yes)| {
                Some(Expr::call(Op::Ternary, [yes.to_expr()?, no, condition.clone()]))
            }),
            _ => None,
        }
    }

    /// Element `index` of a tuple that a choice gave.
    pub(crate) fn element(&self, index: usize) -> Tree {
        match self {
            Self::List(items) => match items.get(index) {
                Some(Item::One(tree) | Item::Splice(tree)) => tree.clone(),
                None => Self::Absent,
            },
            Self::Choice(arms, last) => Self::Choice(
                arms.iter()
                    .map(|(condition, arm)| (condition.clone(), arm.element(index)))
                    .collect(),
                Box::new(last.element(index)),
            ),
            other => other.clone(),
        }
    }

    /// Calls `visit` on every expression in the tree.
    pub(crate) fn expressions(&self, visit: &mut impl FnMut(&Expr)) {
        match self {
            Self::Absent | Self::Literal(_) => {}
            Self::Dynamic(expr) => expr.walk(visit),
            Self::Map(entries) => entries.iter().for_each(|entry| match entry {
                Entry::Field(_, tree) | Entry::Splice(tree) => tree.expressions(visit),
            }),
            Self::List(items) => items.iter().for_each(|item| match item {
                Item::One(tree) | Item::Splice(tree) => tree.expressions(visit),
            }),
            Self::Choice(arms, last) => {
                for (condition, arm) in arms {
                    condition.walk(visit);
                    arm.expressions(visit);
                }
                last.expressions(visit);
            }
            Self::Include { body, .. } => body.expressions(visit),
            Self::Each(each) => {
                each.list.walk(visit);
                each.body.expressions(visit);
            }
        }
    }

    /// The path of the first value that the tree is made of, for a message about it.
    pub(crate) fn first_value(&self) -> Option<String> {
        let mut first = None;
        self.expressions(&mut |expr| match expr {
            Expr::Value { path, .. } if first.is_none() => first = Some(path.join(".")),
            Expr::Item { var, path, .. } if first.is_none() => {
                first = Some(std::iter::once(var).chain(path).cloned().collect::<Vec<_>>().join("."));
            }
            _ => {}
        });
        first
    }

    /// Calls `visit` on this tree and on every tree in it.
    pub(crate) fn walk(&self, visit: &mut impl FnMut(&Tree)) {
        visit(self);
        match self {
            Self::Absent | Self::Literal(_) | Self::Dynamic(_) => {}
            Self::Map(entries) => entries.iter().for_each(|entry| match entry {
                Entry::Field(_, tree) | Entry::Splice(tree) => tree.walk(visit),
            }),
            Self::List(items) => items.iter().for_each(|item| match item {
                Item::One(tree) | Item::Splice(tree) => tree.walk(visit),
            }),
            Self::Choice(arms, last) => {
                arms.iter().for_each(|(_, arm)| arm.walk(visit));
                last.walk(visit);
            }
            Self::Include { body, .. } => body.walk(visit),
            Self::Each(each) => each.body.walk(visit),
        }
    }

    /// The names of the keys that a map-shaped tree always or sometimes has; dynamic splices aside.
    pub(crate) fn keys(&self) -> Vec<&str> {
        match self {
            Self::Map(entries) => keys(entries),
            Self::Include { body, .. } => body.keys(),
            Self::Choice(arms, last) => arms.iter().flat_map(|(_, arm)| arm.keys()).chain(last.keys()).collect(),
            Self::Literal(Json::Object(map)) => map.keys().map(String::as_str).collect(),
            _ => Vec::new(),
        }
    }
}

/// The names of the keys that a map of these entries always or sometimes has; dynamic splices aside.
pub(crate) fn keys(entries: &[Entry]) -> Vec<&str> {
    entries
        .iter()
        .flat_map(|entry| match entry {
            Entry::Field(key, _) => vec![key.as_str()],
            Entry::Splice(tree) => tree.keys(),
        })
        .collect()
}
