//! `to_char` of moments by templates that are known only when a statement runs.
//!
//! PostgreSQL manual, "Data Type Formatting Functions", tables "Template Patterns for Date/Time
//! Formatting" and "Template Pattern Modifiers"; `DCH_to_char` in `formatting.c`. Names are those of the
//! locale C.

use std::fmt::Write;

use jiff::civil::{Date, DateTime};

use super::{Operands, Scalar};
use crate::value::ValueError;

pub(super) const SCALARS: &[Scalar] = &[
    Scalar::partial("timestamp_to_char", 2, |operands| shown(&operands, "")),
    // Of moments in UTC.
    Scalar::partial("timestamptz_to_char", 2, |operands| shown(&operands, "UTC")),
];

/// PostgreSQL keeps templates of up to this length; each makes a text of a few times its own.
const LONGEST_TEMPLATE: usize = 10_000;

fn shown(operands: &Operands<'_>, zone: &str) -> Result<Option<String>, ValueError> {
    let template = operands.text(1);
    if template.is_empty() {
        return Ok(None);
    }
    if template.len() > LONGEST_TEMPLATE {
        return Err(ValueError::refused(
            "54000",
            "a template of to_char is too long",
        ));
    }
    let moment = Moment {
        at: operands.timestamp(0)?,
        zone,
    };
    Ok(Some(moment.by_template(template)))
}

/// What a template shows of a moment.
struct Moment<'a> {
    at: DateTime,
    zone: &'a str,
}

/// A pattern, as it is written in capitals but where the case of its letters says how it is shown.
const PATTERNS: &[&str] = &[
    "A.D.", "A.M.", "AD", "AM", "B.C.", "BC", "CC", "DAY", "DDD", "DD", "DY", "Day", "Dy", "D",
    "FF1", "FF2", "FF3", "FF4", "FF5", "FF6", "HH24", "HH12", "HH", "IDDD", "ID", "IW", "IYYY",
    "IYY", "IY", "I", "J", "MI", "MM", "MONTH", "MON", "MS", "Month", "Mon", "OF", "P.M.", "PM",
    "Q", "RM", "SSSSS", "SSSS", "SS", "TZH", "TZM", "TZ", "US", "WW", "W", "Y,YYY", "YYYY", "YYY",
    "YY", "Y",
];

const MONTHS: [&str; 12] = [
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

const DAYS: [&str; 7] = [
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
];

const ROMAN: [&str; 12] = [
    "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII",
];

/// The widest name of a month or a day, and the widest Roman month.
const NAME_WIDTH: usize = 9;
const ROMAN_WIDTH: usize = 4;

impl Moment<'_> {
    fn by_template(&self, template: &str) -> String {
        let mut out = String::with_capacity(2 * template.len());
        let mut rest = template;
        while !rest.is_empty() {
            rest = self.next(rest, &mut out);
        }
        out
    }

    /// Shows what the template begins with; gives the rest.
    fn next<'t>(&self, template: &'t str, out: &mut String) -> &'t str {
        let (prefixes, behind) = prefixed(template);
        if let Some((pattern, behind)) = pattern(behind) {
            let (ordinal, behind) = suffixed(behind);
            let start = out.len();
            let is_number = self.pattern(pattern, prefixes, out);
            if let Some(ordinal) = ordinal.filter(|_| is_number) {
                let digits = out[start..].to_owned();
                out.push_str(ordinal_of(&digits, ordinal));
            }
            return behind;
        }
        if let Some(quoted) = template.strip_prefix('"') {
            return literal(quoted, out);
        }
        let plain = template
            .strip_prefix('\\')
            .filter(|rest| rest.starts_with('"'))
            .unwrap_or(template);
        let mut letters = plain.chars();
        out.extend(letters.next());
        letters.as_str()
    }

    /// Shows what a pattern stands for; whether that is a number.
    fn pattern(&self, written: &str, prefixes: Prefixes, out: &mut String) -> bool {
        let date = self.at.date();
        let week = date.iso_week_date();
        let (year, month, day) = (
            i64::from(date.year()),
            i64::from(date.month()),
            i64::from(date.day()),
        );
        let iso_year = i64::from(week.year());
        let (hour, minute, second) = (
            i64::from(self.at.hour()),
            i64::from(self.at.minute()),
            i64::from(self.at.second()),
        );
        let micros = i64::from(self.at.subsec_nanosecond()) / 1_000;
        let day_of_year = i64::from(date.day_of_year());
        let from_monday = i64::from(week.weekday().to_monday_zero_offset());
        let upper = written.to_ascii_uppercase();
        let (number, width) = match upper.as_str() {
            "HH" | "HH12" => (if hour % 12 == 0 { 12 } else { hour % 12 }, 2),
            "HH24" => (hour, 2),
            "MI" => (minute, 2),
            "SS" => (second, 2),
            "MS" => return number(micros / 1_000, 3, out),
            "US" => return number(micros, 6, out),
            "SSSS" | "SSSSS" => return number((hour * 60 + minute) * 60 + second, 0, out),
            "MM" => (month, 2),
            "DDD" => (day_of_year, 3),
            "IDDD" => ((i64::from(week.week()) - 1) * 7 + from_monday + 1, 3),
            "DD" => (day, 2),
            "D" => ((from_monday + 1) % 7 + 1, 0),
            "ID" => (from_monday + 1, 0),
            "WW" => ((day_of_year - 1) / 7 + 1, 2),
            "IW" => (i64::from(week.week()), 2),
            "W" => ((day - 1) / 7 + 1, 0),
            "Q" => ((month - 1) / 3 + 1, 0),
            "CC" => ((year - 1) / 100 + 1, 2),
            "J" => (julian(date), 0),
            "YYYY" => (year, 4),
            "YYY" => (year % 1_000, 3),
            "YY" => (year % 100, 2),
            "Y" => (year % 10, 1),
            "IYYY" => (iso_year, 4),
            "IYY" => (iso_year % 1_000, 3),
            "IY" => (iso_year % 100, 2),
            "I" => (iso_year % 10, 1),
            "Y,YYY" => {
                let thousands = year / 1_000;
                let _ = write!(out, "{thousands},{:03}", year % 1_000);
                return true;
            }
            _ => match upper
                .strip_prefix("FF")
                .and_then(|digits| digits.parse().ok())
            {
                Some(digits @ 1..=6_u32) => {
                    let kept = micros / 10_i64.pow(6 - digits);
                    return number(kept, digits as usize, out);
                }
                _ => {
                    self.word(written, prefixes, out);
                    return false;
                }
            },
        };
        let width = if prefixes.fills { 0 } else { width };
        self::number(number, width, out)
    }

    /// Shows a pattern that stands for no number.
    fn word(&self, written: &str, prefixes: Prefixes, out: &mut String) {
        let date = self.at.date();
        let month = usize::try_from(date.month() - 1).unwrap_or_default();
        let weekday = date.weekday().to_monday_zero_offset();
        let day = usize::try_from(weekday).unwrap_or_default();
        let name = |names: &[&'static str], index: usize| names.get(index).copied().unwrap_or("");
        let (text, width) = match written.to_ascii_uppercase().as_str() {
            "MONTH" => (name(&MONTHS, month).to_owned(), NAME_WIDTH),
            "MON" => (name(&MONTHS, month)[..3].to_owned(), 0),
            "DAY" => (name(&DAYS, day).to_owned(), NAME_WIDTH),
            "DY" => (name(&DAYS, day)[..3].to_owned(), 0),
            "RM" => (name(&ROMAN, month).to_owned(), ROMAN_WIDTH),
            "AM" | "PM" => (self.half("AM", "PM"), 0),
            "A.M." | "P.M." => (self.half("A.M.", "P.M."), 0),
            "AD" | "BC" => ("AD".to_owned(), 0),
            "A.D." | "B.C." => ("A.D.".to_owned(), 0),
            "TZ" => (self.zone.to_owned(), 0),
            "TZM" => ("00".to_owned(), 0),
            // There is none, or it is that of UTC.
            _ => ("+00".to_owned(), 0),
        };
        let text = in_case(text, written);
        let width = if prefixes.fills || prefixes.translates {
            0
        } else {
            width
        };
        let _ = write!(out, "{text:<width$}");
    }

    fn half(&self, before_noon: &str, after_noon: &str) -> String {
        let half = if self.at.hour() < 12 {
            before_noon
        } else {
            after_noon
        };
        half.to_owned()
    }
}

/// What may stand before a pattern.
#[derive(Clone, Copy, Debug, Default)]
struct Prefixes {
    /// `FM`
    fills: bool,
    /// `TM`
    translates: bool,
}

fn prefixed(mut template: &str) -> (Prefixes, &str) {
    let mut prefixes = Prefixes::default();
    loop {
        let two = template.get(..2).unwrap_or_default();
        match two {
            "FM" | "fm" => prefixes.fills = true,
            "TM" | "tm" => prefixes.translates = true,
            // It is about reading.
            "FX" | "fx" => {}
            _ => return (prefixes, template),
        }
        template = &template[2..];
    }
}

/// The longest pattern that a template begins with, and what is behind it.
fn pattern(template: &str) -> Option<(&str, &str)> {
    let begins = |pattern: &str| {
        let written = template.get(..pattern.len())?;
        let is_it = written == pattern || written == pattern.to_ascii_lowercase();
        is_it.then(|| template.split_at(pattern.len()))
    };
    PATTERNS
        .iter()
        .filter_map(|pattern| begins(pattern))
        .max_by_key(|(written, _)| written.len())
}

/// `TH` or `th` behind a pattern.
fn suffixed(template: &str) -> (Option<&str>, &str) {
    match template.get(..2) {
        Some(suffix @ ("TH" | "th")) => (Some(suffix), &template[2..]),
        _ => (None, template),
    }
}

/// What stands between quotes, of which the first has been read; gives the rest.
fn literal<'t>(quoted: &'t str, out: &mut String) -> &'t str {
    let mut letters = quoted.chars();
    loop {
        match letters.next() {
            None => return "",
            Some('"') => return letters.as_str(),
            Some('\\') => out.extend(letters.next()),
            Some(letter) => out.push(letter),
        }
    }
}

/// A name with its letters in the case of the pattern.
fn in_case(name: String, written: &str) -> String {
    let mut letters = written.chars().filter(char::is_ascii_alphabetic);
    let (first, second) = (letters.next(), letters.next());
    match (
        first.is_some_and(|letter| letter.is_ascii_uppercase()),
        second.is_some_and(|letter| letter.is_ascii_uppercase()),
    ) {
        (false, _) => name.to_ascii_lowercase(),
        (true, true) => name.to_ascii_uppercase(),
        (true, false) => name,
    }
}

/// What PostgreSQL puts behind a number.
fn ordinal_of(digits: &str, written: &str) -> &'static str {
    let mut behind = digits.bytes().rev();
    let (last, tens) = (behind.next(), behind.next());
    let (capital, small) = match (last, tens) {
        (_, Some(b'1')) => ("TH", "th"),
        (Some(b'1'), _) => ("ST", "st"),
        (Some(b'2'), _) => ("ND", "nd"),
        (Some(b'3'), _) => ("RD", "rd"),
        _ => ("TH", "th"),
    };
    if written == "TH" { capital } else { small }
}

fn number(number: i64, width: usize, out: &mut String) -> bool {
    let _ = write!(out, "{number:0width$}");
    true
}

/// The days from 4714-11-24 BC on.
fn julian(date: Date) -> i64 {
    const EPOCH: i64 = 2_440_588;
    let days = date.since(jiff::civil::date(1970, 1, 1));
    EPOCH + days.map_or(0, |days| i64::from(days.get_days()))
}
