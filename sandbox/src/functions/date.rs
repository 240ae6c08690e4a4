//! Dates and times: conversions, clocks, parts, differences.

use bigdecimal::BigDecimal;
use jiff::Span;
use jiff::civil::{DateTime, Weekday};

use super::{Args, Datum, Function, integer, numeric, seeing, strict, text};
use crate::error::{Result, SqlError};
use crate::{decimal, temporal};

pub(super) const FUNCTIONS: &[Function] = &[
    strict("iris_date", |a| {
        match temporal::parse_timestamp(&a.text(0)) {
            Some(at) => integer(temporal::days(at.date())),
            None => Err(SqlError::new(-146, a.text(0))),
        }
    }),
    strict("iris_time", |a| match temporal::parse_time(&a.text(0)) {
        Some(time) => integer(temporal::nanoseconds(time)),
        None => Err(SqlError::new(-147, a.text(0))),
    }),
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
    strict("iris_date_of", |a| {
        integer(temporal::days(at(a, 0)?.date()))
    }),
    strict("iris_last_day", |a| {
        integer(temporal::days(at(a, 0)?.date().last_of_month()))
    }),
    strict("iris_part", |a| {
        let function = a.text(0);
        let name = match function.as_str() {
            "DAYOFMONTH" => "DAY",
            "DAYOFWEEK" => "WEEKDAY",
            other => other,
        };
        part(name, at(a, 1)?).map_or(Err(SqlError::code(-8)), integer)
    }),
    strict("iris_part_name", |a| {
        let at = at(a, 1)?;
        text(if a.text(0) == "DAYNAME" {
            weekday_name(at)
        } else {
            month_name(at)
        })
    }),
    strict("iris_datepart", |a| {
        part(&a.text(0), at(a, 1)?).map_or(Err(SqlError::code(-8)), integer)
    }),
    strict("iris_datename", |a| {
        let (name, at) = (a.text(0), at(a, 1)?);
        match canonical_part(&name) {
            Some("month") => text(month_name(at)),
            Some("weekday") => text(weekday_name(at)),
            _ => part(&name, at).map_or(Err(SqlError::code(-8)), |n| text(n.to_string())),
        }
    }),
    strict("iris_dateadd", dateadd),
    strict("iris_datediff", datediff),
    strict("iris_date_trunc", date_trunc),
    seeing("iris_unix_timestamp", |a| {
        let at = if a.len() == 0 {
            temporal::now(0)
        } else {
            at(a, 0)?
        };
        let epoch = jiff::civil::date(1970, 1, 1).at(0, 0, 0, 0);
        let nanoseconds = BigDecimal::from(at.duration_since(epoch).as_nanos());
        numeric(&(nanoseconds / BigDecimal::from(1_000_000_000)))
    }),
];

/// Argument `n` as a timestamp; -400 if it is none.
fn at(a: &Args<'_>, n: usize) -> Result<DateTime> {
    let shown = a.text(n);
    temporal::parse_timestamp(&shown)
        .ok_or_else(|| SqlError::new(-400, format!("<ILLEGAL VALUE> date '{shown}'")))
}

/// The one name of a date part and its abbreviations.
fn canonical_part(name: &str) -> Option<&'static str> {
    Some(
        match name.to_ascii_lowercase().trim_start_matches("sql_tsi_") {
            "year" | "yyyy" | "yy" => "year",
            "quarter" | "qq" | "q" => "quarter",
            "month" | "mm" | "m" => "month",
            "week" | "wk" | "ww" => "week",
            "weekday" | "dw" | "w" => "weekday",
            "dayofyear" | "dy" | "y" => "dayofyear",
            "day" | "dd" | "d" => "day",
            "hour" | "hh" | "h" => "hour",
            "minute" | "mi" | "n" => "minute",
            "second" | "ss" | "s" => "second",
            "millisecond" | "ms" => "millisecond",
            "microsecond" | "mcs" => "microsecond",
            "nanosecond" | "ns" => "nanosecond",
            "frac_second" => "frac_second",
            _ => return None,
        },
    )
}

fn part(name: &str, at: DateTime) -> Option<i64> {
    let nanoseconds = i64::from(at.subsec_nanosecond());
    Some(match canonical_part(name)? {
        "year" => at.year().into(),
        "quarter" => i64::from((at.month() - 1) / 3 + 1),
        "month" => at.month().into(),
        "week" => {
            let first = at.date().first_of_year().weekday().to_sunday_zero_offset();
            (i64::from(at.day_of_year()) - 1 + i64::from(first)) / 7 + 1
        }
        "weekday" => i64::from(at.weekday().to_sunday_one_offset()),
        "dayofyear" => at.day_of_year().into(),
        "day" => at.day().into(),
        "hour" => at.hour().into(),
        "minute" => at.minute().into(),
        "second" => at.second().into(),
        "millisecond" => nanoseconds / 1_000_000,
        "microsecond" => nanoseconds / 1_000,
        _ => nanoseconds,
    })
}

fn weekday_name(at: DateTime) -> &'static str {
    match at.weekday() {
        Weekday::Monday => "Monday",
        Weekday::Tuesday => "Tuesday",
        Weekday::Wednesday => "Wednesday",
        Weekday::Thursday => "Thursday",
        Weekday::Friday => "Friday",
        Weekday::Saturday => "Saturday",
        Weekday::Sunday => "Sunday",
    }
}

/// The English names of the months.
pub(super) const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

fn month_name(at: DateTime) -> &'static str {
    MONTHS[usize::try_from(at.month() - 1).unwrap_or(0)]
}

fn dateadd(a: &Args<'_>) -> Result<Datum> {
    let unit = canonical_part(&a.text(0)).ok_or(SqlError::code(-8))?;
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
        "frac_second" => Span::new().try_milliseconds(count),
        _ => Span::new().try_days(count),
    };
    let moved = span.and_then(|span| at.checked_add(span));
    match moved {
        Ok(moved) => text(temporal::timestamp_text(moved)),
        Err(_) => Err(SqlError::new(-400, "<ILLEGAL VALUE> date out of range")),
    }
}

/// Boundaries crossed, not units elapsed.
fn datediff(a: &Args<'_>) -> Result<Datum> {
    let unit = canonical_part(&a.text(0)).ok_or(SqlError::code(-8))?;
    let (Ok(from), Ok(to)) = (at(a, 1), at(a, 2)) else {
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
        "quarter" => i128::from(months(to).div_euclid(3) - months(from).div_euclid(3)),
        "month" => i128::from(months(to) - months(from)),
        // Day 0 was a Thursday; weeks begin on Sunday.
        "week" => i128::from((days(to) + 4).div_euclid(7) - (days(from) + 4).div_euclid(7)),
        "hour" => steps(3_600_000_000_000),
        "minute" => steps(60_000_000_000),
        "second" => steps(1_000_000_000),
        "millisecond" | "frac_second" => steps(1_000_000),
        "microsecond" => steps(1_000),
        "nanosecond" => steps(1),
        _ => i128::from(days(to) - days(from)),
    };
    integer(crossed)
}

fn date_trunc(a: &Args<'_>) -> Result<Datum> {
    let unit = canonical_part(&a.text(0)).ok_or(SqlError::code(-8))?;
    let at = at(a, 1)?;
    let date = at.date();
    let midnight = |date: jiff::civil::Date| date.at(0, 0, 0, 0);
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
