//! Dates and times in literals, read as PostgreSQL reads them and written in the form that
//! IRIS reads as well.
//!
//! PostgreSQL manual, "Date/Time Input": of its many forms those of ISO 8601 are read here, and
//! dates of three fields in the order of `DateStyle`.

mod day;

pub(crate) use day::{DATE_STYLE_SETTING, Order};
use day::{date, date_part};

use crate::diagnostic::Diagnosed;
use crate::types::{oid, words};
use crate::wit::{Diagnostic, Oid};

const DAY: i64 = 86_400_000_000;
const SECOND: i64 = 1_000_000;
/// 2000-01-01, from which PostgreSQL counts.
const EPOCH: i64 = 10_957 * DAY;

/// The farthest that PostgreSQL takes a zone to be from UTC, in seconds.
const FARTHEST_ZONE: i64 = 15 * 3600 + 59 * 60 + 59;

/// Why a text is not read.
enum Fault {
    /// It is a date or a time for nobody.
    Syntax,
    Range,
    /// No month, or no day of any month, has that number.
    MonthOrDay,
    Zone,
    /// PostgreSQL may read it.
    Form,
}

/// A literal of a date, time or timestamp in IRIS's form.
///
/// # Errors
/// PostgreSQL refuses it, or reads a form that is not known here.
pub(crate) fn canonical(text: &str, target: Oid, order: Order) -> Diagnosed<String> {
    written(text.trim(), target, order).map_err(|fault| refusal(text, target, &fault))
}

/// The same of a timestamp, rounded to so many digits of a second.
///
/// # Errors
/// As of [`canonical`].
pub(crate) fn rounded(text: &str, target: Oid, digits: u64, order: Order) -> Diagnosed<String> {
    let read = |canonical: &str| -> Result<String, Fault> {
        let (day, clock_time) = canonical.split_once(' ').ok_or(Fault::Form)?;
        let since = date(day, Order::Unsaid)? * DAY + clock(clock_time)? - EPOCH;
        let unit = (digits..6).fold(1, |unit, _| unit * 10);
        // `AdjustTimestampForTypmod`: half of a digit goes away from the epoch.
        let micros = (since + unit / 2 * since.signum()) / unit * unit + EPOCH;
        let day = date_text(micros.div_euclid(DAY))?;
        Ok(format!("{day} {}", clock_text(micros.rem_euclid(DAY))))
    };
    read(&canonical(text, target, order)?).map_err(|fault| refusal(text, target, &fault))
}

fn refusal(text: &str, target: Oid, fault: &Fault) -> Diagnostic {
    match fault {
        Fault::Syntax => {
            let name = match target {
                oid::TIMESTAMP => "timestamp",
                oid::TIME => "time",
                other => words(other),
            };
            let message = format!("invalid input syntax for type {name}: \"{text}\"");
            Diagnostic::error("22007", message)
        }
        Fault::Range | Fault::MonthOrDay => {
            let message = format!("date/time field value out of range: \"{text}\"");
            let error = Diagnostic::error("22008", message);
            match fault {
                Fault::MonthOrDay => {
                    error.with_hint("Perhaps you need a different \"datestyle\" setting.")
                }
                _ => error,
            }
        }
        Fault::Zone => Diagnostic::error(
            "22009",
            format!("time zone displacement out of range: \"{text}\""),
        ),
        Fault::Form => Diagnostic::not_supported(
            format!("the date or time \"{text}\" is not supported"),
            "write it as YYYY-MM-DD HH:MM:SS, with an offset such as +01:00 if need be",
        ),
    }
}

/// A timestamp in that form, if the text says no offset.
pub(crate) fn without_offset(text: &str, order: Order) -> Option<String> {
    let text = text.trim();
    let (_, rest) = date_part(text)?;
    let zone = match rest {
        "" => None,
        rest => clock_and_zone(rest, text).ok()?.1,
    };
    zone.is_none()
        .then(|| written(text, oid::TIMESTAMP, order).ok())?
}

fn written(text: &str, target: Oid, order: Order) -> Result<String, Fault> {
    let (day, rest) = match date_part(text) {
        Some((day, rest)) => (Some(date(day, order)?), rest),
        None => (None, text),
    };
    let (clock, zone) = match rest {
        "" => (None, None),
        rest => {
            let (clock, zone) = clock_and_zone(rest, text)?;
            (Some(clock), zone)
        }
    };
    match (target, day, clock) {
        (oid::DATE, Some(day), _) => date_text(day),
        (oid::TIME, _, Some(clock)) => Ok(clock_text(clock)),
        (oid::TIME, Some(_), None) | (oid::DATE | oid::TIMESTAMP | oid::TIMESTAMPTZ, None, _) => {
            Err(Fault::Syntax)
        }
        (_, Some(day), clock) => {
            let shift = match target {
                oid::TIMESTAMPTZ => zone.unwrap_or(0) * SECOND,
                // A zone is not part of the type, and ignored.
                _ => 0,
            };
            let micros = day * DAY + clock.unwrap_or(0) - shift;
            let day = date_text(micros.div_euclid(DAY))?;
            Ok(format!("{day} {}", clock_text(micros.rem_euclid(DAY))))
        }
        (_, None, _) => Err(Fault::Syntax),
    }
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// A time of day in microseconds, and the seconds that its zone is ahead of UTC.
fn clock_and_zone(rest: &str, text: &str) -> Result<(i64, Option<i64>), Fault> {
    let end = rest
        .find(|letter: char| !letter.is_ascii_digit() && letter != ':' && letter != '.')
        .unwrap_or(rest.len());
    let (time, zone) = rest.split_at(end);
    if time.is_empty() {
        return Err(in_words(text));
    }
    Ok((clock(time)?, zone_of(zone.trim())?))
}

/// Texts with words in them may be dates in other forms.
fn in_words(text: &str) -> Fault {
    const WORDS: &[&str] = &[
        "now",
        "today",
        "tomorrow",
        "yesterday",
        "epoch",
        "infinity",
        "-infinity",
        "allballs",
        "jan",
        "feb",
        "mar",
        "apr",
        "may",
        "jun",
        "jul",
        "aug",
        "sep",
        "oct",
        "nov",
        "dec",
        "bc",
        "ad",
        "am",
        "pm",
    ];
    let lower = text.to_ascii_lowercase();
    let mut parts = lower.split(|letter: char| !letter.is_ascii_alphabetic());
    let has_word = parts.any(|part| {
        WORDS.contains(&part)
            || part
                .get(..3)
                .is_some_and(|start| WORDS[8..20].contains(&start))
    });
    if has_word || text.contains(['/', '.']) {
        Fault::Form
    } else {
        Fault::Syntax
    }
}

fn clock(text: &str) -> Result<i64, Fault> {
    let (whole, fraction) = match text.split_once('.') {
        Some((whole, fraction)) => (whole, fraction),
        None => (text, ""),
    };
    let parts: Vec<&str> = whole.split(':').collect();
    let (hour, minute, second) = match parts.as_slice() {
        [hour, minute] => (*hour, *minute, "0"),
        [hour, minute, second] => (*hour, *minute, *second),
        _ => return Err(Fault::Form),
    };
    let part = |digits: &str| number(digits, 2).ok_or(Fault::Syntax);
    let (hour, minute, second) = (part(hour)?, part(minute)?, part(second)?);
    if hour > 24 || minute > 59 || second > 60 {
        return Err(Fault::Range);
    }
    // The end of a day, and a leap second.
    if hour == 24 || second == 60 {
        return Err(Fault::Form);
    }
    Ok(((hour * 60 + minute) * 60 + second) * SECOND + micros(fraction)?)
}

/// A fraction of a second, rounded.
fn micros(fraction: &str) -> Result<i64, Fault> {
    if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Fault::Syntax);
    }
    let digit = |place: usize| {
        let byte = fraction.as_bytes().get(place).copied().unwrap_or(b'0');
        i64::from(byte - b'0')
    };
    let whole = (0..6).fold(0, |sum, place| sum * 10 + digit(place));
    Ok(whole + i64::from(digit(6) >= 5))
}

fn zone_of(zone: &str) -> Result<Option<i64>, Fault> {
    if zone.is_empty() {
        return Ok(None);
    }
    if ["z", "utc", "gmt", "zulu"]
        .iter()
        .any(|name| zone.eq_ignore_ascii_case(name))
    {
        return Ok(Some(0));
    }
    let (sign, digits) = match zone.as_bytes().first() {
        Some(b'+') => (1, &zone[1..]),
        Some(b'-') => (-1, &zone[1..]),
        _ => return Err(Fault::Form),
    };
    let parts: Vec<&str> = digits.split(':').collect();
    let parts = match parts.as_slice() {
        [both] if both.len() == 4 && both.is_ascii() => vec![&both[..2], &both[2..]],
        _ => parts,
    };
    if parts.len() > 3 {
        return Err(Fault::Syntax);
    }
    let mut seconds = 0;
    for (part, factor) in parts.iter().zip([3600, 60, 1]) {
        let value = number(part, 2).ok_or(Fault::Syntax)?;
        if factor < 3600 && value > 59 {
            return Err(Fault::Zone);
        }
        seconds += value * factor;
    }
    if seconds > FARTHEST_ZONE {
        return Err(Fault::Zone);
    }
    Ok(Some(sign * seconds))
}

fn number(digits: &str, most: usize) -> Option<i64> {
    let plain = (1..=most).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| digits.parse().ok()).flatten()
}

/// The moment that is so much later, in IRIS's form as well; none if IRIS has it not.
pub(crate) fn later(text: &str, months: i64, days: i64, micros: i64) -> Option<String> {
    let (day, clock_of_day) = text.split_once(' ')?;
    let clock_of_day = clock(clock_of_day).ok()?;
    let mut parts = day.split('-').map(|part| part.parse::<i64>().ok());
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    let count = (year * 12 + month - 1).checked_add(months)?;
    let (year, month) = (count.div_euclid(12), count.rem_euclid(12) + 1);
    let next = days_from_civil(year + month / 12, month % 12 + 1, 1);
    let first = days_from_civil(year, month, 1);
    let day = first + (day - 1).min(next - first - 1) + days;
    let micros = (day * DAY + clock_of_day).checked_add(micros)?;
    let day = date_text(micros.div_euclid(DAY)).ok()?;
    Some(format!("{day} {}", clock_text(micros.rem_euclid(DAY))))
}

/// Howard Hinnant's `days_from_civil`.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = year - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The date of a day, if IRIS has it.
fn date_text(days: i64) -> Result<String, Fault> {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = (shifted + 2) % 12 + 1;
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    if !(1..=9999).contains(&year) {
        return Err(Fault::Form);
    }
    Ok(format!("{year:04}-{month:02}-{day:02}"))
}

fn clock_text(micros: i64) -> String {
    let seconds = micros / SECOND;
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let text = format!("{hour:02}:{minute:02}:{second:02}");
    match micros % SECOND {
        0 => text,
        fraction => {
            let fraction = format!("{fraction:06}");
            format!("{text}.{}", fraction.trim_end_matches('0'))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn state_in(text: &str, target: Oid, order: Order) -> String {
        match canonical(text, target, order) {
            Ok(text) => text,
            Err(error) => error.sqlstate,
        }
    }

    fn state(text: &str, target: Oid) -> String {
        state_in(text, target, Order::MonthFirst)
    }

    #[test]
    fn seconds_are_rounded_as_in_postgresql() {
        for (text, digits, expected) in [
            ("2024-01-01 10:20:30.567", 0, "2024-01-01 10:20:31"),
            ("2024-01-01 10:20:30.567", 2, "2024-01-01 10:20:30.57"),
            ("2024-12-31 23:59:59.9", 0, "2025-01-01 00:00:00"),
            ("2024-12-31 23:59:59.5", 0, "2025-01-01 00:00:00"),
            ("1999-12-31 23:59:59.5", 0, "1999-12-31 23:59:59"),
            ("1999-12-31 23:59:58.6", 0, "1999-12-31 23:59:59"),
        ] {
            let rounded = rounded(text, oid::TIMESTAMP, digits, Order::MonthFirst);
            assert_eq!(rounded.ok().as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn iso_forms_are_read_as_in_postgresql() {
        for (text, target, expected) in [
            ("2024-02-29", oid::DATE, "2024-02-29"),
            (" 20240229 ", oid::DATE, "2024-02-29"),
            ("2024/2/9", oid::DATE, "2024-02-09"),
            ("2024-02-29 12:30", oid::DATE, "2024-02-29"),
            ("2024-02-30", oid::DATE, "22008"),
            ("2024-13-01", oid::DATE, "22008"),
            ("x", oid::DATE, "22007"),
            ("", oid::DATE, "22007"),
            ("yesterday", oid::DATE, "0A000"),
            ("Jan 5, 2024", oid::DATE, "2024-01-05"),
            ("5.1.2024", oid::DATE, "2024-05-01"),
            (
                "2024-02-29T12:30:45.5",
                oid::TIMESTAMP,
                "2024-02-29 12:30:45.5",
            ),
            ("2024-02-29", oid::TIMESTAMP, "2024-02-29 00:00:00"),
            (
                "2024-02-29 12:30:00.1234567",
                oid::TIMESTAMP,
                "2024-02-29 12:30:00.123457",
            ),
            ("2024-02-29 12:30+05", oid::TIMESTAMP, "2024-02-29 12:30:00"),
            (
                "2024-02-29 23:30-01:30",
                oid::TIMESTAMPTZ,
                "2024-03-01 01:00:00",
            ),
            (
                "2024-01-01 00:30+0100",
                oid::TIMESTAMPTZ,
                "2023-12-31 23:30:00",
            ),
            (
                "2024-01-01T00:30:00Z",
                oid::TIMESTAMPTZ,
                "2024-01-01 00:30:00",
            ),
            (
                "2024-01-01 00:30 UTC",
                oid::TIMESTAMPTZ,
                "2024-01-01 00:30:00",
            ),
            ("2024-01-01 00:30 Europe/Berlin", oid::TIMESTAMPTZ, "0A000"),
            ("2024-01-01 00:30+16", oid::TIMESTAMPTZ, "22009"),
            ("2024-01-01 25:00", oid::TIMESTAMP, "22008"),
            ("12:30", oid::TIME, "12:30:00"),
            ("2024-01-01 12:30", oid::TIME, "12:30:00"),
            ("12:61", oid::TIME, "22008"),
            ("12:30", oid::TIMESTAMP, "22007"),
        ] {
            assert_eq!(state(text, target), expected, "{text}");
        }
    }
}
