//! Makes a symbolic `Values`: a deserialiser that hands every [`Val`](crate::Val) its own path.

use crate::error::Error;
use crate::expr::Expr;
use crate::shape::Shape;
use crate::trace;
use serde::de::{self, DeserializeOwned, DeserializeSeed, Deserializer, MapAccess, Visitor};
use serde::forward_to_deserialize_any;
use std::fmt;

/// The name by which a `Val` announces itself to a deserialiser.
pub(crate) const VAL: &str = "$chartwright::Val";

/// A `V` in which every `Val` stands for its path below `base`.
pub(crate) fn values<V: DeserializeOwned>(base: Expr) -> V {
    V::deserialize(Symbolic { base }).unwrap_or_else(|Fault(error)| trace::stop(error))
}

struct Symbolic {
    base: Expr,
}

impl Symbolic {
    fn field(&self, name: &str) -> Self {
        let mut base = self.base.clone();
        if let Expr::Value { path, .. } | Expr::Item { path, .. } = &mut base {
            path.push(name.into());
        }
        Self { base }
    }

    fn path(&self) -> String {
        match &self.base {
            Expr::Value { path, .. } | Expr::Item { path, .. } => path.join("."),
            _ => String::new(),
        }
    }
}

#[derive(Debug)]
struct Fault(Error);

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Fault {}

impl de::Error for Fault {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(Error::trace("values", message.to_string()))
    }
}

impl<'de> Deserializer<'de> for Symbolic {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Fault> {
        Err(Fault(Error::trace(
            self.path(),
            format!(
                "the type {} cannot be traced: make the field a `Val<…>`, or a struct of such fields",
                crate::carrier::short_name::<V::Value>()
            ),
        )))
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, Fault> {
        if name == VAL {
            let number = trace::with(|trace| trace.hand(self.base));
            return visitor.visit_u64(number);
        }
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        visitor.visit_map(Fields {
            parent: self,
            fields: fields.iter(),
            current: None,
        })
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        seq tuple tuple_struct map enum identifier ignored_any
    }
}

struct Fields {
    parent: Symbolic,
    fields: std::slice::Iter<'static, &'static str>,
    current: Option<&'static str>,
}

impl<'de> MapAccess<'de> for Fields {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Fault> {
        self.current = self.fields.next().copied();
        self.current
            .map(|name| seed.deserialize(de::value::StrDeserializer::new(name)))
            .transpose()
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Fault> {
        seed.deserialize(self.parent.field(self.current.unwrap_or_default()))
    }
}

/// The root of all values.
pub(crate) fn root() -> Expr {
    Expr::Value {
        path: Vec::new(),
        shape: Shape::Map,
    }
}
