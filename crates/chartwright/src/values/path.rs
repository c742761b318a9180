//! Paths of values: JSON pointers (`/server/hosts/0`) inside, and as people write them (`server.hosts[0]`) outside.

use serde_json::Value;

/// A JSON pointer the way people write a path; a key that is no plain name is in brackets: `labels["app.io/name"]`.
pub(crate) fn dotted(pointer: &str) -> String {
    let mut path = String::new();
    for name in segments(pointer) {
        let plain = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
        if !path.is_empty() && name.bytes().all(|b| b.is_ascii_digit()) && !name.is_empty() {
            path.push_str(&format!("[{name}]"));
        } else if name.is_empty() || !name.chars().all(plain) {
            path.push_str(&format!("[{name:?}]"));
        } else {
            path.push_str(if path.is_empty() { "" } else { "." });
            path.push_str(&name);
        }
    }
    path
}

/// The JSON pointer of a path of plain names: `server.replicas`.
pub(crate) fn pointer(path: &str) -> String {
    path.split('.').map(|name| format!("/{name}")).collect()
}

/// What is at the path of a setting, name by name.
pub(crate) fn at<'a>(values: &'a Value, path: &[String]) -> Option<&'a Value> {
    path.iter().try_fold(values, |values, name| values.get(name))
}

/// The pointer of a key of the map at a pointer.
pub(crate) fn below(pointer: &str, key: &str) -> String {
    format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"))
}

/// The keys and indexes of a pointer.
pub(crate) fn segments(pointer: &str) -> impl Iterator<Item = String> {
    pointer
        .split('/')
        .skip(1)
        .map(|segment| segment.replace("~1", "/").replace("~0", "~"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_as_people_write_them() {
        let check = |pointer: &str, path: &str| assert_eq!(dotted(pointer), path);
        check("", "");
        check("/server/hosts/0", "server.hosts[0]");
        check("/server/podLabels/app.io~1name", "server.podLabels[\"app.io/name\"]");
        check(&below("/a", "b/c"), "a[\"b/c\"]");
        check(&pointer("server.replicas"), "server.replicas");
    }
}
