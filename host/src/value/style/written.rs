//! Dates as clients write them, in the order that `DateStyle` says: told in ISO's form, which
//! means the same whatever the order.
//!
//! PostgreSQL manual, "Date/Time Input"; `DecodeDate` and `DecodeNumber` of
//! `src/backend/utils/adt/datetime.c`.

use jiff::civil::Date;
use pgiris_values::calendar::month_named;

/// The second word of `DateStyle`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fields {
    Ymd,
    Dmy,
    Mdy,
}

impl Fields {
    /// Of a `DateStyle` that SHOW prints.
    pub(super) fn of(date_style: &str) -> Self {
        match date_style.rsplit(' ').next() {
            Some("YMD") => Self::Ymd,
            Some("DMY") => Self::Dmy,
            _ => Self::Mdy,
        }
    }
}

/// Why there is no such date.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// The month does not have the day.
    NoSuchDay,
    /// No month, or no day of any month, has that number.
    MonthOrDay,
}

/// A text whose date is written in another form than ISO's, with ISO's; none if it begins with
/// no date of three parts, or with one whose form says its order itself.
///
/// # Errors
/// In this order there is no such date.
pub(super) fn iso(text: &str, fields: Fields) -> Result<Option<String>, Fault> {
    let text = text.trim();
    let Some((parts, rest)) = parts(text) else {
        return Ok(None);
    };
    let Some((year, month, day)) = ordered(&parts, fields) else {
        return Ok(None);
    };
    let number = |digits: &str| digits.parse::<i16>().map_err(|_| Fault::NoSuchDay);
    let narrow = |digits: &str| digits.parse::<i8>().map_err(|_| Fault::MonthOrDay);
    let mut full = number(year)?;
    if year.len() <= 2 {
        full += if full < 70 { 2000 } else { 1900 };
    }
    let month = match month {
        Month::Named(number) => number,
        Month::Digits(digits) => narrow(digits)?,
    };
    let day = narrow(day)?;
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return Err(Fault::MonthOrDay);
    }
    let date = Date::new(full, month, day).map_err(|_| Fault::NoSuchDay)?;
    Ok(Some(format!(
        "{:04}-{:02}-{:02}{rest}",
        date.year(),
        date.month(),
        date.day()
    )))
}

#[derive(Clone, Copy)]
enum Part<'a> {
    Digits(&'a str),
    Month(i8),
}

enum Month<'a> {
    Named(i8),
    Digits(&'a str),
}

/// The three parts of the date at the beginning, and what follows it.
fn parts(text: &str) -> Option<([Part<'_>; 3], &str)> {
    let mut found = Vec::with_capacity(3);
    let mut rest = text;
    let mut separators = Vec::with_capacity(2);
    loop {
        let (part, behind) = part(rest)?;
        found.push(part);
        rest = behind;
        if found.len() == 3 {
            break;
        }
        let end = rest.find(|c: char| c.is_ascii_alphanumeric())?;
        let (separator, behind) = rest.split_at(end);
        separators.push(separator);
        rest = behind;
    }
    let [first, second, third] = found[..] else {
        return None;
    };
    let named = found.iter().any(|part| matches!(part, Part::Month(_)));
    let is_one = |one: &&str| matches!(*one, "-" | "/" | ".");
    let same = separators[0] == separators[1];
    let fits = match named {
        // `1999-01-08` says its order itself.
        false if matches!(first, Part::Digits(year) if year.len() > 2) && separators[0] != "." => {
            false
        }
        false => same && separators.iter().all(is_one),
        true if separators.iter().all(is_one) => same,
        true => separators
            .iter()
            .all(|one| one.chars().all(|c| matches!(c, ' ' | ','))),
    };
    let ends = rest.is_empty() || rest.starts_with([' ', 'T', 't']);
    (fits && ends).then_some(([first, second, third], rest))
}

fn part(text: &str) -> Option<(Part<'_>, &str)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    if digits > 0 {
        let (digits, rest) = text.split_at(digits);
        return (digits.len() <= 4).then_some((Part::Digits(digits), rest));
    }
    let letters = text.bytes().take_while(u8::is_ascii_alphabetic).count();
    let (word, rest) = text.split_at(letters);
    Some((Part::Month(month_named(word)?), rest))
}

/// Year, month and day.
fn ordered<'a>(parts: &[Part<'a>; 3], fields: Fields) -> Option<(&'a str, Month<'a>, &'a str)> {
    let mut digits = parts.iter().filter_map(|part| match part {
        Part::Digits(digits) => Some(*digits),
        Part::Month(_) => None,
    });
    let (first, second) = (digits.next()?, digits.next()?);
    let is_year = |digits: &str| digits.len() > 2;
    let Some(third) = digits.next() else {
        let named = parts.iter().find_map(|part| match part {
            Part::Month(number) => Some(Month::Named(*number)),
            Part::Digits(_) => None,
        })?;
        return Some(match is_year(first) {
            true => (first, named, second),
            // What was taken for the year was the day.
            false if fields == Fields::Ymd && !is_year(second) => (first, named, second),
            false => (second, named, first),
        });
    };
    Some(match fields {
        _ if is_year(first) => (first, Month::Digits(second), third),
        Fields::Ymd => (first, Month::Digits(second), third),
        Fields::Dmy => (third, Month::Digits(second), first),
        Fields::Mdy => (third, Month::Digits(first), second),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As PostgreSQL 15 answers `SELECT 'text'::timestamp`.
    #[test]
    fn dates_are_read_in_the_order_of_the_session() {
        use Fields::{Dmy, Mdy, Ymd};
        for (text, ymd, dmy, mdy) in [
            ("01/02/2024", None, Some("2024-02-01"), Some("2024-01-02")),
            (
                "01/02/03",
                Some("2001-02-03"),
                Some("2003-02-01"),
                Some("2003-01-02"),
            ),
            (
                "1.2.1999 10:20",
                None,
                Some("1999-02-01 10:20"),
                Some("1999-01-02 10:20"),
            ),
            ("13-01-70", None, Some("1970-01-13"), None),
            ("13-01-69T1:2", None, Some("2069-01-13T1:2"), None),
            (
                "2024.01.31",
                Some("2024-01-31"),
                Some("2024-01-31"),
                Some("2024-01-31"),
            ),
            (
                "January 8, 1999",
                Some("1999-01-08"),
                Some("1999-01-08"),
                Some("1999-01-08"),
            ),
            (
                "8 sept 1999",
                Some("1999-09-08"),
                Some("1999-09-08"),
                Some("1999-09-08"),
            ),
            (
                "1999-Jan-08",
                Some("1999-01-08"),
                Some("1999-01-08"),
                Some("1999-01-08"),
            ),
            (
                "Jan-08-1999",
                Some("1999-01-08"),
                Some("1999-01-08"),
                Some("1999-01-08"),
            ),
            ("99-Jan-08", Some("1999-01-08"), None, None),
            ("08-Jan-99", None, Some("1999-01-08"), Some("1999-01-08")),
            ("31/31/2024", None, None, None),
            ("30/2/2024", None, None, None),
        ] {
            for (fields, expected) in [(Ymd, ymd), (Dmy, dmy), (Mdy, mdy)] {
                let found = iso(text, fields).unwrap_or_default();
                assert_eq!(found.as_deref(), expected, "{text} {fields:?}");
            }
        }
    }

    #[test]
    fn what_says_its_order_itself_is_left_alone() {
        for text in [
            "2024-01-31",
            "2024/01/31 10:20",
            "20240131",
            "now",
            "infinity",
            "",
            "1-2",
            "1/2-3",
            "1/2/3x",
            "12:20:30",
            "jan",
            "1 2 2024",
            "é-1-2",
        ] {
            assert_eq!(iso(text, Fields::Dmy), Ok(None), "{text}");
        }
    }
}
