//! All that a user says about values, in the order in which Helm takes it.

use serde_json::{Map, Value};

use super::error::{Position, ValuesError};
use super::merge::merge_files;
use super::read::{Document, read};
use super::set::{Flag, set};

/// The values files and flags of one `helm install`.
///
/// The order within a field is the user's. Between the fields it is Helm's, wherever the flags
/// stood on the command line: files, then `--set-json`, `--set`, `--set-string`, `--set-literal`;
/// what comes later wins.
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
    /// The arguments of `--set-literal`.
    pub set_literal: Vec<String>,
}

/// What a user's files and flags come to, before it goes over a chart's defaults.
#[derive(Clone, Debug)]
pub struct UserValues {
    /// The values, always a JSON object.
    pub value: Value,
    documents: Vec<(String, Document)>,
}

impl Inputs {
    /// Reads and merges everything. The first thing that is wrong ends it.
    pub fn read(&self) -> Result<UserValues, ValuesError> {
        let mut value = Value::Object(Map::new());
        let mut documents = Vec::new();
        for (name, text) in &self.files {
            let document = read(text, name)?;
            value = merge_files(value, document.value.clone());
            documents.push((name.clone(), document));
        }
        let flags = [
            (Flag::SetJson, &self.set_json),
            (Flag::Set, &self.set),
            (Flag::SetString, &self.set_string),
            (Flag::SetLiteral, &self.set_literal),
        ];
        for (flag, arguments) in flags {
            for argument in arguments {
                value = set(value, flag, argument)?;
            }
        }
        Ok(UserValues { value, documents })
    }
}

impl UserValues {
    /// The file, line and column that the value at a JSON pointer comes from.
    ///
    /// `None` where no file has it: it comes from a flag or from the chart's defaults.
    pub fn locate(&self, pointer: &str) -> Option<(&str, Position)> {
        let value = self.value.pointer(pointer)?;
        // The last file that has the very value; a map may have been merged from several.
        self.documents.iter().rev().find_map(|(name, document)| {
            let here = document.value.pointer(pointer)?;
            let same = here == value || here.is_object() && value.is_object();
            Some((name.as_str(), document.locate(pointer).filter(|_| same)?))
        })
    }
}
