//! Conditions.

use super::{Repr, Val, built};
use crate::carrier::carry;
use crate::expr::{Expr, Op};
use crate::manifest::When;
use crate::tree::Tree;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::borrow::Borrow;
use std::ops::{BitAnd, BitOr, Not};

impl Val<bool> {
    /// `Some` of what the closure builds where the condition holds: a field, or an item of a list, that is
    /// sometimes there.
    ///
    /// While tracing, the closure runs always, and its result is written under an `if`.
    #[track_caller]
    pub fn then<X: Serialize + DeserializeOwned>(&self, build: impl FnOnce() -> X) -> Option<X> {
        match &self.0 {
            Repr::Known(holds) => holds.then(build),
            Repr::Symbolic(condition) => Some(carry(Tree::when(condition.clone(), built(&build())))),
        }
    }

    /// What the first closure builds where the condition holds, what the second builds elsewhere.
    ///
    /// Where the two differ in few places, the chart has the condition at those places only.
    #[track_caller]
    pub fn choose<X: Serialize + DeserializeOwned>(&self, yes: impl FnOnce() -> X, no: impl FnOnce() -> X) -> X {
        match &self.0 {
            Repr::Known(true) => yes(),
            Repr::Known(false) => no(),
            Repr::Symbolic(condition) => carry(Tree::either(condition.clone(), built(&yes()), built(&no()))),
        }
    }

    /// One of two strings, where it goes on to be computed with; [`choose`](Val::choose) is for all else.
    pub fn pick(&self, yes: impl Into<Val<String>>, no: impl Into<Val<String>>) -> Val<String> {
        self.one_of(yes.into(), no.into())
    }

    /// One of two integers.
    pub fn pick_number<N: super::Integer>(&self, yes: &Val<N>, no: &Val<N>) -> Val<N> {
        self.one_of(yes.clone(), no.clone())
    }

    fn one_of<T: Serialize>(&self, yes: Val<T>, no: Val<T>) -> Val<T> {
        match &self.0 {
            Repr::Known(true) => yes,
            Repr::Known(false) => no,
            Repr::Symbolic(condition) => {
                Val::symbolic(Expr::call(Op::Ternary, [yes.expr(), no.expr(), condition.clone()]))
            }
        }
    }

    /// A whole object that is there only where the condition holds.
    pub fn when<X>(&self, build: impl FnOnce() -> X) -> When<X> {
        When::new(build(), self.clone())
    }
}

macro_rules! condition {
    ($($operator:ident::$method:ident => $native:tt, $joined:ident);+ $(;)?) => {$(
        impl<R: Borrow<Val<bool>>> $operator<R> for &Val<bool> {
            type Output = Val<bool>;

            fn $method(self, other: R) -> Val<bool> {
                match (&self.0, &other.borrow().0) {
                    (Repr::Known(a), Repr::Known(b)) => (*a $native *b).into(),
                    _ => of(self.expr().$joined(other.borrow().expr())),
                }
            }
        }

        impl<R: Borrow<Val<bool>>> $operator<R> for Val<bool> {
            type Output = Val<bool>;

            fn $method(self, other: R) -> Val<bool> {
                (&self).$method(other)
            }
        }
    )+};
}

condition! {
    BitAnd::bitand => &, and;
    BitOr::bitor => |, or;
}

impl Not for &Val<bool> {
    type Output = Val<bool>;

    fn not(self) -> Val<bool> {
        match &self.0 {
            Repr::Known(b) => (!b).into(),
            Repr::Symbolic(expr) => of(expr.clone().negated()),
        }
    }
}

impl Not for Val<bool> {
    type Output = Val<bool>;

    fn not(self) -> Val<bool> {
        !&self
    }
}

/// A condition that is known after all, or is not.
fn of(expr: Expr) -> Val<bool> {
    match expr {
        Expr::Literal(serde_json::Value::Bool(b)) => b.into(),
        other => Val::symbolic(other),
    }
}
