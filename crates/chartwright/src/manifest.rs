//! What a traced function returns: objects, each for a file of the chart, and the notes.

use crate::sources::Sources;
use crate::trace;
use crate::tree::Tree;
use crate::val::{Repr, Val, built};
use serde::Serialize;
use serde_json::Value as Json;
use std::ops::{Deref, DerefMut};
use std::panic::Location;

/// A whole object under a condition. It derefs to the object, so that a custom stack can still change it; only
/// its presence is conditional.
#[derive(Clone, Debug)]
pub struct When<T> {
    object: T,
    condition: Val<bool>,
}

impl<T> When<T> {
    /// `object`, where `condition` holds. See [`Val::when`].
    pub fn new(object: T, condition: Val<bool>) -> Self {
        Self { object, condition }
    }

    /// The condition under which the object is there.
    pub fn condition(&self) -> &Val<bool> {
        &self.condition
    }

    /// The same object where `also` holds as well.
    pub fn and(self, also: &Val<bool>) -> Self {
        Self {
            condition: self.condition & also,
            ..self
        }
    }

    /// Leaves the object out, whatever the values are.
    ///
    /// Settings that only this object used are used by nothing then: say so with
    /// [`allow_unused`](crate::Chart::allow_unused).
    pub fn leave_out(&mut self) {
        self.condition = false.into();
    }
}

/// An object that is always there.
impl<T> From<T> for When<T> {
    fn from(object: T) -> Self {
        Self::new(object, true.into())
    }
}

impl<T> Deref for When<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.object
    }
}

impl<T> DerefMut for When<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.object
    }
}

/// What can be added to [`Manifests`]: an object, or a [`When`] of one.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no object that can be added to a chart",
    note = "add a type of `k8s_openapi`, another type that is `serde::Serialize`, or what `condition.when(|| object)` \
            gives of one"
)]
pub trait Part {
    #[doc(hidden)]
    fn part(self) -> (impl Serialize, Val<bool>);
}

impl<T: Serialize> Part for T {
    fn part(self) -> (impl Serialize, Val<bool>) {
        (self, true.into())
    }
}

impl<T: Serialize> Part for When<T> {
    fn part(self) -> (impl Serialize, Val<bool>) {
        (self.object, self.condition)
    }
}

/// The objects of a chart, in the order of their files, and its notes.
#[derive(Clone, Debug, Default)]
pub struct Manifests {
    pub(crate) objects: Vec<Built>,
    pub(crate) notes: Vec<Note>,
}

#[derive(Clone, Debug)]
pub(crate) enum Built {
    /// Rendered: the object itself. Absent ones are not kept.
    Known { file: String, json: Json },
    /// Traced: the object's tree and the condition it is under.
    Traced { file: String, tree: Tree, sources: Sources },
}

#[derive(Clone, Debug)]
pub(crate) enum Note {
    Known(String),
    Traced(Tree),
}

impl Manifests {
    /// Without any object.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an object, or a [`When`] of one, to be written to `templates/<file>.yaml`:
    /// `add("server/deployment", …)`. Any type that serialises with its `apiVersion` and `kind` will do.
    #[track_caller]
    pub fn add(&mut self, file: &str, object: impl Part) -> &mut Self {
        let (built, condition) = object.part();
        self.put(file, &built, &condition);
        self
    }

    /// Adds all of another stack's objects, in a folder of their own, and its notes.
    pub fn add_all(&mut self, folder: &str, stack: impl Into<Self>) -> &mut Self {
        let stack = stack.into();
        self.notes.extend(stack.notes);
        self.objects.extend(stack.objects.into_iter().map(|mut object| {
            let (Built::Known { file, .. } | Built::Traced { file, .. }) = &mut object;
            *file = format!("{folder}/{file}");
            object
        }));
        self
    }

    /// Adds a paragraph to the notes that `helm install` prints, or what `then` made of one.
    #[track_caller]
    pub fn note(&mut self, paragraph: impl Into<Option<String>>) -> &mut Self {
        let paragraph = paragraph.into();
        if !trace::is_on() {
            self.notes.extend(paragraph.map(Note::Known));
        } else if paragraph.is_some() {
            self.notes.push(Note::Traced(built(&paragraph)));
        }
        self
    }

    #[track_caller]
    fn put<T: Serialize>(&mut self, file: &str, object: &T, condition: &Val<bool>) {
        let added_at = Location::caller();
        let file = file.to_owned();
        if trace::is_on() {
            let sources = Sources::of(object, added_at);
            let tree = crate::weave::weave(object)
                .unwrap_or_else(|error| trace::stop(error.in_object(&file).caused_at(added_at)));
            let tree = match &condition.0 {
                Repr::Known(true) => tree,
                Repr::Known(false) => return,
                Repr::Symbolic(expr) => Tree::when(expr.clone(), tree),
            };
            self.objects.push(Built::Traced { file, tree, sources });
        } else if let Repr::Known(true) = condition.0 {
            // A k8s-openapi type always serialises.
            let json = without_nulls(serde_json::to_value(object).unwrap_or_default());
            self.objects.push(Built::Known { file, json });
        }
    }
}

/// To Kubernetes an explicit null is an absent key; leaving it out spares both sides a difference.
pub(crate) fn without_nulls(mut json: Json) -> Json {
    remove_nulls(&mut json);
    json
}

fn remove_nulls(json: &mut Json) {
    match json {
        Json::Object(map) => {
            if map.values().any(Json::is_null) {
                map.retain(|_, value| !value.is_null());
            }
            map.values_mut().for_each(remove_nulls);
        }
        Json::Array(items) => items.iter_mut().for_each(remove_nulls),
        _ => {}
    }
}
