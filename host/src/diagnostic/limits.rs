//! What is longer than the configuration allows.

use super::Diagnostic;

impl Diagnostic {
    /// A statement is not translated that is longer than `limit` bytes.
    pub(crate) fn statement_too_long(length: usize, limit: usize) -> Self {
        Self::error("54000", "the statement is too long")
            .with_detail(format!(
                "It has {length} bytes, and may have {limit} (clients.statement)."
            ))
            .with_hint("Bind long values as parameters, insert many rows by COPY, or let an administrator raise clients.statement.")
    }

    /// A row of the database's is longer than `limit` bytes.
    pub(crate) fn row_too_long(limit: usize) -> Self {
        Self::error("54000", "a row is too long")
            .with_detail(format!(
                "A row may have {limit} bytes on its way to the client (clients.row)."
            ))
            .with_hint("Ask for fewer or for parts of the columns, or let an administrator raise clients.row.")
    }
}
