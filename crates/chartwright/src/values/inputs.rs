//! All that a user says about values, in the order in which Helm takes it.

use serde_json::{Map, Value};

use super::error::{Place, ValuesError};
use super::merge::merge_files;
use super::read::{Document, read};
use super::set::{Flag, set};

/// The values files and flags of one `helm install`.
///
/// The order within a field is the user's. Between the fields it is Helm's, wherever the flags
/// stood on the command line: files, then `--set-json`, `--set`, `--set-string`, `--set-file`,
/// `--set-literal`; what comes later wins.
#[derive(Clone, Debug, Default)]
pub struct Inputs {
    /// The files of `-f`: name and text.
    pub files: Vec<(String, String)>,
    /// The arguments of `--set-json`.
    pub set_json: Vec<String>,
    /// The arguments of `--set`.
    pub set: Vec<String>,
    /// The arguments of `--set-string`.
    pub set_string: Vec<String>,
    /// The arguments of `--set-file`; the files that they name are read from the disk.
    pub set_file: Vec<String>,
    /// The arguments of `--set-literal`.
    pub set_literal: Vec<String>,
}

impl Inputs {
    /// One file and no flags: its name, for errors, and its text.
    pub fn file(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            files: vec![(name.into(), text.into())],
            ..Self::default()
        }
    }
}

/// What a user's files and flags come to, before it goes over a chart's defaults.
#[derive(Clone, Debug)]
pub struct UserValues {
    /// The values, always a JSON object.
    pub value: Value,
    origins: Vec<Origin>,
}

/// Where values come from.
#[derive(Clone, Debug)]
enum Origin {
    File(String, Document),
    /// What the flag alone would say.
    Flag(Place, Value),
}

impl Inputs {
    /// Reads and merges everything. The first thing that is wrong ends it.
    pub fn read(&self) -> Result<UserValues, ValuesError> {
        let mut value = Value::Object(Map::new());
        let mut origins = Vec::new();
        for (name, text) in &self.files {
            let document = read(text, name)?;
            value = merge_files(value, document.value.clone());
            origins.push(Origin::File(name.clone(), document));
        }
        let flags = [
            (Flag::SetJson, &self.set_json),
            (Flag::Set, &self.set),
            (Flag::SetString, &self.set_string),
            (Flag::SetFile, &self.set_file),
            (Flag::SetLiteral, &self.set_literal),
        ];
        for (flag, arguments) in flags {
            for argument in arguments {
                value = set(value, flag, argument)?;
                let alone = set(Value::Null, flag, argument).unwrap_or_default();
                origins.push(Origin::Flag(flag.place(argument), alone));
            }
        }
        Ok(UserValues { value, origins })
    }
}

impl UserValues {
    /// The file, line and column, or the flag, that the value at a JSON pointer comes from; where the user does not
    /// give it, the nearest map or list around it that the user wrote.
    ///
    /// `None` where the user says nothing of it: it comes from the chart's defaults.
    pub fn locate(&self, pointer: &str) -> Option<Place> {
        self.find(pointer, Document::locate).or_else(|| self.around(pointer))
    }

    /// As [`locate`](UserValues::locate), but where the key is that the value has in its map.
    pub fn locate_key(&self, pointer: &str) -> Option<Place> {
        self.find(pointer, Document::locate_key)
            .or_else(|| self.around(pointer))
    }

    /// The nearest one above that the user wrote; the whole file is none.
    fn around(&self, pointer: &str) -> Option<Place> {
        let (above, _) = pointer.rsplit_once('/').filter(|(above, _)| !above.is_empty())?;
        self.find(above, Document::locate_key).or_else(|| self.around(above))
    }

    fn find(&self, pointer: &str, position: impl Fn(&Document, &str) -> Option<super::Position>) -> Option<Place> {
        let value = self.value.pointer(pointer)?;
        // The last one that has the very value; a map may have been merged from several.
        self.origins.iter().rev().find_map(|origin| {
            let whole = match origin {
                Origin::File(_, document) => &document.value,
                Origin::Flag(_, alone) => alone,
            };
            let here = whole.pointer(pointer)?;
            if here != value && !(here.is_object() && value.is_object()) {
                return None;
            }
            match origin {
                Origin::File(name, document) => Some(Place {
                    source: name.clone(),
                    position: Some(position(document, pointer)?),
                }),
                Origin::Flag(place, _) => Some(place.clone()),
            }
        })
    }
}
