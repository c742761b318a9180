//! Lists, maps and structures of values.

use super::{Repr, Val, built};
use crate::carrier::carry;
use crate::expr::{Expr, Op};
use crate::ops;
use crate::shape::Shape;
use crate::symbolic;
use crate::tree::{Each, Tree};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;

/// Structures, lists and maps.
impl<T: Serialize + DeserializeOwned + Clone> Val<T> {
    /// Whether there is anything in it: a list, a map, a structure or a string that is not empty.
    pub fn is_not_empty(&self) -> Val<bool> {
        match &self.0 {
            Repr::Known(value) => (!ops::is_empty(&serde_json::to_value(value).unwrap_or_default())).into(),
            Repr::Symbolic(expr) => Val::symbolic(Expr::call(Op::NotEmpty, [expr.clone()])),
        }
    }

    /// `Some` of it where there is anything in it: the key that it is written to is left out otherwise. This is
    /// Helm's `with`.
    #[track_caller]
    pub fn non_empty(&self) -> Option<T> {
        match &self.0 {
            Repr::Known(value) => {
                let empty = ops::is_empty(&serde_json::to_value(value).unwrap_or_default());
                (!empty).then(|| value.clone())
            }
            Repr::Symbolic(expr) => {
                let condition = Expr::call(Op::NotEmpty, [expr.clone()]);
                Some(carry(Tree::when(condition, Tree::Dynamic(expr.clone()))))
            }
        }
    }

    /// The fields of an item that [`each`](Val::each) is at, where it is a struct of `Val`s.
    pub fn fields(&self) -> T {
        match &self.0 {
            Repr::Known(value) => value.clone(),
            Repr::Symbolic(expr) => symbolic::values(expr.clone()),
        }
    }
}

/// A list or map of values, to be gone through item by item.
pub trait Collection: Serialize {
    /// What is gone through: the items of a list, the values of a map.
    type Item;
    #[doc(hidden)]
    fn into_items(self) -> Vec<Self::Item>;
}

impl<T: Serialize> Collection for Vec<T> {
    type Item = T;
    fn into_items(self) -> Vec<T> {
        self
    }
}

impl<T: Serialize> Collection for BTreeMap<String, T> {
    type Item = T;
    fn into_items(self) -> Vec<T> {
        self.into_values().collect()
    }
}

impl<C: Collection + Clone> Val<C>
where
    C::Item: DeserializeOwned,
{
    /// One item of a list for each item of this list (or, in the order of its keys, each value of this map):
    /// Helm's `range`.
    #[track_caller]
    pub fn each<X: Serialize + DeserializeOwned>(&self, build: impl Fn(Val<C::Item>) -> X) -> Vec<X> {
        match &self.0 {
            Repr::Known(list) => list
                .clone()
                .into_items()
                .into_iter()
                .map(|item| build(item.into()))
                .collect(),
            Repr::Symbolic(list) => {
                let var = item_name(list);
                let item = Expr::Item {
                    var: var.clone(),
                    path: Vec::new(),
                    shape: Shape::of::<C::Item>(),
                };
                let body = built(&build(Val::symbolic(item)));
                carry(Tree::Each(Box::new(Each {
                    list: list.clone(),
                    var,
                    body,
                })))
            }
        }
    }
}

impl Val<Vec<String>> {
    /// The items in one string, with `separator` between them.
    pub fn join(&self, separator: &str) -> Val<String> {
        match &self.0 {
            Repr::Known(list) => list.join(separator).into(),
            Repr::Symbolic(expr) => Val::symbolic(Expr::call(Op::Join, [expr.clone(), Expr::literal(separator)])),
        }
    }
}

/// A name for the loop's variable, from the name of the list: `hosts` gives `host`.
fn item_name(list: &Expr) -> String {
    match list {
        Expr::Value { path, .. } | Expr::Item { path, .. } => path
            .last()
            .and_then(|name| name.strip_suffix('s'))
            .filter(|name| !name.is_empty())
            .map_or_else(|| "item".into(), str::to_owned),
        _ => "item".into(),
    }
}
