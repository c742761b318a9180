//! Whether Helm and the native rendering gave the same objects, and where they did not.

use super::helm::{NOTES, Texts};
use super::typed::{Typed, read_back};
use crate::emit::yaml;
use crate::error::Error;
use crate::rendered::Rendered;
use crate::values;
use serde_json::Value as Json;
use std::collections::BTreeSet;

/// One object (or the notes) that is not the same.
#[derive(Clone, Debug)]
pub(super) struct Difference {
    /// The template below `templates`, without `.yaml`; empty where Helm failed as a whole.
    pub file: String,
    /// Where in the object: `.spec.ports[0].port`.
    pub path: String,
    pub what: String,
    pub helm: Option<Json>,
    pub native: Option<Json>,
}

impl Difference {
    /// What Helm made of the case is not usable at all.
    pub(super) fn failed(file: &str, what: String) -> Self {
        Self {
            file: file.into(),
            path: String::new(),
            what,
            helm: None,
            native: None,
        }
    }
}

/// The first difference between a native rendering and what Helm made of the same case.
pub(super) fn difference(native: &Rendered, helm: &Texts) -> Option<Difference> {
    for object in &native.objects {
        let Some(text) = helm.get(&object.file) else {
            return Some(Difference {
                native: Some(object.json.clone()),
                ..Difference::failed(&object.file, "only the native rendering has it".into())
            });
        };
        let found = match values::read(text, &object.file) {
            Err(error) => Some(Difference::failed(
                &object.file,
                format!("Helm's output is not YAML: {error}\n{text}"),
            )),
            Ok(document) => objects(&object.file, document.value, &object.json),
        };
        if found.is_some() {
            return found;
        }
    }
    let extra = |file: &&String| *file != NOTES && !native.objects.iter().any(|object| object.file == **file);
    if let Some(file) = helm.keys().find(extra) {
        let json = values::read(&helm[file], file).map(|document| document.value).ok();
        return Some(Difference {
            helm: json,
            ..Difference::failed(file, "only Helm has it".into())
        });
    }
    notes(&native.notes, helm.get(NOTES)?)
}

/// Two renderings of one object. A number and its text are not the same, unless the object's type says so: a quantity
/// may be written as either.
fn objects(file: &str, helm: Json, native: &Json) -> Option<Difference> {
    if helm == *native {
        return None;
    }
    let differs = |path: String, what: String| Difference {
        file: file.into(),
        path,
        what,
        helm: Some(helm.clone()),
        native: Some(native.clone()),
    };
    match (read_back(&helm), read_back(native)) {
        (Ok(Typed::Known(left) | Typed::Unknown(left)), Ok(Typed::Known(right) | Typed::Unknown(right))) => {
            first(&left, &right, "").map(|(path, what)| differs(path, what))
        }
        (Err(error), _) => Some(differs(
            String::new(),
            format!("Helm's object does not fit its type: {error}"),
        )),
        (_, Err(error)) => Some(differs(
            String::new(),
            format!("the native object does not fit its type: {error}"),
        )),
    }
}

/// The notes; Helm prints them with white space around them that says nothing.
fn notes(native: &str, helm: &str) -> Option<Difference> {
    let helm = values::read(helm, NOTES).ok()?.value.get("notes")?.as_str()?.to_owned();
    (helm.trim_end() != native.trim_end()).then(|| Difference {
        file: "NOTES.txt".into(),
        path: String::new(),
        what: "the notes".into(),
        helm: Some(helm.into()),
        native: Some(native.into()),
    })
}

/// Whether Helm gives every reason for which values are refused natively, and no other.
pub(super) fn says_all(said: &str, refusal: &Error) -> bool {
    let reasons = refusal.problems().iter();
    let reasons: Vec<String> = reasons
        .map(|problem| format!("- {}: {}\n", problem.at, problem.what))
        .collect();
    // Helm ends its own message with a line's end, and may give advice after it.
    let Some((_, list)) = said.split_once("the values are refused:\n") else {
        return false;
    };
    list.strip_prefix(&reasons.concat())
        .is_some_and(|rest| !rest.starts_with("- ") && !rest.starts_with(char::is_alphanumeric))
}

/// The path at which two values differ first, and how. Numbers and texts are never equal.
fn first(helm: &Json, native: &Json, path: &str) -> Option<(String, String)> {
    match (helm, native) {
        (Json::Object(a), Json::Object(b)) => {
            let keys: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            keys.into_iter().find_map(|key| {
                let of = |map: &serde_json::Map<String, Json>| map.get(key).cloned().unwrap_or_default();
                first(&of(a), &of(b), &format!("{path}.{key}"))
            })
        }
        (Json::Array(a), Json::Array(b)) if a.len() == b.len() => {
            let pairs = a.iter().zip(b).enumerate();
            pairs
                .into_iter()
                .find_map(|(i, (a, b))| first(a, b, &format!("{path}[{i}]")))
        }
        _ if helm == native => None,
        _ => Some((path.into(), format!("Helm has {helm}, the native rendering {native}"))),
    }
}

/// The two renderings, line by line: what only Helm has with `-`, what only the native rendering has with `+`.
pub(super) fn line_diff(difference: &Difference) -> String {
    let text = |json: &Option<Json>| match json {
        None => String::new(),
        Some(Json::String(text)) => text.clone(),
        Some(json) => {
            // Each side has an order of its own, which says nothing.
            let mut json = json.clone();
            json.sort_all_objects();
            yaml::plain(json)
        }
    };
    let (helm, native) = (text(&difference.helm), text(&difference.native));
    let (left, right): (Vec<&str>, Vec<&str>) = (helm.lines().collect(), native.lines().collect());
    // How long the longest common part of the rests is.
    let mut common = vec![vec![0u32; right.len() + 1]; left.len() + 1];
    for i in (0..left.len()).rev() {
        for j in (0..right.len()).rev() {
            common[i][j] = match left[i] == right[j] {
                true => common[i + 1][j + 1] + 1,
                false => common[i + 1][j].max(common[i][j + 1]),
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut lines: Vec<(char, &str)> = Vec::new();
    while i < left.len() || j < right.len() {
        if i < left.len() && j < right.len() && left[i] == right[j] {
            lines.push((' ', left[i]));
            (i, j) = (i + 1, j + 1);
        } else if j == right.len() || i < left.len() && common[i + 1][j] >= common[i][j + 1] {
            lines.push(('-', left[i]));
            i += 1;
        } else {
            lines.push(('+', right[j]));
            j += 1;
        }
    }
    let near = |at: usize| {
        lines[at.saturating_sub(3)..(at + 4).min(lines.len())]
            .iter()
            .any(|(sign, _)| *sign != ' ')
    };
    let shown = lines.iter().enumerate().filter(|(at, _)| near(*at));
    shown.map(|(_, (sign, line))| format!("{sign} {line}\n")).collect()
}

/// The line of a template, counted from one, that writes what is at a path of its object: the deepest key of the path
/// that the template has.
pub(super) fn template_line(template: &str, path: &str) -> Option<usize> {
    let lines: Vec<&str> = template.lines().collect();
    let (mut at, mut found, mut indent) = (0, None, 0);
    for key in path.split('.').filter(|key| !key.is_empty()) {
        let key = key.split('[').next().unwrap_or(key);
        let writes = |line: &&str| {
            let text = line.trim_start();
            let inside = line.len() - text.len() >= indent;
            inside
                && text
                    .trim_start_matches("- ")
                    .strip_prefix(key)
                    .is_some_and(|rest| rest.starts_with(':'))
        };
        let Some(next) = lines[at..].iter().position(writes) else {
            break;
        };
        found = Some(at + next + 1);
        indent = lines[at + next].len() - lines[at + next].trim_start().len();
        at += next + 1;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_number_is_not_its_text() {
        let map = |value: Json| json!({"apiVersion": "example.com/v1", "kind": "Thing", "a": [value]});
        assert!(objects("x", map(json!(1)), &map(json!(1))).is_none());
        let found = objects("x", map(json!("1")), &map(json!(1))).unwrap();
        assert_eq!(found.path, ".a[0]");
        assert_eq!(found.what, r#"Helm has "1", the native rendering 1"#);
        // Kubernetes reads either as the same quantity.
        let pod = |cpu: Json| {
            json!({"apiVersion": "v1", "kind": "Pod",
                "spec": {"containers": [{"name": "a", "resources": {"limits": {"cpu": cpu}}}]}})
        };
        assert!(objects("x", pod(json!(1)), &pod(json!("1"))).is_none());
    }

    #[test]
    fn the_difference_is_shown_with_its_surroundings() {
        let found = objects(
            "x",
            json!({"a": 1, "b": 2, "c": 3, "d": 4, "e": 5, "f": 6}),
            &json!({"a": 1, "b": 2, "c": 3, "d": 4, "e": 5, "f": 7}),
        );
        assert_eq!(line_diff(&found.unwrap()), "  c: 3\n  d: 4\n  e: 5\n- f: 6\n+ f: 7\n");
    }

    #[test]
    fn the_line_of_the_template() {
        let template = "metadata:\n  name: a\nspec:\n  ports:\n    - name: b\n      port: {{ 1 }}\n";
        assert_eq!(template_line(template, ".spec.ports[0].port"), Some(6));
        assert_eq!(template_line(template, ".spec.ports[0].other"), Some(4));
        assert_eq!(template_line(template, ".data"), None);
    }
}
