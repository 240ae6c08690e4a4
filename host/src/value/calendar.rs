//! Dates and times: ISO text, and microseconds and days since 2000-01-01.
//!
//! Text is read in the forms ISO 8601 and PostgreSQL's `DateStyle = ISO` write,
//! with the liberties drivers take (`T` for the space, offsets with or without
//! minutes). Names of months and zones are not read.

use std::fmt::{self, Write};

use jiff::SignedDuration;
use jiff::civil::{Date, DateTime, Time};

use super::{Kind, ValueError};
use parse::{Fault, Moment};

mod parse;

const EPOCH: Date = Date::constant(2000, 1, 1);
const MICROS_PER_DAY: i64 = 86_400_000_000;
const SECONDS_PER_DAY: i64 = 86_400;

/// `date_in`; a time that follows is read and dropped.
pub(super) fn read_date(text: &str) -> Result<Date, ValueError> {
    let moment = read_moment(Kind::Date, text)?;
    Ok(moment.date)
}

/// `timestamp_in`, which ignores an offset.
pub(super) fn read_timestamp(text: &str) -> Result<DateTime, ValueError> {
    let moment = read_moment(Kind::Timestamp, text)?;
    in_range(
        moment.date.to_datetime(Time::midnight()),
        moment.since_midnight,
        Kind::Timestamp,
        Some(text),
    )
}

/// `timestamptz_in`, with UTC for the session's zone; the result is in UTC.
pub(super) fn read_timestamptz(text: &str) -> Result<DateTime, ValueError> {
    let moment = read_moment(Kind::Timestamptz, text)?;
    let since_midnight = moment.since_midnight - moment.offset;
    in_range(
        moment.date.to_datetime(Time::midnight()),
        since_midnight,
        Kind::Timestamptz,
        Some(text),
    )
}

/// `time_in`, without its 24:00:00, which IRIS does not have.
pub(super) fn read_time(text: &str) -> Result<Time, ValueError> {
    let since_midnight = parse::time(text).map_err(|fault| error_of(fault, Kind::Time, text))?;
    let time = Time::midnight().checked_add(since_midnight);
    time.map_err(|_| ValueError::datetime_field(text))
}

fn read_moment(kind: Kind, text: &str) -> Result<Moment, ValueError> {
    parse::moment(text).map_err(|fault| error_of(fault, kind, text))
}

fn error_of(fault: Fault, kind: Kind, text: &str) -> ValueError {
    match fault {
        Fault::Syntax => ValueError::datetime_syntax(kind, text),
        Fault::Field => ValueError::datetime_field(text),
        Fault::MonthOrDay => ValueError::month_or_day(text),
        Fault::Zone => ValueError::datetime_zone(text),
        Fault::Range => ValueError::datetime_range(kind, Some(text)),
    }
}

/// The sum, if it lies within the years 1 to 9999.
fn in_range(
    start: DateTime,
    offset: SignedDuration,
    kind: Kind,
    text: Option<&str>,
) -> Result<DateTime, ValueError> {
    let sum = start.checked_add(offset).ok().filter(|sum| sum.year() >= 1);
    sum.ok_or_else(|| ValueError::datetime_range(kind, text))
}

/// From the binary form; infinity is out of range.
pub(super) fn date_of_days(days: i32) -> Result<Date, ValueError> {
    let offset = SignedDuration::from_secs(i64::from(days) * SECONDS_PER_DAY);
    in_range(
        EPOCH.to_datetime(Time::midnight()),
        offset,
        Kind::Date,
        None,
    )
    .map(DateTime::date)
}

pub(super) fn timestamp_of_micros(micros: i64) -> Result<DateTime, ValueError> {
    let offset = SignedDuration::from_micros(micros);
    in_range(
        EPOCH.to_datetime(Time::midnight()),
        offset,
        Kind::Timestamp,
        None,
    )
}

pub(super) fn time_of_micros(micros: i64) -> Result<Time, ValueError> {
    match (0..MICROS_PER_DAY).contains(&micros) {
        true => Ok(Time::midnight() + SignedDuration::from_micros(micros)),
        false => Err(ValueError::datetime_range(Kind::Time, None)),
    }
}

pub(super) fn days_of_date(date: Date) -> i32 {
    let days = date.duration_since(EPOCH).as_secs() / SECONDS_PER_DAY;
    i32::try_from(days).expect("the calendar ends at the year 9999")
}

/// Rounded to microseconds, as PostgreSQL keeps them.
pub(super) fn micros_of_time(time: Time) -> i64 {
    // Rounding must not reach the next day.
    rounded_micros(time.duration_since(Time::midnight())).min(MICROS_PER_DAY - 1)
}

/// Rounded to microseconds, as PostgreSQL keeps them.
pub(super) fn micros_of_timestamp(timestamp: DateTime) -> i64 {
    rounded_micros(timestamp.duration_since(EPOCH.to_datetime(Time::midnight())))
}

fn rounded_micros(duration: SignedDuration) -> i64 {
    let micros = (duration.as_nanos() + 500).div_euclid(1000);
    i64::try_from(micros).expect("the calendar spans 20000 years")
}

pub(super) fn write_date(date: Date, out: &mut impl Write) -> fmt::Result {
    write!(
        out,
        "{:04}-{:02}-{:02}",
        date.year(),
        date.month(),
        date.day()
    )
}

/// To whole microseconds.
pub(super) fn rounded(timestamp: DateTime) -> DateTime {
    match timestamp.subsec_nanosecond() % 1000 {
        0 => timestamp,
        _ => timestamp_of_micros(micros_of_timestamp(timestamp)).unwrap_or(timestamp),
    }
}

/// The local time in a text that says no offset; `None` if it does, or is no time stamp.
pub(super) fn without_offset(text: &str) -> Option<DateTime> {
    let moment = parse::moment(text)
        .ok()
        .filter(|moment| !moment.has_offset)?;
    let midnight = moment.date.to_datetime(Time::midnight());
    midnight.checked_add(moment.since_midnight).ok()
}

pub(super) fn write_timestamp(timestamp: DateTime, out: &mut impl Write) -> fmt::Result {
    let rounded = rounded(timestamp);
    write_date(rounded.date(), out)?;
    out.write_char(' ')?;
    write_time(rounded.time(), out)
}

/// With as many digits of a second as are not zero.
pub(super) fn write_time(time: Time, out: &mut impl Write) -> fmt::Result {
    let micros = micros_of_time(time);
    let seconds = micros / 1_000_000;
    write!(
        out,
        "{:02}:{:02}:{:02}",
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60
    )?;
    let mut fraction = micros % 1_000_000;
    if fraction == 0 {
        return Ok(());
    }
    let mut width = 6;
    while fraction % 10 == 0 {
        fraction /= 10;
        width -= 1;
    }
    write!(out, ".{fraction:0width$}")
}
