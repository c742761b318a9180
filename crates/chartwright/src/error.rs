//! The one error type of the crate.

use std::fmt;
use std::panic::Location;

/// What `Result` means in this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Something that stands in the way of a chart or a rendering: what, where, and what to do.
///
/// Its `Display` is made for the reader: one block a problem, each with the path of the value or
/// the object, the line of Rust where that is known, and a remedy.
#[derive(Clone)]
pub struct Error(Box<Report>);

#[derive(Clone)]
struct Report {
    kind: Kind,
    problems: Vec<Problem>,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where: a value's path (`server.replicas`), an object (`Deployment server`), or a file.
    pub at: String,
    /// What is wrong and what to do.
    pub what: String,
    /// What it comes from, where known: the line of Rust (`src/stack/server.rs:40`), the place in the values file
    /// (`values.yaml:3:7`), or the flag (`--set server.replicas=2`).
    pub source: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The values cannot be read.
    Unreadable,
    /// The values do not fit the schema.
    Values,
    /// The values fit the schema, and the chart refuses them all the same.
    Refused,
    /// The release's name, or the version of its cluster, is refused.
    Release,
    /// The function cannot be traced, or its trace is not what it does.
    Trace,
    /// An upgrade of the released chart to this one would fail, or lose data.
    Upgrade,
    /// The disk.
    Io,
}

impl Error {
    pub(crate) fn new(kind: Kind, problems: Vec<Problem>) -> Self {
        Self(Box::new(Report { kind, problems }))
    }

    pub(crate) fn one(kind: Kind, at: impl Into<String>, what: impl Into<String>) -> Self {
        Self::new(
            kind,
            vec![Problem {
                at: at.into(),
                what: what.into(),
                source: None,
            }],
        )
    }

    pub(crate) fn trace(at: impl Into<String>, what: impl Into<String>) -> Self {
        Self::one(Kind::Trace, at, what)
    }

    pub(crate) fn io(path: &std::path::Path, error: &std::io::Error) -> Self {
        Self::one(Kind::Io, path.display().to_string(), error.to_string())
    }

    /// The same error, with the line of Rust that caused it.
    pub(crate) fn caused_at(mut self, location: &Location<'_>) -> Self {
        for problem in &mut self.0.problems {
            problem
                .source
                .get_or_insert_with(|| format!("{}:{}", location.file(), location.line()));
        }
        self
    }

    /// The same error, one level up in an object: below the key, or at the index (`[0]`), of what it is about.
    pub(crate) fn under(mut self, segment: &str) -> Self {
        for problem in &mut self.0.problems {
            let dot = if problem.at.is_empty() || problem.at.starts_with('[') {
                ""
            } else {
                "."
            };
            problem.at = format!("{segment}{dot}{}", problem.at);
        }
        self
    }

    /// The same error, in an object of the chart.
    pub(crate) fn in_object(mut self, file: &str) -> Self {
        for problem in &mut self.0.problems {
            problem.at = match problem.at.as_str() {
                "" => format!("templates/{file}.yaml"),
                path => format!("templates/{file}.yaml, {path}"),
            };
        }
        self
    }

    /// The same error, which `what` is to blame for: a preset, say.
    pub(crate) fn of(mut self, what: &str) -> Self {
        for problem in &mut self.0.problems {
            problem.at = match problem.at.as_str() {
                "" => what.into(),
                path => format!("{what}, {path}"),
            };
        }
        self
    }

    /// The same error, where `place` knows of a path where the user wrote it.
    pub(crate) fn located(mut self, place: impl Fn(&str) -> Option<String>) -> Self {
        for problem in &mut self.0.problems {
            if problem.source.is_none() {
                problem.source = place(&problem.at);
            }
        }
        self
    }

    /// All that is wrong, in the order in which it was found.
    pub fn problems(&self) -> &[Problem] {
        &self.0.problems
    }

    /// Whether the user's values are at fault: unreadable, not fitting the schema, or refused.
    pub fn is_values(&self) -> bool {
        matches!(self.0.kind, Kind::Unreadable | Kind::Values | Kind::Refused)
    }

    /// Whether it is one of the chart's own refusals ([`Release::refuse_if`](crate::Release::refuse_if)).
    pub fn is_refusal(&self) -> bool {
        self.0.kind == Kind::Refused
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.at.as_str() {
            "" => write!(f, "{}", self.what)?,
            at => write!(f, "{at}: {}", self.what)?,
        }
        match &self.source {
            Some(source) => write!(f, "\n  --> {source}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let headline = match self.0.kind {
            Kind::Unreadable => "the values cannot be read:\n",
            Kind::Values => "the values do not fit the chart's schema:\n",
            Kind::Refused => "the values are refused:\n",
            Kind::Release => "the release is refused:\n",
            Kind::Upgrade => "an upgrade of what is released is not safe:\n",
            Kind::Trace | Kind::Io => "",
        };
        f.write_str(headline)?;
        for (i, problem) in self.0.problems.iter().enumerate() {
            let bullet = if headline.is_empty() { "" } else { "- " };
            write!(f, "{}{bullet}{problem}", if i == 0 { "" } else { "\n" })?;
        }
        Ok(())
    }
}

/// As `Display`, so that `fn main() -> Result<()>` prints what a person can read.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Error {}
