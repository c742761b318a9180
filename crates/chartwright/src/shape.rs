//! What kind of YAML node a Rust type is, found out by asking its `Deserialize`.

use serde::de::{self, DeserializeOwned, Deserializer, Visitor};
use serde::forward_to_deserialize_any;
use std::fmt;

/// The kind of node that a value of some type is in YAML.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Bool,
    Int,
    Float,
    Text,
    /// A string or a number: `Quantity`, `IntOrString`.
    Scalar,
    List,
    Map,
}

impl Shape {
    /// The shape of `T`; that of `X` where `T` is `Option<X>`.
    pub(crate) fn of<T: DeserializeOwned>() -> Self {
        match T::deserialize(Probe) {
            Err(Found(shape)) => shape.unwrap_or(Self::Scalar),
            // Only a type without content (`()`) is made without asking for anything.
            Ok(_) => Self::Scalar,
        }
    }

    /// Whether it takes more than one line.
    pub(crate) fn is_block(self) -> bool {
        matches!(self, Self::List | Self::Map)
    }
}

/// The names of the variants of the unit enum `E`; none where `E` is something else.
pub(crate) fn variants<E: DeserializeOwned>() -> &'static [&'static str] {
    struct Names<'a>(&'a std::cell::Cell<&'static [&'static str]>);

    impl<'de> Deserializer<'de> for Names<'_> {
        type Error = Found;

        fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Found> {
            Err(Found(None))
        }

        fn deserialize_enum<V: Visitor<'de>>(
            self,
            _: &'static str,
            variants: &'static [&'static str],
            _: V,
        ) -> Result<V::Value, Found> {
            self.0.set(variants);
            Err(Found(None))
        }

        forward_to_deserialize_any! {
            bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
            unit_struct newtype_struct seq tuple tuple_struct map struct identifier ignored_any
        }
    }

    let names = std::cell::Cell::new(&[][..]);
    let _ = E::deserialize(Names(&names));
    names.get()
}

struct Probe;

/// The answer, which leaves the type's `Deserialize` as an error.
#[derive(Debug)]
struct Found(Option<Shape>);

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}

impl std::error::Error for Found {}

impl de::Error for Found {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self(None)
    }
}

macro_rules! found {
    ($($method:ident => $shape:ident),+ $(,)?) => {$(
        fn $method<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Found> {
            Err(Found(Some(Shape::$shape)))
        }
    )+};
}

impl<'de> Deserializer<'de> for Probe {
    type Error = Found;

    found! {
        deserialize_any => Scalar, deserialize_bool => Bool,
        deserialize_i8 => Int, deserialize_i16 => Int, deserialize_i32 => Int, deserialize_i64 => Int,
        deserialize_u8 => Int, deserialize_u16 => Int, deserialize_u32 => Int, deserialize_u64 => Int,
        deserialize_f32 => Float, deserialize_f64 => Float,
        deserialize_char => Text, deserialize_str => Text, deserialize_string => Text,
        deserialize_bytes => Text, deserialize_byte_buf => Text, deserialize_identifier => Text,
        deserialize_unit => Scalar, deserialize_ignored_any => Scalar,
        deserialize_seq => List, deserialize_map => Map,
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Found> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Found> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, _: V) -> Result<V::Value, Found> {
        Err(Found(Some(Shape::Scalar)))
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, Found> {
        Err(Found(Some(Shape::List)))
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(self, _: &'static str, _: usize, _: V) -> Result<V::Value, Found> {
        Err(Found(Some(Shape::List)))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Found> {
        Err(Found(Some(Shape::Map)))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Found> {
        Err(Found(Some(Shape::Text)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use k8s_openapi::api::core::v1::{Affinity, Toleration};
    use k8s_openapi::apimachinery::pkg::{api::resource::Quantity, util::intstr::IntOrString};
    use std::collections::BTreeMap;

    #[test]
    fn shapes_of_common_types() {
        assert_eq!(Shape::of::<bool>(), Shape::Bool);
        assert_eq!(Shape::of::<Option<i32>>(), Shape::Int);
        assert_eq!(Shape::of::<String>(), Shape::Text);
        assert_eq!(Shape::of::<Quantity>(), Shape::Scalar);
        assert_eq!(Shape::of::<IntOrString>(), Shape::Scalar);
        assert_eq!(Shape::of::<Vec<Toleration>>(), Shape::List);
        assert_eq!(Shape::of::<Option<Affinity>>(), Shape::Map);
        assert_eq!(Shape::of::<BTreeMap<String, String>>(), Shape::Map);
    }
}
