//! # What it does
//! Drops functions, procedures and triggers by IRIS's statements, and refuses to make
//! those whose bodies are written for PostgreSQL.
//!
//! # Why
//! A routine of IRIS is known by its name alone and has its body in braces or between
//! BEGIN and END; a trigger of IRIS has a body, not a function.
//!
//! # Example
//! `DROP FUNCTION f(int, text), g` becomes `DROP FUNCTION f` and `DROP FUNCTION g`.
//!
//! # Limits
//! Bodies in strings (`AS $$ … $$`), whatever their language, and `BEGIN ATOMIC` are
//! refused. CASCADE drops nothing but the routine.
//!
//! # Versions
//! All. IRIS's own CREATE FUNCTION, CREATE PROCEDURE and CREATE TRIGGER are passed on.

use crate::command::Words;
use crate::diagnostic::Diagnosed;
use crate::naming;
use crate::reader::lexeme::Kind;
use crate::reader::statement::Source;
use crate::rule::{Claim, Rule, Scene};
use crate::steps::{carried_out, step};
use crate::wit::{Diagnostic, Effect, Step};

pub(crate) struct Routine;

impl Rule for Routine {
    fn name(&self) -> &'static str {
        "routine"
    }

    fn summary(&self) -> &'static str {
        "drops functions, procedures and triggers; refuses bodies written for PostgreSQL"
    }

    fn claim(&self, source: &Source<'_>, _scene: &Scene<'_>) -> Diagnosed<Option<Claim>> {
        let mut words = Words::of(source);
        if words.take("CREATE") {
            words.take_all(&["OR", "REPLACE"]);
            words.take("CONSTRAINT");
            return match kind(&mut words) {
                Some(kind) => refuse_foreign_body(source, kind).map(|()| None),
                None => Ok(None),
            };
        }
        if !words.take("DROP") {
            return Ok(None);
        }
        match kind(&mut words) {
            Some("TRIGGER") => drop_trigger(&mut words),
            Some(kind) => drop_routines(&mut words, kind),
            None => Ok(None),
        }
    }
}

fn kind(words: &mut Words<'_>) -> Option<&'static str> {
    ["FUNCTION", "PROCEDURE", "TRIGGER"]
        .into_iter()
        .find(|kind| words.take(kind))
}

fn refuse_foreign_body(source: &Source<'_>, kind: &str) -> Diagnosed<()> {
    let text = source.text;
    let body = source.lexemes.windows(2).find(|pair| {
        let (first, second) = (pair[0], pair[1]);
        match kind {
            "TRIGGER" => {
                first.is(text, "EXECUTE")
                    && (second.is(text, "FUNCTION") || second.is(text, "PROCEDURE"))
            }
            _ => {
                first.is(text, "AS")
                    && matches!(
                        second.kind,
                        Kind::String | Kind::EscapeString | Kind::DollarString
                    )
                    || first.is(text, "BEGIN") && second.is(text, "ATOMIC")
            }
        }
    });
    let Some(body) = body else { return Ok(()) };
    let (message, hint) = if kind == "TRIGGER" {
        (
            "a trigger that executes a function is not supported",
            "write the body for IRIS: LANGUAGE SQL BEGIN … END, or LANGUAGE OBJECTSCRIPT { … }",
        )
    } else {
        (
            "a function or procedure with a body for PostgreSQL is not supported",
            "write the body for IRIS: LANGUAGE SQL BEGIN … END, or LANGUAGE OBJECTSCRIPT { … }",
        )
    };
    Err(Diagnostic::not_supported(message, hint).at(text, body[0].range().start))
}

/// `DROP FUNCTION [IF EXISTS] f(int), g [CASCADE|RESTRICT]`
fn drop_routines(words: &mut Words<'_>, kind: &str) -> Diagnosed<Option<Claim>> {
    let exists = if_exists(words);
    let names = naming::list(words, |words| {
        let name = naming::qualified(words)?;
        words.take_parenthesised()?;
        Ok(name)
    })?;
    if words.next_is("FROM") {
        // IRIS's own.
        return Ok(None);
    }
    behaviour(words)?;
    let steps: Vec<Step> = names
        .iter()
        .map(|name| step(format!("DROP {kind} {exists}{name}")))
        .collect();
    Ok(Some(carried_out(
        steps,
        &format!("DROP {kind}"),
        Effect::Schema,
    )))
}

/// `DROP TRIGGER [IF EXISTS] n ON t [CASCADE|RESTRICT]`
fn drop_trigger(words: &mut Words<'_>) -> Diagnosed<Option<Claim>> {
    let exists = if_exists(words);
    let name = naming::qualified(words)?;
    if !words.take("ON") {
        // IRIS's own.
        return Ok(None);
    }
    let table = naming::qualified(words)?;
    behaviour(words)?;
    let text = format!("DROP TRIGGER {exists}{name} FROM {table}");
    Ok(Some(carried_out(
        vec![step(text)],
        "DROP TRIGGER",
        Effect::Schema,
    )))
}

fn if_exists(words: &mut Words<'_>) -> &'static str {
    if words.take_all(&["IF", "EXISTS"]) {
        "IF EXISTS "
    } else {
        ""
    }
}

fn behaviour(words: &mut Words<'_>) -> Diagnosed<()> {
    if !words.take("CASCADE") {
        words.take("RESTRICT");
    }
    words.end()
}
