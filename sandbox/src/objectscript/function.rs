//! The intrinsic functions and variables. Positions count UTF-16 units, as IRIS does.

use super::operator::number;
use super::{fault, unknown};
use crate::error::Result;
use crate::{decimal, temporal};

/// Longest string: the IRIS limit.
pub(super) const LONGEST: usize = 3_641_144;

/// The functions, long and short.
const FUNCTIONS: [(&str, &str); 36] = [
    ("$ASCII", "$ASCII"),
    ("$A", "$ASCII"),
    ("$CHAR", "$CHAR"),
    ("$C", "$CHAR"),
    ("$EXTRACT", "$EXTRACT"),
    ("$E", "$EXTRACT"),
    ("$FIND", "$FIND"),
    ("$F", "$FIND"),
    ("$JUSTIFY", "$JUSTIFY"),
    ("$J", "$JUSTIFY"),
    ("$LENGTH", "$LENGTH"),
    ("$L", "$LENGTH"),
    ("$PIECE", "$PIECE"),
    ("$P", "$PIECE"),
    ("$REPLACE", "$REPLACE"),
    ("$REVERSE", "$REVERSE"),
    ("$RE", "$REVERSE"),
    ("$RANDOM", "$RANDOM"),
    ("$R", "$RANDOM"),
    ("$TRANSLATE", "$TRANSLATE"),
    ("$TR", "$TRANSLATE"),
    ("$ZCONVERT", "$ZCONVERT"),
    ("$ZCVT", "$ZCONVERT"),
    ("$ZDATE", "$ZDATE"),
    ("$ZD", "$ZDATE"),
    ("$ZDATETIME", "$ZDATETIME"),
    ("$ZDT", "$ZDATETIME"),
    ("$ZDATEH", "$ZDATEH"),
    ("$ZDH", "$ZDATEH"),
    ("$ZABS", "$ZABS"),
    ("$SELECT", "$SELECT"),
    ("$S", "$SELECT"),
    ("$CASE", "$CASE"),
    ("$GET", "$GET"),
    ("$G", "$GET"),
    ("$NUMBER", "$NUMBER"),
];

/// The full name of a function.
pub(super) fn known(name: &str) -> Option<&'static str> {
    let found = FUNCTIONS.iter().find(|(short, _)| *short == name);
    found.map(|(_, long)| *long)
}

/// The full name of a special variable.
pub(super) fn variable(name: &str) -> Option<&'static str> {
    match name {
        "$HOROLOG" | "$H" => Some("$HOROLOG"),
        "$ZTIMESTAMP" | "$ZTS" => Some("$ZTIMESTAMP"),
        "$USERNAME" => Some("$USERNAME"),
        "$NAMESPACE" => Some("$NAMESPACE"),
        _ => None,
    }
}

/// Calls a function or reads a special variable.
pub(super) fn call(name: &str, arguments: &[String], user: &str) -> Result<String> {
    let (least, most) = arity(name);
    if arguments.len() < least || arguments.len() > most {
        return Err(fault(&format!("<SYNTAX> arguments of {name}")));
    }
    let text = |n: usize| arguments.get(n).map_or("", String::as_str);
    let result = match name {
        "$ASCII" => ascii(text(0), arguments.get(1)),
        "$CHAR" => arguments.iter().filter_map(|a| character(a)).collect(),
        "$EXTRACT" => extract(text(0), arguments),
        "$FIND" => find(text(0), text(1), arguments.get(2)),
        "$JUSTIFY" => justify(text(0), text(1), arguments.get(2))?,
        "$LENGTH" => length(text(0), arguments.get(1)),
        "$PIECE" => piece(text(0), text(1), arguments),
        "$REPLACE" => replace(text(0), text(1), text(2))?,
        "$REVERSE" => text(0).chars().rev().collect(),
        "$RANDOM" => random(text(0))?,
        "$TRANSLATE" => translate(text(0), text(1), text(2)),
        "$ZCONVERT" => convert(text(0), text(1))?,
        "$ZDATE" => date(text(0), arguments.get(1))?,
        "$ZDATETIME" => datetime(text(0), arguments.get(1))?,
        "$ZDATEH" => day(text(0), text(1))?,
        "$ZABS" => decimal::canonical(&bigdecimal::Signed::abs(&number(text(0)))),
        "$NUMBER" => decimal::exact(text(0)).map_or(String::new(), |n| decimal::canonical(&n)),
        "$HOROLOG" | "$ZTIMESTAMP" => horolog(),
        "$USERNAME" => user.to_owned(),
        "$NAMESPACE" => "USER".to_owned(),
        "CREATEGUID" => crate::functions::guid(),
        other => return Err(unknown(other)),
    };
    if result.len() > LONGEST * 3 {
        return Err(fault("<MAXSTRING>"));
    }
    Ok(result)
}

fn arity(name: &str) -> (usize, usize) {
    match name {
        "$CHAR" => (1, 100),
        "$EXTRACT" => (1, 3),
        "$PIECE" => (2, 4),
        "$FIND" | "$JUSTIFY" | "$TRANSLATE" => (2, 3),
        "$REPLACE" => (3, 3),
        "$ZCONVERT" | "$ZDATEH" => (2, 2),
        "$ASCII" | "$LENGTH" | "$ZDATE" | "$ZDATETIME" => (1, 2),
        "$REVERSE" | "$RANDOM" | "$ZABS" | "$NUMBER" => (1, 1),
        _ => (0, 0),
    }
}

fn units(text: &str) -> Vec<u16> {
    text.encode_utf16().collect()
}

fn integer(text: &str) -> i64 {
    decimal::to_i64(&number(text))
}

/// A position, `*` being the last of `length`.
fn position(text: &str, length: usize) -> i64 {
    match text {
        "*" => i64::try_from(length).unwrap_or(i64::MAX),
        text => integer(text),
    }
}

fn ascii(text: &str, at: Option<&String>) -> String {
    let units = units(text);
    let at = at.map_or(1, |at| position(at, units.len()));
    let unit = usize::try_from(at - 1).ok().and_then(|n| units.get(n));
    unit.map_or("-1".to_owned(), u16::to_string)
}

fn character(code: &str) -> Option<char> {
    u32::try_from(integer(code)).ok().and_then(char::from_u32)
}

fn extract(text: &str, arguments: &[String]) -> String {
    let units = units(text);
    let from = arguments.get(1).map_or(1, |at| position(at, units.len()));
    let to = arguments
        .get(2)
        .map_or(from, |at| position(at, units.len()));
    let begin = usize::try_from(from.max(1) - 1)
        .unwrap_or(0)
        .min(units.len());
    let end = usize::try_from(to.max(0)).unwrap_or(0).min(units.len());
    String::from_utf16_lossy(units.get(begin..end).unwrap_or_default())
}

fn find(text: &str, part: &str, start: Option<&String>) -> String {
    let (whole, part) = (units(text), units(part));
    let start = start.map_or(1, |start| integer(start)).max(1);
    let from = usize::try_from(start - 1).unwrap_or(usize::MAX);
    let found = (from..whole.len()).find(|&at| !part.is_empty() && whole[at..].starts_with(&part));
    found.map_or(0, |at| at + part.len() + 1).to_string()
}

fn justify(text: &str, width: &str, scale: Option<&String>) -> Result<String> {
    let width = usize::try_from(integer(width)).unwrap_or(0);
    if width > LONGEST {
        return Err(fault("<MAXSTRING>"));
    }
    let shown = match scale {
        Some(scale) => decimal::round(&number(text), integer(scale).clamp(0, 40)).to_plain_string(),
        None => text.to_owned(),
    };
    Ok(format!("{shown:>width$}"))
}

fn length(text: &str, delimiter: Option<&String>) -> String {
    match delimiter {
        None => units(text).len(),
        Some(delimiter) if delimiter.is_empty() => 0,
        Some(delimiter) => text.split(delimiter.as_str()).count(),
    }
    .to_string()
}

fn piece(text: &str, delimiter: &str, arguments: &[String]) -> String {
    if delimiter.is_empty() {
        return String::new();
    }
    let pieces: Vec<&str> = text.split(delimiter).collect();
    let from = arguments.get(2).map_or(1, |at| position(at, pieces.len()));
    let to = arguments
        .get(3)
        .map_or(from, |at| position(at, pieces.len()));
    let begin = usize::try_from(from.max(1) - 1)
        .unwrap_or(0)
        .min(pieces.len());
    let end = usize::try_from(to.max(0)).unwrap_or(0).min(pieces.len());
    pieces.get(begin..end).unwrap_or_default().join(delimiter)
}

fn replace(text: &str, old: &str, new: &str) -> Result<String> {
    if old.is_empty() {
        return Ok(text.to_owned());
    }
    let grown = text.matches(old).count().saturating_mul(new.len());
    if grown.saturating_add(text.len()) > LONGEST {
        return Err(fault("<MAXSTRING>"));
    }
    Ok(text.replace(old, new))
}

fn random(limit: &str) -> Result<String> {
    use std::hash::{BuildHasher as _, RandomState};
    let limit = u64::try_from(integer(limit)).unwrap_or(0);
    if limit == 0 {
        return Err(fault("<FUNCTION>"));
    }
    Ok((RandomState::new().hash_one(limit) % limit).to_string())
}

fn translate(text: &str, from: &str, to: &str) -> String {
    let to: Vec<char> = to.chars().collect();
    let one = |c: char| match from.chars().position(|f| f == c) {
        Some(n) => to.get(n).copied(),
        None => Some(c),
    };
    text.chars().filter_map(one).collect()
}

fn convert(text: &str, mode: &str) -> Result<String> {
    match mode.to_uppercase().as_str() {
        "U" => Ok(text.to_uppercase()),
        "L" => Ok(text.to_lowercase()),
        other => Err(unknown(&format!("$ZCONVERT mode {other}"))),
    }
}

fn horolog() -> String {
    let now = temporal::now(0);
    let seconds = temporal::nanoseconds(now.time()) / 1_000_000_000;
    format!("{},{seconds}", temporal::days(now.date()))
}

fn date(horolog: &str, format: Option<&String>) -> Result<String> {
    let days = integer(horolog.split(',').next().unwrap_or_default());
    if horolog.is_empty() {
        return Ok(String::new());
    }
    let date = temporal::date(days).ok_or_else(|| fault("<ILLEGAL VALUE>"))?;
    let (year, month, day) = (date.year(), date.month(), date.day());
    let short = if (1900..2000).contains(&year) {
        format!("{:02}", year - 1900)
    } else {
        format!("{year:04}")
    };
    match format.map_or("1", String::as_str) {
        "1" => Ok(format!("{month:02}/{day:02}/{short}")),
        "3" => Ok(format!("{year:04}-{month:02}-{day:02}")),
        "8" => Ok(format!("{year:04}{month:02}{day:02}")),
        "14" => Ok(date.day_of_year().to_string()),
        other => Err(unknown(&format!("date format {other}"))),
    }
}

fn datetime(horolog: &str, format: Option<&String>) -> Result<String> {
    let shown = date(horolog, format)?;
    let seconds = horolog.split(',').nth(1).map_or(0, integer);
    let seconds = seconds.clamp(0, 86_399);
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    Ok(format!(
        "{shown} {hours:02}:{minutes:02}:{:02}",
        seconds % 60
    ))
}

fn day(text: &str, format: &str) -> Result<String> {
    let text = match (format, text.len(), text.is_ascii()) {
        ("3", _, _) => text.to_owned(),
        ("8", 8, true) => format!("{}-{}-{}", &text[..4], &text[4..6], &text[6..]),
        _ => return Err(unknown(&format!("date format {format}"))),
    };
    let date = temporal::parse_date(&text).ok_or_else(|| fault("<ILLEGAL VALUE>"))?;
    Ok(temporal::days(date).to_string())
}
