//! What CAST and CONVERT call for dates, times and bits.

use rusqlite::types::ValueRef;

use super::{Args, Datum, Function, integer, strict, text};
use crate::error::{Result, SqlError};
use crate::temporal::{self, style};

/// What CONVERT gives for a format code that does not exist.
const NO_SUCH_CODE: &str = "1900-01-01 00:00:00";

/// What CAST gives for a text that is no timestamp.
const NO_TIMESTAMP: &str = "1840-12-31 00:00:00";

pub(super) const FUNCTIONS: &[Function] = &[
    strict("iris_cast_date", |a| {
        integer(temporal::parse_date(&a.text(0)).map_or(0, temporal::days))
    }),
    strict("iris_cast_time", |a| {
        let digits = u32::try_from(a.integer(1)).unwrap_or(0);
        let time = temporal::parse_time(&a.text(0));
        integer(time.map_or(0, |time| {
            temporal::nanoseconds(temporal::cut_time(time, digits))
        }))
    }),
    strict("iris_cut_time", |a| {
        let time = temporal::time(a.integer(0)).unwrap_or_default();
        integer(temporal::nanoseconds(temporal::cut_time(
            time,
            u32::try_from(a.integer(1)).unwrap_or(0),
        )))
    }),
    strict("iris_cast_timestamp", |a| {
        let shown = a.text(0);
        if shown.is_empty() {
            return text("");
        }
        match temporal::parse_any_timestamp(&shown) {
            Some(at) => text(temporal::timestamp_text(at)),
            None => text(NO_TIMESTAMP),
        }
    }),
    strict("iris_cut_timestamp", |a| {
        let shown = a.text(0);
        let digits = u32::try_from(a.integer(1)).unwrap_or(0);
        match temporal::parse_timestamp(&shown) {
            Some(at) => text(temporal::timestamp_text(temporal::cut(at, digits))),
            None => text(shown),
        }
    }),
    strict("iris_convert_bit", |a| {
        let shown = a.text(0);
        match shown.as_str() {
            "1" => integer(1),
            "0" => integer(0),
            _ => Err(SqlError::new(-141, shown)),
        }
    }),
    strict("iris_convert_write", |a| {
        let at =
            temporal::parse_timestamp(&a.text(0)).ok_or_else(|| SqlError::new(-141, a.text(0)))?;
        text(style::write(at, a.integer(1)).unwrap_or_else(|| NO_SUCH_CODE.to_owned()))
    }),
    super::seeing("iris_convert_read", convert_read),
];

/// `iris_convert_read(text, code or NULL, type)`
fn convert_read(a: &Args<'_>) -> Result<Datum> {
    if a.is_null(0) {
        return Ok(Datum::Null);
    }
    let (shown, wanted) = (a.text(0), a.text(2));
    let at = match a.raw(1) {
        ValueRef::Null => temporal::parse_any_timestamp(&shown),
        _ if !style::exists(a.integer(1)) => temporal::parse_timestamp(NO_SUCH_CODE),
        _ => style::read(&shown, a.integer(1)),
    };
    let zero = !shown.starts_with(|c: char| c.is_ascii_digit())
        && matches!(wanted.as_str(), "TIME" | "SQL_DATE");
    let Some(at) = at else {
        return if zero {
            integer(0)
        } else {
            Err(SqlError::new(-141, shown))
        };
    };
    match wanted.as_str() {
        "DATE" | "SQL_DATE" => integer(temporal::days(at.date())),
        "TIME" => integer(temporal::nanoseconds(temporal::cut_time(at.time(), 0))),
        _ => text(temporal::timestamp_text(at)),
    }
}
