//! Cases that once failed: kept in a file beside the crate that tests, and tried first.

use super::case::Case;
use crate::error::{Error, Result};
use std::path::{Path, PathBuf};

/// The file of a chart; `None` outside of `cargo test`, which says where the crate is.
pub(super) fn file(chart: &str) -> Option<PathBuf> {
    let root = std::env::var_os("CARGO_MANIFEST_DIR")?;
    Some(Path::new(&root).join(format!("tests/law-regressions/{chart}.json")))
}

/// The cases that are remembered.
pub(super) fn load(file: Option<&Path>) -> Result<Vec<Case>> {
    let Some(file) = file.filter(|file| file.exists()) else {
        return Ok(Vec::new());
    };
    let text = std::fs::read_to_string(file).map_err(|error| Error::io(file, &error))?;
    serde_json::from_str(&text).map_err(|error| Error::trace(file.display().to_string(), error.to_string()))
}

/// Remembers one more.
pub(super) fn add(file: Option<&Path>, case: &Case) -> Result<()> {
    let Some(file) = file else {
        return Ok(());
    };
    let mut cases = load(Some(file))?;
    if cases.contains(case) {
        return Ok(());
    }
    cases.push(case.clone());
    let text = serde_json::to_string_pretty(&cases).map_err(|error| Error::trace("a case", error.to_string()))?;
    let io = |error| Error::io(file, &error);
    if let Some(directory) = file.parent() {
        std::fs::create_dir_all(directory).map_err(io)?;
    }
    std::fs::write(file, text + "\n").map_err(io)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::case::{Circumstances, Given};
    use serde_json::json;

    #[test]
    fn what_is_added_is_loaded_once() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("tests/law-regressions/a.json");
        assert_eq!(load(Some(&file)).unwrap(), []);
        let case = Case {
            circumstances: Circumstances::default(),
            given: Given::file(json!({"a": "\u{feff}"})),
        };
        add(Some(&file), &case).unwrap();
        add(Some(&file), &case).unwrap();
        assert_eq!(load(Some(&file)).unwrap(), [case]);
    }
}
