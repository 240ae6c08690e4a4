//! What the journal's triggers and READ COMMITTED queries call.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use rusqlite::Connection;
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::ValueRef;

use super::{Datum, user_error};
use crate::error::SqlError;
use crate::isolation::is_visible;
use crate::journal;
use crate::session::{Session, lock};

/// Registers the functions of this session.
pub(super) fn register(connection: &Connection, session: &Arc<Session>) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8;
    let own = Arc::clone(session);
    connection.create_scalar_function("iris_next", 1, flags, move |context| {
        go_on(&own)?;
        let name = context.get_raw(0).as_str()?;
        Ok(match *lock(&own.tried) {
            Some(_) => own.counters.last(name),
            None => own.counters.next(name),
        })
    })?;
    let own = Arc::clone(session);
    connection.create_scalar_function("iris_change", 2, flags, move |context| {
        let (table, row) = row_of(context)?;
        go_on(&own)?;
        journal::change(&own, table, row).map_err(|()| user_error(SqlError::code(-110)))
    })?;
    let own = Arc::clone(session);
    connection.create_scalar_function("iris_tried", -1, flags, move |context| {
        let values = (0..context.len()).map(|n| context.get(n));
        *lock(&own.tried) = Some(values.collect::<rusqlite::Result<_>>()?);
        Ok(true)
    })?;
    let own = Arc::clone(session);
    connection.create_scalar_function("iris_visible", 2, flags, move |context| {
        // The missing side of an outer join is no row.
        if context.get_raw(1) == ValueRef::Null {
            return Ok(true);
        }
        let (table, row) = row_of(context)?;
        if is_visible(&own, table, row) {
            Ok(true)
        } else {
            Err(user_error(SqlError::code(-114)))
        }
    })?;
    connection.create_scalar_function("iris_pack", -1, flags, |context| {
        let mut row = Vec::new();
        for n in 0..context.len() {
            journal::pack(context.get_raw(n), &mut row);
        }
        Ok(Datum::Blob(row))
    })?;
    connection.create_scalar_function("iris_unpack", 2, flags, |context| {
        let position = usize::try_from(context.get::<i64>(1)?).unwrap_or(usize::MAX);
        let row = context.get_raw(0).as_bytes().ok().and_then(journal::unpack);
        Ok(row
            .and_then(|row| row.into_iter().nth(position))
            .unwrap_or(Datum::Null))
    })
}

/// Ends an interrupted change that SQLite itself must not be told to end.
fn go_on(session: &Session) -> rusqlite::Result<()> {
    if session.fragile.load(Ordering::Relaxed) && session.interrupted.load(Ordering::Relaxed) {
        return Err(user_error(SqlError::code(-456)));
    }
    Ok(())
}

fn row_of<'a>(context: &'a Context<'_>) -> rusqlite::Result<(&'a str, i64)> {
    let table = context.get_raw(0).as_str()?;
    Ok((table, context.get(1)?))
}
