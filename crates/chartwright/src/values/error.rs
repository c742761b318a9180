//! What is wrong with values that cannot be read.

use std::fmt;

/// A place in a values file, counted from one as editors do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// Where a value comes from: a file, with the position in it, or a flag.
///
/// Its `Display` is one that editors and terminals follow, `values.yaml:3:7`, or the flag as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file or the flag, as the user wrote it.
    pub source: String,
    /// The line and column in that file, where they are known.
    pub position: Option<Position>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.source)?;
        match self.position {
            Some(position) => write!(f, ":{position}"),
            None => Ok(()),
        }
    }
}

/// Values that cannot be read: where, what is wrong, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValuesError {
    /// Where it was found.
    pub place: Place,
    /// The value it is about (`server.replicas`), empty where it is about the whole file or flag.
    pub path: String,
    /// What is wrong.
    pub problem: String,
    /// What to do.
    pub remedy: String,
}

impl ValuesError {
    /// The whole as one sentence without the place, for a report that names the place itself.
    pub fn what(&self) -> String {
        format!("{}; {}", self.problem, self.remedy)
    }
}

impl fmt::Display for ValuesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.place)?;
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        f.write_str(&self.what())
    }
}

impl std::error::Error for ValuesError {}
