//! The files of a chart.

use super::code::go_quote;
use super::{helper, yaml};
use crate::schema::resolve;
use crate::trace::Named;
use crate::tree::Tree;
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// `_helpers.tpl`: the named templates, in the order in which they were declared, each below its comment.
pub(crate) fn helpers(named: &[Named], bodies: &BTreeMap<String, Tree>) -> String {
    let defined = named.iter().map(|Named { name, comment }| {
        let body = match &bodies[name] {
            Tree::Dynamic(expr) => helper::body(expr),
            tree => yaml::body(tree),
        };
        let comment = wrapped(comment, 100).join("\n");
        format!("{{{{/*\n{comment}\n*/}}}}\n{{{{- define \"{name}\" -}}}}\n{body}\n{{{{- end }}}}\n")
    });
    defined.collect::<Vec<_>>().join("\n")
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
