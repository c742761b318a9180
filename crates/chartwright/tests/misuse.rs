//! Wrong uses of the engine, each with the error that it gives.
//!
//! `misuse/*.rs` do not compile; what rustc says is beside them (`TRYBUILD=overwrite` accepts it). `misuse/trace/*.rs`
//! compile, and are refused when the chart is traced; what is said is in `misuse/trace/<name>.txt` (`UPDATE_EXPECT=1`
//! accepts it).

use chartwright::{Chart, Manifests, Release};
use std::fs;
use std::path::Path;

#[path = "misuse/trace/mod.rs"]
mod trace;

#[test]
fn does_not_compile() {
    trybuild::TestCases::new().compile_fail("tests/misuse/*.rs");
}

#[test]
fn refused_by_the_trace() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/misuse/trace");
    let mut failures = Vec::new();
    let cases = trace::cases();
    for (name, chart) in &cases {
        let said = match chart() {
            Ok(traced) => panic!("{name}: traced, with {} objects", traced.objects()),
            Err(error) => format!("{error}\n"),
        };
        let file = folder.join(format!("{name}.txt"));
        let expected = fs::read_to_string(&file).unwrap_or_default();
        if expected == said {
            continue;
        }
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            fs::write(&file, &said).unwrap();
        } else {
            failures.push(format!("{name}:\n--- expected\n{expected}--- said\n{said}"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    for entry in fs::read_dir(&folder).unwrap() {
        let file = entry.unwrap().file_name().into_string().unwrap();
        if let Some(name) = file.strip_suffix(".txt") {
            assert!(
                cases.iter().any(|(known, _)| *known == name),
                "{file} is of no case: remove it"
            );
        }
    }
}

/// There is no trace that could report this one: it is a panic, which says the same.
#[test]
fn symbolic_value_outside_its_trace() {
    use std::sync::{Arc, Mutex};
    let kept = Arc::new(Mutex::new(None));
    let keeper = Arc::clone(&kept);
    let stack = move |values: &trace::Values, _: &Release| {
        *keeper.lock().unwrap() = Some(values.name.clone());
        Manifests::new()
    };
    // Nothing uses the values, so this fails too; by then the value is out.
    Chart::new("misused", "1.0.0", stack).trace().unwrap_err();
    let value = kept.lock().unwrap().take().unwrap();
    let panic = std::panic::catch_unwind(|| value.get()).unwrap_err();
    let text = panic.downcast_ref::<String>().unwrap();
    assert!(
        text.starts_with("a symbolic value is used outside the trace that made it; keep nothing of a traced function"),
        "{text}"
    );
    assert!(text.contains("tests/misuse.rs:"), "{text}");
}
