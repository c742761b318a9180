//! Exhaustive choices over the variants of an enum.

use super::{Repr, Val, built};
use crate::carrier::{carry, short_name};
use crate::error::Error;
use crate::expr::{Expr, Op};
use crate::shape;
use crate::trace;
use crate::tree::Tree;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde::de::value::StrDeserializer;

/// For a setting whose type is an enum without data (or a `bool`).
impl<E: Serialize + DeserializeOwned + Clone> Val<E> {
    /// Whether the value is this variant.
    pub fn is(&self, variant: E) -> Val<bool> {
        let wanted = Val::from(variant).expr();
        match &self.0 {
            Repr::Known(_) => (self.expr() == wanted).into(),
            Repr::Symbolic(expr) => Val::symbolic(Expr::call(Op::Equals, [expr.clone(), wanted])),
        }
    }

    /// What the closure builds for the value.
    ///
    /// While tracing, the closure runs once for each variant, and the results become `if`, `else if`, `else`. The
    /// closure is an ordinary exhaustive `match`: a new variant does not compile until it is handled.
    ///
    /// A tuple may be returned, and each of its elements used in another place.
    #[track_caller]
    pub fn select<X: Serialize + DeserializeOwned>(&self, build: impl Fn(E) -> X) -> X {
        let expr = match &self.0 {
            Repr::Known(value) => return build(value.clone()),
            Repr::Symbolic(expr) => expr,
        };
        let names = shape::variants::<E>();
        let mut arms = Vec::new();
        for name in names {
            let variant = E::deserialize(StrDeserializer::<serde::de::value::Error>::new(name));
            let Ok(variant) = variant else {
                no_enum::<E>(expr);
            };
            let condition = Expr::call(Op::Equals, [expr.clone(), Expr::literal(*name)]);
            arms.push((condition, built(&build(variant))));
        }
        // Where each variant only gives its own name, the value itself is that.
        if arms
            .iter()
            .zip(names)
            .all(|((_, tree), name)| *tree == Tree::Literal((*name).into()))
            && !arms.is_empty()
        {
            return carry(Tree::Dynamic(expr.clone()));
        }
        match arms.pop() {
            Some((_, last)) if arms.is_empty() => carry(last),
            Some((_, last)) => carry(Tree::Choice(arms, Box::new(last))),
            None => no_enum::<E>(expr),
        }
    }
}

#[track_caller]
fn no_enum<E>(expr: &Expr) -> ! {
    let name = short_name::<E>();
    let what = format!(
        "{name} is not an enum of plain names, and `select` goes through these; give the setting such an enum as its type"
    );
    let value = Tree::Dynamic(expr.clone()).first_value().unwrap_or_default();
    trace::stop(Error::trace(value, what).caused_at(std::panic::Location::caller()))
}
