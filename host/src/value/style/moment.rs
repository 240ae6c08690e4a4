//! Dates and time stamps in the styles of `DateStyle`, laid out as `EncodeDateOnly` and
//! `EncodeDateTime` of PostgreSQL's `datetime.c` do.

use std::fmt::{self, Write};

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use pgiris_values::zone::write_offset;

use super::{Dates, Order, Style};
use crate::value::calendar::{rounded, write_date, write_time};

/// What stands behind a time stamp.
struct Zone {
    offset: jiff::tz::Offset,
    /// `CET`; where a zone has no letters, its offset.
    abbreviation: String,
}

pub(super) fn date(style: &Style, date: Date, out: &mut String) -> fmt::Result {
    match (style.dates, style.order) {
        (Dates::Iso, _) => write_date(date, out),
        (Dates::Postgres, Order::DayFirst) => day_first(date, '-', out),
        (Dates::Postgres, Order::MonthFirst) => month_first(date, '-', out),
        _ => numbers(style, date, out),
    }
}

pub(super) fn timestamp(style: &Style, timestamp: DateTime, out: &mut String) -> fmt::Result {
    moment(style, rounded(timestamp), None, out)
}

/// `timestamp` is in UTC.
pub(super) fn timestamptz(style: &Style, timestamp: DateTime, out: &mut String) -> fmt::Result {
    let instant = TimeZone::UTC
        .to_timestamp(rounded(timestamp))
        .map_err(|_| fmt::Error)?;
    let info = style.zone.to_offset_info(instant);
    let zone = Zone {
        offset: info.offset(),
        abbreviation: info.abbreviation().to_owned(),
    };
    let local = style.zone.to_datetime(instant);
    moment(style, local, Some(zone), out)
}

fn moment(style: &Style, local: DateTime, zone: Option<Zone>, out: &mut String) -> fmt::Result {
    // The zone's offset may lead before the first year, which IRIS does not have.
    if local.year() < 1 {
        return Err(fmt::Error);
    }
    match style.dates {
        Dates::Postgres => {
            let (month, weekday) = (month_name(local.date()), weekday_name(local.date()));
            match style.order {
                Order::DayFirst => write!(out, "{weekday} {:02} {month} ", local.day())?,
                Order::MonthFirst => write!(out, "{weekday} {month} {:02} ", local.day())?,
            }
            write_time(local.time(), out)?;
            write!(out, " {:04}", local.year())?;
        }
        _ => {
            date(style, local.date(), out)?;
            out.push(' ');
            write_time(local.time(), out)?;
        }
    }
    let Some(zone) = zone else {
        return Ok(());
    };
    match style.dates {
        Dates::Iso => write_offset(zone.offset, out),
        _ => write!(out, " {}", zone.abbreviation),
    }
}

/// The year behind, in German with dots.
fn numbers(style: &Style, date: Date, out: &mut String) -> fmt::Result {
    match (style.dates, style.order) {
        (Dates::German, _) => day_first(date, '.', out),
        (_, Order::DayFirst) => day_first(date, '/', out),
        (_, Order::MonthFirst) => month_first(date, '/', out),
    }
}

fn day_first(date: Date, between: char, out: &mut String) -> fmt::Result {
    let (year, month, day) = (date.year(), date.month(), date.day());
    write!(out, "{day:02}{between}{month:02}{between}{year:04}")
}

fn month_first(date: Date, between: char, out: &mut String) -> fmt::Result {
    let (year, month, day) = (date.year(), date.month(), date.day());
    write!(out, "{month:02}{between}{day:02}{between}{year:04}")
}

fn month_name(date: Date) -> &'static str {
    const NAMES: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    NAMES[usize::from(date.month().unsigned_abs()) - 1]
}

fn weekday_name(date: Date) -> &'static str {
    const NAMES: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
    NAMES[usize::from(date.weekday().to_sunday_zero_offset().unsigned_abs())]
}
