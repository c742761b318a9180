//! Settings on their way out: whoever still sets one is told in the notes what to use.
//!
//! The mark is JSON Schema's own, `#[schemars(extend("deprecated" = true))]`, so that editors strike the setting out as
//! well; what to use is the setting's documentation, which begins with `Deprecated: `.

use crate::error::{Error, Result};
use crate::expr::{Expr, Op};
use crate::schema::resolve;
use crate::shape::Shape;
use crate::tree::Tree;
use crate::values;
use serde_json::Value as Json;

/// How the documentation of a deprecated setting begins.
const DOC: &str = "Deprecated: ";

/// A deprecated setting, and what the notes say of it.
#[derive(Clone, Debug)]
pub(crate) struct Deprecated {
    path: Vec<String>,
    shape: Shape,
    note: String,
}

impl Deprecated {
    /// All of them.
    ///
    /// # Errors
    ///
    /// Where one has a default, or does not say what to use.
    pub(crate) fn all(schema: &Json, defaults: &Json, settings: &[(Vec<String>, Shape)]) -> Result<Vec<Self>> {
        let marked = settings.iter().filter_map(|(path, shape)| {
            let property = path.iter().try_fold(schema, |at, name| {
                resolve(schema, at).get("properties").and_then(|all| all.get(name))
            })?;
            (property.get("deprecated") == Some(&Json::Bool(true))).then_some((path, *shape, property))
        });
        marked
            .map(|(path, shape, property)| Self::new(path, shape, property, defaults))
            .collect()
    }

    fn new(path: &[String], shape: Shape, property: &Json, defaults: &Json) -> Result<Self> {
        let at = path.join(".");
        let said = property.get("description").and_then(Json::as_str).unwrap_or_default();
        let Some(advice) = said.split("\n\n").next().and_then(|first| first.strip_prefix(DOC)) else {
            let what =
                format!("is deprecated, and its documentation does not say what to use; begin it with `{DOC}use …`");
            return Err(Error::trace(at, what));
        };
        let advice = advice.replace('\n', " ");
        let deprecated = Self {
            note: format!("{at} is deprecated: {advice}"),
            path: path.to_vec(),
            shape,
        };
        if deprecated.is_set(defaults) {
            let what = "is deprecated and has a default, so that nobody could leave it out; make it a `Val<Option<_>>` \
                        that is unset, and let it win where it is set: `old.or(&new)`";
            return Err(Error::trace(at, what));
        }
        Ok(deprecated)
    }

    fn is_set(&self, values: &Json) -> bool {
        values::at(values, &self.path).is_some_and(|value| !value.is_null())
    }

    /// The note in the chart.
    pub(crate) fn traced(&self) -> Tree {
        let value = Expr::Value {
            path: self.path.clone(),
            shape: self.shape,
        };
        let condition = Expr::call(Op::IsSet, [value]);
        Tree::when(condition, Tree::constant(self.note.as_str().into()))
    }

    /// The note of these values.
    pub(crate) fn known(&self, values: &Json) -> Option<String> {
        self.is_set(values).then(|| self.note.clone())
    }
}
