//! What is told of a server's errors and of a lost connection.

use fallible_iterator::FallibleIterator;
use postgres_protocol::message::backend::ErrorFields;

use crate::upstream::{UpstreamError, UpstreamErrorKind};

/// The connection is gone.
pub(super) fn lost(message: impl Into<String>) -> UpstreamError {
    UpstreamError {
        kind: UpstreamErrorKind::Connection,
        sqlcode: 0,
        sqlstate: None,
        message: message.into(),
    }
}

/// The server does not keep to the protocol.
pub(super) fn nonsense(what: &str) -> UpstreamError {
    lost(format!("the server broke the protocol: {what}"))
}

/// Manual, "Error and Notice Message Fields".
pub(super) fn reported(mut fields: ErrorFields<'_>) -> UpstreamError {
    let mut error = lost("the server reported an error without a message");
    let mut severity = String::new();
    // What cannot be read ends the list; what was read before still helps.
    while let Ok(Some(field)) = fields.next() {
        let value = || String::from_utf8_lossy(field.value_bytes()).into_owned();
        match field.type_() {
            b'S' if severity.is_empty() => severity = value(),
            // Like S, but never translated; servers before 9.6 do not send it.
            b'V' => severity = value(),
            b'C' => error.sqlstate = Some(value()),
            b'M' => error.message = value(),
            _ => {}
        }
    }
    error.sqlcode = sqlcode_in(&error.message);
    error.kind = match severity.as_str() {
        "FATAL" | "PANIC" => UpstreamErrorKind::Connection,
        _ => UpstreamErrorKind::Statement,
    };
    error
}

/// PGWire endpoints pass on the text of IRIS, `[SQLCODE: <-30>:<…>]`.
fn sqlcode_in(message: &str) -> i32 {
    let code = message
        .split_once("[SQLCODE: <")
        .and_then(|(_, rest)| rest.split_once('>'));
    code.and_then(|(code, _)| code.parse().ok())
        .filter(|code| *code < 0)
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sqlcode_is_read_from_the_text_of_iris() {
        assert_eq!(
            sqlcode_in("x [SQLCODE: <-30>:<Table or view not found>]"),
            -30
        );
        assert_eq!(sqlcode_in("[SQLCODE: <100>:<no row>]"), 0);
        assert_eq!(sqlcode_in("relation \"t\" does not exist"), 0);
    }
}
