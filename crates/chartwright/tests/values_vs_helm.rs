//! Values as Helm reads them: every case is asked of the real Helm too.
//!
//! Of the tables, `READ` are files that both read; they become the values of so many subcharts, and
//! one process of Helm reads them all. `REFUSED` are files that neither reads, `STRICTER` are those
//! that only Helm reads, `LAYERED` are files and flags over a chart's defaults: one process each.

use std::fs;
use std::path::Path;
use std::process::Output;

use chartwright::testing::helm;
use chartwright::values::{Inputs, coalesce_over_defaults, read};
use serde_json::{Map, Value};

#[path = "values_vs_helm/cases.rs"]
mod cases;

use cases::{FILE, JSON, LAYERED, LITERAL, Layers, READ, REFUSED, SET, STRICTER, TEXT};

/// Prints the values so that no printing can change them.
const TEMPLATE: &str =
    "{{ range $name, $value := .Values }}_{{ $name | b64enc }}: {{ $value | toJson | b64enc }}\n{{ end }}";

#[test]
fn files_that_helm_reads() {
    let directory = tempfile::tempdir().unwrap();
    chart(directory.path(), "");
    for (i, text) in READ.iter().enumerate() {
        let name = format!("c{i}");
        let subchart = directory.path().join("charts").join(&name);
        write(
            &subchart.join("Chart.yaml"),
            &format!("apiVersion: v2\nname: {name}\nversion: 1.0.0\n"),
        );
        write(&subchart.join("values.yaml"), text);
    }
    let from_helm = values(&helm::run(["template".as_ref(), directory.path().as_os_str()]).unwrap()).unwrap();
    assert_eq!(from_helm.as_object().unwrap().len(), READ.len());
    for (i, text) in READ.iter().enumerate() {
        let native = read(text, "values.yaml").unwrap_or_else(|error| panic!("{text:?}\n{error}"));
        let mut expected = from_helm[format!("c{i}")].clone();
        // Helm hands this to every subchart.
        expected.as_object_mut().unwrap().remove("global");
        let native = coalesce_over_defaults(native.value, Value::Null);
        assert!(
            same(&native, &expected),
            "{text:?}\nnative: {native}\nhelm:   {expected}"
        );
    }
}

#[test]
fn files_that_helm_refuses() {
    compare_all(&alone(REFUSED), |case, native, helm| {
        assert!(helm.is_err(), "{case:?}: Helm reads this: {helm:?}");
        refused_with_a_place(case, native);
    });
}

#[test]
fn files_that_only_helm_reads() {
    compare_all(&alone(STRICTER), |case, native, helm| {
        assert!(helm.is_ok(), "{case:?}: Helm refuses this: {helm:?}");
        refused_with_a_place(case, native);
    });
}

#[test]
fn files_and_flags_over_defaults() {
    compare_all(LAYERED, |case, native, helm| match (native, helm) {
        (Ok(native), Ok(helm)) => assert!(same(native, helm), "{case:?}\nnative: {native}\nhelm:   {helm}"),
        (Err(_), Err(_)) => {}
        _ => panic!("{case:?}\nnative: {native:?}\nhelm:   {helm:?}"),
    });
}

fn refused_with_a_place(case: &Layers, native: &Answer) {
    let error = native.as_ref().expect_err("a file to refuse");
    assert!(error.starts_with("file0.yaml:"), "{case:?}: no place in {error}");
}

/// Each file as the only one, over no defaults.
fn alone(files: &'static [&'static str]) -> Vec<Layers> {
    files
        .iter()
        .map(|text| ("", std::slice::from_ref(text), &[][..]))
        .collect()
}

type Answer = Result<Value, String>;

/// Asks both about every case, Helm in two processes at a time.
fn compare_all(cases: &[Layers], compare: impl Fn(&Layers, &Answer, &Answer) + Sync) {
    std::thread::scope(|scope| {
        for half in cases.chunks(cases.len().div_ceil(2)) {
            scope.spawn(|| {
                half.iter()
                    .for_each(|case| compare(case, &native(case), &from_helm(case)))
            });
        }
    });
}

fn native((defaults, files, flags): &Layers) -> Answer {
    let of = |flag| {
        flags
            .iter()
            .filter(|(f, _)| *f == flag)
            .map(|(_, argument)| (*argument).into())
            .collect()
    };
    let inputs = Inputs {
        files: files
            .iter()
            .enumerate()
            .map(|(i, text)| (format!("file{i}.yaml"), (*text).into()))
            .collect(),
        set_json: of(JSON),
        set: of(SET),
        set_string: of(TEXT),
        set_file: of(FILE),
        set_literal: of(LITERAL),
    };
    let defaults = read(defaults, "values.yaml").unwrap().value;
    let user = inputs.read().map_err(|error| error.to_string())?;
    Ok(coalesce_over_defaults(defaults, user.value))
}

fn from_helm((defaults, files, flags): &Layers) -> Answer {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path().join("chart");
    chart(&root, defaults);
    let mut arguments = vec!["template".to_owned(), root.display().to_string()];
    for (i, text) in files.iter().enumerate() {
        let file = directory.path().join(format!("file{i}.yaml"));
        write(&file, text);
        arguments.extend(["-f".into(), file.display().to_string()]);
    }
    arguments.extend(flags.iter().map(|(flag, argument)| format!("{flag}={argument}")));
    values(&helm::run(&arguments).unwrap())
}

fn chart(root: &Path, defaults: &str) {
    write(&root.join("Chart.yaml"), "apiVersion: v2\nname: c\nversion: 1.0.0\n");
    write(&root.join("values.yaml"), defaults);
    write(&root.join("templates/values.yaml"), TEMPLATE);
}

fn write(file: &Path, text: &str) {
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, text).unwrap();
}

fn values(output: &Output) -> Answer {
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let lines = text.lines().filter_map(|line| line.strip_prefix('_')?.split_once(": "));
    let entries = lines.map(|(name, value)| (base64(name), serde_json::from_str(&base64(value)).unwrap()));
    Ok(Value::Object(entries.collect::<Map<_, _>>()))
}

fn base64(text: &str) -> String {
    const DIGITS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bytes, mut bits, mut count) = (Vec::new(), 0u32, 0);
    for digit in text.chars().filter_map(|c| DIGITS.find(c)) {
        bits = (bits << 6 | digit as u32) & 0xffff;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count & 0xff) as u8);
        }
    }
    String::from_utf8(bytes).unwrap()
}

/// Equality of JSON where numbers are floats, which they are for Helm unless a flag set them.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a == b || a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| same(a, b)))
        }
        _ => a == b,
    }
}
