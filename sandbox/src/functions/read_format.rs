//! TO_DATE, TO_TIMESTAMP, TO_POSIXTIME: text read by a format.

use jiff::civil::{Date, DateTime, Time};

use super::format::{JULIAN, Token, tokens};
use super::instant::{self, MONTHS};
use super::{Args, Datum, Function, integer, strict, text};
use crate::error::{Result, SqlError};
use crate::temporal;

/// TO_DATE's format when none is given.
const DATE_FORMAT: &str = "DD MON YYYY";
/// The others' format when none is given.
const TIMESTAMP_FORMAT: &str = "DD MON YYYY HH:MI:SS";

pub(super) const FUNCTIONS: &[Function] = &[
    strict("iris_to_date", |a| {
        let shown = a.text(0);
        if a.len() < 2
            && let Some(date) = shown.parse().ok().and_then(temporal::date)
        {
            return integer(temporal::days(date));
        }
        let format = a
            .optional(1, Args::text)
            .unwrap_or_else(|| DATE_FORMAT.to_owned());
        if format.trim().eq_ignore_ascii_case("J") {
            return julian(&shown);
        }
        let date = read(&shown, &format).and_then(|found| found.date(Kind::Date));
        match date.map(temporal::days) {
            Some(days) if days >= 0 => integer(days),
            _ => Err(unreadable("TO_DATE", &shown)),
        }
    }),
    strict("iris_to_timestamp", |a| {
        text(temporal::timestamp_text(timestamp(a)?))
    }),
    strict("iris_to_posixtime", |a| {
        text(temporal::timestamp_text(temporal::cut(timestamp(a)?, 6)))
    }),
];

fn unreadable(function: &str, shown: &str) -> SqlError {
    let shown: String = shown.chars().take(60).collect();
    SqlError::new(-400, format!("<ILLEGAL VALUE> in {function}: '{shown}'"))
}

fn julian(shown: &str) -> Result<Datum> {
    let days = shown.trim().parse::<i64>().ok();
    let date = days.and_then(|days| temporal::date(days.checked_sub(JULIAN)?));
    date.map_or_else(
        || Err(unreadable("TO_DATE", shown)),
        |date| integer(temporal::days(date)),
    )
}

fn timestamp(a: &Args<'_>) -> Result<DateTime> {
    let shown = a.text(0);
    let format = a.optional(1, Args::text);
    let format = format.unwrap_or_else(|| TIMESTAMP_FORMAT.to_owned());
    let moment = || {
        let found = read(&shown, &format)?;
        Some(found.date(Kind::Timestamp)?.to_datetime(found.time()?))
    };
    moment().ok_or_else(|| unreadable("TO_TIMESTAMP", &shown))
}

/// What stands in for parts that are not given differs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Date,
    Timestamp,
}

/// The parts that were read.
#[derive(Debug, Default)]
struct Parts {
    year: Option<i16>,
    month: Option<i8>,
    day: Option<i8>,
    day_of_year: Option<i16>,
    hour: Option<i8>,
    minute: i8,
    second: i8,
    nanosecond: i32,
    afternoon: Option<bool>,
}

impl Parts {
    /// A day of the year wins over a day of the month.
    fn date(&self, kind: Kind) -> Option<Date> {
        let today = temporal::now(0).date();
        let year = self.year.unwrap_or(today.year());
        if let Some(day) = self.day_of_year {
            let first = temporal::days(Date::new(year, 1, 1).ok()?);
            let date = temporal::date(first + i64::from(day) - 1)?;
            return (day > 0 && date.year() == year).then_some(date);
        }
        let month = match kind {
            Kind::Date => self.month.unwrap_or(today.month()),
            Kind::Timestamp => self.month.unwrap_or(1),
        };
        Date::new(year, month, self.day.unwrap_or(1)).ok()
    }

    fn time(&self) -> Option<Time> {
        let hour = match (self.hour.unwrap_or(0), self.afternoon) {
            (hour, Some(true)) if hour < 12 => hour + 12,
            (12, Some(false)) => 0,
            (hour, _) => hour,
        };
        Time::new(hour, self.minute, self.second, self.nanosecond).ok()
    }
}

/// Reads `shown` by `format`; nothing if they do not go together.
fn read(shown: &str, format: &str) -> Option<Parts> {
    let mut rest = shown.trim();
    let mut parts = Parts::default();
    for (token, fixed) in tokens(format) {
        if rest.is_empty() {
            break;
        }
        match token {
            Token::Separator(c) => rest = separator(rest, c)?,
            Token::Word(_) => {}
            Token::Fraction => {
                let digits = digits(&mut rest, 30)?;
                let nine: String = digits.chars().chain("000000000".chars()).take(9).collect();
                parts.nanosecond = nine.parse().ok()?;
            }
            Token::Date(element) => date_element(element, fixed, &mut rest, &mut parts)?,
            // A meridian may come before the seconds do.
            Token::Time("MI" | "SS") if rest.starts_with(|c: char| c.is_alphabetic()) => break,
            Token::Time(element) => time_element(element, &mut rest, &mut parts)?,
        }
    }
    trailing(rest, &mut parts)?;
    Some(parts)
}

/// The separator itself; blanks match any number of blanks, and AM may take their place.
fn separator(rest: &str, c: char) -> Option<&str> {
    match rest.strip_prefix(c) {
        Some(tail) if c == ' ' => Some(tail.trim_start()),
        Some(tail) => Some(tail),
        // What remains is a meridian or a fraction that the format does not mention.
        None if c != ' ' && c != '.' && !rest.starts_with(|c: char| c.is_alphabetic()) => None,
        None => Some(rest),
    }
}

fn digits<'a>(rest: &mut &'a str, most: usize) -> Option<&'a str> {
    let length = rest
        .bytes()
        .take(most)
        .take_while(u8::is_ascii_digit)
        .count();
    let (head, tail) = rest.split_at_checked(length)?;
    *rest = tail;
    (length > 0).then_some(head)
}

fn word<'a>(rest: &mut &'a str) -> &'a str {
    let length = rest
        .find(|c: char| !c.is_alphabetic())
        .unwrap_or(rest.len());
    let (head, tail) = rest.split_at(length);
    *rest = tail;
    head
}

fn date_element(
    element: &'static str,
    fixed: bool,
    rest: &mut &str,
    parts: &mut Parts,
) -> Option<()> {
    let exact = |digits: &str, length: usize| !fixed || digits.len() == length;
    match element {
        "YYYY" | "RRRR" | "YYY" | "YY" | "RR" | "Y" => {
            let shown = digits(rest, 4)?;
            let year: i16 = shown.parse().ok()?;
            if !exact(shown, 4) {
                return None;
            }
            parts.year = Some(match (shown.len(), element) {
                (1 | 2, "RR" | "RRRR") => near_century(year),
                (1 | 2, _) => 1900 + year,
                _ => year,
            });
        }
        "MM" => {
            let shown = digits(rest, 2)?;
            parts.month = Some(shown.parse().ok().filter(|_| exact(shown, 2))?);
        }
        "DD" => {
            let shown = digits(rest, 2)?;
            parts.day = Some(shown.parse().ok().filter(|_| exact(shown, 2))?);
        }
        "DDD" => parts.day_of_year = Some(digits(rest, 3)?.parse().ok()?),
        "MON" | "MONTH" => parts.month = Some(month(word(rest))?),
        "D" => drop(digits(rest, 1)),
        _ => drop(word(rest)),
    }
    Some(())
}

/// Two digits of a year: of this century up to 49, of the one before from 50, while it is young.
fn near_century(year: i16) -> i16 {
    let now = temporal::now(0).year();
    let century = now - now % 100;
    if now % 100 < 50 && year >= 50 {
        century - 100 + year
    } else {
        century + year
    }
}

/// The month whose name begins like the word, the first of them if there are several.
fn month(word: &str) -> Option<i8> {
    let begins = |month: &str| {
        let length = word.len().min(month.len());
        let (a, b) = (word.get(..length), month.get(..length));
        a.zip(b).is_some_and(|(a, b)| a.eq_ignore_ascii_case(b))
    };
    let found = MONTHS
        .iter()
        .position(|month| !word.is_empty() && begins(month));
    found.and_then(|n| i8::try_from(n + 1).ok())
}

fn time_element(element: &'static str, rest: &mut &str, parts: &mut Parts) -> Option<()> {
    match element {
        "HH" | "HH12" | "HH24" => parts.hour = Some(digits(rest, 2)?.parse().ok()?),
        "MI" => parts.minute = digits(rest, 2)?.parse().ok()?,
        "SS" => parts.second = digits(rest, 2)?.parse().ok()?,
        "SSSSS" => {
            let seconds: i64 = digits(rest, 5)?.parse().ok()?;
            let time = temporal::time(seconds * 1_000_000_000)?;
            (parts.hour, parts.minute, parts.second) =
                (Some(time.hour()), time.minute(), time.second());
        }
        _ => meridian(rest, parts),
    }
    Some(())
}

fn meridian(rest: &mut &str, parts: &mut Parts) {
    let shown = rest.trim_start();
    for (spelling, afternoon) in [("AM", false), ("PM", true), ("A.M.", false), ("P.M.", true)] {
        if let Some(head) = shown.get(..spelling.len())
            && head.eq_ignore_ascii_case(spelling)
        {
            parts.afternoon = Some(afternoon);
            *rest = &shown[spelling.len()..];
            return;
        }
    }
}

/// Behind the format there may be a fraction, a meridian, or a time that is ignored or read.
fn trailing(rest: &str, parts: &mut Parts) -> Option<()> {
    let mut rest = rest.trim_start();
    if let Some(tail) = rest.strip_prefix('.') {
        rest = tail.trim_start_matches(|c: char| c.is_ascii_digit());
    }
    meridian(&mut rest, parts);
    let rest = rest.trim();
    if rest.is_empty() {
        return Some(());
    }
    let time = instant::time(rest)?;
    if parts.hour.is_some() {
        return None;
    }
    (parts.hour, parts.minute, parts.second) = (Some(time.hour()), time.minute(), time.second());
    Some(())
}
