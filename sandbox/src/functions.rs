//! The functions and collations that the binder's SQL calls inside SQLite.

mod aggregate;
mod convert;
mod date;
pub(crate) mod date_part;
mod date_shift;
mod deviation;
mod format;
mod hash;
mod instant;
mod journal;
pub(crate) mod json;
mod list;
mod math;
mod number;
mod number_format;
pub(crate) mod objectscript;
mod pattern;
mod position;
mod predicate;
mod read_format;
mod session;
mod store;
mod substring;
mod sum;
mod text;
mod transform;
mod vector;
mod xml;

use std::sync::Arc;

use bigdecimal::BigDecimal;
use rusqlite::Connection;
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::ValueRef;

pub(crate) use rusqlite::types::Value as Datum;
pub(crate) use session::guid;
pub(crate) use store::{failure, fit_in, lenient};

use crate::collation::Collation;
use crate::decimal;
use crate::error::{Result, SqlError};
use crate::session::Session;

/// Makes everything known to a fresh SQLite connection.
pub(crate) fn register(connection: &Connection, session: &Arc<Session>) -> rusqlite::Result<()> {
    register_collations(connection)?;
    let groups = [
        convert::FUNCTIONS,
        date::FUNCTIONS,
        date_part::FUNCTIONS,
        date_shift::FUNCTIONS,
        format::FUNCTIONS,
        hash::FUNCTIONS,
        json::FUNCTIONS,
        list::FUNCTIONS,
        math::FUNCTIONS,
        number::FUNCTIONS,
        pattern::FUNCTIONS,
        position::FUNCTIONS,
        predicate::FUNCTIONS,
        read_format::FUNCTIONS,
        store::FUNCTIONS,
        substring::FUNCTIONS,
        text::FUNCTIONS,
        transform::FUNCTIONS,
        xml::FUNCTIONS,
    ];
    for function in groups.into_iter().flatten() {
        add(connection, function)?;
    }
    vector::register(connection)?;
    aggregate::register(connection)?;
    crate::information_schema::register(connection, session)?;
    journal::register(connection, session)?;
    objectscript::register(connection, session)?;
    session::register(connection, session)
}

/// What indexes need.
pub(crate) fn register_collations(connection: &Connection) -> rusqlite::Result<()> {
    for collation in [Collation::SqlUpper, Collation::SqlString, Collation::Exact] {
        connection.create_collation(collation.sql(), move |a, b| collation.compare(a, b))?;
    }
    connection.create_collation("IRISNUM", decimal::compare)
}

/// What NULL among the arguments means.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Nulls {
    /// The result is NULL.
    Propagate,
    /// The function looks at them itself.
    Seen,
}

/// A function without state.
struct Function {
    name: &'static str,
    nulls: Nulls,
    body: fn(&Args<'_>) -> Result<Datum>,
}

/// A function that is NULL if any argument is.
const fn strict(name: &'static str, body: fn(&Args<'_>) -> Result<Datum>) -> Function {
    Function {
        name,
        nulls: Nulls::Propagate,
        body,
    }
}

/// A function that sees NULL arguments.
const fn seeing(name: &'static str, body: fn(&Args<'_>) -> Result<Datum>) -> Function {
    Function {
        name,
        nulls: Nulls::Seen,
        body,
    }
}

fn add(connection: &Connection, function: &'static Function) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection.create_scalar_function(function.name, -1, flags, move |context| {
        let args = Args { context };
        if function.nulls == Nulls::Propagate && (0..args.len()).any(|n| args.is_null(n)) {
            return Ok(Datum::Null);
        }
        (function.body)(&args).map_err(user_error)
    })
}

/// An error that `SqlError::find_in` recognises on the other side of SQLite.
fn user_error(error: SqlError) -> rusqlite::Error {
    rusqlite::Error::UserFunctionError(Box::new(error))
}

/// The arguments of one call.
struct Args<'a> {
    context: &'a Context<'a>,
}

impl Args<'_> {
    fn len(&self) -> usize {
        self.context.len()
    }

    fn raw(&self, n: usize) -> ValueRef<'_> {
        self.context.get_raw(n)
    }

    fn datum(&self, n: usize) -> Datum {
        match self.raw(n) {
            ValueRef::Null => Datum::Null,
            ValueRef::Integer(number) => Datum::Integer(number),
            ValueRef::Real(number) => Datum::Real(number),
            ValueRef::Text(_) => Datum::Text(self.text(n)),
            ValueRef::Blob(bytes) => Datum::Blob(bytes.to_vec()),
        }
    }

    fn is_null(&self, n: usize) -> bool {
        matches!(self.raw(n), ValueRef::Null)
    }

    fn text(&self, n: usize) -> String {
        text_of(self.raw(n))
    }

    fn decimal(&self, n: usize) -> BigDecimal {
        match self.raw(n) {
            ValueRef::Integer(number) => number.into(),
            ValueRef::Real(number) => decimal::from_f64(number),
            other => decimal::leading(&text_of(other)),
        }
    }

    fn integer(&self, n: usize) -> i64 {
        match self.raw(n) {
            ValueRef::Integer(number) => number,
            _ => decimal::to_i64(&self.decimal(n)),
        }
    }

    fn real(&self, n: usize) -> f64 {
        match self.raw(n) {
            ValueRef::Integer(number) => number as f64,
            ValueRef::Real(number) => number,
            _ => decimal::to_f64(&self.decimal(n)),
        }
    }

    fn is_real(&self, n: usize) -> bool {
        matches!(self.raw(n), ValueRef::Real(_))
    }

    fn is_integer(&self, n: usize) -> bool {
        matches!(self.raw(n), ValueRef::Integer(_))
    }

    /// The argument if it was given and is not NULL.
    fn optional<T>(&self, n: usize, get: impl FnOnce(&Self, usize) -> T) -> Option<T> {
        (n < self.len() && !self.is_null(n)).then(|| get(self, n))
    }
}

/// A stored value as text, numbers in IRIS's form.
fn text_of(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Null => String::new(),
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Real(number) if number.is_infinite() => {
            if number > 0.0 { "INF" } else { "-INF" }.to_owned()
        }
        ValueRef::Real(number) => decimal::canonical(&decimal::from_f64(number)),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => {
            String::from_utf8_lossy(bytes).into_owned()
        }
    }
}

fn text(text: impl Into<String>) -> Result<Datum> {
    Ok(Datum::Text(text.into()))
}

fn integer(number: impl TryInto<i64>) -> Result<Datum> {
    Ok(Datum::Integer(number.try_into().unwrap_or(i64::MAX)))
}

fn numeric(number: &BigDecimal) -> Result<Datum> {
    Ok(Datum::Text(decimal::canonical(decimal::bounded(number)?)))
}
