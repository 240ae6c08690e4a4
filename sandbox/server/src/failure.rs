//! What a client is told of an error.

use pgiris_sandbox::SqlError;
use pgwire::error::{ErrorInfo, PgWireError};

/// Query cancelled by user.
const CANCELLED: i32 = -456;

/// Database not found.
const UNKNOWN_NAMESPACE: i32 = -340;

/// An SQLCODE with the text that IRIS's drivers show: `[SQLCODE: <-30>:<Table or view not found …>]`.
///
/// IRIS has no SQLSTATE worth the name, so there are two: 57014 for what was
/// cancelled and XX000 for all else.
pub(crate) fn refused(error: &SqlError) -> PgWireError {
    let sqlstate = match error.sqlcode {
        CANCELLED => "57014",
        _ => "XX000",
    };
    failed(sqlstate, error.to_string())
}

/// An error that is the protocol's, not IRIS's.
pub(crate) fn failed(sqlstate: &str, message: String) -> PgWireError {
    with_severity("ERROR", sqlstate, message)
}

/// There is no such namespace, or nothing to connect to.
pub(crate) fn unreachable(error: &SqlError) -> PgWireError {
    let sqlstate = match error.sqlcode {
        UNKNOWN_NAMESPACE => "3D000",
        _ => "08001",
    };
    with_severity("FATAL", sqlstate, error.to_string())
}

/// The connection is at its end.
pub(crate) fn lost() -> PgWireError {
    let message = "the connection to the sandbox is lost".to_owned();
    with_severity("FATAL", "08006", message)
}

fn with_severity(severity: &str, sqlstate: &str, message: String) -> PgWireError {
    let info = ErrorInfo::new(severity.to_owned(), sqlstate.to_owned(), message);
    PgWireError::UserError(Box::new(info))
}
