//! A text that a pattern matches, to show what is meant by it.

use regex_syntax::hir::{Class, ClassUnicode, Hir, HirKind};

/// A short text that the pattern matches and that is not empty; `None` where none is found.
pub(crate) fn matching(pattern: &str) -> Option<String> {
    let hir = regex_syntax::parse(pattern).ok()?;
    [false, true].into_iter().find_map(|generous| {
        let mut text = String::new();
        write(&hir, generous, &mut text);
        let matches = regex::Regex::new(pattern).is_ok_and(|regex| regex.is_match(&text));
        (matches && !text.is_empty()).then_some(text)
    })
}

/// Writes the least that matches; or, where that is `generous`, what is optional too.
fn write(hir: &Hir, generous: bool, text: &mut String) {
    match hir.kind() {
        HirKind::Literal(literal) => text.push_str(&String::from_utf8_lossy(&literal.0)),
        HirKind::Class(Class::Unicode(class)) => text.extend(likely(class, text.chars().count())),
        HirKind::Repetition(repetition) => {
            let least = if generous {
                repetition.min.max(1)
            } else {
                repetition.min
            };
            for _ in 0..repetition.max.map_or(least, |most| least.min(most)) {
                write(&repetition.sub, generous, text);
            }
        }
        HirKind::Capture(capture) => write(&capture.sub, generous, text),
        HirKind::Concat(parts) => parts.iter().for_each(|part| write(part, generous, text)),
        HirKind::Alternation(parts) => {
            if let Some(first) = parts.first() {
                write(first, generous, text);
            }
        }
        _ => {}
    }
}

/// A letter or digit of the class: those that come to mind first.
fn likely(class: &ClassUnicode, at: usize) -> Option<char> {
    let has = |c: &char| {
        class
            .ranges()
            .iter()
            .any(|range| (range.start()..=range.end()).contains(c))
    };
    let letters = "abcdefghijklmnopqrstuvwxyz";
    let from = letters.chars().cycle().skip(at % letters.len()).take(letters.len());
    from.chain("1234567890".chars())
        .find(has)
        .or_else(|| class.ranges().first().map(|range| range.start()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn examples_are_short_and_match() {
        let check = |pattern: &str, expected: Option<&str>| {
            assert_eq!(matching(pattern).as_deref(), expected, "{pattern}");
        };
        check("^([a-z]([-a-z0-9]*[a-z0-9])?)?$", Some("abc"));
        check("^[1-9][0-9]{0,8}(Ki|Mi)?$", Some("1"));
        check("^(s3://[a-z][a-z.]{1,3})?$", Some("s3://fg"));
        check("^$", None);
        check("^[é]$", Some("é"));
    }
}
