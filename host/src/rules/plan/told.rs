//! The guest's words for the client.

use super::Broken;
use crate::diagnostic::{Diagnostic, Objects, Severity};
use crate::monitor::ErrorSource;
use crate::rules::{wit, wit_plan};

pub(super) fn tag(tag: wit_plan::Tag) -> Result<wit_plan::Tag, Broken> {
    if tag.word.is_empty() || tag.word.len() > MAX_TAG {
        Err("a tag is empty or too long")
    } else {
        Ok(tag)
    }
}

/// Longer than any of PostgreSQL's tags.
const MAX_TAG: usize = 63;

/// The guest's words for the client, with what they must keep to.
pub(in crate::rules) fn diagnostic(diagnostic: wit::Diagnostic) -> Result<Diagnostic, Broken> {
    let state = diagnostic.sqlstate.as_bytes();
    if state.len() != 5
        || !state
            .iter()
            .all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
    {
        return Err("an SQLSTATE is not five digits and capitals");
    }
    if diagnostic.message.is_empty() {
        return Err("a diagnostic has no message");
    }
    let objects = Objects {
        schema: diagnostic.schema,
        table: diagnostic.table,
        column: diagnostic.column,
        constraint: diagnostic.constraint,
        context: None,
        routine: None,
    };
    Ok(Diagnostic {
        severity: match diagnostic.severity {
            wit_plan::Severity::Error => Severity::Error,
            wit_plan::Severity::Warning => Severity::Warning,
            wit_plan::Severity::Notice => Severity::Notice,
            wit_plan::Severity::Info => Severity::Info,
            wit_plan::Severity::Debug => Severity::Debug,
            wit_plan::Severity::Log => Severity::Log,
        },
        sqlstate: diagnostic.sqlstate.into(),
        message: diagnostic.message.into(),
        detail: diagnostic.detail,
        hint: diagnostic.hint,
        position: diagnostic.position,
        objects: Some(objects)
            .filter(|objects| *objects != Objects::default())
            .map(Box::new),
        source: ErrorSource::Rules,
    })
}
