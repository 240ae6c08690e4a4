//! String functions. Positions count UTF-16 units, as IRIS does.

use super::{Args, Datum, Function, integer, seeing, strict, text};
use crate::collation::{Collation, upper};
use crate::error::{Result, SqlError};

/// Longest string that a function may produce: the IRIS limit.
const LONGEST: usize = 3_641_144;

pub(super) const FUNCTIONS: &[Function] = &[
    strict("iris_upper", |a| {
        text(a.text(0).chars().map(upper).collect::<String>())
    }),
    strict("iris_lower", |a| text(a.text(0).to_lowercase())),
    strict("iris_length", |a| {
        integer(units(a.text(0).trim_end_matches(' ')).len())
    }),
    strict("iris_char_length", |a| integer(units(&a.text(0)).len())),
    strict("iris_dollar_length", |a| match a.optional(1, Args::text) {
        Some(delimiter) if !delimiter.is_empty() => integer(a.text(0).split(&delimiter).count()),
        Some(_) => integer(0),
        None => integer(units(&a.text(0)).len()),
    }),
    strict("iris_ascii", |a| match units(&a.text(0)).first() {
        Some(unit) => integer(*unit),
        None => Ok(Datum::Null),
    }),
    strict("iris_char", |a| {
        match u32::try_from(a.integer(0)).ok().and_then(char::from_u32) {
            Some(c) => text(c),
            None => Ok(Datum::Null),
        }
    }),
    strict("iris_charindex", |a| {
        integer(find(
            &a.text(1),
            &a.text(0),
            a.optional(2, Args::integer).unwrap_or(1),
            1,
        ))
    }),
    strict("iris_instr", |a| {
        let start = a.optional(2, Args::integer).unwrap_or(1);
        integer(find(
            &a.text(0),
            &a.text(1),
            start,
            a.optional(3, Args::integer).unwrap_or(1),
        ))
    }),
    strict("iris_dollar_find", |a| {
        let part = a.text(1);
        let at = find(
            &a.text(0),
            &part,
            a.optional(2, Args::integer).unwrap_or(1),
            1,
        );
        integer(if at == 0 {
            0
        } else {
            at + units(&part).len() as i64
        })
    }),
    strict("iris_left", |a| slice(&a.text(0), 1, a.integer(1))),
    strict("iris_right", |a| {
        let whole = a.text(0);
        let length = units(&whole).len() as i64;
        let wanted = a.integer(1).clamp(0, length);
        slice(&whole, length - wanted + 1, wanted)
    }),
    strict("iris_ltrim", |a| text(a.text(0).trim_start_matches(' '))),
    strict("iris_rtrim", |a| text(a.text(0).trim_end_matches(' '))),
    strict("iris_trim", trim),
    strict("iris_lpad", |a| pad(a, true)),
    strict("iris_rpad", |a| pad(a, false)),
    strict("iris_repeat", |a| repeat(&a.text(0), a.integer(1))),
    strict("iris_space", |a| repeat(" ", a.integer(0))),
    strict("iris_replace", replace),
    strict("iris_reverse", |a| {
        text(a.text(0).chars().rev().collect::<String>())
    }),
    strict("iris_stuff", |a| {
        let whole = units(&a.text(0));
        let start = usize::try_from(a.integer(1).max(1) - 1)
            .unwrap_or(0)
            .min(whole.len());
        let end = start
            .saturating_add(usize::try_from(a.integer(2)).unwrap_or(0))
            .min(whole.len());
        let new = units(&a.text(3));
        text(String::from_utf16_lossy(
            &[&whole[..start], &new, &whole[end..]].concat(),
        ))
    }),
    strict("iris_substring", |a| {
        let length = a.optional(2, Args::integer);
        match length {
            Some(length) if length < 0 => Err(SqlError::code(-140)),
            Some(0) => Ok(Datum::Null),
            _ => slice(&a.text(0), a.integer(1), length.unwrap_or(i64::MAX)),
        }
    }),
    strict("iris_substr", |a| {
        let whole = a.text(0);
        let start = a.integer(1);
        let length = units(&whole).len() as i64;
        let from = if start < 0 {
            length + start + 1
        } else {
            start.max(1)
        };
        slice(
            &whole,
            from,
            a.optional(2, Args::integer).unwrap_or(i64::MAX),
        )
    }),
    strict("iris_extract", |a| {
        let from = a.optional(1, Args::integer).unwrap_or(1);
        let to = a.optional(2, Args::integer).unwrap_or(from);
        slice(&a.text(0), from, to.saturating_sub(from).saturating_add(1))
    }),
    strict("iris_piece", |a| {
        let (whole, delimiter) = (a.text(0), a.text(1));
        let from = usize::try_from(a.optional(2, Args::integer).unwrap_or(1)).unwrap_or(0);
        let to = usize::try_from(a.optional(3, Args::integer).unwrap_or(from as i64)).unwrap_or(0);
        if delimiter.is_empty() || from == 0 || to < from {
            return text("");
        }
        let pieces: Vec<&str> = whole
            .split(&delimiter)
            .skip(from - 1)
            .take(to - from + 1)
            .collect();
        text(pieces.join(&delimiter))
    }),
    strict("iris_translate", |a| {
        let (whole, from, to) = (
            a.text(0),
            a.text(1),
            a.optional(2, Args::text).unwrap_or_default(),
        );
        let to: Vec<char> = to.chars().collect();
        let translated = whole
            .chars()
            .filter_map(|c| match from.chars().position(|f| f == c) {
                Some(n) => to.get(n).copied(),
                None => Some(c),
            });
        text(translated.collect::<String>())
    }),
    strict("iris_justify", |a| {
        let width = usize::try_from(a.integer(1)).unwrap_or(0).min(LONGEST);
        let shown = match a.optional(2, Args::integer) {
            Some(scale) => {
                let number = crate::decimal::round(&a.decimal(0), scale.clamp(0, 40));
                number.to_plain_string()
            }
            None => a.text(0),
        };
        text(format!("{shown:>width$}"))
    }),
    seeing("iris_string", |a| {
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
    strict("iris_cut", |a| match a.integer(1) {
        limit if limit < 0 => text(a.text(0)),
        limit => slice(&a.text(0), 1, limit),
    }),
];

fn units(text: &str) -> Vec<u16> {
    text.encode_utf16().collect()
}

/// `length` units from the 1-based `start`; what lies before the text counts.
fn slice(whole: &str, start: i64, length: i64) -> Result<Datum> {
    let units = units(whole);
    let end = start
        .saturating_add(length.max(0))
        .saturating_sub(1)
        .clamp(0, units.len() as i64);
    let begin = start.saturating_sub(1).clamp(0, end);
    let range = usize::try_from(begin).unwrap_or(0)..usize::try_from(end).unwrap_or(0);
    text(String::from_utf16_lossy(&units[range]))
}

/// The 1-based position of an occurrence, or 0.
fn find(whole: &str, part: &str, start: i64, occurrence: i64) -> i64 {
    let (whole, part) = (units(whole), units(part));
    let mut at = usize::try_from(start.max(1) - 1).unwrap_or(usize::MAX);
    let mut left = occurrence.max(1);
    if part.is_empty() {
        return 0;
    }
    while at.saturating_add(part.len()) <= whole.len() {
        if whole[at..].starts_with(&part) {
            left -= 1;
            if left == 0 {
                return at as i64 + 1;
            }
        }
        at += 1;
    }
    0
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

fn pad(a: &Args<'_>, left: bool) -> Result<Datum> {
    let whole = units(&a.text(0));
    let width = usize::try_from(a.integer(1)).unwrap_or(0);
    if width > LONGEST {
        return Err(SqlError::new(-400, "<MAXSTRING>"));
    }
    let filler = units(&a.optional(2, Args::text).unwrap_or_else(|| " ".to_owned()));
    if whole.len() >= width || filler.is_empty() {
        return text(String::from_utf16_lossy(&whole[..whole.len().min(width)]));
    }
    let padding: Vec<u16> = filler
        .iter()
        .copied()
        .cycle()
        .take(width - whole.len())
        .collect();
    let padded = if left {
        [padding, whole].concat()
    } else {
        [whole, padding].concat()
    };
    text(String::from_utf16_lossy(&padded))
}

fn replace(a: &Args<'_>) -> Result<Datum> {
    let (whole, old, new) = (a.text(0), a.text(1), a.text(2));
    if old.is_empty() {
        return text(whole);
    }
    let grown = whole.matches(&old).count().saturating_mul(new.len());
    if whole.len().saturating_add(grown) > LONGEST * 4 {
        return Err(SqlError::new(-400, "<MAXSTRING>"));
    }
    text(whole.replace(&old, &new))
}

fn repeat(part: &str, count: i64) -> Result<Datum> {
    let count = usize::try_from(count).unwrap_or(0);
    if part.len().saturating_mul(count) > LONGEST {
        return Err(SqlError::new(-400, "<MAXSTRING>"));
    }
    text(part.repeat(count))
}
