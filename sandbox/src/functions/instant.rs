//! Reads dates and times in all the forms that the date functions take: `$HOROLOG`,
//! ODBC, month-first with `/`, `-` or `.`, and with the month spelled out.

use jiff::civil::{Date, DateTime, Time};

use crate::temporal;

/// The date of a time without one.
const NO_DATE: Date = jiff::civil::date(1900, 1, 1);

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

/// Reads a date, a time or both.
pub(super) fn read(text: &str) -> Option<DateTime> {
    let text = text.trim();
    if let Some(at) = horolog(text) {
        return Some(at);
    }
    if let Some(time) = time(text) {
        return Some(NO_DATE.to_datetime(time));
    }
    if let Some(date) = date(text) {
        return Some(date.at(0, 0, 0, 0));
    }
    // The time begins behind the last blank, or the one before AM or PM.
    let split = |n: usize| {
        let (at, _) = text.match_indices([' ', 'T']).rev().nth(n)?;
        let (head, tail) = (text.get(..at)?, text.get(at + 1..)?);
        Some(date(head)?.to_datetime(time(tail)?))
    };
    split(0).or_else(|| split(1))
}

/// `ddddd[,sssss[.f]]`: days since 1840-12-31 and seconds of the day.
pub(super) fn horolog(text: &str) -> Option<DateTime> {
    let (days, seconds) = text.split_once(',').unwrap_or((text, "0"));
    let date = temporal::date(days.parse().ok()?)?;
    if seconds.is_empty() || !seconds.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return None;
    }
    let (whole, fraction) = seconds.split_once('.').unwrap_or((seconds, ""));
    let nanoseconds = whole.parse::<i64>().ok()?.checked_mul(1_000_000_000)?;
    let time = temporal::time(nanoseconds.checked_add(fraction_of(fraction)?)?)?;
    Some(date.to_datetime(time))
}

fn fraction_of(digits: &str) -> Option<i64> {
    let nine: String = digits.chars().chain("000000000".chars()).take(9).collect();
    nine.parse().ok()
}

fn date(text: &str) -> Option<Date> {
    temporal::parse_date(text)
        .or_else(|| month_first(text))
        .or_else(|| spelled(text))
}

/// `mm/dd/yyyy`; two digits of a year are of the twentieth century, and 00 is none.
fn month_first(text: &str) -> Option<Date> {
    let delimiter = ['/', '-', '.'].into_iter().find(|d| text.contains(*d))?;
    let mut parts = text.split(delimiter);
    let (month, day, year) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    Date::new(year_of(year)?, small(month)?, small(day)?).ok()
}

fn year_of(text: &str) -> Option<i16> {
    let year: i16 = text.parse().ok()?;
    match text.len() {
        4 => Some(year),
        1 | 2 if year > 0 => Some(1900 + year),
        _ => None,
    }
}

/// One or two digits.
fn small(text: &str) -> Option<i8> {
    let plain = (1..=2).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
}

/// `Mmm dd[,] yyyy`, `dd Mmm yyyy`, `yyyy Mmm dd`, `yyyy dd Mmm`.
fn spelled(text: &str) -> Option<Date> {
    let words: Vec<&str> = text
        .split([' ', ','])
        .filter(|word| !word.is_empty())
        .collect();
    let [a, b, c] = words.as_slice() else {
        return None;
    };
    if let Some(month) = month_of(a) {
        return Date::new(year_of(c)?, month, small(b)?).ok();
    }
    if let Some(month) = month_of(b) {
        let (day, year) = if a.len() == 4 { (c, a) } else { (a, c) };
        return Date::new(year_of(year)?, month, small(day)?).ok();
    }
    Date::new(
        year_of(a).filter(|_| a.len() == 4)?,
        month_of(c)?,
        small(b)?,
    )
    .ok()
}

/// Three letters or more of the name of a month.
pub(super) fn month_of(word: &str) -> Option<i8> {
    let found = MONTHS.iter().position(|month| {
        word.len() >= 3
            && month
                .get(..word.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(word))
    });
    found.and_then(|n| i8::try_from(n + 1).ok())
}

/// `hh:[mm[:ss[.f]]]` and the same with AM or PM; what is left out is 0.
pub(super) fn time(text: &str) -> Option<Time> {
    let upper = text.trim().to_ascii_uppercase();
    let (clock, afternoon) = match (upper.strip_suffix("AM"), upper.strip_suffix("PM")) {
        (Some(clock), _) => (clock.trim_end(), Some(false)),
        (_, Some(clock)) => (clock.trim_end(), Some(true)),
        _ => (upper.as_str(), None),
    };
    if !clock.contains(':') && afternoon.is_none() {
        return None;
    }
    let mut parts = clock.splitn(3, ':');
    let part = |text: Option<&str>| match text.unwrap_or("") {
        "" => Some(0),
        text => small(text),
    };
    let (hour, minute) = (part(parts.next())?, part(parts.next())?);
    let (second, fraction) = match parts.next() {
        None => (0, ""),
        Some(rest) => {
            let (second, fraction) = rest.split_once(['.', ':']).unwrap_or((rest, ""));
            (part(Some(second))?, fraction)
        }
    };
    if !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let hour = match afternoon {
        Some(true) if hour < 12 => hour + 12,
        Some(false) if hour == 12 => 0,
        _ => hour,
    };
    let fraction = i32::try_from(fraction_of(fraction)?).ok()?;
    Time::new(hour, minute, second, fraction).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_documented_form() {
        for (text, wanted) in [
            ("66716", "2023-08-30 00:00:00"),
            ("66716,256.467", "2023-08-30 00:04:16.467"),
            ("2022-2-26", "2022-02-26 00:00:00"),
            ("12/31/99", "1999-12-31 00:00:00"),
            ("8-24-2022", "2022-08-24 00:00:00"),
            ("12.31.99", "1999-12-31 00:00:00"),
            ("Dec 30, 92", "1992-12-30 00:00:00"),
            ("January 23 2021", "2021-01-23 00:00:00"),
            ("23 Jan 2021", "2021-01-23 00:00:00"),
            ("12/22/2021 8:15:23", "2021-12-22 08:15:23"),
            ("10:", "1900-01-01 10:00:00"),
            ("10:30PM", "1900-01-01 22:30:00"),
            ("2:15:23:335", "1900-01-01 02:15:23.335"),
            ("2021-12-22 1:05 PM", "2021-12-22 13:05:00"),
        ] {
            assert_eq!(
                read(text).map(temporal::timestamp_text).as_deref(),
                Some(wanted),
                "{text}"
            );
        }
        for text in ["badval", "2022-02-30", "10/11/00", "", "25:00", "1/2/3/4"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
