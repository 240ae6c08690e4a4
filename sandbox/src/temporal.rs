//! Dates, times and timestamps in IRIS's logical forms.
//!
//! DATE is a day count from 1840-12-31, TIME is nanoseconds since midnight (IRIS
//! counts seconds), TIMESTAMP is its ODBC text without trailing zeros.

mod imprecise;
pub(crate) mod style;

use bigdecimal::BigDecimal;
use jiff::Span;
use jiff::civil::{self, DateTime, Time};

pub(crate) use imprecise::parse_any_timestamp;

/// Day 0.
const BASE: civil::Date = civil::date(1840, 12, 31);
/// 0001-01-01, the earliest day that DATE can be declared for.
pub(crate) const FIRST_DAY: i64 = -672_045;
/// 9999-12-31, the last day of `%Library.Date`.
pub(crate) const LAST_DAY: i64 = 2_980_013;
const NANOSECONDS: i64 = 1_000_000_000;

/// Days since 1840-12-31.
pub(crate) fn days(date: civil::Date) -> i64 {
    date.duration_since(BASE).as_secs() / 86_400
}

/// The date of a day count, if there is one.
pub(crate) fn date(days: i64) -> Option<civil::Date> {
    if !(FIRST_DAY..=LAST_DAY).contains(&days) {
        return None;
    }
    BASE.checked_add(Span::new().try_days(days).ok()?).ok()
}

/// The date of a day count between 0001-01-01 and 9999-12-31.
pub(crate) fn date_in_range(days: i64) -> Option<civil::Date> {
    (FIRST_DAY..=LAST_DAY)
        .contains(&days)
        .then(|| date(days))
        .flatten()
}

/// Nanoseconds since midnight.
pub(crate) fn nanoseconds(time: Time) -> i64 {
    let seconds =
        i64::from(time.hour()) * 3_600 + i64::from(time.minute()) * 60 + i64::from(time.second());
    seconds * NANOSECONDS + i64::from(time.subsec_nanosecond())
}

/// The time of day, if the count is within one day.
pub(crate) fn time(nanoseconds: i64) -> Option<Time> {
    let seconds = nanoseconds.div_euclid(NANOSECONDS);
    let fraction = i32::try_from(nanoseconds.rem_euclid(NANOSECONDS)).ok()?;
    let part = |n: i64| i8::try_from(n).ok();
    Time::new(
        part(seconds / 3_600)?,
        part(seconds / 60 % 60)?,
        part(seconds % 60)?,
        fraction,
    )
    .ok()
}

/// The time of day of a count of seconds.
pub(crate) fn time_of_seconds(seconds: &BigDecimal) -> Option<Time> {
    let nanoseconds = seconds * BigDecimal::from(NANOSECONDS);
    time(crate::decimal::to_i64(&nanoseconds))
}

/// `yyyy-mm-dd`; leading zeros may be missing.
pub(crate) fn parse_date(text: &str) -> Option<civil::Date> {
    let mut parts = text.trim().splitn(3, '-');
    let year = number(parts.next()?)?;
    // The calendar has no year 0.
    if year == 0 {
        return None;
    }
    let month = number(parts.next()?)?;
    let day = number(parts.next()?)?;
    civil::Date::new(
        i16::try_from(year).ok()?,
        i8::try_from(month).ok()?,
        i8::try_from(day).ok()?,
    )
    .ok()
}

/// `hh:mm[:ss[.f]]`
pub(crate) fn parse_time(text: &str) -> Option<Time> {
    let mut parts = text.trim().splitn(3, ':');
    let hour = i8::try_from(number(parts.next()?)?).ok()?;
    let minute = i8::try_from(number(parts.next()?)?).ok()?;
    let (second, fraction) = match parts.next() {
        None => (0, 0),
        Some(rest) => {
            let (second, fraction) = rest.split_once('.').unwrap_or((rest, ""));
            (i8::try_from(number(second)?).ok()?, fraction_of(fraction)?)
        }
    };
    Time::new(hour, minute, second, fraction).ok()
}

fn fraction_of(digits: &str) -> Option<i32> {
    if digits.is_empty() {
        return Some(0);
    }
    let nine: String = digits.chars().chain("000000000".chars()).take(9).collect();
    i32::try_from(number(&nine)?).ok()
}

fn number(digits: &str) -> Option<u32> {
    let valid = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    if valid { digits.parse().ok() } else { None }
}

/// `yyyy-mm-dd[ hh:mm[:ss[.f]]]`, with a blank or a `T` between.
pub(crate) fn parse_timestamp(text: &str) -> Option<DateTime> {
    let text = text.trim();
    match text.split_once([' ', 'T']) {
        None => Some(parse_date(text)?.at(0, 0, 0, 0)),
        Some((date, time)) => Some(parse_date(date)?.to_datetime(parse_time(time)?)),
    }
}

/// The logical form of a TIMESTAMP; its order as text is its order in time.
pub(crate) fn timestamp_text(at: DateTime) -> String {
    format!("{} {}", date_text(at.date()), time_text(at.time()))
}

/// `yyyy-mm-dd`
pub(crate) fn date_text(date: civil::Date) -> String {
    format!("{:04}-{:02}-{:02}", date.year(), date.month(), date.day())
}

/// `hh:mm:ss[.f]` without trailing zeros.
pub(crate) fn time_text(time: Time) -> String {
    let mut text = format!(
        "{:02}:{:02}:{:02}",
        time.hour(),
        time.minute(),
        time.second()
    );
    if time.subsec_nanosecond() > 0 {
        let fraction = format!("{:09}", time.subsec_nanosecond());
        text.push('.');
        text.push_str(fraction.trim_end_matches('0'));
    }
    text
}

/// Now, without a zone and with `precision` digits of fraction. The stand-in's clock runs in UTC.
pub(crate) fn now(precision: u32) -> DateTime {
    let at = jiff::tz::Offset::UTC.to_datetime(jiff::Timestamp::now());
    cut(at, precision)
}

/// With no more than `precision` digits of fraction.
pub(crate) fn cut(at: DateTime, precision: u32) -> DateTime {
    at.date().to_datetime(cut_time(at.time(), precision))
}

/// With no more than `precision` digits of fraction.
pub(crate) fn cut_time(time: Time, precision: u32) -> Time {
    let step = 10_i64.pow(9 - precision.min(9));
    let whole = nanoseconds(time);
    self::time(whole - whole % step).unwrap_or(time)
}

/// Rounded to `precision` digits of fraction; the last instant of the day stays within it.
pub(crate) fn round_time(time: Time, precision: u32) -> Time {
    let step = 10_i64.pow(9 - precision.min(9));
    let whole = nanoseconds(time);
    self::time((whole + step / 2) / step * step).unwrap_or_else(|| cut_time(time, precision))
}

/// POSIXTIME's logical number: microseconds since 1970, plus 2^60, or minus 3·2^61 before.
pub(crate) fn posix_logical(at: DateTime) -> i64 {
    let micro = i64::try_from(
        at.duration_since(civil::date(1970, 1, 1).at(0, 0, 0, 0))
            .as_micros(),
    )
    .unwrap_or(0);
    if micro >= 0 {
        micro + (1 << 60)
    } else {
        micro - 3 * (1 << 61)
    }
}

/// The moment of a POSIXTIME number, if it is one.
pub(crate) fn of_posix_logical(number: i64) -> Option<DateTime> {
    let micro = if number >= 1 << 60 {
        number - (1 << 60)
    } else if number < 0 {
        number.checked_add(3 * (1 << 61))?
    } else {
        return None;
    };
    let epoch = civil::date(1970, 1, 1).at(0, 0, 0, 0);
    epoch
        .checked_add(Span::new().try_microseconds(micro).ok()?)
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn day_zero_and_the_last_day() {
        assert_eq!(days(civil::date(1840, 12, 31)), 0);
        assert_eq!(days(civil::date(9999, 12, 31)), LAST_DAY);
        assert_eq!(date(LAST_DAY), Some(civil::date(9999, 12, 31)));
    }

    #[test]
    fn posixtime_numbers_of_the_manual() {
        let at = |text| posix_logical(parse_timestamp(text).unwrap());
        assert_eq!(at("1970-01-01"), 1_152_921_504_606_846_976);
        assert_eq!(at("1969-12-01"), -6_917_531_706_041_081_856);
    }

    #[test]
    fn timestamps_keep_nine_digits_and_lose_zeros() {
        let text = |text| timestamp_text(parse_timestamp(text).unwrap());
        assert_eq!(text("2024-2-9 1:02:03.500"), "2024-02-09 01:02:03.5");
        assert_eq!(text("2024-02-09"), "2024-02-09 00:00:00");
        assert!(parse_timestamp("2024-02-30").is_none());
    }
}
