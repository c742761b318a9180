//! The files of a chart.

use super::code::{Scope, code, go_quote, plain};
use super::helper;
use super::yaml::{self, braces};
use crate::expr::Expr;
use crate::schema::resolve;
use crate::traced::Refusing;
use crate::tree::{Item, Tree};
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// `_helpers.tpl`: the named templates.
pub(crate) fn helpers(helpers: &BTreeMap<String, Tree>) -> String {
    let defined = helpers.iter().map(|(name, body)| {
        let body = match body {
            Tree::Dynamic(expr) => helper::body(expr),
            tree => yaml::body(tree),
        };
        format!("{{{{- define \"{name}\" -}}}}\n{body}\n{{{{- end }}}}\n")
    });
    defined.collect::<Vec<_>>().join("\n")
}

/// `validate.yaml`: renders nothing, and fails with all refusals at once.
pub(crate) fn refusals(refusals: &[Refusing]) -> String {
    let mut text = String::from(
        "{{- /* What no schema can say: combinations of values that cannot work. All of them are shown at once. */ -}}\n\
         {{- $refused := list }}\n",
    );
    let scope = Scope::default();
    for Refusing {
        condition,
        path,
        message,
        ..
    } in refusals
    {
        let condition = condition.settled();
        let message = message.knowing(&condition.facts(true));
        let message = match &message {
            Expr::Literal(Json::String(text)) => Expr::literal(format!("- {path}: {text}")),
            Expr::Format(parts) => {
                let mut all = vec![Expr::literal(format!("- {path}: "))];
                all.extend(parts.iter().cloned());
                Expr::Format(all)
            }
            other => Expr::Format(vec![Expr::literal(format!("- {path}: ")), other.clone()]),
        };
        text.push_str(&format!(
            "{}\n",
            yaml::directive(&format!("if {}", code(&condition, &scope)))
        ));
        let refused = format!("$refused = append $refused ({})", code(&message, &scope));
        text.push_str(&format!("{}\n{{{{- end }}}}\n", yaml::directive(&refused)));
    }
    text.push_str(
        "{{- if $refused }}\n{{- fail (printf \"the values are refused:\\n%s\" (join \"\\n\" $refused)) }}\n{{- end }}\n",
    );
    text
}

/// `NOTES.txt`: the paragraphs, with an empty line between them.
pub(crate) fn notes(notes: &[Tree]) -> String {
    let scope = Scope::default();
    let mut text = String::new();
    for note in notes {
        text.push_str(&paragraph(note, &scope));
    }
    text.trim_start_matches('\n').to_owned()
}

fn paragraph(tree: &Tree, scope: &Scope) -> String {
    match tree {
        Tree::Choice(arms, last) => {
            let mut text = String::new();
            for (i, (condition, arm)) in arms.iter().enumerate() {
                let word = if i == 0 { "if" } else { "else if" };
                text.push_str(&format!(
                    "{{{{- {word} {} }}}}\n{}",
                    code(condition, scope),
                    paragraph(arm, scope)
                ));
            }
            if **last != Tree::Absent {
                text.push_str(&format!("{{{{- else }}}}\n{}", paragraph(last, scope)));
            }
            text + "{{- end }}\n"
        }
        Tree::Literal(Json::String(text)) => format!("\n{}\n", braces(text)),
        Tree::Dynamic(Expr::Format(parts)) => {
            let text: String = parts
                .iter()
                .map(|part| match part {
                    Expr::Literal(Json::String(text)) => braces(text),
                    other => format!("{{{{ {} }}}}", plain(other, scope)),
                })
                .collect();
            format!("\n{text}\n")
        }
        Tree::Dynamic(expr) => format!("\n{{{{ {} }}}}\n", plain(expr, scope)),
        Tree::List(items) => items
            .iter()
            .map(|item| match item {
                Item::One(tree) | Item::Splice(tree) => paragraph(tree, scope),
            })
            .collect(),
        _ => String::new(),
    }
}

/// `values.yaml`: every setting with its documentation and its default.
pub(crate) fn values(schema: &Json, defaults: &Json) -> String {
    let mut text = String::new();
    settings(schema, schema, defaults, 0, &mut text);
    text.trim_start().to_owned()
}

fn settings(root: &Json, schema: &Json, defaults: &Json, indent: usize, text: &mut String) {
    let Some(properties) = resolve(root, schema).get("properties").and_then(Json::as_object) else {
        return;
    };
    for (name, property) in properties {
        let target = resolve(root, property);
        let default = defaults.get(name);
        if name == "global" || (name == "enabled" && default.is_none()) {
            continue;
        }
        let own = property
            .get("description")
            .or_else(|| target.get("description"))
            .and_then(Json::as_str);
        if indent == 0 || own.is_some() {
            text.push('\n');
        }
        for line in wrapped(own.unwrap_or_default(), 100 - indent) {
            text.push_str(format!("{:indent$}# {line}", "").trim_end());
            text.push('\n');
        }
        match default {
            None => text.push_str(&format!("{:indent$}# {name}:\n", "")),
            Some(Json::Object(map))
                if target.get("properties").is_some() && !map.is_empty() && !is_foreign(property) =>
            {
                text.push_str(&format!("{:indent$}{name}:\n", ""));
                let mut below = String::new();
                settings(
                    root,
                    target,
                    &default.cloned().unwrap_or_default(),
                    indent + 2,
                    &mut below,
                );
                text.push_str(below.trim_start_matches('\n'));
            }
            Some(value) => {
                let one = serde_json::json!({ name.as_str(): value });
                for line in yaml::plain(one).lines() {
                    text.push_str(format!("{:indent$}{line}", "").trim_end());
                    text.push('\n');
                }
            }
        }
    }
}

/// Whether it is one of Kubernetes' own types, which are shown as they are.
fn is_foreign(property: &Json) -> bool {
    let names = |schema: &Json| {
        schema
            .get("$ref")
            .and_then(Json::as_str)
            .is_some_and(|to| to.contains("io.k8s."))
    };
    names(property)
        || property
            .get("allOf")
            .and_then(Json::as_array)
            .is_some_and(|all| all.iter().any(names))
}

/// Documentation broken into lines anew; its paragraphs, lists and tables stay what they are.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    for written in text.lines() {
        let stands_alone = written.is_empty() || written.starts_with(['-', '*', '|', ' ', '`']);
        if stands_alone && !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        if written.is_empty() {
            lines.push(String::new());
        }
        for word in written.split_whitespace() {
            if !line.is_empty() && line.len() + 1 + word.len() > width {
                lines.push(std::mem::take(&mut line));
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines.extend((!line.is_empty()).then_some(line));
    lines
}

/// `Chart.yaml`. See <https://helm.sh/docs/topics/charts/#the-chartyaml-file>.
pub(crate) fn chart(fields: &[(&str, String)]) -> String {
    let mut text = String::from("apiVersion: v2\n");
    for (name, value) in fields.iter().filter(|(_, value)| !value.is_empty()) {
        let value = if *name == "appVersion" {
            go_quote(value)
        } else {
            yaml::literal_text(value)
        };
        text.push_str(&format!("{name}: {value}\n"));
    }
    text
}

/// `.helmignore`: nothing of a working copy goes into the package.
pub(crate) const HELMIGNORE: &str = "\
.DS_Store
.git/
.gitignore
*.swp
*.bak
*.tmp
*.orig
*~
.idea/
*.tmproj
.vscode/
";
