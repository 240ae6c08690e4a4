//! Dates at the beginning of a text, their fields in any of PostgreSQL's orders.
//!
//! PostgreSQL manual, "Date/Time Input Interpretation"; `src/backend/utils/adt/datetime.c`,
//! `ParseDateTime`, `DecodeDate` and `DecodeNumber`.

use pgiris_values::calendar::month_named;

use super::{Fault, days_from_civil, is_leap, number};
use crate::rule::Scene;

/// The setting that says in which order the fields of a date are.
pub(crate) const DATE_STYLE_SETTING: &str = "DateStyle";

/// The order of the fields of a date that begins with its year in no other way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    YearFirst,
    DayFirst,
    MonthFirst,
    /// Not known where it is asked: only what needs no order is read.
    Unsaid,
}

impl Order {
    /// The session's.
    pub(crate) fn of(scene: &Scene<'_>) -> Self {
        let style = scene.setting(DATE_STYLE_SETTING).unwrap_or_default();
        match style
            .split_once(',')
            .map_or(style, |(_, order)| order.trim())
        {
            "DMY" | "German" => Self::DayFirst,
            "YMD" => Self::YearFirst,
            _ => Self::MonthFirst,
        }
    }
}

/// What a date says.
#[derive(Default)]
struct Fields<'a> {
    year: Option<&'a str>,
    month: Option<i64>,
    day: Option<&'a str>,
    /// Whether the month is a word.
    has_word: bool,
}

/// The date at the beginning, and what follows it.
pub(super) fn date_part(text: &str) -> Option<(&str, &str)> {
    let end = match text.as_bytes().first()? {
        first if first.is_ascii_digit() => end_of_numbers(text).or_else(|| end_of_words(text))?,
        _ => end_of_words(text)?,
    };
    let (day, rest) = text.split_at_checked(end)?;
    let rest = rest.strip_prefix(['T', 't']).unwrap_or(rest);
    Some((day, rest.trim_start()))
}

/// `2024-02-09`, `2/9/2024`, `9.2.2024`, `9-Feb-2024`, `20240209`
fn end_of_numbers(text: &str) -> Option<usize> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    match text.as_bytes().get(digits) {
        Some(b'-' | b'/' | b'.') => {}
        _ => return (digits == 8).then_some(digits),
    }
    let delimiter = char::from(text.as_bytes()[digits]);
    let is_part = |letter: char, words: bool| {
        letter == delimiter || letter.is_ascii_digit() || words && letter.is_ascii_alphabetic()
    };
    let second = text.get(digits + 1..)?;
    let words = second.starts_with(|letter: char| letter.is_ascii_alphabetic());
    let end = text
        .find(|letter: char| !is_part(letter, words))
        .unwrap_or(text.len());
    let parts = text.get(..end)?.matches(delimiter).count();
    // Two numbers are a fraction, or no date.
    (parts >= 2).then_some(end)
}

/// `Feb 9, 2024`, `9 Feb 2024`, `Feb-9-2024`: three fields, one of them a month's name.
fn end_of_words(text: &str) -> Option<usize> {
    let (mut fields, mut months, mut at) = (0, 0, 0);
    while fields < 3 {
        let rest = text.get(at..)?;
        let skipped = rest.len() - rest.trim_start_matches([' ', ',', '-']).len();
        let rest = rest.get(skipped..)?;
        let length = match rest.as_bytes().first()? {
            digit if digit.is_ascii_digit() => rest.bytes().take_while(u8::is_ascii_digit).count(),
            _ => rest.bytes().take_while(u8::is_ascii_alphabetic).count(),
        };
        let field = rest.get(..length).filter(|field| !field.is_empty())?;
        if !field.starts_with(|first: char| first.is_ascii_digit()) {
            month_named(field)?;
            months += 1;
        }
        at += skipped + length;
        fields += 1;
    }
    let rest = text.get(at..)?;
    let ends = rest.is_empty() || rest.starts_with([' ', ',']);
    (months == 1 && ends).then_some(at)
}

/// The day of a date, from 1970-01-01.
pub(super) fn date(text: &str, order: Order) -> Result<i64, Fault> {
    let parts: Vec<&str> = match text.len() {
        8 if text.bytes().all(|byte| byte.is_ascii_digit()) => {
            vec![&text[..4], &text[4..6], &text[6..]]
        }
        _ => text
            .split(['-', '/', '.', ' ', ','])
            .filter(|part| !part.is_empty())
            .collect(),
    };
    if parts.len() < 3 {
        return Err(Fault::Syntax);
    }
    if parts.len() > 3 {
        return Err(Fault::Form);
    }
    let mut fields = Fields::default();
    for part in &parts {
        if part.starts_with(|first: char| first.is_ascii_alphabetic()) {
            fields.month = Some(month_named(part).ok_or(Fault::Form)?.into());
            fields.has_word = true;
        }
    }
    for part in parts {
        if part.bytes().all(|byte| byte.is_ascii_digit()) {
            fields.take(part, order)?;
        }
    }
    fields.day_number()
}

impl<'a> Fields<'a> {
    /// `DecodeNumber`: what a number is, by those before it.
    fn take(&mut self, digits: &'a str, order: Order) -> Result<(), Fault> {
        let is_long = digits.len() >= 3;
        match (self.year, self.month, self.day) {
            (None, None, None) if is_long || order == Order::YearFirst => self.year = Some(digits),
            (None, None, None) if order == Order::Unsaid => return Err(Fault::Form),
            (None, None, None) if order == Order::DayFirst => self.day = Some(digits),
            (None, None, None) | (Some(_), None, None) | (None, None, Some(_)) => {
                self.month = Some(number(digits, 2).ok_or(Fault::MonthOrDay)?);
            }
            (None, Some(_), None) if self.has_word && (is_long || order == Order::YearFirst) => {
                self.year = Some(digits);
            }
            (None, Some(_), None) if self.has_word && order == Order::Unsaid => {
                return Err(Fault::Form);
            }
            // `DD-MON-YYYY` even where the year comes first.
            (Some(year), Some(_), None) if self.has_word && is_long && year.len() <= 2 => {
                self.day = Some(year);
                self.year = Some(digits);
            }
            (_, Some(_), None) => self.day = Some(digits),
            (None, Some(_), Some(_)) => self.year = Some(digits),
            _ => return Err(Fault::Form),
        }
        Ok(())
    }

    /// `ValidateDate`
    fn day_number(&self) -> Result<i64, Fault> {
        let (Some(written), Some(month), Some(day)) = (self.year, self.month, self.day) else {
            return Err(Fault::Syntax);
        };
        let year = number(written, 6).ok_or(Fault::Form)?;
        let year = match year {
            0..70 if written.len() <= 2 => year + 2000,
            70..100 if written.len() <= 2 => year + 1900,
            _ => year,
        };
        let day = number(day, 2).ok_or(Fault::MonthOrDay)?;
        let days = match month {
            2 if is_leap(year) => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            1..=12 => 31,
            _ => return Err(Fault::MonthOrDay),
        };
        if !(1..=31).contains(&day) {
            return Err(Fault::MonthOrDay);
        }
        if year == 0 || day > days {
            return Err(Fault::Range);
        }
        Ok(days_from_civil(year, month, day))
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::state_in;
    use super::*;
    use crate::types::oid;

    #[test]
    fn the_order_of_the_style_tells_month_from_day() {
        use Order::{DayFirst, MonthFirst, Unsaid, YearFirst};
        for (text, order, expected) in [
            ("02/03/2024", MonthFirst, "2024-02-03"),
            ("02/03/2024", DayFirst, "2024-03-02"),
            ("02/03/2024", YearFirst, "22008"),
            ("02/03/2024", Unsaid, "0A000"),
            ("13/03/2024", MonthFirst, "22008"),
            ("2.3.24", DayFirst, "2024-03-02"),
            ("2.3.70", MonthFirst, "1970-02-03"),
            ("24-3-2", YearFirst, "2024-03-02"),
            ("2024/2/9", Unsaid, "2024-02-09"),
            ("2024.02.09", DayFirst, "2024-02-09"),
            ("9-Feb-2024", YearFirst, "2024-02-09"),
            ("Feb-09-2024", Unsaid, "0A000"),
            ("Feb-09-2024", YearFirst, "2024-02-09"),
            ("February 9, 2024", MonthFirst, "2024-02-09"),
            ("9 sept 2024", DayFirst, "2024-09-09"),
            ("2024 Feb 30", DayFirst, "22008"),
            ("31.4.2024", DayFirst, "22008"),
        ] {
            assert_eq!(
                state_in(text, oid::DATE, order),
                expected,
                "{text} {order:?}"
            );
        }
    }
}
