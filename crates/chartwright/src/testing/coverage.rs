//! What the cases of a run reached: the branches of the templates, and the settings that change something.

use crate::chart::Chart;
use crate::emit::code::{Scope, code};
use crate::eval::{Taken, place};
use crate::expr::{Expr, Op};
use crate::release::ReleaseInfo;
use crate::rendered::Rendered;
use crate::traced::{Refusing, Traced};
use crate::tree::{Entry, Item, Tree};
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// A branch of a template, and how many cases took it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Branch {
    /// The file of the chart: `templates/server/deployment.yaml`.
    pub file: String,
    /// The condition as the template has it, after `if`, `else of`, `range over` and the like.
    pub condition: String,
    /// How often it was taken.
    pub taken: u64,
}

impl fmt::Display for Branch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.file, self.condition)
    }
}

/// What was reached, while a run goes on.
#[derive(Debug, Default)]
pub(super) struct Coverage {
    taken: BTreeMap<(usize, usize), u64>,
    effective: BTreeSet<String>,
    asked: usize,
}

impl Coverage {
    /// Adds one case: its values over the defaults, and whether it was refused.
    pub(super) fn add<V>(
        &mut self,
        chart: &Chart<V>,
        traced: &Traced,
        merged: &Json,
        info: &ReleaseInfo,
        native: Option<&Rendered>,
    ) where
        V: Serialize + DeserializeOwned + JsonSchema + Default + 'static,
    {
        let taken = Taken::new(std::mem::take(&mut self.taken));
        let mut environment = traced.environment(chart, merged, info);
        environment.taken = Some(&taken);
        for Refusing { condition, .. } in &traced.refusals {
            let refused = environment.expr(condition) == Json::Bool(true);
            *taken
                .borrow_mut()
                .entry((place(condition), usize::from(!refused)))
                .or_default() += 1;
        }
        if native.is_some() {
            for tree in traced.objects.iter().map(|(_, tree)| tree).chain(&traced.notes) {
                environment.tree(tree);
            }
        }
        self.taken = taken.into_inner();
        if let Ok(defaults) = chart.defaults() {
            self.find_effective(chart, traced, merged, defaults, info, native);
        }
    }

    /// Takes one setting back to its default, and sees whether that changes what is rendered.
    fn find_effective<V>(
        &mut self,
        chart: &Chart<V>,
        traced: &Traced,
        merged: &Json,
        defaults: &Json,
        info: &ReleaseInfo,
        native: Option<&Rendered>,
    ) where
        V: Serialize + DeserializeOwned + JsonSchema + Default + 'static,
    {
        let open = traced.settings.iter().filter_map(|(path, _)| {
            let pointer = format!("/{}", path.join("/"));
            let changed = merged.pointer(&pointer) != defaults.pointer(&pointer);
            (changed && !self.effective.contains(&path.join("."))).then_some((path, pointer))
        });
        let open: Vec<_> = open.collect();
        // Another one each time, so that one without effect does not stand before the rest.
        self.asked += 1;
        let Some((path, pointer)) = open.get(self.asked % open.len().max(1)) else {
            return;
        };
        let mut without = merged.clone();
        match (without.pointer_mut(pointer), defaults.pointer(pointer)) {
            (Some(value), Some(default)) => *value = default.clone(),
            (Some(value), None) => *value = Json::Null,
            (None, _) => return,
        }
        // What was refused and is no longer has an effect as well.
        let same = match (native, chart.render_merged(without, info)) {
            (Some(native), Ok(other)) => other.objects == native.objects && other.notes == native.notes,
            (native, other) => native.is_none() == other.is_err(),
        };
        if !same {
            self.effective.insert(path.join("."));
        }
    }

    /// Adds what another thread reached.
    pub(super) fn merge(&mut self, other: Self) {
        for (branch, taken) in other.taken {
            *self.taken.entry(branch).or_default() += taken;
        }
        self.effective.extend(other.effective);
    }

    /// All branches of a chart.
    pub(super) fn branches(&self, traced: &Traced) -> Vec<Branch> {
        let mut listed = Listed {
            taken: &self.taken,
            seen: BTreeSet::new(),
            branches: Vec::new(),
        };
        for (file, tree) in &traced.objects {
            listed.tree(&format!("templates/{file}.yaml"), tree);
        }
        for tree in traced.helpers.values() {
            listed.tree("templates/_helpers.tpl", tree);
        }
        for tree in &traced.notes {
            listed.tree("templates/NOTES.txt", tree);
        }
        for Refusing { condition, .. } in &traced.refusals {
            let text = code(condition, &Scope::default());
            let names = [format!("if {text}"), format!("else of if {text}")];
            listed.add("templates/validate.yaml", place(condition), names);
        }
        listed.branches
    }

    /// The settings that changed nothing in any case.
    pub(super) fn without_effect(&self, traced: &Traced) -> Vec<String> {
        let all = traced.settings.iter().map(|(path, _)| path.join("."));
        all.filter(|path| !self.effective.contains(path)).collect()
    }
}

/// The branches that were found so far.
struct Listed<'a> {
    taken: &'a BTreeMap<(usize, usize), u64>,
    seen: BTreeSet<usize>,
    branches: Vec<Branch>,
}

impl Listed<'_> {
    fn add(&mut self, file: &str, choice: usize, names: impl IntoIterator<Item = String>) {
        if !self.seen.insert(choice) {
            return;
        }
        for (branch, condition) in names.into_iter().enumerate() {
            self.branches.push(Branch {
                file: file.into(),
                condition,
                taken: self.taken.get(&(choice, branch)).copied().unwrap_or(0),
            });
        }
    }

    fn tree(&mut self, file: &str, tree: &Tree) {
        match tree {
            Tree::Absent | Tree::Literal(_) | Tree::Include { .. } => {} // named templates are listed on their own
            Tree::Dynamic(expr) => self.expr(file, expr),
            Tree::Map(entries) => entries.iter().for_each(|entry| match entry {
                Entry::Field(_, tree) | Entry::Splice(tree) => self.tree(file, tree),
            }),
            Tree::List(items) => items.iter().for_each(|item| match item {
                Item::One(tree) | Item::Splice(tree) => self.tree(file, tree),
            }),
            Tree::Choice(arms, last) => {
                let texts: Vec<String> = arms
                    .iter()
                    .map(|(condition, _)| code(condition, &Scope::default()))
                    .collect();
                let otherwise = format!("else of if {}", texts.join(", else if "));
                self.add(
                    file,
                    place(tree),
                    texts.iter().map(|text| format!("if {text}")).chain([otherwise]),
                );
                for (condition, arm) in arms {
                    self.expr(file, condition);
                    self.tree(file, arm);
                }
                self.tree(file, last);
            }
            Tree::Each(each) => {
                let text = code(&each.list, &Scope::default());
                let names = [format!("range over {text}"), format!("nothing to range over: {text}")];
                self.add(file, place(tree), names);
                self.tree(file, &each.body);
            }
        }
    }

    fn expr(&mut self, file: &str, expr: &Expr) {
        expr.walk(&mut |expr| {
            if let Expr::Call(op @ (Op::Ternary | Op::Default), _) = expr {
                let text = code(expr, &Scope::default());
                let names = match op {
                    Op::Ternary => ["first of ", "second of "],
                    _ => ["given: ", "default of "],
                };
                self.add(file, place(expr), names.map(|name| format!("{name}{text}")));
            }
        });
    }
}
