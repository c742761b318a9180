//! Expressions over what Helm knows at install time, and what each of them means natively.

use crate::ops;
use crate::shape::Shape;
use serde_json::Value as Json;
use std::sync::Arc;

/// An expression: the symbolic half of a [`Val`](crate::Val).
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Expr {
    /// `.Values.a.b`
    Value { path: Vec<String>, shape: Shape },
    /// The item (or a field of it) that a `range` is at: `$host.name`.
    Item {
        var: String,
        path: Vec<String>,
        shape: Shape,
    },
    /// What Helm knows besides the values: `.Release.Name`, `.Chart.Name`, …
    Known { name: &'static str, shape: Shape },
    /// A constant.
    Literal(Json),
    /// A named template that gives a string: `include "mlflow.fullname" .`
    Include { name: String },
    /// Constants and values run together: `printf "%s:%s" …`.
    Format(Vec<Expr>),
    /// An operation.
    Call(Op, Vec<Arc<Expr>>),
}

/// The operations, each with the same meaning in Rust ([`Op::apply`]) and in Helm (`emit::code`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Op {
    Not,
    And,
    Or,
    IsSet,
    NotEmpty,
    Equals,
    Greater,
    Less,
    Add,
    Sub,
    Mul,
    Max,
    Min,
    Trunc,
    TrimSuffix,
    Replace,
    Lower,
    Contains,
    Matches,
    UrlQuery,
    Sha256,
    Join,
    Default,
    Ternary,
    KubeAtLeast,
    Serves,
    /// A number that a named template gives, which is text there.
    Number,
}

impl Expr {
    pub(crate) fn call(op: Op, arguments: impl IntoIterator<Item = Expr>) -> Self {
        Self::Call(op, arguments.into_iter().map(Arc::new).collect())
    }

    pub(crate) fn literal(value: impl Into<Json>) -> Self {
        Self::Literal(value.into())
    }

    /// The negation, without piling up `not`s.
    pub(crate) fn negated(self) -> Self {
        match self {
            Self::Call(Op::Not, inner) => (*inner[0]).clone(),
            Self::Literal(Json::Bool(b)) => Self::literal(!b),
            other => Self::call(Op::Not, [other]),
        }
    }

    /// Both, flattened: `and a b c`.
    pub(crate) fn and(self, other: Self) -> Self {
        Self::joined(Op::And, self, other, true)
    }

    /// Either, flattened: `or a b c`.
    pub(crate) fn or(self, other: Self) -> Self {
        Self::joined(Op::Or, self, other, false)
    }

    fn joined(op: Op, left: Self, right: Self, neutral: bool) -> Self {
        let mut arguments = Vec::new();
        for side in [left, right] {
            match side {
                Self::Literal(Json::Bool(b)) if b == neutral => {}
                Self::Literal(Json::Bool(b)) => return Self::literal(b),
                Self::Call(inner, list) if inner == op => arguments.extend(list),
                other => arguments.push(Arc::new(other)),
            }
        }
        match arguments.len() {
            0 => Self::literal(neutral),
            1 => (*arguments[0]).clone(),
            _ => Self::Call(op, arguments),
        }
    }

    /// The same where it is known whether a condition holds: what else depends on it is decided.
    pub(crate) fn assuming(&self, condition: &Expr, holds: bool) -> Self {
        let within = |part: &Expr| part.assuming(condition, holds);
        match self {
            Self::Call(Op::Ternary, parts) if *parts[2] == *condition => within(&parts[usize::from(!holds)]),
            Self::Call(Op::Default, parts) if condition.asks_for(&parts[0]) => within(&parts[usize::from(!holds)]),
            Self::Call(op, parts) => Self::Call(*op, parts.iter().map(|part| Arc::new(within(part))).collect()),
            Self::Format(parts) => Self::Format(parts.iter().map(within).collect()),
            other => other.clone(),
        }
    }

    /// Whether this is the condition that there is something in `value`.
    fn asks_for(&self, value: &Expr) -> bool {
        matches!(self, Self::Call(Op::NotEmpty, asked) if *asked[0] == *value)
    }

    /// What is known where this condition holds, or does not.
    pub(crate) fn facts(&self, holds: bool) -> Vec<(Expr, bool)> {
        let mut facts = vec![(self.clone(), holds)];
        match self {
            Self::Call(Op::Not, inner) => facts.extend(inner[0].facts(!holds)),
            Self::Call(Op::And, parts) if holds => facts.extend(parts.iter().flat_map(|part| part.facts(true))),
            Self::Call(Op::Or, parts) if !holds => facts.extend(parts.iter().flat_map(|part| part.facts(false))),
            _ => {}
        }
        facts
    }

    /// The same where all of these are known.
    pub(crate) fn knowing(&self, facts: &[(Expr, bool)]) -> Self {
        facts
            .iter()
            .fold(self.clone(), |expr, (fact, holds)| expr.assuming(fact, *holds))
    }

    /// The same condition, where each part of an `and` is only asked if those before it hold.
    pub(crate) fn settled(&self) -> Self {
        match self {
            Self::Call(Op::And, parts) => {
                let mut known = Vec::new();
                let parts = parts.iter().map(|part| {
                    let part = part.knowing(&known).settled();
                    known.extend(part.facts(true));
                    Arc::new(part)
                });
                Self::Call(Op::And, parts.collect())
            }
            other => other.clone(),
        }
    }

    pub(crate) fn shape(&self) -> Shape {
        match self {
            Self::Value { shape, .. } | Self::Item { shape, .. } | Self::Known { shape, .. } => *shape,
            Self::Include { .. } | Self::Format(_) => Shape::Text,
            Self::Literal(json) => match json {
                Json::Bool(_) => Shape::Bool,
                Json::Number(n) if n.is_f64() => Shape::Float,
                Json::Number(_) => Shape::Int,
                Json::Array(_) => Shape::List,
                Json::Object(_) => Shape::Map,
                _ => Shape::Text,
            },
            Self::Call(op, arguments) => match op {
                Op::Not | Op::And | Op::Or | Op::IsSet | Op::NotEmpty | Op::Equals | Op::Greater | Op::Less => {
                    Shape::Bool
                }
                Op::Contains | Op::Matches | Op::KubeAtLeast | Op::Serves => Shape::Bool,
                Op::Add | Op::Sub | Op::Mul | Op::Max | Op::Min | Op::Number => Shape::Int,
                Op::Trunc | Op::TrimSuffix | Op::Replace | Op::Lower | Op::UrlQuery | Op::Sha256 | Op::Join => {
                    Shape::Text
                }
                Op::Default | Op::Ternary => arguments[0].shape(),
            },
        }
    }

    /// Calls `visit` on this expression and on everything in it.
    pub(crate) fn walk(&self, visit: &mut impl FnMut(&Expr)) {
        visit(self);
        match self {
            Self::Format(parts) => parts.iter().for_each(|part| part.walk(visit)),
            Self::Call(_, arguments) => arguments.iter().for_each(|argument| argument.walk(visit)),
            _ => {}
        }
    }
}

impl Op {
    /// What the operation gives for known arguments. The arguments fit: the types saw to it.
    pub(crate) fn apply(self, a: &[Json]) -> Json {
        let int = |i: usize| a[i].as_i64().unwrap_or_default();
        let text = |i: usize| a[i].as_str().unwrap_or_default();
        let truth = |json: &Json| json.as_bool().unwrap_or_default();
        match self {
            Self::Not => (!truth(&a[0])).into(),
            Self::And => a.iter().all(truth).into(),
            Self::Or => a.iter().any(truth).into(),
            Self::IsSet => (!a[0].is_null()).into(),
            Self::NotEmpty => (!ops::is_empty(&a[0])).into(),
            Self::Equals => (a[0] == a[1]).into(),
            Self::Greater => (int(0) > int(1)).into(),
            Self::Less => (int(0) < int(1)).into(),
            Self::Add => a
                .iter()
                .fold(0i64, |sum, n| sum.saturating_add(n.as_i64().unwrap_or_default()))
                .into(),
            Self::Sub => int(0).saturating_sub(int(1)).into(),
            Self::Mul => a
                .iter()
                .fold(1i64, |p, n| p.saturating_mul(n.as_i64().unwrap_or_default()))
                .into(),
            Self::Max => int(0).max(int(1)).into(),
            Self::Min => int(0).min(int(1)).into(),
            Self::Trunc => ops::trunc(text(0), usize::try_from(int(1)).unwrap_or_default()).into(),
            Self::TrimSuffix => ops::trim_suffix(text(0), text(1)).into(),
            Self::Replace => text(0).replace(text(1), text(2)).into(),
            Self::Lower => text(0).to_lowercase().into(),
            Self::Contains => text(0).contains(text(1)).into(),
            Self::Matches => ops::matches(text(1), text(0)).into(),
            Self::UrlQuery => ops::url_query(text(0)).into(),
            Self::Sha256 => ops::sha256(text(0)).into(),
            Self::Join => {
                let items: Vec<&str> = a[0].as_array().into_iter().flatten().filter_map(Json::as_str).collect();
                items.join(text(1)).into()
            }
            Self::Default if ops::is_empty(&a[0]) => a[1].clone(),
            Self::Default | Self::Number => a[0].clone(),
            Self::Ternary if truth(&a[2]) => a[0].clone(),
            Self::Ternary => a[1].clone(),
            Self::KubeAtLeast => ops::kube_at_least(text(0), text(1)).into(),
            Self::Serves => a[0].as_array().is_some_and(|served| served.contains(&a[1])).into(),
        }
    }
}
