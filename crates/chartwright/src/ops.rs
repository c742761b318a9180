//! What the operations on values mean in Rust: one function each, used by [`Val`](crate::Val) and by the
//! evaluation of a trace. Helm's function of the same name is the reference.

use regex_syntax::hir::{Class, Hir, HirKind, Look};
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
    kube_version(version) >= kube_version(least)
}

/// Whether the text is a version to Helm, which fills up with zeros what is left out: `1.30`, `v1.33.1-gke.100`.
pub(crate) fn is_kube_version(text: &str) -> bool {
    kube_version(text).is_some()
}

fn kube_version(text: &str) -> Option<[u64; 3]> {
    let text = text.strip_prefix('v').unwrap_or(text);
    let numbers = text.split(['-', '+']).next().unwrap_or_default();
    let mut version = [0; 3];
    for (i, number) in numbers.split('.').enumerate() {
        *version.get_mut(i)? = number.parse().ok()?;
    }
    Some(version)
}

/// Whether the pattern is found in the text: Go's `regexp` and Rust's `regex` agree on the patterns that
/// [`simple_pattern`] lets through.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    regex::Regex::new(pattern).is_ok_and(|regex| regex.is_match(text))
}

/// Why a pattern is none that means the same to Helm and to Rust: only ASCII characters, classes, groups, repetitions,
/// and the anchors `^` and `$` do.
pub(crate) fn simple_pattern(pattern: &str) -> Result<(), String> {
    let hir = regex_syntax::parse(pattern).map_err(|error| format!("no regular expression: {error}"))?;
    if !pattern.is_ascii() || pattern.contains("(?") {
        return Err("flags and characters other than ASCII mean different things to Helm and to Rust".into());
    }
    if !is_simple(&hir) {
        return Err(
            "`.`, `\\d`, `\\w`, `\\b` and negated classes mean different things to Helm and to Rust; name the characters, \
             `[a-z0-9]`"
                .into(),
        );
    }
    Ok(())
}

fn is_simple(hir: &Hir) -> bool {
    match hir.kind() {
        HirKind::Empty | HirKind::Literal(_) => true,
        HirKind::Class(Class::Unicode(class)) => class.is_ascii(),
        HirKind::Class(Class::Bytes(_)) => false,
        HirKind::Look(look) => matches!(look, Look::Start | Look::End),
        HirKind::Repetition(repetition) => is_simple(&repetition.sub),
        HirKind::Capture(capture) => is_simple(&capture.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().all(is_simple),
    }
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
        assert!(kube_at_least("v1.30.0-rc.1", "1.30") && kube_at_least("1.30", "1.30.0"));
        assert!(!is_kube_version("abc") && !is_kube_version("1.2.3.4") && !is_kube_version(""));
    }

    #[test]
    fn patterns_that_both_understand() {
        assert_eq!(simple_pattern("^([a-z]([-a-z0-9]*[a-z0-9])?|x{2,3})$"), Ok(()));
        assert!(matches("^[a-z]+$", "abc") && !matches("^[a-z]+$", "abc\n"));
        for pattern in ["\\d", "[^a]", "a.b", "(?i)a", "é", "\\ba", "(", "[[:^alpha:]]"] {
            assert!(simple_pattern(pattern).is_err(), "{pattern}");
        }
    }
}
