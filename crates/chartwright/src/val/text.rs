//! Operations on strings: those that Helm has too.

use super::{Repr, Val};
use crate::error::Error;
use crate::expr::{Expr, Op};
use crate::ops;
use crate::trace;
use crate::weave;
use std::panic::Location;

/// A string put together with `format!` from values (their `get()`), as a value again, so that operations can be
/// done on it.
///
/// ```
/// use chartwright::{Val, text};
///
/// let name: Val<String> = "tracking".into();
/// let host = text(format!("{}-server", name.get())).trunc(12).trim_suffix("-");
/// assert_eq!(host.get(), "tracking-ser");
/// ```
#[track_caller]
pub fn text(formatted: impl Into<String>) -> Val<String> {
    let formatted = formatted.into();
    if !trace::is_on() {
        return formatted.into();
    }
    match weave::text(&formatted) {
        Ok(Expr::Literal(_)) => formatted.into(),
        Ok(expr) => Val::symbolic(expr),
        Err(error) => trace::stop(error.caused_at(Location::caller())),
    }
}

impl Val<String> {
    fn mapped(&self, op: Op, arguments: &[&str], native: impl FnOnce(&str) -> String) -> Self {
        match &self.0 {
            Repr::Known(value) => native(value).into(),
            Repr::Symbolic(expr) => {
                let arguments = arguments.iter().map(|argument| Expr::literal(*argument));
                Self::symbolic(Expr::call(op, std::iter::once(expr.clone()).chain(arguments)))
            }
        }
    }

    /// The first `bytes` bytes (names in Kubernetes have at most 63).
    pub fn trunc(&self, bytes: usize) -> Self {
        match &self.0 {
            Repr::Known(value) => ops::trunc(value, bytes).to_owned().into(),
            Repr::Symbolic(expr) => Self::symbolic(Expr::call(Op::Trunc, [expr.clone(), Expr::literal(bytes)])),
        }
    }

    /// Without the suffix, if it ends in it.
    pub fn trim_suffix(&self, suffix: &str) -> Self {
        self.mapped(Op::TrimSuffix, &[suffix], |text| {
            ops::trim_suffix(text, suffix).to_owned()
        })
    }

    /// With every `from` replaced by `to`.
    pub fn replace(&self, from: &str, to: &str) -> Self {
        self.mapped(Op::Replace, &[from, to], |text| text.replace(from, to))
    }

    /// In lower case.
    pub fn lower(&self) -> Self {
        self.mapped(Op::Lower, &[], str::to_lowercase)
    }

    /// Escaped for the query of a URL; a space becomes `+`.
    pub fn url_query(&self) -> Self {
        self.mapped(Op::UrlQuery, &[], ops::url_query)
    }

    /// Its SHA-256, in lower-case hexadecimal: for annotations that restart pods when something changes.
    pub fn sha256(&self) -> Self {
        self.mapped(Op::Sha256, &[], ops::sha256)
    }

    /// Whether `part` is in it.
    pub fn contains(&self, part: impl Into<Val<String>>) -> Val<bool> {
        let part = part.into();
        match (&self.0, &part.0) {
            (Repr::Known(text), Repr::Known(part)) => text.contains(part.as_str()).into(),
            _ => Val::symbolic(Expr::call(Op::Contains, [self.expr(), part.expr()])),
        }
    }

    /// Whether a pattern is found in it: Helm's `regexMatch`.
    ///
    /// The pattern is a simple one, which means the same to Helm and to Rust: ASCII characters, classes (`[a-z0-9]`),
    /// groups, repetitions, and the anchors `^` and `$`.
    ///
    /// ```
    /// # use chartwright::Val;
    /// let name: Val<String> = "7up".into();
    /// assert!(!name.matches("^[a-z]").get());
    /// ```
    ///
    /// # Panics
    ///
    /// Where the pattern is another one; while tracing, that is an error of the build.
    #[track_caller]
    pub fn matches(&self, pattern: &str) -> Val<bool> {
        if let Err(why) = ops::simple_pattern(pattern) {
            let error = Error::trace(pattern, why).caused_at(Location::caller());
            match trace::is_on() {
                true => trace::stop(error),
                false => panic!("{error}"),
            }
        }
        match &self.0 {
            Repr::Known(text) => ops::matches(pattern, text).into(),
            Repr::Symbolic(expr) => Val::symbolic(Expr::call(Op::Matches, [expr.clone(), Expr::literal(pattern)])),
        }
    }

    /// Itself, or `default` where it is the empty string: Helm's `default`.
    pub fn or_default_to(&self, default: impl Into<Self>) -> Self {
        let default = default.into();
        match (&self.0, &default.0) {
            (Repr::Known(text), _) if !text.is_empty() => self.clone(),
            (Repr::Known(_), _) => default,
            (Repr::Symbolic(expr), _) => Self::symbolic(Expr::call(Op::Default, [expr.clone(), default.expr()])),
        }
    }
}
