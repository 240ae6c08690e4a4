//! Conversions between the forms of dates and times.

use bigdecimal::BigDecimal;
use jiff::civil::DateTime;

use super::{Args, Function, integer, numeric, strict, text};
use crate::datatype::Type;
use crate::error::{Result, SqlError};
use crate::{decimal, temporal};

pub(super) const FUNCTIONS: &[Function] = &[
    // As parameters of these types are read.
    strict("iris_date", |a| super::lenient(a.datum(0), &Type::Date)),
    strict("iris_time", |a| super::lenient(a.datum(0), &Type::Time(9))),
    strict("iris_timestamp", |a| {
        match temporal::parse_timestamp(&a.text(0)) {
            Some(at) => text(temporal::timestamp_text(at)),
            None => Err(SqlError::new(-147, a.text(0))),
        }
    }),
    strict("iris_timestamp_days", |a| {
        match temporal::date(a.integer(0)) {
            Some(date) => text(temporal::timestamp_text(date.at(0, 0, 0, 0))),
            None => Err(SqlError::new(-400, "<ILLEGAL VALUE> date out of range")),
        }
    }),
    strict("iris_timestamp_time", |a| {
        let time = temporal::time(a.integer(0)).unwrap_or_default();
        text(temporal::timestamp_text(
            temporal::now(0).date().to_datetime(time),
        ))
    }),
    strict("iris_time_seconds", |a| {
        let nanoseconds = a.decimal(0) * BigDecimal::from(1_000_000_000);
        integer(decimal::to_i64(&nanoseconds))
    }),
    strict("iris_seconds", |a| {
        numeric(&(a.decimal(0) / BigDecimal::from(1_000_000_000)))
    }),
    strict("iris_posix", |a| {
        integer(at(a, 0).map_or(0, temporal::posix_logical))
    }),
    strict("iris_date_text", |a| match temporal::date(a.integer(0)) {
        Some(date) => text(temporal::date_text(date)),
        None => text(""),
    }),
    strict("iris_time_text", |a| {
        text(temporal::time_text(
            temporal::time(a.integer(0)).unwrap_or_default(),
        ))
    }),
];

/// Argument `n` as a timestamp; -400 if it is none.
fn at(a: &Args<'_>, n: usize) -> Result<DateTime> {
    let shown = a.text(n);
    temporal::parse_timestamp(&shown)
        .ok_or_else(|| SqlError::new(-400, format!("<ILLEGAL VALUE> date '{shown}'")))
}
