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

/// Values that cannot be read: where, what is wrong, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValuesError {
    /// The file or the flag it was found in, as the user wrote it.
    pub source: String,
    /// The line and column in that file, where they are known.
    pub position: Option<Position>,
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

    /// The place as one word: `values.yaml:3:7`, or just the flag.
    pub fn place(&self) -> String {
        match self.position {
            Some(position) => format!("{}:{position}", self.source),
            None => self.source.clone(),
        }
    }
}

impl fmt::Display for ValuesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.place())?;
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        f.write_str(&self.what())
    }
}

impl std::error::Error for ValuesError {}
