//! What the operations on values mean in Rust: one function each, used by [`Val`](crate::Val) and by the
//! evaluation of a trace. Helm's function of the same name is the reference.

use serde_json::Value as Json;
use sha2::{Digest, Sha256};

/// Whether Helm's `if` takes it for absent.
pub(crate) fn is_empty(json: &Json) -> bool {
    match json {
        Json::Null => true,
        Json::Bool(b) => !b,
        Json::Number(n) => n.as_f64() == Some(0.0),
        Json::String(s) => s.is_empty(),
        Json::Array(items) => items.is_empty(),
        Json::Object(map) => map.is_empty(),
    }
}

/// sprig's `trunc`, which counts bytes. Where that would cut a character in two, Helm writes broken
/// UTF-8; this leaves the character out. (Names are ASCII, by Kubernetes' own rules and by the schema.)
pub(crate) fn trunc(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes)]
}

/// sprig's `trimSuffix`: once, not repeatedly.
pub(crate) fn trim_suffix<'a>(text: &'a str, suffix: &str) -> &'a str {
    text.strip_suffix(suffix).unwrap_or(text)
}

/// Go's `urlquery`: a space is `+`, everything but letters, digits and `-_.~` is escaped.
pub(crate) fn url_query(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
            b' ' => "+".into(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

/// sprig's `sha256sum`: lower-case hexadecimal.
pub(crate) fn sha256(text: &str) -> String {
    Sha256::digest(text.as_bytes())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// Whether the Kubernetes `version` (`v1.33.1`) is `least` (`1.30`) or later, pre-releases included.
pub(crate) fn kube_at_least(version: &str, least: &str) -> bool {
    let number = |text: &str| -> Vec<u64> {
        let text = text.trim_start_matches('v');
        text.split(['.', '-', '+'])
            .map_while(|part| part.parse().ok())
            .take(3)
            .collect()
    };
    number(version) >= number(least)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_helm_does() {
        assert_eq!(trunc("abc", 63), "abc");
        assert_eq!(trunc("abc", 2), "ab");
        assert_eq!(trim_suffix("a--", "-"), "a-");
        assert_eq!(url_query("a b&c/ü~"), "a+b%26c%2F%C3%BC~");
        assert_eq!(&sha256("")[..8], "e3b0c442");
        assert!(kube_at_least("v1.33.1+k3s1", "1.30") && !kube_at_least("v1.29.14", "1.30"));
        assert!(kube_at_least("v1.30.0-rc.1", "1.30"));
    }
}
