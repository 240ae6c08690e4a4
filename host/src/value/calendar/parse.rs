//! Cuts the text of a date, a time and an offset into numbers.

use jiff::SignedDuration;
use jiff::civil::Date;

use crate::value::text::trimmed;

/// Why a text is no date or time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// It does not have that form.
    Syntax,
    /// It has the form, but no such day or hour exists.
    Field,
    /// No month, or no day of any month, has that number.
    MonthOrDay,
    /// The offset is larger than any zone's.
    Zone,
    /// It exists, but not on IRIS.
    Range,
}

/// A date with what may follow it.
pub(super) struct Moment {
    pub(super) date: Date,
    /// Up to 24 hours, and a leap second.
    pub(super) since_midnight: SignedDuration,
    /// East of Greenwich.
    pub(super) offset: SignedDuration,
    /// Whether the text said so.
    pub(super) has_offset: bool,
}

/// `2024-01-31[( |T)10:20[:30[.5]][ ][offset]]`
pub(super) fn moment(text: &str) -> Result<Moment, Fault> {
    let text = trimmed(text);
    if ["infinity", "-infinity"]
        .iter()
        .any(|word| text.eq_ignore_ascii_case(word))
        || text.ends_with(" BC")
    {
        return Err(Fault::Range);
    }
    let (date, rest) = match text.split_once([' ', 'T', 't']) {
        Some((date, rest)) => (date, Some(rest)),
        None => (text, None),
    };
    let date = calendar_date(date)?;
    let Some(rest) = rest else {
        return Ok(Moment {
            date,
            since_midnight: SignedDuration::ZERO,
            offset: SignedDuration::ZERO,
            has_offset: false,
        });
    };
    let (clock, zone) = split_zone(rest);
    Ok(Moment {
        date,
        since_midnight: clock_time(clock)?,
        offset: zone_offset(zone)?,
        has_offset: !zone.is_empty(),
    })
}

/// A time of day; an offset is read and dropped.
pub(super) fn time(text: &str) -> Result<SignedDuration, Fault> {
    let (clock, zone) = split_zone(trimmed(text));
    zone_offset(zone)?;
    clock_time(clock)
}

/// `2024-01-31`, `2024/1/31` or `20240131`
fn calendar_date(text: &str) -> Result<Date, Fault> {
    let separator = if text.contains('/') { '/' } else { '-' };
    let fields: Vec<&str> = text.split(separator).collect();
    let (year, month, day) = match fields[..] {
        [year, month, day] if year.len() >= 3 => (year, month, day),
        [digits] if digits.len() == 8 && digits.is_ascii() => {
            (&digits[..4], &digits[4..6], &digits[6..])
        }
        _ => return Err(Fault::Syntax),
    };
    let (year, month, day) = (number(year, 7)?, number(month, 2)?, number(day, 2)?);
    if year > 9999 {
        return Err(Fault::Range);
    }
    if year == 0 {
        return Err(Fault::Field);
    }
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return Err(Fault::MonthOrDay);
    }
    let narrow = |field: u32| i8::try_from(field).map_err(|_| Fault::Field);
    let year = i16::try_from(year).map_err(|_| Fault::Range)?;
    Date::new(year, narrow(month)?, narrow(day)?).map_err(|_| Fault::Field)
}

/// `10:20`, `10:20:30`, `10:20:30.123456789`; at most 24:00:00 and one leap second.
fn clock_time(text: &str) -> Result<SignedDuration, Fault> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let fields: Vec<&str> = whole.split(':').collect();
    let (hour, minute, second) = match fields[..] {
        [hour, minute] if !text.contains('.') => (number(hour, 2)?, number(minute, 2)?, 0),
        [hour, minute, second] => (number(hour, 2)?, number(minute, 2)?, number(second, 2)?),
        _ => return Err(Fault::Syntax),
    };
    let micros = if fraction.is_empty() {
        0
    } else {
        micros_of_fraction(fraction)?
    };
    let seconds = i64::from(hour * 3600 + minute * 60 + second);
    let duration = SignedDuration::from_secs(seconds) + SignedDuration::from_micros(micros);
    let fits =
        hour <= 24 && minute <= 59 && second <= 60 && duration <= SignedDuration::from_hours(24);
    if fits {
        Ok(duration)
    } else {
        Err(Fault::Field)
    }
}

/// Rounded to microseconds, half to even, as PostgreSQL does.
fn micros_of_fraction(digits: &str) -> Result<i64, Fault> {
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Fault::Syntax);
    }
    let digit = |index: usize| {
        digits
            .as_bytes()
            .get(index)
            .map_or(0, |byte| i64::from(byte - b'0'))
    };
    let micros = (0..6).fold(0, |micros, index| micros * 10 + digit(index));
    let rest = digits.get(6..).unwrap_or_default().trim_end_matches('0');
    let rounds_up = rest > "5" || (rest == "5" && micros % 2 == 1);
    Ok(micros + i64::from(rounds_up))
}

/// The clock, and the offset that follows it, if any.
fn split_zone(text: &str) -> (&str, &str) {
    let at = text
        .find(|c: char| !(c.is_ascii_digit() || c == ':' || c == '.'))
        .unwrap_or(text.len());
    let (clock, zone) = text.split_at(at);
    (clock, zone.trim_start_matches(' '))
}

/// Nothing, `Z`, `UTC`, `GMT`, `+01`, `+0130`, `+01:30`, `+01:30:00`
fn zone_offset(text: &str) -> Result<SignedDuration, Fault> {
    if text.is_empty()
        || ["z", "utc", "gmt"]
            .iter()
            .any(|name| text.eq_ignore_ascii_case(name))
    {
        return Ok(SignedDuration::ZERO);
    }
    let (is_west, digits) = match text.as_bytes() {
        [b'+', ..] => (false, &text[1..]),
        [b'-', ..] => (true, &text[1..]),
        _ => return Err(Fault::Syntax),
    };
    let fields: Vec<&str> = digits.split(':').collect();
    let (hours, minutes, seconds) = match fields[..] {
        [compact] if compact.len() == 4 && compact.is_ascii() => {
            (&compact[..2], &compact[2..], "0")
        }
        [hours] => (hours, "0", "0"),
        [hours, minutes] => (hours, minutes, "0"),
        [hours, minutes, seconds] => (hours, minutes, seconds),
        _ => return Err(Fault::Syntax),
    };
    let (hours, minutes, seconds) = (number(hours, 2)?, number(minutes, 2)?, number(seconds, 2)?);
    if hours > 15 || minutes > 59 || seconds > 59 {
        return Err(Fault::Zone);
    }
    let east = SignedDuration::from_secs(i64::from(hours * 3600 + minutes * 60 + seconds));
    Ok(if is_west { -east } else { east })
}

/// One to `most` decimal digits.
fn number(text: &str, most: usize) -> Result<u32, Fault> {
    if text.is_empty() || text.len() > most || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Fault::Syntax);
    }
    text.parse().map_err(|_| Fault::Syntax)
}
