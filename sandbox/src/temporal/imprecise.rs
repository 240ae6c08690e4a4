//! Timestamps in the many shapes that CAST and DATETIME columns take.

use jiff::civil::{self, DateTime, Time};

use super::{date_in_range, parse_timestamp};

/// The date of a text that gives only a time: logical date 1.
const BARE_TIME_DATE: civil::Date = civil::date(1841, 1, 1);

/// `2024-02-29 13:33`, `3/1/2022 13:33:00`, `1 MAR 2022 1:33pm`, `November 26, 1936`,
/// `20240229`, a day count, or a time alone.
pub(crate) fn parse_any_timestamp(text: &str) -> Option<DateTime> {
    let text = text.trim();
    if let Some(at) = parse_timestamp(text) {
        return Some(at);
    }
    if let Ok(number) = text.parse::<i64>() {
        return numbered(text, number).map(|date| date.at(0, 0, 0, 0));
    }
    let (date_words, time_words) = split(text);
    let time = match time_words.as_slice() {
        [] => Time::midnight(),
        words => parse_any_time(&words.concat())?,
    };
    let date = match date_words.as_slice() {
        [] if !time_words.is_empty() => BARE_TIME_DATE,
        words => parse_words(words)?,
    };
    Some(date.to_datetime(time))
}

/// Day counts, and eight digits as year, month and day.
fn numbered(text: &str, number: i64) -> Option<civil::Date> {
    if text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit()) {
        let part = |range: std::ops::Range<usize>| text.get(range)?.parse::<i16>().ok();
        let small = |range| i8::try_from(part(range)?).ok();
        return civil::Date::new(part(0..4)?, small(4..6)?, small(6..8)?).ok();
    }
    // A count with leading zeros is not one.
    let plain = !text.trim_start_matches('-').starts_with('0') || number == 0;
    plain.then(|| date_in_range(number)).flatten()
}

/// The words of the date and those of the time.
fn split(text: &str) -> (Vec<&str>, Vec<&str>) {
    let (mut dates, mut times) = (Vec::new(), Vec::new());
    for word in text.split([' ', ',', '\t']).filter(|word| !word.is_empty()) {
        let meridian = word.eq_ignore_ascii_case("am") || word.eq_ignore_ascii_case("pm");
        if word.contains(':') || meridian {
            times.push(word);
        } else {
            dates.push(word);
        }
    }
    (dates, times)
}

/// `hh:mm[:ss[.f]]`, also with thousandths after a colon, also with AM or PM.
pub(crate) fn parse_any_time(text: &str) -> Option<Time> {
    let text = text.trim();
    let at = text
        .len()
        .checked_sub(2)
        .filter(|at| text.is_char_boundary(*at));
    let (clock, afternoon) = match at.map(|at| text.split_at(at)) {
        Some((clock, suffix)) if suffix.eq_ignore_ascii_case("am") => (clock, Some(false)),
        Some((clock, suffix)) if suffix.eq_ignore_ascii_case("pm") => (clock, Some(true)),
        _ => (text, None),
    };
    let mut clock = clock.trim().to_owned();
    if clock.matches(':').count() == 3 {
        let (head, thousandths) = clock.rsplit_once(':')?;
        let valid = (1..=3).contains(&thousandths.len());
        let number: u32 = thousandths.parse().ok().filter(|_| valid)?;
        clock = format!("{head}.{number:03}");
    }
    let time = super::parse_time(&clock)?;
    match afternoon {
        None => Some(time),
        Some(_) if !(1..=12).contains(&time.hour()) => None,
        Some(afternoon) => {
            let hour = time.hour() % 12 + if afternoon { 12 } else { 0 };
            Time::new(hour, time.minute(), time.second(), time.subsec_nanosecond()).ok()
        }
    }
}

/// `3/1/2022`, `1 MAR 2022`, `MAR 1 2022`, `1-MAR-2022`.
fn parse_words(words: &[&str]) -> Option<civil::Date> {
    let parts: Vec<&str> = match words {
        [one] => one.split(['/', '-', '.']).collect(),
        many => many.to_vec(),
    };
    let [a, b, c] = parts.as_slice() else {
        return None;
    };
    match (month_number(a), month_number(b)) {
        (Some(month), None) => from_parts(year(c)?, month, b.parse().ok()?),
        (None, Some(month)) => from_parts(year(c)?, month, a.parse().ok()?),
        (None, None) if a.len() == 4 => from_parts(year(a)?, b.parse().ok()?, c.parse().ok()?),
        (None, None) if words.len() == 1 => from_parts(year(c)?, a.parse().ok()?, b.parse().ok()?),
        _ => None,
    }
}

/// A date, if there is one.
pub(super) fn from_parts(year: i16, month: i8, day: i8) -> Option<civil::Date> {
    civil::Date::new(year, month, day).ok()
}

/// A year of four digits, or of two: 50 to 99 are of the twentieth century.
pub(super) fn year(text: &str) -> Option<i16> {
    if !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let year: i16 = text.parse().ok()?;
    match text.len() {
        4 => Some(year),
        2 => Some(year + if year < 50 { 2000 } else { 1900 }),
        _ => None,
    }
}

/// Names of months and their first three letters.
pub(super) fn month_number(word: &str) -> Option<i8> {
    let known = MONTHS.iter().position(|month| {
        month.eq_ignore_ascii_case(word)
            || month
                .get(..3)
                .is_some_and(|short| short.eq_ignore_ascii_case(word))
    });
    i8::try_from(known? + 1).ok()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shapes_of_the_manual() {
        for (text, wanted) in [
            ("1 MAR 2022 1:33pm", "2022-03-01 13:33:00"),
            ("3/1/2022 13:33:00", "2022-03-01 13:33:00"),
            ("November 26, 1936 14:33:45.78", "1936-11-26 14:33:45.78"),
            ("20240229", "2024-02-29 00:00:00"),
            ("64701", "2018-02-22 00:00:00"),
            ("14:33", "1841-01-01 14:33:00"),
            ("2/22/2018 12:00:00:4", "2018-02-22 12:00:00.004"),
        ] {
            let at = parse_any_timestamp(text).map(super::super::timestamp_text);
            assert_eq!(at.as_deref(), Some(wanted), "{text}");
        }
        for text in ["", "2/29/2019", "00234", "abc", "MAR", "13:00pm", "1 2 3"] {
            assert!(parse_any_timestamp(text).is_none(), "{text}");
        }
    }
}
