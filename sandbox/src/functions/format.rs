//! The elements of date formats, and TO_CHAR.

use jiff::civil::{self, DateTime};
use rusqlite::types::ValueRef;

use super::instant::{self, MONTHS};
use super::{Args, Datum, Function, date_part, number_format, seeing, text};
use crate::error::{Result, SqlError};
use crate::{decimal, temporal};

pub(super) const FUNCTIONS: &[Function] = &[seeing("iris_to_char", to_char)];

/// The Julian day of day 0.
pub(super) const JULIAN: i64 = 2_393_471;

const DATE_ELEMENTS: [&str; 14] = [
    "YYYY", "RRRR", "YYY", "YY", "RR", "Y", "MONTH", "MON", "MM", "DDD", "DD", "DAY", "DY", "D",
];
const TIME_ELEMENTS: [&str; 8] = ["HH24", "HH12", "HH", "MI", "SSSSS", "SS", "AM", "PM"];

/// The few formats that need no separators between their elements.
const UNSEPARATED: [(&str, &[&str]); 10] = [
    ("YYYYMMDDHHMISS", &["YYYY", "MM", "DD", "HH", "MI", "SS"]),
    ("YYYYMMDDHHMI", &["YYYY", "MM", "DD", "HH", "MI"]),
    ("YYYYMMDDHH", &["YYYY", "MM", "DD", "HH"]),
    ("YYYYMMDD", &["YYYY", "MM", "DD"]),
    ("YYYYDDMM", &["YYYY", "DD", "MM"]),
    ("DDMMYYYY", &["DD", "MM", "YYYY"]),
    ("MMDDYYYY", &["MM", "DD", "YYYY"]),
    ("YYYYMM", &["YYYY", "MM"]),
    ("HHMISS", &["HH", "MI", "SS"]),
    ("HHMI", &["HH", "MI"]),
];

/// One piece of a format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    Date(&'static str),
    Time(&'static str),
    /// Any number of digits of a fraction.
    Fraction,
    /// A run of letters and digits that is no element.
    Word(&'a str),
    Separator(char),
}

/// Cuts a format into its tokens; `true` for those that stand in a run without separators.
pub(super) fn tokens(format: &str) -> Vec<(Token<'_>, bool)> {
    let mut tokens = Vec::new();
    let mut rest = format;
    while let Some(first) = rest.chars().next() {
        let meridian = rest.get(..4).is_some_and(|four| {
            four.eq_ignore_ascii_case("A.M.") || four.eq_ignore_ascii_case("P.M.")
        });
        if meridian {
            tokens.push((Token::Time("AM"), false));
            rest = &rest[4..];
            continue;
        }
        if !first.is_alphanumeric() {
            tokens.push((Token::Separator(first), false));
            rest = &rest[first.len_utf8()..];
            continue;
        }
        let length = rest
            .find(|c: char| !c.is_alphanumeric())
            .unwrap_or(rest.len());
        let (run, tail) = rest.split_at(length);
        rest = tail;
        let upper = run.to_ascii_uppercase();
        match UNSEPARATED.iter().find(|(name, _)| *name == upper) {
            Some((_, parts)) => tokens.extend(parts.iter().map(|part| (token(part), true))),
            None => tokens.push((token_of(&upper).unwrap_or(Token::Word(run)), false)),
        }
    }
    tokens
}

fn token(part: &str) -> Token<'static> {
    token_of(part).unwrap_or(Token::Separator(' '))
}

fn token_of(upper: &str) -> Option<Token<'static>> {
    let among = |list: &[&'static str]| list.iter().copied().find(|element| *element == upper);
    match upper {
        "FF" => Some(Token::Fraction),
        "J" => Some(Token::Date("J")),
        _ => among(&DATE_ELEMENTS)
            .map(Token::Date)
            .or_else(|| among(&TIME_ELEMENTS).map(Token::Time)),
    }
}

/// `iris_to_char(value, format, type)`
fn to_char(a: &Args<'_>) -> Result<Datum> {
    if a.is_null(0) {
        return Ok(Datum::Null);
    }
    let Some(format) = a.optional(1, Args::text) else {
        return unformatted(a);
    };
    if number_format::is_one(&format) {
        return text(number_format::write(&a.decimal(0), &format));
    }
    let tokens = tokens(&format);
    let has = |wanted: fn(&Token<'_>) -> bool| tokens.iter().any(|(token, _)| wanted(token));
    let dated = has(|token| matches!(token, Token::Date(_)));
    if !dated && !has(|token| matches!(token, Token::Time(_))) {
        return pounds(&a.text(0));
    }
    let julian = tokens == [(Token::Date("J"), false)];
    let at = moment(a, dated, julian)
        .ok_or_else(|| SqlError::new(-400, "<ILLEGAL VALUE> in TO_CHAR"))?;
    text(
        tokens
            .iter()
            .map(|(token, _)| written(*token, at))
            .collect::<String>(),
    )
}

/// Logical values as they are: a date is a day count, a number loses its fraction.
fn unformatted(a: &Args<'_>) -> Result<Datum> {
    let shown = a.text(0);
    match a.text(2).as_str() {
        "DATE" => text(shown),
        "TIME" => text((a.integer(0) / 1_000_000_000).to_string()),
        _ => match temporal::parse_timestamp(&shown).filter(|_| shown.contains(':')) {
            Some(at) => text(temporal::timestamp_text(temporal::cut(at, 0))),
            None => text(decimal::canonical(&decimal::truncate(&a.decimal(0), 0))),
        },
    }
}

/// A format without any element hides what it cannot show.
fn pounds(shown: &str) -> Result<Datum> {
    let digits = shown.bytes().take_while(u8::is_ascii_digit).count();
    if digits < 2 {
        return Ok(Datum::Null);
    }
    text("#".repeat(shown.len().min(super::text::LONGEST)))
}

/// The value as a moment. Text without a time is a day count, whatever it looks like.
fn moment(a: &Args<'_>, dated: bool, julian: bool) -> Option<DateTime> {
    let day_zero = civil::date(1840, 12, 31);
    let shown = a.text(0);
    match a.text(2).as_str() {
        "TIME" => Some(day_zero.to_datetime(temporal::time(a.integer(0))?)),
        _ if matches!(a.raw(0), ValueRef::Text(_)) && shown.contains(':') => {
            let timestamp = temporal::parse_timestamp(&shown);
            timestamp.or_else(|| Some(day_zero.to_datetime(instant::time(&shown)?)))
        }
        _ if julian && temporal::parse_date(&shown).is_some() => {
            Some(temporal::parse_date(&shown)?.at(0, 0, 0, 0))
        }
        _ if shown.contains(',') => instant::horolog(&shown),
        _ if dated => Some(temporal::date(a.integer(0))?.at(0, 0, 0, 0)),
        _ => {
            let nanoseconds = a.integer(0).checked_mul(1_000_000_000)?;
            Some(day_zero.to_datetime(temporal::time(nanoseconds)?))
        }
    }
}

fn written(token: Token<'_>, at: DateTime) -> String {
    let month = MONTHS[usize::try_from(at.month() - 1).unwrap_or(0)];
    let day = date_part::weekday(at.weekday());
    match token {
        Token::Separator(c) => c.to_string(),
        Token::Word(word) => word.to_owned(),
        Token::Fraction => "FF".to_owned(),
        Token::Date(element) => match element {
            "YYYY" | "RRRR" => format!("{:04}", at.year()),
            "YYY" => format!("{:03}", at.year() % 1000),
            "YY" | "RR" => format!("{:02}", at.year() % 100),
            "Y" => (at.year() % 10).to_string(),
            "MONTH" => month.to_owned(),
            "MON" => month[..3].to_owned(),
            "MM" => format!("{:02}", at.month()),
            "DDD" => at.day_of_year().to_string(),
            "DD" => format!("{:02}", at.day()),
            "DAY" => day.to_owned(),
            "DY" => day[..3].to_owned(),
            "D" => at.weekday().to_sunday_one_offset().to_string(),
            _ => format!("{:07}", temporal::days(at.date()) + JULIAN),
        },
        Token::Time(element) => match element {
            "HH24" => format!("{:02}", at.hour()),
            "HH" | "HH12" => format!("{:02}", (at.hour() + 11) % 12 + 1),
            "MI" => format!("{:02}", at.minute()),
            "SS" => format!("{:02}", at.second()),
            "SSSSS" => (temporal::nanoseconds(at.time()) / 1_000_000_000).to_string(),
            _ => if at.hour() < 12 { "AM" } else { "PM" }.to_owned(),
        },
    }
}
