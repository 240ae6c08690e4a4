//! The one error of the stand-in: an SQLCODE and the text of `%msg`.

use std::fmt;

/// An SQL error as IRIS reports it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SqlError {
    /// Negative, as in the Error Reference.
    pub sqlcode: i32,
    /// The standard text of the code, and `%msg` where IRIS gives one.
    pub message: String,
}

impl fmt::Display for SqlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[SQLCODE: <{}>:<{}>]", self.sqlcode, self.message)
    }
}

impl std::error::Error for SqlError {}
