//! What goes wrong at a server, or on the way to it.

/// An error of the server or of the way to it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct UpstreamError {
    /// What it means for the connection.
    pub kind: UpstreamErrorKind,
    /// Negative; 0 if the server gave none.
    pub sqlcode: i32,
    /// If the server speaks of SQLSTATEs.
    pub sqlstate: Option<String>,
    /// The server's text.
    pub message: String,
}

/// Whether a connection outlives an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UpstreamErrorKind {
    /// The server refused a statement; the connection goes on.
    Statement,
    /// The connection is lost or was never made.
    Connection,
}

impl UpstreamError {
    /// The server refused a statement with this SQLCODE, by which the rules know what clients are to be told; 0: it gave
    /// none.
    pub fn refused(sqlcode: i32, message: impl Into<String>) -> Self {
        Self {
            kind: UpstreamErrorKind::Statement,
            sqlcode,
            sqlstate: None,
            message: message.into(),
        }
    }

    /// The connection is lost, or was never made.
    pub fn lost(message: impl Into<String>) -> Self {
        Self {
            kind: UpstreamErrorKind::Connection,
            ..Self::refused(0, message)
        }
    }

    /// A row is longer than [`Connection::limit_rows`](super::Connection::limit_rows) allows. What the server answers behind it,
    /// up to the next [`Operation::Sync`](super::Operation::Sync), need not be kept back.
    pub fn row_too_long() -> Self {
        Self::refused(0, "a row is too long").with_sqlstate("54000")
    }

    /// With the SQLSTATE that clients are told.
    #[must_use]
    pub fn with_sqlstate(mut self, sqlstate: impl Into<String>) -> Self {
        self.sqlstate = Some(sqlstate.into());
        self
    }
}
