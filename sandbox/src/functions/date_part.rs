//! Parts of dates and times, as numbers and as names.

use jiff::civil::{DateTime, Weekday};
use rusqlite::types::ValueRef;

use super::instant::{self, MONTHS};
use super::{Args, Datum, Function, integer, strict, text};
use crate::error::{Result, SqlError};
use crate::temporal;

pub(super) const FUNCTIONS: &[Function] = &[
    strict("iris_field", |a| {
        integer(part(&a.text(0), at(a, 1)?).unwrap_or_default())
    }),
    strict("iris_week_field", |a| {
        let name = match a.text(0).as_str() {
            "DAYOFWEEK" => "weekday",
            _ => "week",
        };
        match instant_of(a, 1).and_then(|at| part(name, at)) {
            Some(number) => integer(number),
            None => Ok(Datum::Null),
        }
    }),
    strict("iris_day_field", day),
    strict("iris_time_field", time_field),
    strict("iris_field_name", |a| {
        let at = at(a, 1)?;
        text(if a.text(0) == "DAYNAME" {
            weekday_name(at)
        } else {
            month_name(at)
        })
    }),
    strict("iris_datepart", |a| match canonical(&a.text(0)) {
        Some("sqltimestamp") => text(temporal::timestamp_text(temporal::cut(at(a, 1)?, 0))),
        _ => part(&a.text(0), at(a, 1)?).map_or(Err(SqlError::code(-8)), integer),
    }),
    strict("iris_datename", |a| {
        let (name, Some(at)) = (a.text(0), instant_of(a, 1)) else {
            return Ok(Datum::Null);
        };
        match canonical(&name) {
            Some("month") => text(month_name(at)),
            Some("weekday") => text(weekday_name(at)),
            _ => part(&name, at).map_or(Ok(Datum::Null), |n| text(n.to_string())),
        }
    }),
];

/// Argument `n` as a moment: a number is a day count.
pub(super) fn instant_of(a: &Args<'_>, n: usize) -> Option<DateTime> {
    match a.raw(n) {
        ValueRef::Text(_) => instant::read(&a.text(n)),
        _ => Some(temporal::date(a.integer(n))?.at(0, 0, 0, 0)),
    }
}

/// Argument `n` as a moment; -400 if it is none.
pub(super) fn at(a: &Args<'_>, n: usize) -> Result<DateTime> {
    instant_of(a, n).ok_or_else(|| {
        let shown: String = a.text(n).chars().take(60).collect();
        SqlError::new(-400, format!("<ILLEGAL VALUE> date '{shown}'"))
    })
}

/// The one name of a date part and its abbreviations.
pub(crate) fn canonical(name: &str) -> Option<&'static str> {
    Some(match name.to_ascii_lowercase().as_str() {
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
        "sqltimestamp" | "sts" => "sqltimestamp",
        _ => return None,
    })
}

/// The date part that an ODBC interval of TIMESTAMPADD counts in.
pub(crate) fn of_interval(name: &str) -> Option<&'static str> {
    let interval = name.to_ascii_uppercase();
    Some(match interval.strip_prefix("SQL_TSI_")? {
        "FRAC_SECOND" => "millisecond",
        "SECOND" => "second",
        "MINUTE" => "minute",
        "HOUR" => "hour",
        "DAY" => "day",
        "WEEK" => "week",
        "MONTH" => "month",
        "QUARTER" => "quarter",
        "YEAR" => "year",
        _ => return None,
    })
}

fn part(name: &str, at: DateTime) -> Option<i64> {
    let nanoseconds = i64::from(at.subsec_nanosecond());
    Some(match canonical(name)? {
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
        "nanosecond" => nanoseconds,
        _ => return None,
    })
}

fn weekday_name(at: DateTime) -> &'static str {
    weekday(at.weekday())
}

/// The English name of a day of the week.
pub(super) fn weekday(day: Weekday) -> &'static str {
    match day {
        Weekday::Monday => "Monday",
        Weekday::Tuesday => "Tuesday",
        Weekday::Wednesday => "Wednesday",
        Weekday::Thursday => "Thursday",
        Weekday::Friday => "Friday",
        Weekday::Saturday => "Saturday",
        Weekday::Sunday => "Sunday",
    }
}

fn month_name(at: DateTime) -> &'static str {
    MONTHS[usize::try_from(at.month() - 1).unwrap_or(0)]
}

/// DAYOFMONTH looks at the third field of a text alone and checks nothing else.
fn day(a: &Args<'_>) -> Result<Datum> {
    let shown = a.text(1);
    let field = shown.splitn(3, '-').nth(2);
    if matches!(a.raw(1), ValueRef::Text(_)) && field.is_some() {
        let digits = field.unwrap_or("").trim_start_matches('0');
        let length = digits.bytes().take_while(u8::is_ascii_digit).count();
        return match digits.get(..length).and_then(|day| day.parse::<i64>().ok()) {
            Some(day) => integer(day),
            None => Ok(Datum::Null),
        };
    }
    match a.raw(1) {
        ValueRef::Text(_) => match instant::horolog(shown.trim()) {
            Some(at) => integer(at.day()),
            None => Ok(Datum::Null),
        },
        _ => integer(at(a, 1)?.day()),
    }
}

/// HOUR, MINUTE, SECOND: a number counts seconds, a text has its time behind a blank.
fn time_field(a: &Args<'_>) -> Result<Datum> {
    let seconds = |seconds: i64| temporal::time(seconds.checked_mul(1_000_000_000)?);
    let time = match a.raw(1) {
        ValueRef::Text(_) => {
            let shown = a.text(1);
            let shown = shown.trim();
            match (shown.split_once([' ', 'T']), shown.parse()) {
                (Some((_, time)), _) if time.contains(':') => instant::time(time),
                (Some((_, hour)), _) => instant::time(&format!("{hour}:")),
                (None, Ok(count)) => seconds(count),
                (None, Err(_)) if shown.contains(',') => {
                    instant::horolog(shown).map(DateTime::time)
                }
                (None, Err(_)) => return integer(0),
            }
        }
        _ => seconds(a.integer(1)),
    };
    let time = time.ok_or_else(|| SqlError::new(-400, "<ILLEGAL VALUE> time"))?;
    integer(match a.text(0).as_str() {
        "HOUR" => time.hour(),
        "MINUTE" => time.minute(),
        _ => time.second(),
    })
}
