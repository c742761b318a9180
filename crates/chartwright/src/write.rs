//! Writes a chart's files: only what changed, each by rename, and nothing that the chart no longer has.

use crate::error::{Error, Result};
use crate::traced::Traced;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// What a write did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Files that are new or have another content.
    pub written: Vec<String>,
    /// Files that the chart no longer has.
    pub removed: Vec<String>,
}

impl Changes {
    /// Whether the directory was as it should be.
    pub fn is_empty(&self) -> bool {
        self.written.is_empty() && self.removed.is_empty()
    }
}

impl Traced {
    /// Writes the chart into a directory that holds nothing else.
    ///
    /// # Errors
    ///
    /// Where the disk does not do it. Files already written stay; the next run goes on from there.
    pub fn write(&self, directory: impl AsRef<Path>) -> Result<Changes> {
        let directory = directory.as_ref();
        let changes = self.compare(directory)?;
        for name in &changes.written {
            let path = directory.join(name);
            let parent = path.parent().unwrap_or(directory);
            fs::create_dir_all(parent).map_err(|error| Error::io(parent, &error))?;
            let new = path.with_extension("new");
            fs::write(&new, &self.files()[name]).map_err(|error| Error::io(&new, &error))?;
            fs::rename(&new, &path).map_err(|error| Error::io(&path, &error))?;
        }
        for name in &changes.removed {
            let path = directory.join(name);
            fs::remove_file(&path).map_err(|error| Error::io(&path, &error))?;
            // A folder without files goes too; one that still has some stays.
            let _ = path.parent().map(fs::remove_dir);
        }
        Ok(changes)
    }

    /// What [`write`](Traced::write) would do: nothing, where the directory is up to date.
    pub fn compare(&self, directory: impl AsRef<Path>) -> Result<Changes> {
        let directory = directory.as_ref();
        let written = self
            .files()
            .iter()
            .filter(|(name, text)| fs::read(directory.join(name)).ok().as_deref() != Some(text.as_bytes()))
            .map(|(name, _)| name.clone());
        let mut there = BTreeSet::new();
        if directory.is_dir() {
            list(directory, directory, &mut there)?;
        }
        let removed = there.into_iter().filter(|name| !self.files().contains_key(name));
        Ok(Changes {
            written: written.collect(),
            removed: removed.collect(),
        })
    }
}

fn list(root: &Path, directory: &Path, found: &mut BTreeSet<String>) -> Result<()> {
    let entries = fs::read_dir(directory).map_err(|error| Error::io(directory, &error))?;
    for entry in entries {
        let path: PathBuf = entry.map_err(|error| Error::io(directory, &error))?.path();
        if path.is_dir() {
            list(root, &path, found)?;
        } else if let Ok(name) = path.strip_prefix(root) {
            found.insert(name.to_string_lossy().into_owned());
        }
    }
    Ok(())
}
