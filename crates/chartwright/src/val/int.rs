//! Arithmetic and comparison, the same on both sides. The schema's ranges keep it exact.

use super::{Repr, Val};
use crate::expr::{Expr, Op};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::ops::{Add, Mul, Sub};

/// The integers that can be computed with: those of Kubernetes, `i32` and `i64`.
pub trait Integer: Copy + Ord + Serialize + DeserializeOwned + sealed::Sealed {
    #[doc(hidden)]
    fn saturating(self, op: &str, other: Self) -> Self;
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for i32 {}
    impl Sealed for i64 {}
}

macro_rules! integer {
    ($($int:ident),+) => {$(
        impl Integer for $int {
            fn saturating(self, op: &str, other: Self) -> Self {
                match op {
                    "+" => self.saturating_add(other),
                    "-" => self.saturating_sub(other),
                    _ => self.saturating_mul(other),
                }
            }
        }
    )+};
}

integer!(i32, i64);

impl<N: Integer> Val<N> {
    fn computed(&self, op: Op, other: Val<N>, native: impl FnOnce(N, N) -> N) -> Val<N> {
        match (&self.0, &other.0) {
            (Repr::Known(a), Repr::Known(b)) => native(*a, *b).into(),
            _ => Val::symbolic(Expr::call(op, [self.expr(), other.expr()])),
        }
    }

    fn compared(&self, op: Op, other: Val<N>, native: impl FnOnce(N, N) -> bool) -> Val<bool> {
        match (&self.0, &other.0) {
            (Repr::Known(a), Repr::Known(b)) => native(*a, *b).into(),
            _ => Val::symbolic(Expr::call(op, [self.expr(), other.expr()])),
        }
    }

    /// The larger of the two.
    pub fn max(&self, other: impl Into<Val<N>>) -> Val<N> {
        self.computed(Op::Max, other.into(), N::max)
    }

    /// The smaller of the two.
    pub fn min(&self, other: impl Into<Val<N>>) -> Val<N> {
        self.computed(Op::Min, other.into(), N::min)
    }

    /// Whether it is greater than `other`.
    pub fn gt(&self, other: impl Into<Val<N>>) -> Val<bool> {
        self.compared(Op::Greater, other.into(), |a, b| a > b)
    }

    /// Whether it is less than `other`.
    pub fn lt(&self, other: impl Into<Val<N>>) -> Val<bool> {
        self.compared(Op::Less, other.into(), |a, b| a < b)
    }
}

macro_rules! arithmetic {
    ($($operator:ident::$method:ident $sign:literal),+ $(,)?) => {$(
        impl<N: Integer, R: Into<Val<N>>> $operator<R> for &Val<N> {
            type Output = Val<N>;

            fn $method(self, other: R) -> Val<N> {
                self.computed(Op::$operator, other.into(), |a, b| a.saturating($sign, b))
            }
        }

        impl<N: Integer, R: Into<Val<N>>> $operator<R> for Val<N> {
            type Output = Val<N>;

            fn $method(self, other: R) -> Val<N> {
                (&self).$method(other)
            }
        }
    )+};
}

arithmetic!(Add::add "+", Sub::sub "-", Mul::mul "*");
