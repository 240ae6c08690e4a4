//! String functions that look at a text as a whole. Lengths count UTF-16 units, as IRIS does.

use rusqlite::types::ValueRef;

use super::{Args, Datum, Function, integer, seeing, strict, text};
use crate::collation::{Collation, upper};
use crate::decimal;
use crate::error::{Result, SqlError};

/// Longest string that a function may produce: the IRIS limit.
pub(super) const LONGEST: usize = 3_641_144;

pub(super) const FUNCTIONS: &[Function] = &[
    strict("iris_upper", |a| {
        text(a.text(0).chars().map(upper).collect::<String>())
    }),
    strict("iris_lower", |a| text(a.text(0).to_lowercase())),
    strict("iris_length", |a| {
        integer(length(a.text(0).trim_end_matches([' ', '\0'])))
    }),
    strict("iris_char_length", char_length),
    seeing("iris_dollar_length", |a| integer(pieces(a))),
    strict("iris_ascii", |a| match a.text(0).encode_utf16().next() {
        Some(unit) => integer(unit),
        None => Ok(Datum::Null),
    }),
    strict("iris_char", char_of),
    strict("iris_ltrim", |a| text(a.text(0).trim_start_matches(' '))),
    strict("iris_rtrim", |a| text(a.text(0).trim_end_matches(' '))),
    strict("iris_trim", trim),
    strict("iris_lpad", |a| pad(a, Side::Left)),
    strict("iris_rpad", |a| pad(a, Side::Right)),
    strict("iris_repeat", |a| {
        let count = a.decimal(1);
        let no_count = matches!(a.raw(1), ValueRef::Text(_)) && !decimal::starts(&a.text(1));
        match decimal::to_i64(&count) {
            _ if no_count => Ok(Datum::Null),
            count if count < 0 => Ok(Datum::Null),
            count => repeat(&a.text(0), count),
        }
    }),
    strict("iris_space", |a| repeat(" ", a.integer(0))),
    strict("iris_replace", replace),
    strict("iris_reverse", |a| {
        text(a.text(0).chars().rev().collect::<String>())
    }),
    seeing("iris_justify", justify),
    strict("iris_str", str_of),
    seeing("iris_string", |a| {
        if (0..a.len()).all(|n| a.is_null(n)) {
            return Ok(Datum::Null);
        }
        text((0..a.len()).map(|n| a.text(n)).collect::<String>())
    }),
    strict("iris_concat", |a| text(a.text(0) + &a.text(1))),
    strict("iris_collated", |a| {
        let collation = match a.text(1).as_str() {
            "SQLUPPER" => Collation::SqlUpper,
            "SQLSTRING" => Collation::SqlString,
            _ => Collation::Exact,
        };
        text(collation.value(&a.text(0)))
    }),
];

/// UTF-16 units: a character outside the basic plane counts two.
pub(super) fn length(text: &str) -> usize {
    if text.is_ascii() {
        return text.len();
    }
    text.encode_utf16().count()
}

/// Characters of text, bytes of anything binary.
fn char_length(a: &Args<'_>) -> Result<Datum> {
    match a.raw(0) {
        ValueRef::Blob(bytes) => integer(bytes.len()),
        _ => integer(length(&a.text(0))),
    }
}

/// `$LENGTH` has a number for every combination of NULL and empty: NULL counts as empty,
/// save that only a delimiter of `''` is found in a text of `''`.
fn pieces(a: &Args<'_>) -> usize {
    if a.len() < 2 {
        return length(&a.text(0));
    }
    if a.is_null(1) {
        return 0;
    }
    let (whole, delimiter) = (a.text(0), a.text(1));
    if delimiter.is_empty() {
        return if whole.is_empty() && !a.is_null(0) {
            2
        } else {
            1
        };
    }
    whole.split(&delimiter).count()
}

/// `''` for text that is no number, NULL outside 0 to 65535.
fn char_of(a: &Args<'_>) -> Result<Datum> {
    if matches!(a.raw(0), ValueRef::Text(_)) && !decimal::starts(&a.text(0)) {
        return text("");
    }
    match u16::try_from(a.integer(0)) {
        Ok(unit) => text(String::from_utf16_lossy(&[unit])),
        Err(_) => Ok(Datum::Null),
    }
}

fn trim(a: &Args<'_>) -> Result<Datum> {
    let (side, set, whole) = (a.text(0), a.text(1), a.text(2));
    let in_set = |c: char| set.contains(c);
    text(match side.as_str() {
        "LEADING" => whole.trim_start_matches(in_set),
        "TRAILING" => whole.trim_end_matches(in_set),
        _ => whole.trim_matches(in_set),
    })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Left,
    Right,
}

fn pad(a: &Args<'_>, side: Side) -> Result<Datum> {
    let whole: Vec<u16> = a.text(0).encode_utf16().collect();
    let width = usize::try_from(a.integer(1)).unwrap_or(0);
    if width > LONGEST {
        return Err(too_long());
    }
    let filler = a.optional(2, Args::text).unwrap_or_else(|| " ".to_owned());
    let filler: Vec<u16> = filler.encode_utf16().collect();
    if whole.len() >= width || filler.is_empty() {
        return text(String::from_utf16_lossy(&whole[..whole.len().min(width)]));
    }
    let missing = width - whole.len();
    let padding: Vec<u16> = filler.into_iter().cycle().take(missing).collect();
    let padded = match side {
        Side::Left => [padding, whole].concat(),
        Side::Right => [whole, padding].concat(),
    };
    text(String::from_utf16_lossy(&padded))
}

fn too_long() -> SqlError {
    SqlError::new(-400, "<MAXSTRING>")
}

fn replace(a: &Args<'_>) -> Result<Datum> {
    let (whole, old, new) = (a.text(0), a.text(1), a.text(2));
    if old.is_empty() {
        return text(whole);
    }
    let grown = whole.matches(&old).count().saturating_mul(new.len());
    if whole.len().saturating_add(grown) > LONGEST * 4 {
        return Err(too_long());
    }
    text(whole.replace(&old, &new))
}

fn repeat(part: &str, count: i64) -> Result<Datum> {
    let count = usize::try_from(count).unwrap_or(0);
    if part.len().saturating_mul(count) > LONGEST {
        return Err(too_long());
    }
    text(part.repeat(count))
}

/// `$JUSTIFY`: no width, or too small a one, is the width of what is shown.
fn justify(a: &Args<'_>) -> Result<Datum> {
    if a.is_null(0) {
        return Ok(Datum::Null);
    }
    let width = a.optional(1, Args::integer).unwrap_or(0);
    let width = usize::try_from(width).unwrap_or(0).min(LONGEST);
    let shown = match a.optional(2, Args::integer) {
        Some(scale) => decimal::round(&a.decimal(0), scale.clamp(0, 40)).to_plain_string(),
        None => a.text(0),
    };
    text(format!("{shown:>width$}"))
}

/// `STR(number, length, decimals)`: cut, not rounded; asterisks where the length is too small.
fn str_of(a: &Args<'_>) -> Result<Datum> {
    if matches!(a.raw(0), ValueRef::Text([])) {
        return text("");
    }
    let width = usize::try_from(a.optional(1, Args::integer).unwrap_or(10));
    let width = width.unwrap_or(0).min(LONGEST);
    let scale = a.optional(2, Args::integer).unwrap_or(0).clamp(0, 40);
    let shown = decimal::canonical(&decimal::truncate(&a.decimal(0), scale));
    if shown.len() > width {
        return text("*".repeat(width));
    }
    text(format!("{shown:>width$}"))
}
