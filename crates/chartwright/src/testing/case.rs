//! A case of the law: what a user gives, and the circumstances in which it is rendered.

use crate::release::ReleaseInfo;
use crate::sample;
use crate::values::{Flag, Inputs, set};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use proptest::strategy::Union;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};

/// What one Helm process takes for all the charts that it renders.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Circumstances {
    pub release: String,
    pub namespace: String,
    pub upgrade: bool,
    pub kube_version: String,
    pub api_versions: Vec<String>,
}

/// What a user gives for one chart.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Given {
    /// Values files; what a later one says wins.
    pub files: Vec<Json>,
    /// Flags (`--set`) and their arguments.
    pub flags: Vec<(String, String)>,
}

/// A case, as it is remembered in a file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Case {
    pub circumstances: Circumstances,
    pub given: Given,
}

/// The flags, in the order in which Helm applies them.
const FLAGS: [Flag; 4] = [Flag::SetJson, Flag::Set, Flag::SetString, Flag::SetLiteral];

impl Default for Circumstances {
    fn default() -> Self {
        let info = ReleaseInfo::default();
        Self {
            release: info.name,
            namespace: info.namespace,
            upgrade: false,
            kube_version: info.kube_version,
            api_versions: Vec::new(),
        }
    }
}

impl Circumstances {
    /// What a chart that an umbrella has under this name knows of its release.
    pub(super) fn info(&self, alias: String) -> ReleaseInfo {
        ReleaseInfo {
            name: self.release.clone(),
            namespace: self.namespace.clone(),
            is_upgrade: self.upgrade,
            kube_version: self.kube_version.clone(),
            api_versions: self.api_versions.clone(),
            alias: Some(alias),
        }
    }
}

impl Given {
    /// One values file.
    pub(super) fn file(values: Json) -> Self {
        Self {
            files: vec![values],
            flags: Vec::new(),
        }
    }

    /// The same for the native reader, which reads the texts that Helm reads.
    pub(super) fn inputs(&self) -> Inputs {
        let arguments = |flag: Flag| {
            let of_flag = self.flags.iter().filter(|(name, _)| name == flag.name());
            of_flag.map(|(_, argument)| argument.clone()).collect()
        };
        let texts = self.files.iter().enumerate();
        Inputs {
            files: texts.map(|(i, json)| (format!("{i}.yaml"), escaped(json))).collect(),
            set_json: arguments(Flag::SetJson),
            set: arguments(Flag::Set),
            set_string: arguments(Flag::SetString),
            set_file: Vec::new(), // the same as `--set-literal`, from the disk
            set_literal: arguments(Flag::SetLiteral),
        }
    }
}

/// Names of releases: the longest there may be, with digits, with dots, and such that YAML reads as something else.
const RELEASES: &[&str] = &[
    "r",
    "release-name",
    "mlflow",
    "a2345678901234567890123456789012345678901234567890-53",
    "a2345678901234567890123456789012345678901234567890123",
    "1",
    "123",
    "1e3",
    "true",
    "null",
    "0x10",
    "a.b-c.d",
    // With the name of the chart in it, under several aliases.
    "c0-c1-c10",
];

const NAMESPACES: &[&str] = &["default", "team-1", "123", "true", "n"];

/// Circumstances of every kind. `versions` are those that the chart is for, `apis` those that it asks for.
pub(super) fn circumstances(versions: &[&'static str], apis: &[String]) -> BoxedStrategy<Circumstances> {
    let name = "[a-z0-9]([-a-z0-9]{0,51}[a-z0-9])?";
    let release = prop_oneof![2 => select(RELEASES).prop_map(str::to_owned), 1 => name];
    let namespace =
        prop_oneof![3 => select(NAMESPACES).prop_map(str::to_owned), 1 => "[a-z]([-a-z0-9]{0,61}[a-z0-9])?"];
    let mut known = vec!["example.com/v1".to_owned(), "example.com/v1/Thing".to_owned()];
    known.extend(apis.iter().cloned());
    let served = subsequence(known.clone(), 0..=known.len());
    let all = (release, namespace, any::<bool>(), select(versions.to_vec()), served);
    all.prop_map(
        |(release, namespace, upgrade, kube_version, api_versions)| Circumstances {
            release,
            namespace,
            upgrade,
            kube_version: kube_version.to_owned(),
            api_versions,
        },
    )
    .boxed()
}

/// How a single setting is given.
#[derive(Clone, Copy, Debug)]
enum Carrier {
    File,
    Flag(Flag),
}

/// Values as users give them: in a file, some of it in a file before (a preset, say), some by flags.
///
/// `removable` are groups of paths whose defaults a null takes away.
pub(super) fn given(
    schema: &Json,
    keys: &[String],
    presets: Vec<Json>,
    removable: Vec<Vec<Vec<String>>>,
) -> BoxedStrategy<Given> {
    let overlay = sample::overlay(schema, keys);
    let removed = removable.into_iter().map(|group| {
        let count = group.len();
        subsequence(group, 1..=count).boxed()
    });
    let removed = removed.collect::<Vec<_>>();
    let removed = match removed.is_empty() {
        true => Just(Vec::new()).boxed(),
        false => prop_oneof![5 => Just(Vec::new()), 1 => Union::new(removed)].boxed(),
    };
    let values = (overlay.clone(), removed).prop_map(|(mut values, removed)| {
        removed.iter().for_each(|path| put(&mut values, path, Json::Null));
        values
    });
    let carrier = prop_oneof![
        6 => Just(Carrier::File),
        4 => select(FLAGS.to_vec()).prop_map(Carrier::Flag),
    ];
    let carriers = prop_oneof![
        2 => Just(vec![Carrier::File]),
        1 => proptest::collection::vec(carrier, 5),
    ];
    // The first file says something else, which the second one overrides in part. Without the presets, whatever needs
    // several settings at once would be reached too seldom.
    let before = match presets.is_empty() {
        true => overlay.clone(),
        false => prop_oneof![4 => select(presets), 1 => overlay.clone()].boxed(),
    };
    let before = option::weighted(0.6, before);
    let all = (values, before, carriers);
    all.prop_map(|(values, before, carriers)| spread(before, values, &carriers))
        .boxed()
}

fn spread(before: Option<Json>, values: Json, carriers: &[Carrier]) -> Given {
    let mut settings = Vec::new();
    collect(&[], values, &mut settings);
    let mut file = json!({});
    let mut flags = Vec::new();
    for (i, (path, value)) in settings.into_iter().enumerate() {
        let argument = match carriers[i % carriers.len()] {
            Carrier::File => None,
            Carrier::Flag(flag) => argument(flag, &path, &value).map(|argument| (flag.name().to_owned(), argument)),
        };
        match argument {
            Some(argument) => flags.push(argument),
            None => put(&mut file, &path, value),
        }
    }
    // Files and flags in Helm's order, so that a case has one form.
    flags.sort_by_key(|(name, _)| FLAGS.iter().position(|flag| flag.name() == name));
    Given {
        files: before.into_iter().chain([file]).collect(),
        flags,
    }
}

/// The settings of a values file, each with its path; structures that are deep inside stay whole.
fn collect(path: &[String], value: Json, settings: &mut Vec<(Vec<String>, Json)>) {
    match value {
        Json::Object(map) if path.len() < 3 && (path.is_empty() || !map.is_empty()) => {
            for (key, value) in map {
                collect(&[path, &[key]].concat(), value, settings);
            }
        }
        value => settings.push((path.to_vec(), value)),
    }
}

fn put(file: &mut Json, path: &[String], value: Json) {
    let Some((last, above)) = path.split_last() else {
        return;
    };
    let mut at = file;
    for key in above {
        if !at.is_object() {
            *at = Json::Object(Map::new());
        }
        at = &mut at[key];
    }
    if !at.is_object() {
        *at = Json::Object(Map::new());
    }
    at[last] = value;
}

/// The argument with which a flag gives a value; `None` where it cannot give just that value.
fn argument(flag: Flag, path: &[String], value: &Json) -> Option<String> {
    let keys: Vec<String> = path.iter().map(|key| backslashed(key, "\\.,=[]{}")).collect();
    let text = match (flag, value) {
        (Flag::SetJson, value) => escaped(value),
        (Flag::SetLiteral, Json::String(text)) => text.clone(),
        (Flag::Set | Flag::SetString, Json::String(text)) => backslashed(text, "\\,{}"),
        (Flag::Set, Json::Array(items)) => {
            let items: Option<Vec<String>> = items
                .iter()
                .map(|item| Some(backslashed(item.as_str()?, "\\,{}")))
                .collect();
            format!("{{{}}}", items?.join(","))
        }
        (Flag::Set, Json::Object(_)) | (Flag::SetString | Flag::SetFile | Flag::SetLiteral, _) => return None,
        (Flag::Set, scalar) => scalar.to_string(),
    };
    let argument = format!("{}={text}", keys.join("."));
    let mut wanted = json!({});
    put(&mut wanted, path, value.clone());
    // No program can be given a zero byte, and the kernel limits an argument to 128 KiB.
    let passes = !argument.contains('\0') && argument.len() < 100_000;
    let same = set(json!({}), flag, &argument).is_ok_and(|given| given == wanted);
    (passes && same).then_some(argument)
}

fn backslashed(text: &str, special: &str) -> String {
    let escaped = text
        .chars()
        .flat_map(|c| special.contains(c).then_some('\\').into_iter().chain([c]));
    escaped.collect()
}

/// JSON that YAML reads back to the same: control characters that YAML does not allow raw are escaped.
pub(super) fn escaped(values: &Json) -> String {
    let mut text = String::new();
    for c in values.to_string().chars() {
        match c {
            '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}' => {
                text.push_str(&format!("\\u{:04x}", c as u32));
            }
            c => text.push(c),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flag_gives_the_value_or_is_not_used() {
        let path = ["a".to_owned(), "b.c/d".to_owned()];
        let check = |flag, value: Json, expected: Option<&str>| {
            assert_eq!(argument(flag, &path, &value).as_deref(), expected, "{value}");
        };
        check(Flag::Set, json!("x,y"), Some(r"a.b\.c/d=x\,y"));
        check(Flag::Set, json!("1"), None);
        check(Flag::Set, json!(1), Some(r"a.b\.c/d=1"));
        check(Flag::Set, json!(["p", "q"]), Some(r"a.b\.c/d={p,q}"));
        check(Flag::SetString, json!("1"), Some(r"a.b\.c/d=1"));
        check(Flag::SetString, json!(1), None);
        check(Flag::SetLiteral, json!("{x}"), None); // the key of a literal knows no backslash
        check(Flag::SetJson, json!({"e": 1.5}), Some(r#"a.b\.c/d={"e":1.5}"#));
        check(Flag::Set, json!("\0"), None);
    }
}
