//! Steps on the calendar.

use jiff::Span;
use jiff::civil::{Date, DateTime, Time};

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// The number of a month, from 1, by its name or the beginning of it that PostgreSQL takes, in
/// letters of either case (`datetktbl` in `datetime.c`).
pub fn month_named(word: &str) -> Option<i8> {
    let word = word.to_ascii_lowercase();
    let number = MONTHS
        .iter()
        .position(|month| *month == word || month[..3] == word)
        .or_else(|| (word == "sept").then_some(8))?;
    i8::try_from(number + 1).ok()
}

/// So many months and then so many days later: the end of a shorter month is cut
/// (`timestamp_pl_interval`). None outside of the years that the calendar has.
pub fn moved(moment: DateTime, months: i32, days: i32) -> Option<DateTime> {
    let months = Span::new().try_months(months).ok()?;
    let days = Span::new().try_days(days).ok()?;
    moment.checked_add(months).ok()?.checked_add(days).ok()
}

/// What a moment is cut to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// To the whole minute.
    Minute,
    /// To the whole hour.
    Hour,
    /// To midnight.
    Day,
    /// To the midnight of Monday.
    Week,
    /// To the first of a month whose number, from 0, is a multiple of this.
    Months(i16),
}

/// Where the unit that a moment is in begins (`timestamp_trunc`). None outside of the years that the
/// calendar has.
pub fn begins(moment: DateTime, unit: Unit) -> Option<DateTime> {
    let date = moment.date();
    let clock = |hour, minute| Some(date.to_datetime(Time::new(hour, minute, 0, 0).ok()?));
    let first = match unit {
        Unit::Minute => return clock(moment.hour(), moment.minute()),
        Unit::Hour => return clock(moment.hour(), 0),
        Unit::Day => date,
        Unit::Week => {
            let behind = date.weekday().to_monday_zero_offset();
            date.checked_sub(Span::new().try_days(behind).ok()?).ok()?
        }
        Unit::Months(count) => {
            let month = i16::from(date.month()) - 1;
            let first = month - month.checked_rem(count)? + 1;
            Date::new(date.year(), i8::try_from(first).ok()?, 1).ok()?
        }
    };
    Some(first.to_datetime(Time::midnight()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_come_before_days() {
        let from: DateTime = "2024-01-31T10:00:00".parse().unwrap();
        let moved = |months, days| moved(from, months, days).map(|moved| moved.to_string());
        assert_eq!(moved(1, 1).as_deref(), Some("2024-03-01T10:00:00"));
        assert_eq!(moved(-11, 0).as_deref(), Some("2023-02-28T10:00:00"));
        assert_eq!(moved(i32::MAX, 0), None);
        assert_eq!(moved(0, i32::MIN), None);
    }
    #[test]
    fn units_begin_where_postgresql_has_them_begin() {
        let moment: DateTime = "2024-08-15T10:11:12.5".parse().unwrap();
        let begins = |unit| begins(moment, unit).map(|begins| begins.to_string());
        assert_eq!(begins(Unit::Hour).as_deref(), Some("2024-08-15T10:00:00"));
        assert_eq!(begins(Unit::Week).as_deref(), Some("2024-08-12T00:00:00"));
        assert_eq!(
            begins(Unit::Months(3)).as_deref(),
            Some("2024-07-01T00:00:00")
        );
        assert_eq!(begins(Unit::Months(0)), None);
    }
}
