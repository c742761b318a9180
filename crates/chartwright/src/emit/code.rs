//! Expressions as Go templates. Together with the rest of `emit`, the only place that knows Helm's traps.

use crate::expr::{Expr, Op};
use crate::shape::Shape;
use serde_json::Value as Json;
use std::fmt::Write;

/// Where in a template an expression stands.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scope {
    /// What `.` is, inside a `with`.
    pub dot: Option<Expr>,
    /// Whether `.` is something else than the root, which is then `$`.
    pub inside: bool,
    /// Expressions that have a variable, and its name without the `$`.
    pub variables: Vec<(Expr, String)>,
}

impl Scope {
    /// Inside a `with` of the expression; variables are still there.
    pub(crate) fn with(&self, expr: &Expr) -> Self {
        Self {
            dot: Some(expr.clone()),
            ..self.range()
        }
    }

    /// Inside a `range`.
    pub(crate) fn range(&self) -> Self {
        Self {
            dot: None,
            inside: true,
            variables: self.variables.clone(),
        }
    }

    fn root(&self) -> &'static str {
        if self.inside { "$" } else { "" }
    }
}

/// The text between the braces for a scalar that is written into YAML: any string survives, no integer becomes
/// `1e+06`.
pub(crate) fn scalar(expr: &Expr, scope: &Scope) -> String {
    match expr.shape() {
        Shape::Text => format!("{} | quote", code(expr, scope)).replace(" | toString | quote", " | quote"),
        Shape::Int => number(expr, scope),
        Shape::Bool => code(expr, scope),
        Shape::Float | Shape::Scalar | Shape::List | Shape::Map => format!("toJson {}", argument(expr, scope)),
    }
}

/// The text between the braces where it is printed as it is, in notes and messages.
pub(crate) fn plain(expr: &Expr, scope: &Scope) -> String {
    match expr {
        // An integer in a text of its own is printed like any other.
        Expr::Format(parts) if matches!(parts.as_slice(), [only] if only.shape() == Shape::Int) => {
            number(&parts[0], scope)
        }
        _ if expr.shape() == Shape::Int => number(expr, scope),
        _ => code(expr, scope),
    }
}

/// An integer, which Helm reads as a float.
fn number(expr: &Expr, scope: &Scope) -> String {
    match expr {
        Expr::Value { .. } | Expr::Item { .. } => format!("int64 {}", code(expr, scope)),
        _ => code(expr, scope),
    }
}

fn number_argument(expr: &Expr, scope: &Scope) -> String {
    in_parentheses(number(expr, scope))
}

/// An expression as an argument: in parentheses where it needs them.
pub(crate) fn argument(expr: &Expr, scope: &Scope) -> String {
    in_parentheses(code(expr, scope))
}

fn in_parentheses(code: String) -> String {
    let simple = code.starts_with('"') && !code.contains(" | ") || !code.contains(' ');
    if simple { code } else { format!("({code})") }
}

/// An expression as a pipeline.
pub(crate) fn code(expr: &Expr, scope: &Scope) -> String {
    if scope.dot.as_ref() == Some(expr) {
        return ".".into();
    }
    if let Some((_, name)) = scope.variables.iter().find(|(known, _)| known == expr) {
        return format!("${name}");
    }
    match expr {
        Expr::Value { path, .. } => format!("{}.Values.{}", scope.root(), path.join(".")),
        Expr::Item { var, path, .. } => {
            let mut code = format!("${var}");
            for name in path {
                let _ = write!(code, ".{name}");
            }
            code
        }
        Expr::Known { name, .. } => format!("{}.{name}", scope.root()),
        Expr::Literal(Json::String(text)) => go_quote(text),
        Expr::Literal(json) => json.to_string(),
        Expr::Include { name } => format!("include \"{name}\" {}", if scope.inside { "$" } else { "." }),
        Expr::Format(parts) => format(parts, scope),
        Expr::Call(op, arguments) => call(*op, arguments, scope),
    }
}

fn format(parts: &[Expr], scope: &Scope) -> String {
    if let [only] = parts
        && only.shape() == Shape::Int
    {
        return format!("{} | toString", number(only, scope));
    }
    let mut pattern = String::new();
    let mut arguments = String::new();
    for part in parts {
        match part {
            Expr::Literal(Json::String(text)) => pattern.push_str(&text.replace('%', "%%")),
            _ if part.shape() == Shape::Int => {
                pattern.push_str("%d");
                let _ = write!(arguments, " {}", number_argument(part, scope));
            }
            _ => {
                pattern.push_str(if part.shape() == Shape::Text { "%s" } else { "%v" });
                let _ = write!(arguments, " {}", argument(part, scope));
            }
        }
    }
    format!("printf {}{arguments}", go_quote(&pattern))
}

fn call(op: Op, arguments: &[std::sync::Arc<Expr>], scope: &Scope) -> String {
    let arg = |i: usize| argument(&arguments[i], scope);
    let spaced = |name: &str| {
        let list: Vec<String> = arguments.iter().map(|expr| argument(expr, scope)).collect();
        format!("{name} {}", list.join(" "))
    };
    let numbers = |name: &str| {
        let list: Vec<String> = arguments.iter().map(|expr| number_argument(expr, scope)).collect();
        format!("{name} {}", list.join(" "))
    };
    let piped = |rest: String| format!("{} | {rest}", code(&arguments[0], scope));
    match op {
        Op::Not => negation(&arguments[0], scope).unwrap_or_else(|| spaced("not")),
        Op::And => spaced("and"),
        Op::Or => spaced("or"),
        Op::IsSet => format!("ne {} nil", arg(0)),
        Op::NotEmpty => code(&arguments[0], scope),
        Op::Equals if arguments[0].shape() == Shape::Int => numbers("eq"),
        Op::Equals => spaced("eq"),
        Op::Greater => numbers("gt"),
        Op::Less => numbers("lt"),
        // These cast by themselves.
        Op::Add => sum(arguments, scope),
        Op::Sub => spaced("sub"),
        Op::Mul => spaced("mul"),
        Op::Max => spaced("max"),
        Op::Min => spaced("min"),
        Op::Trunc => piped(format!("trunc {}", arg(1))),
        Op::TrimSuffix => piped(format!("trimSuffix {}", arg(1))),
        Op::Replace => piped(format!("replace {} {}", arg(1), arg(2))),
        Op::Lower => piped("lower".into()),
        Op::Contains => format!("contains {} {}", arg(1), arg(0)),
        Op::Matches => format!("regexMatch {} {}", arg(1), arg(0)),
        Op::UrlQuery => piped("urlquery".into()),
        Op::Sha256 => piped("sha256sum".into()),
        Op::Join => format!("join {} {}", arg(1), arg(0)),
        Op::Default => piped(format!("default {}", arg(1))),
        Op::Ternary => {
            let one = |i: usize| match arguments[i].shape() {
                Shape::Int => number_argument(&arguments[i], scope),
                _ => arg(i),
            };
            format!("ternary {} {} {}", one(0), one(1), boolean(&arguments[2], scope))
        }
        Op::KubeAtLeast => {
            let least = arguments[1].literal_text();
            format!("semverCompare \">={least}-0\" {}", arg(0))
        }
        Op::Serves => format!("{}.Has {}", arg(0), arg(1)),
        Op::Number => piped("int64".into()),
    }
}

/// What is not equal is `ne`, and what is not set is `eq … nil`.
fn negation(expr: &Expr, scope: &Scope) -> Option<String> {
    match expr {
        Expr::Call(Op::Equals, sides) => {
            let equal = call(Op::Equals, sides, scope);
            equal.strip_prefix("eq ").map(|sides| format!("ne {sides}"))
        }
        Expr::Call(Op::IsSet, tested) => Some(format!("eq {} nil", argument(&tested[0], scope))),
        _ => None,
    }
}

/// A sum of sums is one `add`, and its constants are one number.
fn sum(parts: &[std::sync::Arc<Expr>], scope: &Scope) -> String {
    fn collect<'a>(parts: &'a [std::sync::Arc<Expr>], terms: &mut Vec<&'a Expr>, constant: &mut i64) {
        for part in parts {
            match &**part {
                Expr::Call(Op::Add, inner) => collect(inner, terms, constant),
                Expr::Literal(Json::Number(number)) => {
                    *constant = constant.saturating_add(number.as_i64().unwrap_or_default());
                }
                term => terms.push(term),
            }
        }
    }
    let (mut terms, mut constant) = (Vec::new(), 0);
    collect(parts, &mut terms, &mut constant);
    let mut code = String::from("add");
    for term in terms {
        let _ = write!(code, " {}", argument(term, scope));
    }
    if constant != 0 {
        let _ = write!(code, " {constant}");
    }
    code
}

/// A condition that is exactly a boolean, which `ternary` insists on.
fn boolean(expr: &Expr, scope: &Scope) -> String {
    match expr {
        Expr::Call(Op::NotEmpty, inner) => format!("(not (empty {}))", argument(&inner[0], scope)),
        Expr::Call(Op::And | Op::Or, parts)
            if parts.iter().any(|part| matches!(**part, Expr::Call(Op::NotEmpty, _))) =>
        {
            format!("(not (not {}))", argument(expr, scope))
        }
        _ => argument(expr, scope),
    }
}

/// A boolean that is written into YAML.
pub(crate) fn boolean_scalar(expr: &Expr, scope: &Scope) -> String {
    let code = boolean(expr, scope);
    match code.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        Some(inner) => inner.into(),
        None => code,
    }
}

impl Expr {
    fn literal_text(&self) -> &str {
        match self {
            Self::Literal(Json::String(text)) => text,
            _ => "",
        }
    }
}

/// A Go string literal, which is also a YAML double-quoted string.
pub(crate) fn go_quote(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            c if (c as u32) < 0x20 || c as u32 == 0x7f => {
                let _ = write!(quoted, "\\x{:02x}", c as u32);
            }
            '\u{80}'..='\u{a0}'
            | '\u{ad}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202f}'
            | '\u{feff}'
            | '\u{fffe}'
            | '\u{ffff}' => {
                let _ = write!(quoted, "\\u{:04x}", c as u32);
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}
