//! Dates moved, cut and compared.

use bigdecimal::BigDecimal;
use jiff::Span;
use jiff::civil::{Date, DateTime};
use rusqlite::types::ValueRef;

use super::date_part::{at, canonical, instant_of, of_interval};
use super::{Args, Datum, Function, instant, integer, seeing, strict, text};
use crate::error::{Result, SqlError};
use crate::temporal;

pub(super) const FUNCTIONS: &[Function] = &[
    strict("iris_date_of", |a| integer(date_of(a).unwrap_or(0))),
    strict("iris_last_day", |a| {
        let last = |at: DateTime| temporal::days(at.date().last_of_month());
        integer(instant_of(a, 0).map_or(0, last))
    }),
    strict("iris_dateadd", dateadd),
    strict("iris_datediff", datediff),
    strict("iris_date_trunc", date_trunc),
    seeing("iris_unix_timestamp", |a| {
        let at = match a.len() {
            0 => temporal::now(0),
            _ if a.is_null(0) => return Ok(Datum::Null),
            _ => at(a, 0)?,
        };
        let epoch = jiff::civil::date(1970, 1, 1).at(0, 0, 0, 0);
        let nanoseconds = BigDecimal::from(at.duration_since(epoch).as_nanos());
        super::numeric(&(nanoseconds / BigDecimal::from(1_000_000_000)))
    }),
];

/// DATE knows ODBC text and day counts, not `$HOROLOG`; anything else is day 0.
fn date_of(a: &Args<'_>) -> Option<i64> {
    if !matches!(a.raw(0), ValueRef::Text(_)) {
        return temporal::date(a.integer(0)).map(temporal::days);
    }
    let shown = a.text(0);
    let (date, time) = match shown.trim().split_once([' ', 'T']) {
        Some((date, time)) => (date.to_owned(), Some(time.to_owned())),
        None => (shown.trim().to_owned(), None),
    };
    let valid = time.is_none_or(|time| instant::time(&time).is_some());
    temporal::parse_date(&date)
        .filter(|_| valid)
        .map(temporal::days)
}

/// The date part that argument 0 names.
fn unit(a: &Args<'_>) -> Option<&'static str> {
    let name = a.text(0);
    of_interval(&name).or_else(|| canonical(&name))
}

/// NULL beyond the years 1 to 9999, and for a part that a parameter misspells.
fn dateadd(a: &Args<'_>) -> Result<Datum> {
    let Some(unit) = unit(a) else {
        return Ok(Datum::Null);
    };
    let (count, at) = (a.integer(1), at(a, 2)?);
    let span = match unit {
        "year" => Span::new().try_years(count),
        "quarter" => Span::new().try_months(count.saturating_mul(3)),
        "month" => Span::new().try_months(count),
        "week" => Span::new().try_weeks(count),
        "hour" => Span::new().try_hours(count),
        "minute" => Span::new().try_minutes(count),
        "second" => Span::new().try_seconds(count),
        "millisecond" => Span::new().try_milliseconds(count),
        "microsecond" => Span::new().try_microseconds(count),
        "nanosecond" => Span::new().try_nanoseconds(count),
        _ => Span::new().try_days(count),
    };
    match span.and_then(|span| at.checked_add(span)) {
        Ok(moved) if moved.year() > 0 => text(temporal::timestamp_text(moved)),
        _ => Ok(Datum::Null),
    }
}

/// Boundaries crossed, not units elapsed. It knows no quarters.
fn datediff(a: &Args<'_>) -> Result<Datum> {
    let (Some(unit), Some(from), Some(to)) = (unit(a), instant_of(a, 1), instant_of(a, 2)) else {
        return Ok(Datum::Null);
    };
    let months = |at: DateTime| i64::from(at.year()) * 12 + i64::from(at.month()) - 1;
    let days = |at: DateTime| temporal::days(at.date());
    let nanoseconds = |at: DateTime| {
        i128::from(days(at)) * 86_400_000_000_000 + i128::from(temporal::nanoseconds(at.time()))
    };
    let steps = |size: i128| nanoseconds(to).div_euclid(size) - nanoseconds(from).div_euclid(size);
    let crossed = match unit {
        "year" => i128::from(to.year() - from.year()),
        "quarter" | "sqltimestamp" => return Ok(Datum::Null),
        "month" => i128::from(months(to) - months(from)),
        // Day 0 was a Thursday; weeks begin on Sunday.
        "week" => i128::from((days(to) + 4).div_euclid(7) - (days(from) + 4).div_euclid(7)),
        "hour" => steps(3_600_000_000_000),
        "minute" => steps(60_000_000_000),
        "second" => steps(1_000_000_000),
        "millisecond" => steps(1_000_000),
        "microsecond" => steps(1_000),
        "nanosecond" => steps(1),
        _ => i128::from(days(to) - days(from)),
    };
    integer(crossed)
}

fn date_trunc(a: &Args<'_>) -> Result<Datum> {
    let unit = canonical(&a.text(0)).ok_or(SqlError::code(-8))?;
    let at = at(a, 1)?;
    let date = at.date();
    let midnight = |date: Date| date.at(0, 0, 0, 0);
    let cut = match unit {
        "year" => midnight(date.first_of_year()),
        "quarter" => {
            let month = (date.month() - 1) / 3 * 3 + 1;
            midnight(jiff::civil::date(date.year(), month, 1))
        }
        "month" => midnight(date.first_of_month()),
        "week" => {
            let back = i64::from(date.weekday().to_sunday_zero_offset());
            midnight(temporal::date(temporal::days(date) - back).unwrap_or(date))
        }
        "hour" => date.at(at.hour(), 0, 0, 0),
        "minute" => date.at(at.hour(), at.minute(), 0, 0),
        "second" => temporal::cut(at, 0),
        "millisecond" => temporal::cut(at, 3),
        "microsecond" => temporal::cut(at, 6),
        "nanosecond" => at,
        _ => midnight(date),
    };
    text(temporal::timestamp_text(cut))
}
