//! Named templates that give a text: what depends on a condition is written with `if`, as a person would.

use super::code::{Scope, code, go_quote, plain};
use super::page::Page;
use crate::expr::{Expr, Op};
use crate::shape::Shape;
use serde_json::Value as Json;

/// A `printf` with more arguments than this, or a longer text in it, reads best as text with actions in it.
const FEW: usize = 3;
const WIDTH: usize = 100;

/// The body of a named template that gives what `expr` is.
///
/// Every action trims the white space before it, so that the lines run together.
pub(crate) fn body(expr: &Expr) -> String {
    let mut scope = Scope::default();
    let mut page = Page::template();
    for name in used_often(expr) {
        let include = Expr::Include { name: name.clone() };
        let variable = name.rsplit('.').next().unwrap_or_default().to_owned();
        page.directive(0, &format!("${variable} := {}", code(&include, &scope)));
        scope.variables.push((include, variable));
    }
    write(&said(expr), &scope, &mut page);
    page.finish()
}

/// Named templates that are called so often that a variable is easier to read.
fn used_often(expr: &Expr) -> Vec<String> {
    let mut calls: std::collections::BTreeMap<String, usize> = std::collections::BTreeMap::new();
    expr.walk(&mut |part| {
        if let Expr::Include { name } = part {
            *calls.entry(name.clone()).or_default() += 1;
        }
    });
    calls
        .into_iter()
        .filter(|(_, count)| *count > FEW)
        .map(|(name, _)| name)
        .collect()
}

/// A text as statements.
#[derive(Clone, PartialEq)]
enum Said {
    /// One action.
    Action(Expr),
    /// One after the other.
    Sequence(Vec<Said>),
    /// The first whose condition holds, or else the last.
    Choice(Vec<(Expr, Said)>, Box<Said>),
}

impl Said {
    fn nothing() -> Self {
        Self::Sequence(Vec::new())
    }

    fn is_choice(&self) -> bool {
        match self {
            Self::Action(_) => false,
            Self::Sequence(parts) => parts.iter().any(Self::is_choice),
            Self::Choice(..) => true,
        }
    }

    /// The same with an operation on each action; none where a text is put together from several.
    fn mapped(&self, operation: &impl Fn(Expr) -> Expr) -> Option<Self> {
        match self {
            Self::Action(expr) => Some(Self::Action(operation(expr.clone()))),
            Self::Sequence(_) => None,
            Self::Choice(arms, last) => {
                let arms = arms
                    .iter()
                    .map(|(condition, arm)| Some((condition.clone(), arm.mapped(operation)?)));
                Some(Self::Choice(
                    arms.collect::<Option<_>>()?,
                    Box::new(last.mapped(operation)?),
                ))
            }
        }
    }
}

fn said(expr: &Expr) -> Said {
    match expr {
        Expr::Literal(Json::String(text)) if text.is_empty() => Said::nothing(),
        Expr::Call(Op::Ternary, parts) => {
            let [yes, no, condition] = parts.as_slice() else {
                return Said::Action(expr.clone());
            };
            choice(
                condition,
                said(&yes.assuming(condition, true)),
                said(&no.assuming(condition, false)),
            )
        }
        Expr::Call(Op::Default, parts) => {
            let default = said(&parts[1]);
            if !default.is_choice() {
                return Said::Action(expr.clone());
            }
            let own = parts[0].as_ref().clone();
            choice(&Expr::call(Op::NotEmpty, [own.clone()]), Said::Action(own), default)
        }
        Expr::Call(op @ (Op::Trunc | Op::TrimSuffix | Op::Replace | Op::Lower | Op::UrlQuery | Op::Sha256), parts) => {
            let inner = said(&parts[0]);
            let operation = |first: Expr| {
                let rest = parts[1..].iter().map(|part| part.as_ref().clone());
                Expr::call(*op, std::iter::once(first).chain(rest))
            };
            match inner.is_choice().then(|| inner.mapped(&operation)).flatten() {
                Some(choice) => choice,
                None => Said::Action(expr.clone()),
            }
        }
        Expr::Format(parts) => sequence(parts).unwrap_or_else(|| Said::Action(expr.clone())),
        other => Said::Action(other.clone()),
    }
}

fn choice(condition: &Expr, yes: Said, no: Said) -> Said {
    let mut arms = vec![(condition.clone(), yes)];
    match no {
        Said::Choice(more, last) => {
            arms.extend(more);
            Said::Choice(arms, last)
        }
        last => Said::Choice(arms, Box::new(last)),
    }
}

/// Parts that run together, where one of them is a choice.
fn sequence(parts: &[Expr]) -> Option<Said> {
    let mut all: Vec<Said> = Vec::new();
    let mut fixed: Vec<Expr> = Vec::new();
    let run = |fixed: &mut Vec<Expr>, all: &mut Vec<Said>| match fixed.as_slice() {
        [] => {}
        [Expr::Literal(_)] => all.push(Said::Action(fixed.remove(0))),
        [only] if only.shape() == Shape::Text => all.push(Said::Action(fixed.remove(0))),
        _ => all.push(Said::Action(Expr::Format(std::mem::take(fixed)))),
    };
    for part in parts {
        let part = said(part);
        match part {
            Said::Action(expr) => fixed.push(expr),
            other => {
                run(&mut fixed, &mut all);
                all.push(other);
            }
        }
    }
    run(&mut fixed, &mut all);
    all.iter().any(Said::is_choice).then_some(Said::Sequence(all))
}

fn write(said: &Said, scope: &Scope, page: &mut Page) {
    match said {
        Said::Action(Expr::Format(parts)) => format(parts, scope, page),
        Said::Action(expr) => page.directive(0, &plain(expr, scope)),
        Said::Sequence(parts) => parts.iter().for_each(|part| write(part, scope, page)),
        Said::Choice(arms, last) => {
            let with = match arms.as_slice() {
                [(Expr::Call(Op::NotEmpty, tested), _)] => Some(tested[0].as_ref()),
                _ => None,
            };
            let last = (**last != Said::nothing()).then_some(&**last);
            page.choice(arms, last, with, 0, scope, &mut |page, arm, scope| {
                write(arm, scope, page)
            });
        }
    }
}

/// Constants and values run together: a `printf`, or text with actions in it.
fn format(parts: &[Expr], scope: &Scope, page: &mut Page) {
    let arguments = parts.iter().filter(|part| !matches!(part, Expr::Literal(_))).count();
    let longest = parts.iter().map(|part| constant(part).map_or(0, str::len)).max();
    if arguments <= FEW && longest.unwrap_or_default() <= WIDTH {
        return page.directive(0, &plain(&Expr::Format(parts.to_vec()), scope));
    }
    // A line ends after a comma: what is between two of them is one thing.
    let mut groups: Vec<Vec<Token<'_>>> = vec![Vec::new()];
    for part in parts {
        let tokens = match constant(part) {
            Some(text) => text.split_inclusive([',', ' ']).map(Token::Text).collect(),
            None => vec![Token::Action(plain(part, scope))],
        };
        for token in tokens {
            let ends = matches!(token, Token::Text(text) if text.ends_with([',', ' ']));
            if let Some(group) = groups.last_mut() {
                group.push(token);
            }
            if ends {
                groups.push(Vec::new());
            }
        }
    }
    let mut line: Vec<Token<'_>> = Vec::new();
    for group in groups {
        let longer = line.iter().cloned().chain(group.iter().cloned()).collect::<Vec<_>>();
        if line.is_empty() || written(&longer).len() <= WIDTH {
            line = longer;
        } else {
            page.line(0, &written(&line));
            line = group;
        }
    }
    if !line.is_empty() {
        page.line(0, &written(&line));
    }
}

/// A part of a line.
#[derive(Clone)]
enum Token<'a> {
    Text(&'a str),
    Action(String),
}

/// One line: it begins with an action, which trims what is before it; text in quotes keeps its white space.
fn written(tokens: &[Token<'_>]) -> String {
    let mut line = String::new();
    let mut text = String::new();
    let flush = |text: &mut String, line: &mut String| {
        if line.is_empty() && !text.is_empty() {
            line.push_str(&format!("{{{{- {} }}}}", go_quote(text)));
        } else if is_plain(text) {
            line.push_str(text);
        } else if !text.is_empty() {
            line.push_str(&format!("{{{{ {} }}}}", go_quote(text)));
        }
        text.clear();
    };
    for token in tokens {
        match token {
            Token::Text(part) => text.push_str(part),
            Token::Action(action) => {
                flush(&mut text, &mut line);
                let trim = if line.is_empty() { "-" } else { "" };
                line.push_str(&format!("{{{{{trim} {action} }}}}"));
            }
        }
    }
    flush(&mut text, &mut line);
    line
}

fn constant(part: &Expr) -> Option<&str> {
    match part {
        Expr::Literal(Json::String(text)) => Some(text),
        _ => None,
    }
}

fn is_plain(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_graphic() && c != '{' && c != '}')
}
