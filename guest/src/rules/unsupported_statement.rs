//! # What it does
//! Refuses statements of PostgreSQL that IRIS has no equivalent for.
//!
//! # Why
//! IRIS would call each of them a syntax error.
//!
//! # Example
//! `LISTEN channel` is refused with SQLSTATE 0A000.
//!
//! # Limits
//! None: nothing is done instead.
//!
//! # Versions
//! All.

use crate::diagnostic::Diagnosed;
use crate::reader::statement::Source;
use crate::rule::{Claim, Rule, Scene};
use crate::wit::Diagnostic;

pub(crate) struct UnsupportedStatement;

/// First words, and what to do instead.
const STATEMENTS: &[(&[&str], &str)] = &[
    (&["LISTEN"], "IRIS has no notifications; poll a table"),
    (&["NOTIFY"], "IRIS has no notifications; poll a table"),
    (&["UNLISTEN"], "IRIS has no notifications; poll a table"),
    (
        &["REFRESH", "MATERIALIZED"],
        "use a view, or a table filled by INSERT … SELECT",
    ),
    (
        &["CREATE", "MATERIALIZED"],
        "use a view, or a table filled by INSERT … SELECT",
    ),
    (
        &["CREATE", "RECURSIVE", "VIEW"],
        "IRIS has no recursive queries; follow the references in the application",
    ),
    (
        &["CREATE", "TEMP", "VIEW"],
        "use a view, and drop it when it is no longer needed",
    ),
    (
        &["CREATE", "TEMPORARY", "VIEW"],
        "use a view, and drop it when it is no longer needed",
    ),
    (
        &["CREATE", "OR", "REPLACE", "TEMP"],
        "use a view, and drop it when it is no longer needed",
    ),
    (
        &["CREATE", "OR", "REPLACE", "TEMPORARY"],
        "use a view, and drop it when it is no longer needed",
    ),
    (
        &["CREATE", "OR", "REPLACE", "RECURSIVE"],
        "IRIS has no recursive queries; follow the references in the application",
    ),
    (
        &["ALTER", "INDEX"],
        "drop the index and create it by the other name",
    ),
    (&["DO"], "create a procedure and CALL it"),
    (&["CREATE", "SEQUENCE"], "use an identity column"),
    (&["ALTER", "SEQUENCE"], "use an identity column"),
    (&["DROP", "SEQUENCE"], "use an identity column"),
    (&["CREATE", "DOMAIN"], "use one of IRIS's types"),
    (&["CREATE", "RULE"], "use a trigger"),
    (&["CREATE", "POLICY"], "use IRIS's row-level security"),
    (&["CREATE", "OPERATOR"], "use a function"),
    (&["CREATE", "CAST"], "use a function"),
    (&["CREATE", "PUBLICATION"], "use mirroring"),
    (&["CREATE", "SUBSCRIPTION"], "use mirroring"),
    (
        &["CREATE", "TABLESPACE"],
        "IRIS maps tables to databases in its configuration",
    ),
    (&["SECURITY", "LABEL"], "use GRANT"),
    (&["REASSIGN", "OWNED"], "use GRANT and REVOKE"),
    (
        &["MERGE"],
        "use INSERT OR UPDATE, or UPDATE and INSERT in a transaction",
    ),
];

impl Rule for UnsupportedStatement {
    fn name(&self) -> &'static str {
        "unsupported_statement"
    }

    fn summary(&self) -> &'static str {
        "refuses statements that IRIS has no equivalent for"
    }

    fn claim(&self, source: &Source<'_>, _scene: &Scene<'_>) -> Diagnosed<Option<Claim>> {
        let found = STATEMENTS.iter().find(|(words, _)| source.begins(words));
        match found {
            Some((words, hint)) => Err(Diagnostic::not_supported(
                format!("{} is not supported", words.join(" ")),
                hint,
            )
            .at(source.text, source.range().start)),
            None => Ok(None),
        }
    }
}
