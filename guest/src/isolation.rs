//! Transaction modes: what PostgreSQL allows to ask for, and what IRIS has of it.
//!
//! PostgreSQL manual, SET TRANSACTION; InterSystems SQL Reference, START TRANSACTION.

use crate::command::Words;
use crate::diagnostic::Diagnosed;
use crate::rule::Scene;
use crate::wit::{Access, Diagnostic, Isolation};

/// The setting that runs the levels IRIS lacks one level down.
pub(crate) const FALLBACK_SETTING: &str = "pgiris.isolation_fallback";

/// The modes a statement names.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Modes {
    pub(crate) isolation: Option<Isolation>,
    pub(crate) access: Option<Access>,
}

/// Reads modes to the end of the statement, with or without commas.
pub(crate) fn modes(words: &mut Words<'_>) -> Diagnosed<Modes> {
    let mut modes = Modes::default();
    while !words.at_end() {
        if words.take_all(&["ISOLATION", "LEVEL"]) {
            modes.isolation = Some(level(words)?);
        } else if words.take_all(&["READ", "ONLY"]) {
            modes.access = Some(Access::ReadOnly);
        } else if words.take_all(&["READ", "WRITE"]) {
            modes.access = Some(Access::ReadWrite);
        } else if !words.take_all(&["NOT", "DEFERRABLE"]) && !words.take("DEFERRABLE") {
            return words.fail();
        }
        if words.take_symbol(",") && words.at_end() {
            return words.fail();
        }
    }
    Ok(modes)
}

fn level(words: &mut Words<'_>) -> Diagnosed<Isolation> {
    if words.take_all(&["READ", "UNCOMMITTED"]) {
        Ok(Isolation::ReadUncommitted)
    } else if words.take_all(&["READ", "COMMITTED"]) {
        Ok(Isolation::ReadCommitted)
    } else if words.take_all(&["REPEATABLE", "READ"]) {
        Ok(Isolation::RepeatableRead)
    } else if words.take("SERIALIZABLE") {
        Ok(Isolation::Serializable)
    } else {
        words.fail()
    }
}

/// The level of a setting's value.
pub(crate) fn level_of(value: &str) -> Option<Isolation> {
    match value.to_ascii_lowercase().as_str() {
        "read uncommitted" => Some(Isolation::ReadUncommitted),
        "read committed" => Some(Isolation::ReadCommitted),
        "repeatable read" => Some(Isolation::RepeatableRead),
        "serializable" => Some(Isolation::Serializable),
        _ => None,
    }
}

/// The value of a setting for a level.
pub(crate) fn value_of(level: Isolation) -> &'static str {
    match level {
        Isolation::ReadUncommitted => "read uncommitted",
        Isolation::ReadCommitted => "read committed",
        Isolation::RepeatableRead => "repeatable read",
        Isolation::Serializable => "serializable",
    }
}

/// The level to run at, and a warning if it is not the one asked for.
///
/// # Errors
/// A refusal of a level that IRIS lacks, unless the fallback is switched on.
pub(crate) fn available(
    asked: Isolation,
    scene: &Scene<'_>,
) -> Diagnosed<(Isolation, Option<Diagnostic>)> {
    if matches!(asked, Isolation::ReadUncommitted | Isolation::ReadCommitted) {
        return Ok((asked, None));
    }
    let level = value_of(asked).to_ascii_uppercase();
    if scene.is_on(FALLBACK_SETTING) {
        let warning = Diagnostic::warning(
            "01000",
            format!("isolation level {level} is not available, using READ COMMITTED"),
        );
        return Ok((Isolation::ReadCommitted, Some(warning)));
    }
    Err(Diagnostic::not_supported(
        format!("isolation level {level} is not supported"),
        "use READ COMMITTED, or set pgiris.isolation_fallback to on to have it used instead",
    ))
}
