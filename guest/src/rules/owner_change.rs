//! # What it does
//! Acknowledges `ALTER … OWNER TO` of schemas, types, views and routines.
//!
//! # Why
//! What IRIS has of owners no statement changes, and dumps of PostgreSQL name the owner of
//! every object. Tables and sequences are the matter of `table_change` and
//! `sequence_definition`.
//!
//! # Example
//! `ALTER SCHEMA s OWNER TO joe` does nothing, and a WARNING says so.
//!
//! # Limits
//! Whether there are such an object and such a role is not looked at.
//!
//! # Versions
//! All.

use crate::diagnostic::Diagnosed;
use crate::reader::lexeme::Kind;
use crate::reader::statement::Source;
use crate::rule::{Claim, Rule, Scene};
use crate::steps;
use crate::wit::Diagnostic;

pub(crate) struct OwnerChange;

/// Kinds of objects that there are on IRIS, or that the broker keeps there.
const OBJECTS: &[&str] = &["SCHEMA", "TYPE", "VIEW", "FUNCTION", "PROCEDURE", "ROUTINE"];

impl Rule for OwnerChange {
    fn name(&self) -> &'static str {
        "owner_change"
    }

    fn summary(&self) -> &'static str {
        "acknowledges ALTER … OWNER TO"
    }

    fn claim(&self, source: &Source<'_>, _scene: &Scene<'_>) -> Diagnosed<Option<Claim>> {
        let text = source.text;
        let object = OBJECTS.iter().find(|word| source.begins(&["ALTER", word]));
        let (Some(object), [_, _, _, .., owner, to, role]) = (object, source.lexemes) else {
            return Ok(None);
        };
        let is_name = matches!(role.kind, Kind::Word | Kind::QuotedIdentifier);
        if !(owner.is(text, "OWNER") && to.is(text, "TO") && is_name) {
            return Ok(None);
        }
        Ok(Some(Claim {
            plan: steps::nothing(&format!("ALTER {object}")),
            notices: vec![
                Diagnostic::warning("01000", "the owner is not changed").with_hint("use GRANT"),
            ],
        }))
    }
}
