//! Paths of SQL/JSON: what a call leaves out, and what is wrong with a literal.

use pgiris_values::json_path::Path;

use super::Computed;
use crate::diagnostic::Diagnosed;
use crate::types::oid;
use crate::wit::Diagnostic;

/// The functions that take a document, a path, variables, and whether errors are none.
const FUNCTIONS: &[&str] = &[
    "jsonb_path_exists",
    "jsonb_path_exists_tz",
    "jsonb_path_match",
    "jsonb_path_match_tz",
    "jsonb_path_query",
    "jsonb_path_query_tz",
    "jsonb_path_query_array",
    "jsonb_path_query_array_tz",
    "jsonb_path_query_first",
    "jsonb_path_query_first_tz",
];

/// Adds the operands that a call leaves out (`pg_proc.proargdefaults`).
pub(crate) fn complete(name: &str, operands: &mut Vec<Computed>) {
    if !FUNCTIONS.contains(&name) {
        return;
    }
    let defaults = [("{}", oid::JSONB), ("f", oid::BOOL)];
    for (number, (text, type_oid)) in (2..).zip(defaults) {
        if operands.len() == number {
            operands.push(Computed::constant(Some(text.to_owned()), type_oid));
        }
    }
}

/// Looks at a literal.
///
/// # Errors
/// It is no path, or one that is not supported.
pub(super) fn check(text: &str) -> Diagnosed<()> {
    match Path::read(text) {
        Ok(_) => Ok(()),
        Err(wrong) => Err(Diagnostic {
            detail: wrong.detail,
            ..Diagnostic::error(wrong.sqlstate, wrong.message)
        }),
    }
}
