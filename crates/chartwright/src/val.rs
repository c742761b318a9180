//! [`Val`]: a value that is known, or will be.

mod bool;
mod choice;
mod int;
mod list;
mod text;

pub use int::Integer;
pub use list::Collection;
pub use text::text;

use crate::carrier::carry;
use crate::expr::{Expr, Op};
use crate::shape::Shape;
use crate::symbolic::VAL;
use crate::trace;
use crate::tree::Tree;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::{DeserializeOwned, Deserializer, Visitor};
use serde::{Deserialize, Serialize, Serializer};
use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::panic::Location;

/// A setting: its value when the chart is rendered natively, its path when the chart is traced.
///
/// In YAML, JSON and the JSON schema a `Val<T>` is exactly a `T`. There is no `Deref`, no `PartialEq` and no
/// `Display`, so that a plain `if` or `match` on a value that will only be known at install time does not compile;
/// [`then`](Val::then), [`choose`](Val::choose) and [`select`](Val::select) are the ways to branch, and
/// [`get`](Val::get) puts the value where it belongs.
///
/// ```
/// use chartwright::Val;
///
/// let replicas: Val<i32> = 3.into();
/// assert_eq!(replicas.get(), 3);
/// assert_eq!((replicas * 2 + 1).get(), 7);
/// ```
#[derive(Clone)]
pub struct Val<T>(pub(crate) Repr<T>);

#[derive(Clone)]
pub(crate) enum Repr<T> {
    Known(T),
    Symbolic(Expr),
}

impl<T> Val<T> {
    pub(crate) fn symbolic(expr: Expr) -> Self {
        Self(Repr::Symbolic(expr))
    }
}

impl<T: Serialize> Val<T> {
    /// The value as an expression, a constant where it is known.
    pub(crate) fn expr(&self) -> Expr {
        match &self.0 {
            Repr::Symbolic(expr) => expr.clone(),
            Repr::Known(value) => Expr::Literal(serde_json::to_value(value).unwrap_or_default()),
        }
    }
}

impl<T: Serialize + DeserializeOwned + Clone> Val<T> {
    /// The value; while tracing, a stand-in of the same type that the chart replaces by the value's template.
    ///
    /// A `Val<Option<X>>` gives `None` where it is not set, and the key that it is written to is left out. A list or
    /// a map is written even if it is empty: see [`non_empty`](Val::non_empty) to leave out its key, and extend or
    /// push to what `get` returned to put values beside fixed items.
    ///
    /// A stand-in must be used whole. Changing it, cutting it, or taking parts out of it is an error of the build.
    #[track_caller]
    pub fn get(&self) -> T {
        match &self.0 {
            Repr::Known(value) => value.clone(),
            Repr::Symbolic(expr) => {
                let value = Tree::Dynamic(expr.clone());
                carry(if is_option::<T>() {
                    Tree::when(Expr::call(Op::IsSet, [expr.clone()]), value)
                } else {
                    value
                })
            }
        }
    }
}

impl<T: Serialize> Val<T> {
    /// A part of a structure, by its path in YAML: `resources.part::<Option<Quantity>>("requests.cpu")`.
    ///
    /// The schema must require what is above the part (`requests`), or Helm finds nothing to look into.
    ///
    /// # Panics
    ///
    /// Natively, where the part is not an `X`; use an `Option` for what may be absent.
    pub fn part<X: Serialize + DeserializeOwned>(&self, path: &str) -> Val<X> {
        match &self.0 {
            Repr::Known(value) => {
                let whole = serde_json::to_value(value).unwrap_or_default();
                let part = whole.pointer(&format!("/{}", path.replace('.', "/")));
                serde_json::from_value::<X>(part.cloned().unwrap_or_default())
                    .unwrap_or_else(|error| panic!("{path} is not a {}: {error}", std::any::type_name::<X>()))
                    .into()
            }
            Repr::Symbolic(expr) => {
                let mut expr = expr.clone();
                if let Expr::Value { path: whole, shape } | Expr::Item { path: whole, shape, .. } = &mut expr {
                    whole.extend(path.split('.').map(String::from));
                    *shape = Shape::of::<X>();
                }
                Val::symbolic(expr)
            }
        }
    }
}

impl<T: Serialize + DeserializeOwned + Clone> Val<Option<T>> {
    /// Whether it is set, that is, not null: `0`, `""` and `false` are values.
    pub fn is_set(&self) -> Val<bool> {
        match &self.0 {
            Repr::Known(value) => value.is_some().into(),
            Repr::Symbolic(expr) => Val::symbolic(Expr::call(Op::IsSet, [expr.clone()])),
        }
    }

    /// The value, or `default` where it is not set.
    pub fn or(&self, default: impl Into<Val<T>>) -> Val<T> {
        match &self.0 {
            Repr::Known(Some(value)) => value.clone().into(),
            Repr::Known(None) => default.into(),
            Repr::Symbolic(expr) => Val::symbolic(Expr::call(
                Op::Ternary,
                [
                    expr.clone(),
                    default.into().expr(),
                    Expr::call(Op::IsSet, [expr.clone()]),
                ],
            )),
        }
    }
}

/// Whether `T` is an `Option`, asked of its `Deserialize`.
fn is_option<T: DeserializeOwned>() -> bool {
    // `Option` is the only type that can be made from nothing.
    T::deserialize(serde::de::value::UnitDeserializer::<serde::de::value::Error>::new()).is_ok()
}

impl<T> From<T> for Val<T> {
    fn from(value: T) -> Self {
        Self(Repr::Known(value))
    }
}

impl<T: Clone> From<&Val<T>> for Val<T> {
    fn from(value: &Val<T>) -> Self {
        value.clone()
    }
}

impl From<&str> for Val<String> {
    fn from(value: &str) -> Self {
        value.to_owned().into()
    }
}

impl<T: Default> Default for Val<T> {
    fn default() -> Self {
        T::default().into()
    }
}

impl<T: fmt::Debug> fmt::Debug for Val<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Repr::Known(value) => value.fmt(f),
            Repr::Symbolic(expr) => write!(f, "<{expr:?}>"),
        }
    }
}

impl<T: Serialize> Serialize for Val<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Repr::Known(value) => value.serialize(serializer),
            Repr::Symbolic(_) => Err(serde::ser::Error::custom(
                "a symbolic value is written as it is; call `get()` on it, or on the fields of the structure it is in",
            )),
        }
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Val<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader<T>(PhantomData<T>);

        impl<'de, T: DeserializeOwned> Visitor<'de> for Reader<T> {
            type Value = Val<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value")
            }

            fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Val<T>, D::Error> {
                T::deserialize(deserializer).map(Val::from)
            }

            /// The symbolic deserialiser hands over an expression by its number.
            fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Val<T>, E> {
                let mut expr = trace::with(|trace| trace.handed(number)).ok_or_else(|| E::custom("no such value"))?;
                let actual = Shape::of::<T>();
                match &mut expr {
                    Expr::Value { path, shape } => {
                        *shape = actual;
                        trace::with(|trace| trace.settings.push((path.clone(), actual)));
                    }
                    Expr::Item { shape, .. } => *shape = actual,
                    _ => {}
                }
                Ok(Val::symbolic(expr))
            }
        }

        deserializer.deserialize_newtype_struct(VAL, Reader(PhantomData))
    }
}

impl<T: JsonSchema> JsonSchema for Val<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }

    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }

    fn schema_id() -> Cow<'static, str> {
        T::schema_id()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}

/// What a closure built, as a tree; an error in it ends the trace.
#[track_caller]
pub(crate) fn built<X: Serialize>(value: &X) -> Tree {
    let built_at = Location::caller();
    crate::weave::weave(value).unwrap_or_else(|error| trace::stop(error.caused_at(built_at)))
}
