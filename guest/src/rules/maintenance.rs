//! # What it does
//! Carries out ANALYZE and REINDEX TABLE by what IRIS has for them, and acknowledges
//! VACUUM and CHECKPOINT, which IRIS needs no statement for.
//!
//! # Why
//! Tools and migrations send these as a matter of course; IRIS would call them syntax
//! errors.
//!
//! # Example
//! `ANALYZE t` becomes `TUNE TABLE t`.
//!
//! # Limits
//! ANALYZE without a table, and REINDEX of anything but a table, are refused. Columns
//! named by ANALYZE are not told to IRIS: it looks at all.
//!
//! # Versions
//! All.

use crate::classify::plain;
use crate::command::Words;
use crate::diagnostic::Diagnosed;
use crate::reader::statement::Source;
use crate::reserved;
use crate::rule::{Claim, Rule, Scene};
use crate::wit::{
    Diagnostic, Effect, Forward, Plan, Repetition, RowUse, Sequence, Severity, Statement, Step,
};

pub(crate) struct Maintenance;

impl Rule for Maintenance {
    fn name(&self) -> &'static str {
        "maintenance"
    }

    fn summary(&self) -> &'static str {
        "carries out or acknowledges ANALYZE, REINDEX, VACUUM and CHECKPOINT"
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
            return Ok(Some(acknowledged(
                "VACUUM",
                "IRIS reclaims space by itself",
            )));
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
    words.take("VERBOSE");
    if words.at_end() {
        return Err(Diagnostic::not_supported(
            "ANALYZE without a table is not supported",
            "name the tables",
        ));
    }
    let mut steps = Vec::new();
    loop {
        steps.push(step(format!("TUNE TABLE {}", table(words)?)));
        if words.take_symbol("(") {
            while !words.take_symbol(")") {
                if words.advance().is_none() {
                    return words.fail();
                }
            }
        }
        if !words.take_symbol(",") {
            break;
        }
    }
    words.end()?;
    Ok(carried_out(steps, "ANALYZE"))
}

fn reindex(words: &mut Words<'_>) -> Diagnosed<Claim> {
    if !words.take("TABLE") {
        return Err(Diagnostic::not_supported(
            "REINDEX of anything but a table is not supported",
            "use REINDEX TABLE",
        ));
    }
    words.take("CONCURRENTLY");
    let steps = vec![step(format!("BUILD INDEX FOR TABLE {}", table(words)?))];
    words.end()?;
    Ok(carried_out(steps, "REINDEX"))
}

/// The name of a table, as IRIS reads it.
fn table(words: &mut Words<'_>) -> Diagnosed<String> {
    let mut name = words.identifier()?;
    if !words.take_symbol(".") {
        return Ok(quoted(&name));
    }
    if name == "public" {
        "SQLUser".clone_into(&mut name);
    } else {
        name = quoted(&name);
    }
    Ok(format!("{name}.{}", quoted(&words.identifier()?)))
}

fn quoted(name: &str) -> String {
    let is_plain = name.starts_with(|first: char| first.is_ascii_lowercase())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
        && !reserved::only_in_iris(&name.to_ascii_uppercase());
    if is_plain {
        name.to_owned()
    } else {
        format!("\"{}\"", name.replace('"', "\"\""))
    }
}

fn statement(text: String) -> Statement {
    Statement {
        pieces: vec![text],
        arguments: Vec::new(),
    }
}

fn step(text: String) -> Step {
    Step {
        statement: statement(text),
        repetition: Repetition::Once,
        rows: RowUse::Discard,
        counted: false,
        tolerated: Vec::new(),
        if_empty: None,
    }
}

fn carried_out(mut steps: Vec<Step>, tag: &str) -> Claim {
    if steps.len() == 1
        && let Some(only) = steps.pop()
    {
        return Plan::Forward(Forward {
            statement: only.statement,
            parameters: Vec::new(),
            columns: Vec::new(),
            tag: plain(tag),
            effect: Effect::Write,
            verbatim: false,
        })
        .into();
    }
    sequence(steps, tag).into()
}

fn sequence(steps: Vec<Step>, tag: &str) -> Plan {
    Plan::Sequence(Sequence {
        steps,
        parameters: Vec::new(),
        columns: Vec::new(),
        tag: plain(tag),
        effect: Effect::Read,
    })
}

/// Nothing is to be done, and the client is told so.
fn acknowledged(tag: &str, why: &str) -> Claim {
    let mut notice = Diagnostic::error("00000", format!("{tag} does nothing"));
    notice.severity = Severity::Notice;
    Claim {
        plan: sequence(Vec::new(), tag),
        notices: vec![notice.with_detail(why)],
    }
}
