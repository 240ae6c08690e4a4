//! TO_CHAR, TO_DATE, TO_TIMESTAMP with their format elements.

use jiff::civil::{self, DateTime};

use super::date::MONTHS;
use super::{Args, Datum, Function, integer, seeing, strict, text};
use crate::error::{Result, SqlError};
use crate::{decimal, temporal};

/// TO_DATE's format when none is given.
const DEFAULT_DATE_FORMAT: &str = "DD MON YYYY";

pub(super) const FUNCTIONS: &[Function] = &[
    seeing("iris_to_char", to_char),
    strict("iris_to_date", |a| {
        let format = a
            .optional(1, Args::text)
            .unwrap_or_else(|| DEFAULT_DATE_FORMAT.to_owned());
        let shown = a.text(0);
        let parsed = read(&shown, &format).or_else(|| temporal::parse_timestamp(&shown));
        let at =
            parsed.ok_or_else(|| SqlError::new(-400, format!("<ILLEGAL VALUE> date '{shown}'")))?;
        integer(temporal::days(at.date()))
    }),
    strict("iris_to_timestamp", |a| {
        let shown = a.text(0);
        let parsed = match a.optional(1, Args::text) {
            Some(format) => read(&shown, &format),
            None => temporal::parse_timestamp(&shown),
        };
        let at = parsed
            .ok_or_else(|| SqlError::new(-400, format!("<ILLEGAL VALUE> timestamp '{shown}'")))?;
        text(temporal::timestamp_text(at))
    }),
];

/// Longest first, so that YYYY is not read as YY twice.
const ELEMENTS: [&str; 24] = [
    "SSSSS", "YYYY", "MONTH", "RRRR", "HH24", "HH12", "YYY", "DDD", "MON", "DAY", "YY", "RR", "MM",
    "DD", "DY", "HH", "MI", "SS", "AM", "PM", "Y", "D", "J", "FF",
];

/// The next format element, or one character that stands for itself.
fn element(format: &str) -> (&str, &str) {
    for element in ELEMENTS {
        if format
            .get(..element.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(element))
        {
            return format.split_at(element.len());
        }
    }
    let first = format.chars().next().map_or(0, char::len_utf8);
    format.split_at(first)
}

/// `iris_to_char(value, format, type)`
fn to_char(a: &Args<'_>) -> Result<Datum> {
    if a.is_null(0) {
        return Ok(Datum::Null);
    }
    let ty = a.text(2);
    let format = a.optional(1, Args::text);
    let at = match ty.as_str() {
        "DATE" => temporal::date(a.integer(0)).map(|date| date.at(0, 0, 0, 0)),
        "TIME" => {
            temporal::time(a.integer(0)).map(|time| civil::date(1840, 12, 31).to_datetime(time))
        }
        "TIMESTAMP" => temporal::parse_timestamp(&a.text(0)),
        "VARCHAR"
            if format
                .as_deref()
                .is_some_and(|f| f.to_uppercase().contains(['Y', 'H', 'M'])) =>
        {
            temporal::parse_timestamp(&a.text(0))
        }
        _ => None,
    };
    match (at, format) {
        (Some(at), Some(format)) => text(write(at, &format)),
        (Some(at), None) if ty == "DATE" => text(temporal::date_text(at.date())),
        (Some(at), None) => text(temporal::timestamp_text(at)),
        (None, Some(format)) => text(number(&a.decimal(0), &format)),
        (None, None) => text(a.text(0)),
    }
}

fn write(at: DateTime, format: &str) -> String {
    let mut rest = format;
    let mut out = String::new();
    while !rest.is_empty() {
        let (head, tail) = element(rest);
        rest = tail;
        let month = MONTHS[usize::try_from(at.month() - 1).unwrap_or(0)];
        let day = format!("{:?}", at.weekday());
        out.push_str(&match head.to_ascii_uppercase().as_str() {
            "YYYY" | "RRRR" => format!("{:04}", at.year()),
            "YYY" => format!("{:03}", at.year() % 1000),
            "YY" | "RR" => format!("{:02}", at.year() % 100),
            "Y" => format!("{}", at.year() % 10),
            "MM" => format!("{:02}", at.month()),
            "MONTH" => month.to_owned(),
            "MON" => month[..3].to_owned(),
            "DDD" => format!("{:03}", at.day_of_year()),
            "DD" => format!("{:02}", at.day()),
            "D" => at.weekday().to_sunday_one_offset().to_string(),
            "DAY" => day,
            "DY" => day[..3].to_owned(),
            "J" => (temporal::days(at.date()) + 2_393_471).to_string(),
            "HH24" => format!("{:02}", at.hour()),
            "HH" | "HH12" => format!("{:02}", (at.hour() + 11) % 12 + 1),
            "MI" => format!("{:02}", at.minute()),
            "SSSSS" => (temporal::nanoseconds(at.time()) / 1_000_000_000).to_string(),
            "SS" => format!("{:02}", at.second()),
            "FF" => format!("{:09}", at.subsec_nanosecond()),
            "AM" | "PM" => if at.hour() < 12 { "AM" } else { "PM" }.to_owned(),
            _ => head.to_owned(),
        });
    }
    out
}

/// Reads by format; what the format does not name is the first of its kind.
fn read(shown: &str, format: &str) -> Option<DateTime> {
    let (mut year, mut month, mut day) = (i64::from(temporal::now(0).year()), 1, 1);
    let (mut hour, mut minute, mut second, mut afternoon) = (0, 0, 0, None);
    let mut shown = shown;
    let mut rest = format;
    while !rest.is_empty() {
        let (head, tail) = element(rest);
        rest = tail;
        match head.to_ascii_uppercase().as_str() {
            "YYYY" | "RRRR" => year = digits(&mut shown, 4)?,
            "YY" | "RR" => {
                year = digits(&mut shown, 2).map(|y| if y < 50 { 2000 + y } else { 1900 + y })?
            }
            "MM" => month = digits(&mut shown, 2)?,
            "MONTH" | "MON" => month = month_word(&mut shown)?,
            "DD" => day = digits(&mut shown, 2)?,
            "HH24" | "HH" | "HH12" => hour = digits(&mut shown, 2)?,
            "MI" => minute = digits(&mut shown, 2)?,
            "SS" => second = digits(&mut shown, 2)?,
            "AM" | "PM" => {
                afternoon = Some(shown.get(..2)?.eq_ignore_ascii_case("PM"));
                shown = &shown[2..];
            }
            _ => {
                shown = shown
                    .strip_prefix(|c: char| !c.is_alphanumeric())
                    .unwrap_or(shown)
            }
        }
    }
    match afternoon {
        Some(true) if hour < 12 => hour += 12,
        Some(false) if hour == 12 => hour = 0,
        _ => {}
    }
    let small = |n: i64| i8::try_from(n).ok();
    let date = civil::Date::new(i16::try_from(year).ok()?, small(month)?, small(day)?).ok()?;
    let time = civil::Time::new(small(hour)?, small(minute)?, small(second)?, 0).ok()?;
    Some(date.to_datetime(time))
}

fn digits(shown: &mut &str, most: usize) -> Option<i64> {
    let length = shown
        .bytes()
        .take(most)
        .take_while(u8::is_ascii_digit)
        .count();
    let (head, tail) = shown.split_at(length);
    *shown = tail;
    head.parse().ok()
}

fn month_word(shown: &mut &str) -> Option<i64> {
    let length = shown
        .chars()
        .take_while(|c| c.is_alphabetic())
        .map(char::len_utf8)
        .sum();
    let (word, tail) = shown.split_at(length);
    *shown = tail;
    let start = word.get(..3)?;
    let found = MONTHS
        .iter()
        .position(|month| month[..3].eq_ignore_ascii_case(start))?;
    i64::try_from(found + 1).ok()
}

/// `9` digit, `0` digit shown as zero, `.` point, `,` group; too small a format yields `####`.
fn number(number: &bigdecimal::BigDecimal, format: &str) -> String {
    let fraction = format.split_once('.').map_or(0, |(_, f)| {
        f.chars().filter(|c| matches!(c, '9' | '0')).count()
    });
    let plain = decimal::round(number, fraction as i64).to_plain_string();
    let (plain, negative) = plain
        .strip_prefix('-')
        .map_or((plain.as_str(), false), |p| (p, true));
    let (whole, decimals) = plain.split_once('.').unwrap_or((plain, ""));
    let places = format.split('.').next().unwrap_or("");
    let room = places.chars().filter(|c| matches!(c, '9' | '0')).count();
    let whole = whole.trim_start_matches('0');
    if whole.len() > room {
        return "#".repeat(format.len() + 1);
    }
    let mut digits: Vec<char> = std::iter::repeat_n(' ', room - whole.len())
        .chain(whole.chars())
        .collect();
    digits.reverse();
    let mut out = String::new();
    let mut started = false;
    for place in places.chars() {
        match place {
            '9' | '0' => {
                let digit = digits.pop().unwrap_or(' ');
                started |= digit != ' ' || place == '0';
                if started {
                    out.push(if digit == ' ' { '0' } else { digit });
                }
            }
            ',' if started => out.push(','),
            ',' => {}
            other => out.push(other),
        }
    }
    if fraction > 0 {
        out.push('.');
        out.push_str(decimals);
    }
    if negative { format!("-{out}") } else { out }
}
