//! Text with actions in it: the notes, and what is said of refused values.

use super::code::{Scope, code, go_quote, plain};
use super::page::{Page, braces};
use crate::expr::Expr;
use crate::traced::Refusing;
use crate::tree::{Item, Tree};
use serde_json::Value as Json;

/// Messages are broken into lines of this length.
const WIDTH: usize = 100;

/// `validate.yaml`: renders nothing, and fails with all refusals at once.
///
/// Each message stands there as it is read, in a named template, for only that gives a text to fail with. The text is
/// trimmed, which takes nothing of a message: that ends in a word ([`woven`](crate::traced::woven) sees to it).
pub(crate) fn refusals(name: &str, refusals: &[Refusing]) -> String {
    let mut page = Page::template();
    let scope = Scope::default();
    page.line(0, "{{/*");
    page.line(
        0,
        "What no schema can say: combinations of values that cannot work. All of them are shown at once.",
    );
    page.line(0, "*/}}");
    page.line(0, &format!("{{{{- define {} -}}}}", go_quote(name)));
    for refusing in refusals {
        let condition = refusing.condition.settled();
        let message = refusing.message.knowing(&condition.facts(true));
        let lead = Expr::literal(format!("- {}: ", refusing.path));
        let parts = match message {
            Expr::Format(parts) => std::iter::once(lead).chain(parts).collect(),
            other => vec![lead, other],
        };
        page.directive(0, &format!("if {}", code(&condition, &scope)));
        page.line(0, &wrapped(&parts, &scope));
        page.directive(0, "end");
    }
    page.directive(0, "end");
    page.directive(0, &format!("with include {} . | trim", go_quote(name)));
    page.directive(0, "fail (print \"the values are refused:\\n\" .)");
    page.directive(0, "end");
    page.finish() + "\n"
}

/// `NOTES.txt`: the paragraphs, with an empty line between them.
pub(crate) fn notes(notes: &[Tree]) -> String {
    let mut page = Page::template();
    for note in notes {
        paragraph(note, &Scope::default(), &mut page);
    }
    page.finish().trim_start_matches('\n').to_owned() + "\n"
}

fn paragraph(tree: &Tree, scope: &Scope, page: &mut Page) {
    let parts = match tree {
        Tree::Choice(arms, last) => {
            let last = (**last != Tree::Absent).then_some(&**last);
            return page.choice(arms, last, None, 0, scope, &mut |page, arm, scope| {
                paragraph(arm, scope, page);
            });
        }
        Tree::List(items) => {
            return items.iter().for_each(|item| match item {
                Item::One(tree) | Item::Splice(tree) => paragraph(tree, scope, page),
            });
        }
        Tree::Literal(json) => vec![Expr::Literal(json.clone())],
        Tree::Dynamic(Expr::Format(parts)) => parts.clone(),
        Tree::Dynamic(expr) => vec![expr.clone()],
        _ => return,
    };
    page.line(0, "");
    page.line(0, &words(&parts, scope).join(" "));
}

/// A text broken into lines, which is still one line where it is rendered.
fn wrapped(parts: &[Expr], scope: &Scope) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    for (i, word) in words(parts, scope).into_iter().enumerate() {
        // White space before an action that trims would be lost.
        if line.len() + 1 + word.len() > WIDTH && !line.ends_with(char::is_whitespace) && i > 0 {
            lines.push(std::mem::replace(&mut line, format!("  {{{{- \" \" }}}}{word}")));
            continue;
        }
        if i > 0 {
            line.push(' ');
        }
        line.push_str(&word);
    }
    lines.push(line);
    lines.join("\n")
}

/// A text cut at the spaces of its constants.
fn words(parts: &[Expr], scope: &Scope) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    for part in parts {
        match part {
            Expr::Literal(Json::String(text)) => {
                for (i, more) in text.split(' ').enumerate() {
                    if i > 0 {
                        words.push(std::mem::take(&mut word));
                    }
                    word.push_str(&braces(more));
                }
            }
            value => {
                // `{{{` would be the beginning of an action and no text.
                if word.ends_with('{') {
                    word.pop();
                    word.push_str("{{ \"{\" }}");
                }
                word.push_str(&format!("{{{{ {} }}}}", plain(value, scope)));
            }
        }
    }
    words.push(word);
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shape::Shape;

    fn value() -> Expr {
        Expr::Known {
            name: "Release.Name",
            shape: Shape::Text,
        }
    }

    #[test]
    fn a_brace_is_no_part_of_an_action() {
        let parts = [Expr::literal("{{ {"), value(), Expr::literal("}")];
        assert_eq!(
            words(&parts, &Scope::default()).join(" "),
            "{{ \"{{\" }} {{ \"{\" }}{{ .Release.Name }}}"
        );
    }

    #[test]
    fn white_space_survives_the_breaks() {
        let long = "x".repeat(WIDTH);
        let parts = [Expr::literal(format!("- a: {long}  b "))];
        assert_eq!(
            wrapped(&parts, &Scope::default()),
            format!("- a:\n  {{{{- \" \" }}}}{long}\n  {{{{- \" \" }}}} b ")
        );
    }
}
