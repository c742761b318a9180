//! What is remembered while a function is traced: the marks handed out and the named templates.
//!
//! Tracing is a property of the thread: [`Session::start`] begins it, and dropping the session ends it.

use crate::error::{Error, Result};
use crate::expr::Expr;
use crate::shape::Shape;
use crate::tree::Tree;
use serde_json::Value as Json;
use std::any::Any;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::panic::{self, AssertUnwindSafe, Location};

thread_local! {
    static TRACE: RefCell<Option<Trace>> = const { RefCell::new(None) };
}

/// Everything that one trace knows.
#[derive(Debug, Default)]
pub(crate) struct Trace {
    /// The chart's name, the prefix of its named templates.
    pub chart: String,
    /// By number, what each mark stands for.
    pub marks: Vec<Mark>,
    /// The bodies of named templates.
    pub helpers: BTreeMap<String, Tree>,
    /// Their comments, in the order in which they were declared.
    pub named: Vec<Named>,
    /// The path and shape of every `Val` in the values.
    pub settings: Vec<(Vec<String>, Shape)>,
    /// Expressions on their way from the symbolic deserialiser to the `Val` they are for.
    handed: Vec<Expr>,
}

/// A named template: its full name, and what it is for.
#[derive(Debug)]
pub(crate) struct Named {
    pub name: String,
    pub comment: String,
}

/// What a mark stands for, and how its carrier looked when it was handed out.
#[derive(Debug, Clone)]
pub(crate) struct Mark {
    pub tree: Tree,
    /// How many levels above the mark the thing is that it stands for.
    pub depth: usize,
    /// Whether it stands for items of the list (entries of the map) that it was found in.
    pub splice: bool,
    pub carrier: Json,
    pub made_at: &'static Location<'static>,
}

/// Marks in strings are between these; private-use characters, which no manifest has.
pub(crate) const MARK_START: char = '\u{F5C47}';
pub(crate) const MARK_END: char = '\u{F5C48}';
/// Marks in numbers count up from here. Numbers in Kubernetes are not below minus two billion.
pub(crate) const MARK_NUMBER: i64 = -2_147_400_000;

/// The text of the mark. Letters of both cases, so that changing the case is noticed.
pub(crate) fn mark_text(id: usize) -> String {
    format!("{MARK_START}Vv{id}{MARK_END}")
}

/// Runs `work` with tracing on, and gives what it returned and what was remembered.
pub(crate) fn session<T>(chart: &str, work: impl FnOnce() -> Result<T>) -> Result<(T, Trace)> {
    let before = TRACE.replace(Some(Trace {
        chart: chart.into(),
        ..Trace::default()
    }));
    let result = panic::catch_unwind(AssertUnwindSafe(work));
    let trace = TRACE.replace(before).unwrap_or_default();
    match result {
        Ok(value) => Ok((value?, trace)),
        Err(payload) => match payload.downcast::<Error>() {
            Ok(error) => Err(*error),
            Err(payload) => Err(panicked(payload)),
        },
    }
}

/// A panic of the function itself: most likely it made something of a stand-in that cannot be made of it.
fn panicked(payload: Box<dyn Any + Send>) -> Error {
    let text = payload.downcast_ref::<String>().map(String::as_str);
    let text = text
        .or_else(|| payload.downcast_ref::<&str>().copied())
        .unwrap_or("no text");
    let text = text.replace([MARK_START, MARK_END], "|");
    let what = format!(
        "the function panicked while it was traced: {text}. What `get()` returns is a stand-in then, which must be used \
         whole: no slicing, parsing or unwrapping; use the operations of `Val`, and call `get()` last"
    );
    Error::trace("", what)
}

/// Whether this thread is tracing.
pub(crate) fn is_on() -> bool {
    TRACE.with_borrow(Option::is_some)
}

/// Works on the trace of this thread.
#[track_caller]
pub(crate) fn with<T>(work: impl FnOnce(&mut Trace) -> T) -> T {
    let location = Location::caller();
    TRACE.with_borrow_mut(|trace| match trace {
        Some(trace) => work(trace),
        None => {
            let what = "a symbolic value is used outside the trace that made it; keep nothing of a traced function but \
                        what it returns";
            // Nothing is there that could report an error.
            panic!("{}", Error::trace("", what).caused_at(location))
        }
    })
}

/// Leaves the traced function with an error, through whatever is between.
pub(crate) fn stop(error: Error) -> ! {
    // Not `panic!`: that would print, and this is not a bug of the engine.
    panic::resume_unwind(Box::new(error))
}

impl Trace {
    /// Puts an expression where the `Val` that is being deserialised will find it.
    pub(crate) fn hand(&mut self, expr: Expr) -> u64 {
        self.handed.push(expr);
        self.handed.len() as u64 - 1
    }

    pub(crate) fn handed(&self, number: u64) -> Option<Expr> {
        self.handed.get(usize::try_from(number).ok()?).cloned()
    }
}
