//! Why a query has no answer, in PostgreSQL's words.

use std::fmt;

/// An error for the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Appendix A of PostgreSQL's manual.
    pub sqlstate: &'static str,
    /// As PostgreSQL words it.
    pub message: String,
    /// What the user can do.
    pub hint: Option<String>,
    /// In characters of the query's text, from 1.
    pub position: Option<u32>,
}

/// A value, or why there is none.
pub type Result<T> = std::result::Result<T, Failure>;

impl Failure {
    /// An error of that SQLSTATE.
    pub fn new(sqlstate: &'static str, message: impl Into<String>) -> Self {
        Self {
            sqlstate,
            message: message.into(),
            hint: None,
            position: None,
        }
    }

    /// `0A000`
    pub(crate) fn not_supported(what: impl fmt::Display) -> Self {
        Self::new(
            "0A000",
            format!("{what} is not supported in queries on the catalogue"),
        )
    }

    /// `22P02`
    pub(crate) fn bad_input(kind: &str, text: &str) -> Self {
        Self::new(
            "22P02",
            format!("invalid input syntax for type {kind}: \"{text}\""),
        )
    }

    /// `22003`
    pub(crate) fn out_of_range(kind: &str) -> Self {
        Self::new("22003", format!("{kind} out of range"))
    }

    /// With a position, unless it has one.
    #[must_use]
    pub(crate) fn at(mut self, position: Option<u32>) -> Self {
        self.position = self.position.or(position);
        self
    }

    /// With a hint.
    #[must_use]
    pub(crate) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.sqlstate, self.message)
    }
}

impl std::error::Error for Failure {}
