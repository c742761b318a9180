//! Carriers: how a typed field holds a template.
//!
//! To put "the value of `.Values.x`" into a plain Rust type, the smallest such value is made that can carry a
//! mark, by driving the type's own `Deserialize`. The mark is planted at the first leaf that can hold it, and the
//! trace remembers how far below the carrier's root that was, so that the weaver can find the root again.

use crate::error::Error;
use crate::trace::{self, MARK_NUMBER, Mark, mark_text};
use crate::tree::Tree;
use serde::Serialize;
use serde::de::{self, DeserializeOwned, DeserializeSeed, Deserializer, IntoDeserializer, Visitor};
use std::cell::Cell;
use std::fmt;
use std::panic::Location;

/// How deep a type is searched for a place for the mark; types that contain themselves have no end.
const DEEPEST: usize = 12;

/// A `T` that stands for `tree`.
#[track_caller]
pub(crate) fn carry<T: Serialize + DeserializeOwned>(tree: Tree) -> T {
    let made_at = Location::caller();
    let id = trace::with(|trace| trace.marks.len());
    let planting = Planting {
        id,
        planted: Cell::new(None),
        splice: Cell::new(false),
        tuple: Cell::new(false),
    };
    let carrier = match T::deserialize(Planter {
        planting: &planting,
        level: 0,
        tree: &tree,
        made_at,
    }) {
        Ok(carrier) => carrier,
        Err(Fault(what)) => refuse::<T>(&what, &tree, made_at),
    };
    if planting.tuple.get() {
        return carrier; // each of its elements carries a mark of its own
    }
    let Some(depth) = planting.planted.get() else {
        refuse::<T>("it has no string or integer in it to mark", &tree, made_at);
    };
    let json = match serde_json::to_value(&carrier) {
        Ok(json) => json,
        Err(error) => refuse::<T>(&error.to_string(), &tree, made_at),
    };
    trace::with(|trace| {
        let splice = planting.splice.get();
        trace.marks[id] = Mark {
            tree,
            depth: depth - usize::from(splice),
            splice,
            carrier: json,
            made_at,
        };
    });
    carrier
}

fn refuse<T>(why: &str, tree: &Tree, made_at: &'static Location<'static>) -> ! {
    let name = short_name::<T>();
    trace::stop(
        Error::trace(
            tree.first_value().unwrap_or_default(),
            format!(
                "a value of type {name} cannot stand for a template: {why}; use `select` or `choose` around the \
                 structure it is in, so that each branch has a known value, or make the setting a string or an integer"
            ),
        )
        .caused_at(made_at),
    )
}

/// The name of a type without the paths in it.
pub(crate) fn short_name<T>() -> String {
    let mut short = String::new();
    for part in std::any::type_name::<T>().split_inclusive(['<', '>', ',', ' ', '(', ')', '[', ']']) {
        short.push_str(part.rsplit("::").next().unwrap_or(part));
    }
    short
}

/// The state of one carrier in the making.
struct Planting {
    id: usize,
    planted: Cell<Option<usize>>,
    splice: Cell<bool>,
    tuple: Cell<bool>,
}

#[derive(Clone, Copy)]
struct Planter<'a> {
    planting: &'a Planting,
    level: usize,
    tree: &'a Tree,
    made_at: &'static Location<'static>,
}

impl Planter<'_> {
    /// Whether the mark goes to the leaf at hand.
    fn plant(&self) -> bool {
        let here = self.planting.planted.get().is_none();
        if here {
            self.planting.planted.set(Some(self.level));
            // The place is taken now, because elements of a tuple take the next ones.
            trace::with(|trace| {
                let id = self.planting.id;
                if trace.marks.len() <= id {
                    let placeholder = Mark {
                        tree: Tree::Absent,
                        depth: 0,
                        splice: false,
                        carrier: serde_json::Value::Null,
                        made_at: self.made_at,
                    };
                    trace.marks.resize(id + 1, placeholder);
                }
            });
        }
        here
    }

    fn deeper(self) -> Self {
        Self {
            level: self.level + 1,
            ..self
        }
    }

    fn is_done(&self) -> bool {
        self.planting.planted.get().is_some() || self.level > DEEPEST
    }

    fn text(&self) -> String {
        if self.plant() {
            mark_text(self.planting.id)
        } else {
            String::new()
        }
    }

    fn number(&self) -> i64 {
        if self.plant() {
            MARK_NUMBER + self.planting.id as i64
        } else {
            0
        }
    }
}

#[derive(Debug)]
struct Fault(String);

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Fault {}

impl de::Error for Fault {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

/// Leaves that hold no mark, and what is put there.
macro_rules! unmarked {
    ($($method:ident => $visit:ident($($value:expr)?)),+ $(,)?) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
            visitor.$visit($($value)?)
        }
    )+};
}

impl<'de> Deserializer<'de> for Planter<'_> {
    type Error = Fault;

    unmarked! {
        deserialize_bool => visit_bool(false),
        deserialize_i8 => visit_i8(0), deserialize_i16 => visit_i16(0),
        deserialize_u8 => visit_u8(0), deserialize_u16 => visit_u16(0),
        deserialize_u32 => visit_u32(0), deserialize_u64 => visit_u64(0),
        deserialize_f32 => visit_f32(0.0),
        deserialize_char => visit_char(' '),
        deserialize_bytes => visit_bytes(b""), deserialize_byte_buf => visit_bytes(b""),
        deserialize_unit => visit_unit(), deserialize_ignored_any => visit_unit(),
        deserialize_identifier => visit_str(""),
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_string(self.text())
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_string(self.text())
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_string(self.text())
    }

    fn deserialize_i32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_i32(i32::try_from(self.number()).unwrap_or_default())
    }

    fn deserialize_i64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_i64(self.number())
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_f64(self.number() as f64)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        if self.is_done() {
            visitor.visit_none()
        } else {
            visitor.visit_some(self)
        }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_unit()
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        if self.is_done() {
            return visitor.visit_seq(Elements { planter: self, left: 0 });
        }
        if self.level == 0 {
            self.planting.splice.set(true);
        }
        visitor.visit_seq(Elements { planter: self, left: 1 })
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, Fault> {
        if self.level == 0 {
            self.planting.tuple.set(true);
            return visitor.visit_seq(Parts {
                planter: self,
                next: 0,
                length,
            });
        }
        visitor.visit_seq(Elements {
            planter: self,
            left: length,
        })
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        visitor.visit_seq(Elements {
            planter: self,
            left: length,
        })
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        if self.is_done() {
            return visitor.visit_map(Fields {
                planter: self,
                fields: &[],
                mark_key: false,
                current: 0,
            });
        }
        if self.level == 0 {
            self.planting.splice.set(true);
        }
        visitor.visit_map(Fields {
            planter: self,
            fields: &[""],
            mark_key: true,
            current: 0,
        })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        visitor.visit_map(Fields {
            planter: self,
            fields,
            mark_key: false,
            current: 0,
        })
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        // A placeholder: a unit variant, which holds no mark.
        let first = variants.first().copied().unwrap_or_default();
        visitor.visit_enum(IntoDeserializer::<Fault>::into_deserializer(first))
    }
}

/// The items of a list inside a carrier.
struct Elements<'a> {
    planter: Planter<'a>,
    left: usize,
}

impl<'de> de::SeqAccess<'de> for Elements<'_> {
    type Error = Fault;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Fault> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        seed.deserialize(self.planter.deeper()).map(Some)
    }
}

/// The elements of a tuple, each a carrier of its own.
struct Parts<'a> {
    planter: Planter<'a>,
    next: usize,
    length: usize,
}

impl<'de> de::SeqAccess<'de> for Parts<'_> {
    type Error = Fault;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Fault> {
        if self.next == self.length {
            return Ok(None);
        }
        let tree = self.planter.tree.element(self.next);
        self.next += 1;
        let id = trace::with(|trace| trace.marks.len());
        let planting = Planting {
            id,
            planted: Cell::new(None),
            splice: Cell::new(false),
            tuple: Cell::new(false),
        };
        let made_at = self.planter.made_at;
        // The seed's type is private to the tuple: its JSON cannot be remembered, so `Null` says "not compared".
        let part = seed.deserialize(Planter {
            planting: &planting,
            level: 0,
            tree: &tree,
            made_at,
        })?;
        let Some(depth) = planting.planted.get() else {
            return Err(Fault(format!(
                "element {} of it has no string or integer in it to mark",
                self.next
            )));
        };
        let splice = planting.splice.get();
        trace::with(|trace| {
            trace.marks[id] = Mark {
                tree,
                depth: depth - usize::from(splice),
                splice,
                carrier: serde_json::Value::Null,
                made_at,
            };
        });
        Ok(Some(part))
    }
}

/// The fields of a struct, or the entries of a map, inside a carrier.
struct Fields<'a> {
    planter: Planter<'a>,
    fields: &'static [&'static str],
    mark_key: bool,
    current: usize,
}

impl<'de> de::MapAccess<'de> for Fields<'_> {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Fault> {
        let Some(name) = self.fields.get(self.current) else {
            return Ok(None);
        };
        self.current += 1;
        if self.mark_key {
            return seed.deserialize(self.planter.deeper()).map(Some);
        }
        seed.deserialize(de::value::StrDeserializer::<Fault>::new(name))
            .map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Fault> {
        seed.deserialize(self.planter.deeper())
    }
}
