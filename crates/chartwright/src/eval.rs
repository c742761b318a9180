//! What a traced tree gives for known values: the chart's side of the law, without Helm.

use crate::expr::{Expr, Op};
use crate::ops;
use crate::release::ReleaseInfo;
use crate::tree::{Entry, Item, Tree};
use crate::values;
use serde_json::{Map, Value as Json};
use std::cell::RefCell;
use std::collections::BTreeMap;

/// Everything an expression can ask for.
pub(crate) struct Environment<'a> {
    pub values: &'a Json,
    pub release: &'a ReleaseInfo,
    pub chart: &'a str,
    pub chart_version: &'a str,
    pub app_version: &'a str,
    pub helpers: &'a BTreeMap<String, Tree>,
    /// Where it is remembered which branches were taken.
    pub taken: Option<&'a Taken>,
}

/// How often each branch of each choice was taken: by the choice, which is its place in memory, and the branch.
pub(crate) type Taken = RefCell<BTreeMap<(usize, usize), u64>>;

/// What stands for a choice in [`Taken`], as long as the tree that it is in does not move.
pub(crate) fn place<T>(choice: &T) -> usize {
    std::ptr::from_ref(choice).addr()
}

type Items<'a> = Vec<(&'a str, &'a Json)>;

impl Environment<'_> {
    /// The tree's value; `None` where it is absent.
    pub(crate) fn tree(&self, tree: &Tree) -> Option<Json> {
        self.tree_in(tree, &Vec::new())
    }

    /// An expression's value; null where it is not set.
    pub(crate) fn expr(&self, expr: &Expr) -> Json {
        self.expr_in(expr, &Vec::new())
    }

    fn took<T>(&self, choice: &T, branch: usize) {
        if let Some(taken) = self.taken {
            *taken.borrow_mut().entry((place(choice), branch)).or_default() += 1;
        }
    }

    fn tree_in(&self, tree: &Tree, items: &Items<'_>) -> Option<Json> {
        match tree {
            Tree::Absent => None,
            Tree::Literal(json) => Some(json.clone()),
            Tree::Dynamic(expr) => Some(self.expr_in(expr, items)),
            Tree::Map(entries) => {
                let mut map = Map::new();
                // Fixed keys win over spliced ones, and those of a named template are fixed too.
                let (fixed, free): (Vec<&Entry>, Vec<&Entry>) = entries
                    .iter()
                    .partition(|entry| matches!(entry, Entry::Splice(Tree::Include { .. })));
                for entry in free.into_iter().chain(fixed) {
                    if let Entry::Splice(tree) = entry
                        && let Some(Json::Object(spliced)) = self.tree_in(tree, items)
                    {
                        map.extend(spliced);
                    }
                }
                for entry in entries {
                    if let Entry::Field(key, tree) = entry
                        && let Some(json) = self.tree_in(tree, items)
                    {
                        map.insert(key.clone(), json);
                    }
                }
                Some(Json::Object(map))
            }
            Tree::List(parts) => {
                let mut list = Vec::new();
                for part in parts {
                    match part {
                        Item::One(tree) => list.extend(self.tree_in(tree, items)),
                        Item::Splice(tree) => {
                            if let Some(Json::Array(spliced)) = self.tree_in(tree, items) {
                                list.extend(spliced);
                            }
                        }
                    }
                }
                Some(Json::Array(list))
            }
            Tree::Choice(arms, last) => {
                let arm = arms
                    .iter()
                    .position(|(condition, _)| self.expr_in(condition, items) == Json::Bool(true));
                self.took(tree, arm.unwrap_or(arms.len()));
                self.tree_in(arm.map_or(last, |arm| &arms[arm].1), items)
            }
            Tree::Include { name, body } => self.tree_in(self.helpers.get(name).unwrap_or(body), &Vec::new()),
            Tree::Each(each) => {
                let list = self.expr_in(&each.list, items);
                let members: Vec<&Json> = match &list {
                    Json::Array(list) => list.iter().collect(),
                    Json::Object(map) => {
                        let mut entries: Vec<_> = map.iter().collect();
                        entries.sort_by_key(|(key, _)| key.as_str());
                        entries.into_iter().map(|(_, value)| value).collect()
                    }
                    _ => Vec::new(),
                };
                self.took(tree, usize::from(members.is_empty()));
                let made = members.into_iter().filter_map(|member| {
                    let mut inner = items.clone();
                    inner.push((&each.var, member));
                    self.tree_in(&each.body, &inner)
                });
                Some(Json::Array(made.collect()))
            }
        }
    }

    fn expr_in(&self, expr: &Expr, items: &Items<'_>) -> Json {
        let at = |json: &Json, path: &[String]| values::at(json, path).cloned().unwrap_or_default();
        match expr {
            Expr::Value { path, .. } => at(self.values, path),
            Expr::Item { var, path, .. } => items
                .iter()
                .rev()
                .find(|(name, _)| name == var)
                .map_or(Json::Null, |(_, item)| at(item, path)),
            Expr::Known { name, .. } => match *name {
                "Release.Name" => self.release.name.as_str().into(),
                "Release.Namespace" => self.release.namespace.as_str().into(),
                "Release.Service" => "Helm".into(),
                "Release.IsUpgrade" => self.release.is_upgrade.into(),
                "Chart.Name" => self.release.alias.as_deref().unwrap_or(self.chart).into(),
                "Chart.Version" => self.chart_version.into(),
                "Chart.AppVersion" => self.app_version.into(),
                "Capabilities.KubeVersion.Version" => self.release.kube_version.as_str().into(),
                "Capabilities.APIVersions" => self.release.api_versions.clone().into(),
                _ => Json::Null,
            },
            Expr::Literal(json) => json.clone(),
            Expr::Include { name } => self
                .helpers
                .get(name)
                .and_then(|body| self.tree(body))
                .unwrap_or_default(),
            Expr::Format(parts) => {
                let text: String = parts
                    .iter()
                    .map(|part| match self.expr_in(part, items) {
                        Json::String(text) => text,
                        Json::Null => String::new(),
                        other => other.to_string(),
                    })
                    .collect();
                text.into()
            }
            // Lazily, as Helm does, so that a guarded part is not asked for.
            Expr::Call(Op::And, parts) => parts
                .iter()
                .all(|part| self.expr_in(part, items) == Json::Bool(true))
                .into(),
            Expr::Call(op, arguments) => {
                let arguments: Vec<Json> = arguments.iter().map(|argument| self.expr_in(argument, items)).collect();
                match op {
                    Op::Ternary => self.took(expr, usize::from(arguments[2] != Json::Bool(true))),
                    Op::Default => self.took(expr, usize::from(ops::is_empty(&arguments[0]))),
                    _ => {}
                }
                op.apply(&arguments)
            }
        }
    }
}
