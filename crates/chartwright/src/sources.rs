//! Which line of Rust wrote which part of an object: to show it where the two renderings differ.

use crate::weave;
use serde::Serialize;
use serde_json::Value as Json;
use std::panic::Location;

/// The lines that wrote one object.
#[derive(Clone, Debug)]
pub(crate) struct Sources {
    /// Where the object was added to the manifests.
    added_at: &'static Location<'static>,
    /// The path of every mark in it, and where what it stands for was taken from a value.
    marked: Vec<(String, &'static Location<'static>)>,
}

impl Sources {
    /// Those of an object that is about to be woven.
    pub(crate) fn of<T: Serialize>(object: &T, added_at: &'static Location<'static>) -> Self {
        let mut marked = Vec::new();
        // What does not serialise is the weaver's to say.
        collect(&serde_json::to_value(object).unwrap_or_default(), "", &mut marked);
        Self { added_at, marked }
    }

    /// `src/stack/server.rs:120`, of what is at a path such as `.spec.ports[0].port`: of the nearest thing around it,
    /// where it has no line of its own.
    pub(crate) fn line(&self, path: &str) -> String {
        let around = self.marked.iter().filter(|(at, _)| {
            let rest = path.strip_prefix(at.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        });
        let nearest = around.max_by_key(|(at, _)| at.len());
        let location = nearest.map_or(self.added_at, |(_, location)| location);
        format!("{}:{}", location.file(), location.line())
    }
}

fn collect(json: &Json, path: &str, marked: &mut Vec<(String, &'static Location<'static>)>) {
    match json {
        Json::Object(map) => map.iter().for_each(|(key, value)| {
            // Entries that a key's mark stands for are the map's own.
            marked.extend(weave::mark_in(&Json::String(key.clone())).map(|mark| (path.to_owned(), mark.made_at)));
            collect(value, &format!("{path}.{key}"), marked);
        }),
        Json::Array(items) => items.iter().enumerate().for_each(|(i, item)| {
            // A mark may stand for any number of items, so that the index says nothing of what comes after it.
            let splices = weave::mark_in(item).filter(|mark| mark.splice);
            marked.extend(splices.map(|mark| (path.to_owned(), mark.made_at)));
            collect(item, &format!("{path}[{i}]"), marked);
        }),
        leaf => marked.extend(weave::mark_in(leaf).map(|mark| {
            let above = path.rmatch_indices(['.', '[']).nth(mark.depth.saturating_sub(1));
            let root = match (mark.depth, above) {
                (0, _) => path,
                (_, Some((at, _))) => &path[..at],
                (_, None) => "",
            };
            (root.to_owned(), mark.made_at)
        })),
    }
}
