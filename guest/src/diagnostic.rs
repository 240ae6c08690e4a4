//! Diagnostics as PostgreSQL words them: what the guest itself has to complain about.

use pgiris_values::bytes;

use crate::wit::{Diagnostic, Severity};

/// A result whose error is for the client.
pub(crate) type Diagnosed<T> = Result<T, Diagnostic>;

/// Where in the client's text, in characters from 1.
pub(crate) type Position = u32;

impl Diagnostic {
    /// An error with nothing but its SQLSTATE and message.
    pub(crate) fn error(sqlstate: &str, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            sqlstate: sqlstate.to_owned(),
            message: message.into(),
            detail: None,
            hint: None,
            position: None,
            schema: None,
            table: None,
            column: None,
            constraint: None,
        }
    }

    /// A warning that is sent before the result.
    pub(crate) fn warning(sqlstate: &str, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(sqlstate, message)
        }
    }

    /// PostgreSQL syntax or a feature that IRIS has no equivalent for.
    pub(crate) fn not_supported(message: impl Into<String>, hint: &str) -> Self {
        Self::error("0A000", message).with_hint(hint)
    }

    /// What PostgreSQL's grammar says of the token it cannot use.
    pub(crate) fn syntax_error_near(token: &str) -> Self {
        Self::error("42601", format!("syntax error at or near \"{token}\""))
    }

    /// What PostgreSQL's grammar says when the text ends too early.
    pub(crate) fn syntax_error_at_end() -> Self {
        Self::error("42601", "syntax error at end of input")
    }

    /// What PostgreSQL says of a text that is none of bytes.
    pub(crate) fn of_bytes(wrong: bytes::Wrong) -> Self {
        Self::error(wrong.sqlstate(), wrong.to_string())
    }

    pub(crate) fn with_hint(mut self, hint: &str) -> Self {
        self.hint = Some(hint.to_owned());
        self
    }

    pub(crate) fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// `offset` counts bytes of `text` from 0.
    pub(crate) fn at(mut self, text: &str, offset: usize) -> Self {
        self.position = Some(position_of(text, offset));
        self
    }
}

/// The position of a byte offset, as the `P` field of ErrorResponse counts.
pub(crate) fn position_of(text: &str, offset: usize) -> Position {
    let before = characters(&text.as_bytes()[..offset.min(text.len())]);
    Position::try_from(before).unwrap_or(Position::MAX - 1) + 1
}

/// How many characters begin in these bytes of UTF-8.
pub(crate) fn characters(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0xC0 != 0x80).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_characters_from_one() {
        assert_eq!(position_of("größe x", 0), 1);
        assert_eq!(position_of("größe x", "größe ".len()), 7);
        assert_eq!(position_of("", 9), 1);
    }
}
