//! What PostgreSQL says of a value for an identity column that is GENERATED ALWAYS.

use crate::wit::Diagnostic;

/// An INSERT that gives it one; none if it is not known which column it is.
pub(crate) fn inserted(column: Option<&str>) -> Diagnostic {
    let message = format!("cannot insert a non-DEFAULT value into {}", named(column));
    Diagnostic::error("428C9", message).with_detail(reason(column))
}

/// What is said of an UPDATE that IRIS refuses: it does so of `serial` columns as well.
pub(crate) fn unchangeable(column: Option<&str>) -> Diagnostic {
    let message = format!("{} cannot be updated", named(column));
    Diagnostic::error("428C9", message)
        .with_detail("IRIS changes no values of identity and serial columns.")
}

/// The same of an UPDATE.
pub(crate) fn updated(column: Option<&str>) -> Diagnostic {
    let message = format!("{} can only be updated to DEFAULT", named(column));
    Diagnostic::error("428C9", message).with_detail(reason(column))
}

fn named(column: Option<&str>) -> String {
    match column {
        Some(name) => format!("column \"{name}\""),
        None => "an identity column".to_owned(),
    }
}

fn reason(column: Option<&str>) -> String {
    match column {
        Some(name) => {
            format!("Column \"{name}\" is an identity column defined as GENERATED ALWAYS.")
        }
        None => "The column is defined as GENERATED ALWAYS.".to_owned(),
    }
}
