//! Trees as YAML with template directives: one printer owns all white space.

use super::code::{self, Scope, argument, boolean_scalar, go_quote, scalar};
use super::page::Page;
use crate::expr::{Expr, Op};
use crate::shape::Shape;
use crate::tree::{Entry, Item, Tree, keys};
use serde_json::Value as Json;

/// A choice between scalars that is no longer than this is one action.
const SHORT: usize = 70;

/// A template of a whole object, or of one under a condition. Without a newline at its end.
pub(crate) fn document(tree: &Tree) -> String {
    let mut page = Page::template();
    match tree {
        Tree::Choice(arms, last) if **last == Tree::Absent && arms.len() == 1 => {
            page.directive(0, &format!("if {}", code::code(&arms[0].0, &Scope::default())));
            page.block(&arms[0].1, 0, &Scope::default());
            page.directive(0, "end");
        }
        tree => page.block(tree, 0, &Scope::default()),
    }
    page.finish()
}

/// The body of a named template that gives a map, a list or a constant text.
pub(crate) fn body(tree: &Tree) -> String {
    let mut page = Page::template();
    match tree {
        Tree::Literal(Json::String(text)) if is_script(text) => page.lines_of(text, 0),
        Tree::Literal(Json::String(text)) => page.directive(0, &go_quote(text)),
        tree => page.block(tree, 0, &Scope::default()),
    }
    page.finish()
}

/// Known values as YAML that is no template: braces are only text there.
pub(crate) fn plain(json: Json) -> String {
    let mut page = Page::default();
    page.block(&Tree::constant(json), 0, &Scope::default());
    page.finish()
}

impl Page {
    /// A map or a list, or what stands for one.
    fn block(&mut self, tree: &Tree, indent: usize, scope: &Scope) {
        match tree {
            Tree::Map(entries) => self.map(entries, indent, scope),
            Tree::List(items) => self.list(items, indent, scope),
            Tree::Dynamic(expr) => {
                self.directive(indent, &format!("toYaml {} | nindent {indent}", argument(expr, scope)));
            }
            Tree::Include { name, .. } => self.directive(indent, &include(name, indent, scope)),
            Tree::Choice(arms, last) => self.either(arms, last, indent, scope, &mut |page, tree, scope| {
                page.block(tree, indent, scope);
            }),
            Tree::Each(each) => {
                let list = code::code(&each.list, scope);
                self.directive(indent, &format!("range ${} := {list}", each.var));
                self.item(&each.body, indent, &scope.range());
                self.directive(indent, "end");
            }
            Tree::Literal(json) => self.literal("", json, indent),
            Tree::Absent => {}
        }
    }

    fn map(&mut self, entries: &[Entry], indent: usize, scope: &Scope) {
        let ordered = in_order(entries);
        let fixed = keys(entries);
        let mut at = 0;
        while at < ordered.len() {
            // Neighbours under one condition share its `if`.
            if let Some((condition, _)) = ordered[at].conditional() {
                let run = ordered[at..]
                    .iter()
                    .take_while(|entry| entry.conditional().is_some_and(|(other, _)| other == condition))
                    .count();
                if run > 1 {
                    self.directive(indent, &format!("if {}", code::code(condition, scope)));
                    for entry in &ordered[at..at + run] {
                        if let (Entry::Field(key, _), Some((_, tree))) = (entry, entry.conditional()) {
                            self.field(key, tree, indent, scope);
                        }
                    }
                    self.directive(indent, "end");
                    at += run;
                    continue;
                }
            }
            match ordered[at] {
                Entry::Field(key, tree) => self.field(key, tree, indent, scope),
                Entry::Splice(tree) => self.splice(tree, indent, scope, &fixed),
            }
            at += 1;
        }
    }

    fn field(&mut self, key: &str, tree: &Tree, indent: usize, scope: &Scope) {
        let name = key_text(key);
        match tree {
            Tree::Absent => {}
            Tree::Literal(Json::String(text)) if is_script(text) => self.script(&format!("{name}: "), text, indent),
            Tree::Literal(json) => self.literal(&format!("{name}: "), json, indent),
            Tree::Dynamic(expr) if !expr.shape().is_block() => match long_choice(expr, scope) {
                Some(choice) => self.field(key, &choice, indent, scope),
                None => self.scalar(&format!("{name}: "), expr, indent, scope),
            },
            Tree::Include { name: template, body } if is_text(body) => {
                self.included_text(&format!("{name}: "), template, body, indent, scope);
            }
            Tree::Dynamic(_) | Tree::Include { .. } => {
                self.headed(&name, tree, indent, scope);
            }
            Tree::Choice(arms, last) => {
                if let Some(expr) = short_choice(tree, scope) {
                    return self.scalar(&format!("{name}: "), &expr, indent, scope);
                }
                // What guards the field guards it against being empty as well.
                if let ([(condition, inner)], Tree::Absent) = (arms.as_slice(), &**last)
                    && may_be_empty(inner).is_some_and(|guard| same_alternatives(&guard, condition))
                {
                    self.directive(indent, &format!("if {}", code::code(condition, scope)));
                    self.headed(&name, inner, indent, scope);
                    return self.directive(indent, "end");
                }
                // Whatever is chosen, there is a map (a list) below the key.
                if arms.iter().all(|(condition, arm)| is_filled(arm, Some(condition))) && is_filled(last, None) {
                    self.line(indent, &format!("{name}:"));
                    return self.either(arms, last, indent + 2, scope, &mut |page, tree, scope| {
                        page.block(tree, indent + 2, scope)
                    });
                }
                self.either(arms, last, indent, scope, &mut |page, tree, scope| {
                    page.field(key, tree, indent, scope)
                });
            }
            Tree::Map(_) | Tree::List(_) | Tree::Each(_) => match may_be_empty(tree) {
                None => self.headed(&name, tree, indent, scope),
                Some(condition) => {
                    self.directive(indent, &format!("if {}", code::code(&condition, scope)));
                    self.headed(&name, tree, indent, scope);
                    self.directive(indent, "else");
                    self.line(indent, &format!("{name}: {}", empty_of(tree)));
                    self.directive(indent, "end");
                }
            },
        }
    }

    /// A key, and its map or list below it.
    fn headed(&mut self, name: &str, tree: &Tree, indent: usize, scope: &Scope) {
        self.line(indent, &format!("{name}:"));
        self.block(tree, indent + 2, scope);
    }

    /// All entries (items) of a map (list) that is not fixed. Keys that are fixed beside it win.
    fn splice(&mut self, tree: &Tree, indent: usize, scope: &Scope, fixed: &[&str]) {
        match tree {
            Tree::Dynamic(expr) => {
                let source = if fixed.is_empty() {
                    code::code(expr, scope)
                } else {
                    let quoted: Vec<String> = fixed.iter().map(|key| go_quote(key)).collect();
                    format!("omit {} {}", argument(expr, scope), quoted.join(" "))
                };
                self.directive(indent, &format!("with {source}"));
                self.directive(indent, &format!("toYaml . | nindent {indent}"));
                self.directive(indent, "end");
            }
            Tree::Choice(arms, last) => {
                // `with` looks for itself whether there is anything.
                if let Some(expr) = with_of(arms, last) {
                    return self.splice(&Tree::Dynamic(expr.clone()), indent, scope, fixed);
                }
                self.either(arms, last, indent, scope, &mut |page, tree, scope| {
                    page.splice(tree, indent, scope, fixed);
                });
            }
            other => self.block(other, indent, scope),
        }
    }

    fn list(&mut self, items: &[Item], indent: usize, scope: &Scope) {
        for item in items {
            match item {
                Item::One(tree) => self.item(tree, indent, scope),
                Item::Splice(tree) => self.splice(tree, indent, scope, &[]),
            }
        }
    }

    fn item(&mut self, tree: &Tree, indent: usize, scope: &Scope) {
        match tree {
            Tree::Absent => {}
            Tree::Literal(Json::String(text)) if is_script(text) => self.script("- ", text, indent),
            Tree::Literal(json) => self.literal("- ", json, indent),
            Tree::Dynamic(expr) if !expr.shape().is_block() => match long_choice(expr, scope) {
                Some(choice) => self.item(&choice, indent, scope),
                None => self.scalar("- ", expr, indent, scope),
            },
            Tree::Include { name, body } if is_text(body) => self.included_text("- ", name, body, indent, scope),
            Tree::Choice(arms, last) => {
                if let Some(expr) = short_choice(tree, scope) {
                    return self.scalar("- ", &expr, indent, scope);
                }
                self.either(arms, last, indent, scope, &mut |page, tree, scope| {
                    page.item(tree, indent, scope)
                });
            }
            tree => {
                let start = self.lines.len();
                self.block(tree, indent + 2, scope);
                let Some(first) = self.lines.get_mut(start) else {
                    return;
                };
                let text = first.trim_start();
                if text.starts_with("{{") {
                    self.lines.insert(start, format!("{:indent$}-", ""));
                } else {
                    *first = format!("{:indent$}- {text}", "");
                }
            }
        }
    }

    fn scalar(&mut self, lead: &str, expr: &Expr, indent: usize, scope: &Scope) {
        let action = match expr.shape() {
            Shape::Bool => boolean_scalar(expr, scope),
            _ => scalar(expr, scope),
        };
        self.broken(indent, &format!("{lead}{{{{ {action} }}}}"));
    }

    /// A choice: `with`, where that is what a person would write.
    fn either(
        &mut self,
        arms: &[(Expr, Tree)],
        last: &Tree,
        indent: usize,
        scope: &Scope,
        write: &mut dyn FnMut(&mut Page, &Tree, &Scope),
    ) {
        let last = (*last != Tree::Absent).then_some(last);
        self.choice(arms, last, tested(arms), indent, scope, write);
    }

    fn literal(&mut self, lead: &str, json: &Json, indent: usize) {
        let text = self.text(&inline_literal(json));
        self.line(indent, &format!("{lead}{text}"));
    }

    /// A text under a name: a script as a block, any other quoted.
    fn included_text(&mut self, lead: &str, name: &str, body: &Tree, indent: usize, scope: &Scope) {
        match body {
            Tree::Literal(Json::String(text)) if is_script(text) => {
                self.line(indent, &format!("{lead}{}", block_style(text)));
                self.directive(indent + 2, &include(name, indent + 2, scope));
            }
            _ => self.scalar(lead, &Expr::Include { name: name.into() }, indent, scope),
        }
    }

    /// A constant text of several lines, as a block.
    fn script(&mut self, lead: &str, text: &str, indent: usize) {
        self.line(indent, &format!("{lead}{}", block_style(text)));
        self.lines_of(text, indent + 2);
    }

    fn lines_of(&mut self, text: &str, indent: usize) {
        for line in text.trim_end_matches('\n').split('\n') {
            if line.is_empty() {
                self.lines.push(String::new());
            } else {
                let line = self.text(line);
                self.line(indent, &line);
            }
        }
    }
}

fn include(name: &str, indent: usize, scope: &Scope) -> String {
    format!(
        "include \"{name}\" {} | nindent {indent}",
        if scope.inside { "$" } else { "." }
    )
}

/// The expression, where a choice is "this, if there is anything in it": Helm's `with`.
fn with_of<'a>(arms: &'a [(Expr, Tree)], last: &Tree) -> Option<&'a Expr> {
    match (arms, last) {
        ([(Expr::Call(Op::NotEmpty, tested), Tree::Dynamic(expr))], Tree::Absent) if *tested[0] == *expr => Some(expr),
        _ => None,
    }
}

/// What a choice is about, where it asks whether there is anything in it, and then uses that and no other value.
fn tested(arms: &[(Expr, Tree)]) -> Option<&Expr> {
    let [(Expr::Call(Op::NotEmpty, tested), arm)] = arms else {
        return None;
    };
    let (mut uses, mut others) = (false, false);
    arm.expressions(&mut |expr| match expr {
        expr if *expr == *tested[0] => uses = true,
        Expr::Value { .. } | Expr::Item { .. } | Expr::Known { .. } | Expr::Include { .. } => others = true,
        _ => {}
    });
    (uses && !others).then_some(&tested[0])
}

/// A choice between two scalars that fits into one line.
fn short_choice(tree: &Tree, scope: &Scope) -> Option<Expr> {
    let Tree::Choice(arms, last) = tree else {
        return None;
    };
    let [(condition, yes)] = arms.as_slice() else {
        return None;
    };
    match (yes, &**last) {
        (Tree::Literal(Json::Bool(true)), Tree::Literal(Json::Bool(false))) => return Some(condition.clone()),
        (Tree::Literal(Json::Bool(false)), Tree::Literal(Json::Bool(true))) => {
            return Some(condition.clone().negated());
        }
        (Tree::Literal(Json::String(text)), _) | (_, Tree::Literal(Json::String(text))) if is_script(text) => {
            return None;
        }
        _ => {}
    }
    let (yes, no) = (yes.to_expr()?, last.to_expr()?);
    if yes.shape() != no.shape() || yes.shape().is_block() {
        return None;
    }
    let expr = Expr::call(Op::Ternary, [yes, no, condition.clone()]);
    (scalar(&expr, scope).len() <= SHORT).then_some(expr)
}

/// A choice between two scalars that does not fit into one line, to be written with `if`.
fn long_choice(expr: &Expr, scope: &Scope) -> Option<Tree> {
    let Expr::Call(Op::Ternary, parts) = expr else {
        return None;
    };
    let [yes, no, condition] = parts.as_slice() else {
        return None;
    };
    let tree = |expr: &Expr| match expr {
        Expr::Literal(json) => Tree::Literal(json.clone()),
        other => Tree::Dynamic(other.clone()),
    };
    (scalar(expr, scope).len() > SHORT).then(|| Tree::either((**condition).clone(), tree(yes), tree(no)))
}

/// The condition under which a map or list has anything in it, where it may have nothing.
fn may_be_empty(tree: &Tree) -> Option<Expr> {
    let any = |conditions: Vec<Option<Expr>>| -> Option<Expr> {
        let all: Vec<Expr> = conditions.into_iter().collect::<Option<_>>()?;
        all.into_iter().reduce(Expr::or)
    };
    match tree {
        Tree::Map(entries) => any(entries
            .iter()
            .map(|entry| match entry {
                Entry::Field(_, tree) => absence(tree),
                Entry::Splice(tree) => emptiness(tree),
            })
            .collect()),
        Tree::List(items) => any(items
            .iter()
            .map(|item| match item {
                Item::One(tree) => absence(tree),
                Item::Splice(tree) => emptiness(tree),
            })
            .collect()),
        Tree::Each(each) => Some(Expr::call(Op::NotEmpty, [each.list.clone()])),
        _ => None,
    }
}

/// Whether a tree is a map or a list with something in it, where `condition` holds.
fn is_filled(tree: &Tree, condition: Option<&Expr>) -> bool {
    match tree {
        Tree::Map(_) | Tree::List(_) => may_be_empty(tree).is_none(),
        Tree::Include { .. } => true,
        Tree::Dynamic(expr) => {
            matches!(condition, Some(Expr::Call(Op::NotEmpty, tested)) if *tested[0] == *expr)
                && expr.shape().is_block()
        }
        _ => false,
    }
}

/// Whether two conditions are the same alternatives, in whatever order.
fn same_alternatives(a: &Expr, b: &Expr) -> bool {
    let (a, b) = (alternatives(a), alternatives(b));
    a.iter().all(|part| b.contains(part)) && b.iter().all(|part| a.contains(part))
}

fn alternatives(expr: &Expr) -> Vec<&Expr> {
    match expr {
        Expr::Call(Op::Or, parts) => parts.iter().flat_map(|part| alternatives(part)).collect(),
        other => vec![other],
    }
}

/// The condition under which a field or an item is there, where it may be absent.
fn absence(tree: &Tree) -> Option<Expr> {
    match tree {
        Tree::Choice(arms, last) if **last == Tree::Absent => {
            arms.iter().map(|(condition, _)| condition.clone()).reduce(Expr::or)
        }
        _ => None,
    }
}

/// The condition under which a spliced map or list has anything in it, where it may have nothing.
fn emptiness(tree: &Tree) -> Option<Expr> {
    match tree {
        Tree::Dynamic(expr) => Some(Expr::call(Op::NotEmpty, [expr.clone()])),
        Tree::Choice(arms, last) if **last == Tree::Absent => arms
            .iter()
            .map(|(condition, arm)| match emptiness(arm) {
                Some(inner) => condition.clone().and(inner),
                None => condition.clone(),
            })
            .reduce(Expr::or),
        other => may_be_empty(other),
    }
}

fn empty_of(tree: &Tree) -> &'static str {
    if matches!(tree, Tree::Map(_)) { "{}" } else { "[]" }
}

impl Entry {
    /// The condition and the tree of a field that is sometimes there.
    fn conditional(&self) -> Option<(&Expr, &Tree)> {
        match self {
            Entry::Field(_, Tree::Choice(arms, last)) if **last == Tree::Absent && with_of(arms, last).is_none() => {
                match arms.as_slice() {
                    [(condition, tree)] => Some((condition, tree)),
                    _ => None,
                }
            }
            _ => None,
        }
    }
}

/// The order in which people write keys: what a thing is before what it has. Others are sorted.
const FIRST: [&str; 13] = [
    "apiVersion",
    "apiGroup",
    "kind",
    "metadata",
    "name",
    "namespace",
    "type",
    "labels",
    "annotations",
    "image",
    "imagePullPolicy",
    "command",
    "args",
];

fn in_order(entries: &[Entry]) -> Vec<&Entry> {
    let mut ordered: Vec<&Entry> = entries.iter().collect();
    ordered.sort_by_key(|entry| match entry {
        Entry::Field(key, _) => match FIRST.iter().position(|first| first == key) {
            Some(at) => (0, at),
            None => (2, 0),
        },
        // Included labels come before the fixed ones that are added to them, and the user's after both.
        Entry::Splice(Tree::Include { .. }) => (1, 0),
        Entry::Splice(_) => (3, 0),
    });
    ordered
}

fn inline_literal(json: &Json) -> String {
    match json {
        Json::String(text) => literal_text(text),
        Json::Array(_) => "[]".into(),
        Json::Object(_) => "{}".into(),
        other => other.to_string(),
    }
}

/// A constant string: plain where every reader of YAML takes it for a string, quoted elsewhere.
pub(crate) fn literal_text(text: &str) -> String {
    if is_plain(text) { text.into() } else { go_quote(text) }
}

fn key_text(key: &str) -> String {
    if is_plain(key) { key.into() } else { go_quote(key) }
}

fn is_plain(text: &str) -> bool {
    let mut chars = text.chars();
    let starts = chars
        .next()
        .is_some_and(|c| c.is_ascii_alphabetic() || c == '/' || c == '_');
    let goes_on = text
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || "._-/:=@,+ ()".contains(c));
    let words = [
        "y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf",
    ];
    starts
        && goes_on
        && !text.contains(": ")
        && !text.ends_with([':', ' '])
        && !text.contains("  ")
        && !words.contains(&text.to_lowercase().as_str())
}

/// Whether a named template gives a string.
fn is_text(body: &Tree) -> bool {
    match body {
        Tree::Literal(json) => json.is_string(),
        Tree::Dynamic(expr) => expr.shape() == Shape::Text,
        _ => false,
    }
}

fn block_style(text: &str) -> &'static str {
    if text.ends_with('\n') { "|" } else { "|-" }
}

/// Whether a text reads best as a block: several lines of printable text.
fn is_script(text: &str) -> bool {
    let body = text.strip_suffix('\n').unwrap_or(text);
    body.contains('\n')
        && !body.starts_with([' ', '\t', '\n'])
        && !body.ends_with('\n')
        && body.lines().all(|line| !line.ends_with(' '))
        && body.chars().all(|c| c == '\n' || (' '..='~').contains(&c))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn braces_are_special_in_templates_only() {
        let map = json!({"greeting": "{{ hello }}"});
        assert_eq!(plain(map.clone()), "greeting: \"{{ hello }}\"");
        assert_eq!(body(&Tree::constant(map)), "greeting: \"{{ \"{{\" }} hello }}\"");
    }
}
