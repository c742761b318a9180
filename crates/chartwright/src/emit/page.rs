//! A page of a template: lines, and the directives between them.

use super::code::{Scope, code};
use crate::expr::Expr;

/// Lines longer than this are broken where a template allows it.
const WIDTH: usize = 116;

/// What is being written, line by line.
#[derive(Default)]
pub(crate) struct Page {
    pub lines: Vec<String>,
    is_template: bool,
}

impl Page {
    pub(crate) fn template() -> Self {
        Self {
            is_template: true,
            ..Self::default()
        }
    }

    /// The whole text, without a newline at its end.
    pub(crate) fn finish(self) -> String {
        self.lines.join("\n")
    }

    /// A constant text as it has to stand on this page.
    pub(crate) fn text(&self, text: &str) -> String {
        if self.is_template { braces(text) } else { text.into() }
    }

    pub(crate) fn line(&mut self, indent: usize, text: &str) {
        self.lines.push(format!("{:indent$}{text}", ""));
    }

    /// One action, over several lines where it is long.
    pub(crate) fn directive(&mut self, indent: usize, action: &str) {
        self.broken(indent, &format!("{{{{- {action} }}}}"));
    }

    /// A line with an action in it; a long one goes over several lines, broken before arguments.
    pub(crate) fn broken(&mut self, indent: usize, line: &str) {
        let mut rest = line;
        let mut margin = indent;
        while margin + rest.len() > WIDTH {
            let Some(at) = break_before(rest, WIDTH - margin, margin > indent) else {
                break;
            };
            self.line(margin, rest[..at].trim_end());
            rest = rest[at..].trim_start();
            margin = indent + 4;
        }
        self.line(margin, rest);
    }

    /// The first arm whose condition holds, or else the last: `if`, `else if`, `else`, `end`.
    ///
    /// Where there is one arm, and its condition is that there is something in `with`, that becomes the dot in it; what
    /// follows an `else` has the dot of before.
    pub(crate) fn choice<T>(
        &mut self,
        arms: &[(Expr, T)],
        last: Option<&T>,
        with: Option<&Expr>,
        indent: usize,
        scope: &Scope,
        write: &mut dyn FnMut(&mut Self, &T, &Scope),
    ) {
        for (i, (condition, arm)) in arms.iter().enumerate() {
            if let Some(tested) = with {
                self.directive(indent, &format!("with {}", code(tested, scope)));
                write(self, arm, &scope.with(tested));
                continue;
            }
            let word = if i == 0 { "if" } else { "else if" };
            self.directive(indent, &format!("{word} {}", code(condition, scope)));
            write(self, arm, scope);
        }
        if let Some(last) = last {
            self.directive(indent, "else");
            write(self, last, scope);
        }
        self.directive(indent, "end");
    }
}

/// Where a long action can go on in the next line: at the last space within `width` that is in the fewest parentheses,
/// outside strings.
fn break_before(text: &str, width: usize, mut inside: bool) -> Option<usize> {
    let (mut quoted, mut escaped, mut depth) = (false, false, 0usize);
    let mut best: Option<(usize, usize)> = None;
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ if quoted => {}
            '{' if text[at..].starts_with("{{") => inside = true,
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            ' ' if inside && at > 12 && !text[at..].starts_with(" }}") => {
                if at > width && best.is_some() {
                    break;
                }
                if best.is_none_or(|(least, _)| depth <= least) {
                    best = Some((depth, at));
                }
            }
            _ => {}
        }
    }
    best.map(|(_, at)| at)
}

/// Text with braces that a template engine would take for its own.
pub(crate) fn braces(text: &str) -> String {
    text.replace("{{", "{{ \"{{\" }}")
}
