//! How values look in text where a session does not want PostgreSQL's defaults.
//!
//! Everything is written in the default style (ISO dates, UTC, hex, shortest floats) first;
//! a session that wants another has those values written anew, from text to text. So
//! whoever makes rows knows one style only, and rows pass untouched where nobody asks for
//! another.
//!
//! PostgreSQL manual, "Date/Time Output", "Interval Output", and the settings
//! `bytea_output` and `extra_float_digits`.

use jiff::tz::TimeZone;
use pgiris_values::bytes;
use pgiris_values::zone::{offset_at, write_offset};

use super::{Kind, Scalar, ValueError, calendar, float, text};
use crate::upstream::Oid;

mod interval;
mod moment;
mod names;
mod written;
pub(crate) mod zone;

pub(crate) use names::date_style;
use written::Fields;

/// The settings that text output depends on, and of dates and times text input.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Style {
    pub(crate) dates: Dates,
    pub(crate) order: Order,
    /// In which order dates are read.
    pub(crate) fields: Fields,
    pub(crate) zone: TimeZone,
    pub(crate) intervals: Intervals,
    /// `bytea_output = escape`.
    pub(crate) escapes: bool,
    /// `extra_float_digits`.
    pub(crate) float_digits: i32,
}

/// The first word of `DateStyle`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dates {
    Iso,
    Sql,
    Postgres,
    German,
}

/// The second word of `DateStyle`, as far as output goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    DayFirst,
    MonthFirst,
}

/// `IntervalStyle`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Intervals {
    Postgres,
    PostgresVerbose,
    SqlStandard,
    Iso8601,
}

/// Whether the settings may matter for a type.
pub(crate) fn depends_on_style(type_oid: Oid) -> bool {
    matches!(
        Kind::of(type_oid),
        Kind::Date
            | Kind::Timestamp
            | Kind::Timestamptz
            | Kind::Interval
            | Kind::Bytea
            | Kind::Float4
            | Kind::Float8
    )
}

impl Style {
    /// The style that these values of settings say; what is none of theirs is the default.
    pub(crate) fn of<'a>(setting: impl Fn(&str) -> Option<&'a str>) -> Self {
        let date_style = setting("DateStyle").unwrap_or_default();
        let (dates, order) = names::dates(date_style);
        let zone = setting("TimeZone").and_then(zone::find);
        let digits = setting("extra_float_digits").and_then(|digits| digits.parse().ok());
        Self {
            dates,
            order,
            fields: Fields::of(date_style),
            zone: zone.map_or(TimeZone::UTC, |(_, zone)| zone),
            intervals: names::intervals(setting("IntervalStyle").unwrap_or_default()),
            escapes: setting("bytea_output") == Some("escape"),
            float_digits: digits.unwrap_or(1),
        }
    }

    /// Whether values of this type may look different in it.
    pub(crate) fn touches(&self, type_oid: Oid) -> bool {
        let dates = self.dates != Dates::Iso;
        match Kind::of(type_oid) {
            Kind::Date | Kind::Timestamp => dates,
            Kind::Timestamptz => dates || self.zone != TimeZone::UTC,
            Kind::Bytea => self.escapes,
            Kind::Float4 | Kind::Float8 => self.float_digits < 1,
            Kind::Interval => self.intervals != Intervals::Postgres,
            _ => false,
        }
    }

    /// Adds a value in this style to `out`, given its text in the default one. What is no
    /// such value (an upstream may know `infinity`) stays as it is.
    pub(crate) fn write(&self, type_oid: Oid, text: &str, out: &mut String) {
        let start = out.len();
        if self.written(type_oid, text, out).is_none() {
            out.truncate(start);
            out.push_str(text);
        }
    }

    fn written(&self, type_oid: Oid, text: &str, out: &mut String) -> Option<()> {
        match text::read(Kind::of(type_oid), text).ok()? {
            Scalar::Date(date) => moment::date(self, date, out),
            Scalar::Timestamp(timestamp) => moment::timestamp(self, timestamp, out),
            Scalar::Timestamptz(timestamp) => moment::timestamptz(self, timestamp, out),
            Scalar::Interval(interval) => interval::write(interval, self.intervals, out),
            Scalar::Bytes(bytes) => bytes::write_escaped(&bytes, out),
            Scalar::Float(value) => float::write_digits(value.into(), 6 + self.float_digits, out),
            Scalar::Double(value) => float::write_digits(value, 15 + self.float_digits, out),
            _ => return None,
        }
        .ok()
    }

    /// The text of a date or a moment as a client writes it, in the form that means the same in
    /// any session; `None` if it is that already.
    ///
    /// # Errors
    /// 22008: there is no such date in the order of `DateStyle`.
    pub(crate) fn read(&self, type_oid: Oid, text: &str) -> Result<Option<String>, ValueError> {
        let kind = Kind::of(type_oid);
        if !matches!(kind, Kind::Date | Kind::Timestamp | Kind::Timestamptz) {
            return Ok(None);
        }
        let iso = written::iso(text, self.fields);
        let iso = iso.map_err(|fault| match fault {
            written::Fault::NoSuchDay => ValueError::datetime_field(text),
            written::Fault::MonthOrDay => ValueError::month_or_day(text),
        })?;
        let located = match kind {
            Kind::Timestamptz => self.located(iso.as_deref().unwrap_or(text)),
            _ => None,
        };
        Ok(located.or(iso))
    }

    /// A time stamp with time zone as a client writes it, with the offset that it has in
    /// the session's zone if it says none; `None` if there is nothing to add.
    fn located(&self, text: &str) -> Option<String> {
        if self.zone == TimeZone::UTC {
            return None;
        }
        let local = calendar::without_offset(text)?;
        let offset = offset_at(&self.zone, local);
        let mut located = String::new();
        calendar::write_timestamp(local, &mut located).ok()?;
        write_offset(offset, &mut located).ok()?;
        Some(located)
    }
}

#[cfg(test)]
mod tests;

#[cfg(test)]
mod oracle;
