//! # What it does
//! Carries out ANALYZE, VACUUM (ANALYZE) and REINDEX TABLE by what IRIS has for them, and
//! acknowledges VACUUM, CLUSTER and CHECKPOINT, which IRIS needs no statement for.
//!
//! # Why
//! Tools and migrations send these as a matter of course; IRIS would call them syntax
//! errors.
//!
//! # Example
//! `ANALYZE t` becomes `TUNE TABLE t`.
//!
//! # Limits
//! ANALYZE without a table does nothing but say so: IRIS is told of tables by name.
//! REINDEX of anything but a table is refused. Columns named by ANALYZE are not told to
//! IRIS: it looks at all.
//!
//! # Versions
//! All.

use crate::command::Words;
use crate::diagnostic::Diagnosed;
use crate::naming;
use crate::reader::statement::Source;
use crate::rule::{Claim, Rule, Scene};
use crate::steps::{acknowledged, carried_out, step};
use crate::wit::{Diagnostic, Effect, Step};

pub(crate) struct Maintenance;

impl Rule for Maintenance {
    fn name(&self) -> &'static str {
        "maintenance"
    }

    fn summary(&self) -> &'static str {
        "carries out or acknowledges ANALYZE, REINDEX, VACUUM, CLUSTER and CHECKPOINT"
    }

    fn claim(&self, source: &Source<'_>, _scene: &Scene<'_>) -> Diagnosed<Option<Claim>> {
        let mut words = Words::of(source);
        if words.take("ANALYZE") || words.take("ANALYSE") {
            return analyze(&mut words).map(Some);
        }
        if words.take("REINDEX") {
            return reindex(&mut words).map(Some);
        }
        if words.take("VACUUM") {
            return vacuum(&mut words).map(Some);
        }
        if words.take("CLUSTER") {
            return cluster(&mut words).map(Some);
        }
        if words.take("CHECKPOINT") {
            words.end()?;
            return Ok(Some(acknowledged(
                "CHECKPOINT",
                "IRIS writes its journal by itself",
            )));
        }
        Ok(None)
    }
}

fn analyze(words: &mut Words<'_>) -> Diagnosed<Claim> {
    options(words, &["VERBOSE", "SKIP_LOCKED"])?;
    words.take("VERBOSE");
    if words.at_end() {
        return Ok(acknowledged(
            "ANALYZE",
            "IRIS gathers statistics of one table at a time; name the tables",
        ));
    }
    Ok(carried_out(tuned(words)?, "ANALYZE", Effect::Read))
}

fn vacuum(words: &mut Words<'_>) -> Diagnosed<Claim> {
    let mut analyzes = options(
        words,
        &[
            "FULL",
            "FREEZE",
            "VERBOSE",
            "ANALYZE",
            "ANALYSE",
            "DISABLE_PAGE_SKIPPING",
            "SKIP_LOCKED",
            "INDEX_CLEANUP",
            "PROCESS_TOAST",
            "TRUNCATE",
            "PARALLEL",
        ],
    )?;
    for word in ["FULL", "FREEZE", "VERBOSE"] {
        words.take(word);
    }
    analyzes |= words.take("ANALYZE") || words.take("ANALYSE");
    let claim = acknowledged("VACUUM", "IRIS reclaims space by itself");
    if words.at_end() {
        return Ok(claim);
    }
    let steps = tuned(words)?;
    Ok(if analyzes {
        carried_out(steps, "VACUUM", Effect::Read)
    } else {
        claim
    })
}

/// The tables to the end of the statement, each with columns or without.
fn tuned(words: &mut Words<'_>) -> Diagnosed<Vec<Step>> {
    let steps = naming::list(words, |words| {
        let table = naming::qualified(words)?;
        if words.take_symbol("(") {
            naming::list(words, |words| words.identifier())?;
            if !words.take_symbol(")") {
                return words.fail();
            }
        }
        Ok(step(format!("TUNE TABLE {table}")))
    })?;
    words.end()?;
    Ok(steps)
}

/// `(FULL, ANALYZE true, PARALLEL 2)`; tells whether ANALYZE is switched on.
fn options(words: &mut Words<'_>, known: &[&str]) -> Diagnosed<bool> {
    if !words.take_symbol("(") {
        return Ok(false);
    }
    let mut analyzes = false;
    naming::list(words, |words| {
        let Some(word) = words.peek() else {
            return words.fail();
        };
        if !known.iter().any(|known| words.next_is(known)) {
            let name = words.identifier()?;
            return Err(
                Diagnostic::error("42601", format!("unrecognized option \"{name}\""))
                    .at(words.source.text, word.range().start),
            );
        }
        let analyze = words.next_is("ANALYZE") || words.next_is("ANALYSE");
        words.advance();
        let off = ["FALSE", "OFF"].iter().any(|off| words.next_is(off));
        if words.peek().is_some_and(|next| {
            !next.is_symbol(words.source.text, ",") && !next.is_symbol(words.source.text, ")")
        }) {
            words.advance();
        }
        analyzes |= analyze && !off;
        Ok(())
    })?;
    if !words.take_symbol(")") {
        return words.fail();
    }
    Ok(analyzes)
}

fn reindex(words: &mut Words<'_>) -> Diagnosed<Claim> {
    options(words, &["VERBOSE", "CONCURRENTLY", "TABLESPACE"])?;
    if !words.take("TABLE") {
        return Err(Diagnostic::not_supported(
            "REINDEX of anything but a table is not supported",
            "use REINDEX TABLE",
        ));
    }
    words.take("CONCURRENTLY");
    let steps = vec![step(format!(
        "BUILD INDEX FOR TABLE {}",
        naming::qualified(words)?
    ))];
    words.end()?;
    Ok(carried_out(steps, "REINDEX", Effect::Read))
}

/// The order of rows on disk has no meaning.
fn cluster(words: &mut Words<'_>) -> Diagnosed<Claim> {
    options(words, &["VERBOSE"])?;
    words.take("VERBOSE");
    if !words.at_end() {
        naming::qualified(words)?;
        if words.take("USING") {
            words.identifier()?;
        }
    }
    words.end()?;
    Ok(acknowledged("CLUSTER", "IRIS stores rows by their IDKEY"))
}
