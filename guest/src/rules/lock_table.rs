//! # What it does
//! Locks tables by IRIS's LOCK TABLE, until the end of the transaction.
//!
//! # Why
//! IRIS has two modes where PostgreSQL has eight, locks one table at a time, and keeps
//! the lock until it is told otherwise or the connection ends.
//!
//! # Example
//! `LOCK TABLE a, b IN SHARE MODE` becomes two statements, and two more for the end of
//! the transaction.
//!
//! # Limits
//! A mode that IRIS lacks becomes the next stronger one that it has: ACCESS SHARE and
//! ROW SHARE become SHARE, the others EXCLUSIVE. Without NOWAIT the statement waits as
//! long as IRIS's lock timeout, and then fails. ROLLBACK TO SAVEPOINT releases nothing.
//!
//! # Versions
//! All. `WAIT` and `UNLOCK TABLE` are IRIS's and passed on.

use crate::command::Words;
use crate::diagnostic::Diagnosed;
use crate::naming;
use crate::reader::statement::Source;
use crate::rule::{Claim, Rule, Scene};
use crate::steps::{sequence, step};
use crate::wit::{Effect, Repetition, Step};

pub(crate) struct LockTable;

/// PostgreSQL's modes, and IRIS's.
const MODES: &[(&[&str], &str)] = &[
    (&["ACCESS", "SHARE"], "SHARE"),
    (&["ACCESS", "EXCLUSIVE"], "EXCLUSIVE"),
    (&["ROW", "SHARE"], "SHARE"),
    (&["ROW", "EXCLUSIVE"], "EXCLUSIVE"),
    (&["SHARE", "UPDATE", "EXCLUSIVE"], "EXCLUSIVE"),
    (&["SHARE", "ROW", "EXCLUSIVE"], "EXCLUSIVE"),
    (&["SHARE"], "SHARE"),
    (&["EXCLUSIVE"], "EXCLUSIVE"),
];

impl Rule for LockTable {
    fn name(&self) -> &'static str {
        "lock_table"
    }

    fn summary(&self) -> &'static str {
        "locks tables until the end of the transaction"
    }

    fn claim(&self, source: &Source<'_>, _scene: &Scene<'_>) -> Diagnosed<Option<Claim>> {
        let mut words = Words::of(source);
        if !words.take("LOCK") {
            return Ok(None);
        }
        words.take("TABLE");
        let tables = naming::list(&mut words, table)?;
        let mode = mode(&mut words)?;
        if words.next_is("WAIT") {
            // IRIS's own.
            return Ok(None);
        }
        let wait = if words.take("NOWAIT") { " WAIT 0" } else { "" };
        words.end()?;
        let mut steps: Vec<Step> = tables
            .iter()
            .map(|table| step(format!("LOCK TABLE {table} IN {mode} MODE{wait}")))
            .collect();
        steps.extend(tables.iter().map(|table| Step {
            repetition: Repetition::AtEnd,
            ..step(format!("UNLOCK TABLE {table} IN {mode} MODE"))
        }));
        Ok(Some(sequence(steps, "LOCK TABLE", Effect::Pin).into()))
    }
}

/// `[ONLY] t [*]`
fn table(words: &mut Words<'_>) -> Diagnosed<String> {
    words.take("ONLY");
    let name = naming::qualified(words)?;
    words.take_symbol("*");
    Ok(name)
}

fn mode(words: &mut Words<'_>) -> Diagnosed<&'static str> {
    if !words.take("IN") {
        return Ok("EXCLUSIVE");
    }
    let found = MODES.iter().find(|(names, _)| words.take_all(names));
    let Some((_, mode)) = found else {
        return words.fail();
    };
    words.expect("MODE")?;
    Ok(mode)
}
