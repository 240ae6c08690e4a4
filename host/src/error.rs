//! The library's one error.

use std::fmt;

use crate::diagnostic::Diagnostic;

/// Something broke. What a client is told of it is another matter: see
/// `diagnostic.rs`.
#[derive(Debug)]
pub struct Error {
    kind: ErrorKind,
    message: String,
}

/// Who is to blame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The configuration, or how the library was called.
    Configuration,
    /// A component: missing, broken, of another interface version, misbehaving.
    Rules,
    /// The database, or the way to it.
    Upstream,
    /// The broker itself, or the machine under it.
    Broker,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
        }
    }

    pub(crate) fn rules(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Rules, message)
    }

    pub(crate) fn broker(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Broker, message)
    }

    /// Who is to blame.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

/// What a client is told, for programs that embed the library.
impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.message, self.sqlstate)
    }
}

impl std::error::Error for Diagnostic {}
