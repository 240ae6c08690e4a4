//! Runs ObjectScript for SQLite: compute code, defaults, functions; queues what fires triggers.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use rusqlite::Connection;
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::ValueRef;

use super::{Datum, text_of, user_error};
use crate::error::{Result, SqlError};
use crate::objectscript::{Machine, Program, Values};
use crate::session::{Fired, Session, lock};

/// `''` of SQL; the empty string of ObjectScript is NULL.
const EMPTY: &str = "\0";

/// The SQLCODE of compute code that fails when a row is read.
const READING: i32 = -350;

/// How many rows one statement may fire triggers for.
const MOST_FIRED: usize = 1_000_000;

/// Registers the functions of this session.
pub(super) fn register(connection: &Connection, session: &Arc<Session>) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    let s = Arc::clone(session);
    connection.create_scalar_function("iris_compute", -1, flags, move |context| {
        compute(&s, context)
    })?;
    let s = Arc::clone(session);
    connection.create_scalar_function(
        "iris_expression",
        1,
        FunctionFlags::SQLITE_UTF8,
        move |c| {
            let program = program(c, Program::expression)?;
            let mut machine = machine(&s, Values::new(), Values::new());
            run(&program, &mut machine, -400).map(value)
        },
    )?;
    let s = Arc::clone(session);
    connection.create_scalar_function(
        "iris_objectscript",
        -1,
        FunctionFlags::SQLITE_UTF8,
        move |context| {
            let program = program(context, Program::commands)?;
            let mut machine = machine(&s, Values::new(), pairs(context, 1));
            run(&program, &mut machine, -149).map(value)
        },
    )?;
    let s = Arc::clone(session);
    connection.create_scalar_function("iris_fire", -1, FunctionFlags::SQLITE_UTF8, move |c| {
        fire(&s, c).map_err(user_error)
    })?;
    let s = Arc::clone(session);
    connection.create_scalar_function(
        "iris_no_trigger",
        0,
        FunctionFlags::SQLITE_UTF8,
        move |_| Ok(i64::from(s.no_trigger.load(Ordering::Relaxed))),
    )
}

/// `iris_compute(code, column, SQLCODE, field, value, …)`
fn compute(session: &Session, context: &Context<'_>) -> rusqlite::Result<Datum> {
    let program = program(context, Program::commands)?;
    let own = format!("{}* ", text_of(context.get_raw(1)));
    let code = match context.get_raw(2) {
        ValueRef::Integer(code) => i32::try_from(code).unwrap_or(-400),
        _ => -400,
    };
    let mut machine = machine(session, pairs(context, 3), Values::new());
    let result = run(&program, &mut machine, code);
    // SQLite computes what is only read while it files a row too; nobody sees that value.
    if result.is_err() && code == READING && session.filing.load(Ordering::Relaxed) {
        return Ok(Datum::Null);
    }
    result?;
    let set = machine
        .fields
        .remove("** ")
        .or_else(|| machine.fields.remove(&own));
    Ok(value(set))
}

/// The program of the first argument, read once for each statement.
fn program(
    context: &Context<'_>,
    read: fn(&str) -> Result<Program>,
) -> rusqlite::Result<Arc<Program>> {
    context.get_or_create_aux(0, |code| read(&text_of(code)).map_err(Box::new))
}

fn run(program: &Program, machine: &mut Machine, code: i32) -> rusqlite::Result<Option<String>> {
    program
        .run(machine)
        .map_err(|error| user_error(SqlError::new(code, error.message)))
}

fn machine(session: &Session, fields: Values, variables: Values) -> Machine {
    let mut machine = Machine::new(fields, variables);
    machine.user.clone_from(&session.user);
    machine
}

/// Names and values from the argument `from` on.
fn pairs(context: &Context<'_>, from: usize) -> Values {
    let mut pairs = Values::new();
    let mut at = from;
    while at + 1 < context.len() {
        pairs.insert(
            text_of(context.get_raw(at)),
            string(context.get_raw(at + 1)),
        );
        at += 2;
    }
    pairs
}

/// A value of SQL in ObjectScript.
pub(crate) fn string(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Text(b"") => EMPTY.to_owned(),
        other => text_of(other),
    }
}

/// A value of ObjectScript in SQL.
fn value(text: Option<String>) -> Datum {
    match text.as_deref() {
        None | Some("") => Datum::Null,
        Some(EMPTY) => Datum::Text(String::new()),
        Some(text) => Datum::Text(text.to_owned()),
    }
}

/// `iris_fire(table, event, count, old values…, new values…)`
fn fire(session: &Session, context: &Context<'_>) -> Result<Datum> {
    let datum = |n: usize| match context.get_raw(n) {
        ValueRef::Null => Datum::Null,
        ValueRef::Integer(number) => Datum::Integer(number),
        ValueRef::Real(number) => Datum::Real(number),
        ValueRef::Blob(bytes) => Datum::Blob(bytes.to_vec()),
        text @ ValueRef::Text(_) => Datum::Text(text_of(text)),
    };
    let old = match context.get_raw(2) {
        ValueRef::Integer(count) => usize::try_from(count).unwrap_or(0),
        _ => 0,
    };
    let middle = (3 + old).min(context.len());
    let fired = Fired {
        table: text_of(context.get_raw(0)),
        event: text_of(context.get_raw(1)),
        old: (3..middle).map(datum).collect(),
        new: (middle..context.len()).map(datum).collect(),
    };
    let mut queue = lock(&session.fired);
    if queue.len() >= MOST_FIRED {
        return Err(SqlError::new(-400, "<STORE> too many rows fire triggers"));
    }
    queue.push(fired);
    Ok(Datum::Null)
}
