//! Parts of a text, by position or by delimiter. ObjectScript's functions give NULL where
//! they find nothing: its null string is SQL's NULL.

use super::text::length;
use super::{Args, Datum, Function, strict, text};
use crate::error::{Result, SqlError};

pub(super) const FUNCTIONS: &[Function] = &[
    strict("iris_left", |a| text(slice(&a.text(0), 1, a.integer(1)))),
    strict("iris_right", |a| {
        let whole = a.text(0);
        let all = length(&whole) as i64;
        let wanted = a.integer(1).clamp(0, all);
        text(slice(&whole, all - wanted + 1, wanted))
    }),
    strict("iris_cut", |a| match a.integer(1) {
        limit if limit < 0 => text(a.text(0)),
        limit => text(slice(&a.text(0), 1, limit)),
    }),
    strict("iris_substring", |a| {
        let length = a.optional(2, Args::integer);
        match length {
            Some(length) if length < 0 => Err(SqlError::code(-140)),
            Some(0) => Ok(Datum::Null),
            _ => text(slice(&a.text(0), a.integer(1), length.unwrap_or(i64::MAX))),
        }
    }),
    strict("iris_substr", substr),
    strict("iris_extract", |a| {
        let from = a.optional(1, Args::integer).unwrap_or(1);
        let to = a.optional(2, Args::integer);
        let from = if to.is_some() { from.max(1) } else { from };
        let count = to.unwrap_or(from).saturating_sub(from).saturating_add(1);
        null_string(slice(&a.text(0), from, count))
    }),
    strict("iris_piece", piece),
    strict("iris_translate", |a| {
        let (whole, from) = (a.text(0), a.text(1));
        let to: Vec<char> = a
            .optional(2, Args::text)
            .unwrap_or_default()
            .chars()
            .collect();
        let translated = whole
            .chars()
            .filter_map(|c| match from.chars().position(|f| f == c) {
                Some(n) => to.get(n).copied(),
                None => Some(c),
            });
        text(translated.collect::<String>())
    }),
    strict("iris_stuff", |a| {
        let whole = a.text(0);
        let start = a.integer(1).max(0);
        // 0 stands before the first character.
        let kept = slice(&whole, 1, start.max(1) - 1);
        let rest = start.max(1).saturating_add(a.integer(2).max(0));
        text(kept + &a.text(3) + &slice(&whole, rest, i64::MAX))
    }),
];

fn null_string(found: String) -> Result<Datum> {
    if found.is_empty() {
        Ok(Datum::Null)
    } else {
        text(found)
    }
}

/// `length` units from the 1-based `start`; what lies before the text counts.
fn slice(whole: &str, start: i64, count: i64) -> String {
    let all = length(whole) as i64;
    let end = start
        .saturating_add(count.max(0))
        .saturating_sub(1)
        .clamp(0, all);
    let begin = start.saturating_sub(1).clamp(0, end);
    let range = usize::try_from(begin).unwrap_or(0)..usize::try_from(end).unwrap_or(0);
    if whole.is_ascii() {
        return whole.get(range).unwrap_or_default().to_owned();
    }
    let units: Vec<u16> = whole.encode_utf16().collect();
    String::from_utf16_lossy(units.get(range).unwrap_or_default())
}

/// A negative start counts from the end; nothing left is NULL.
fn substr(a: &Args<'_>) -> Result<Datum> {
    let whole = a.text(0);
    let all = length(&whole) as i64;
    let start = match a.integer(1) {
        start if start < 0 => all.saturating_add(start).saturating_add(1).max(1),
        start => start.max(1),
    };
    let count = a.optional(2, Args::integer).unwrap_or(i64::MAX);
    if count < 1 || start > all {
        return Ok(Datum::Null);
    }
    text(slice(&whole, start, count))
}

/// `$PIECE(text, delimiter, from, to)`: without `to`, a `from` below 1 finds nothing.
fn piece(a: &Args<'_>) -> Result<Datum> {
    let (whole, delimiter) = (a.text(0), a.text(1));
    let from = a.optional(2, Args::integer).unwrap_or(1);
    let (from, to) = match a.optional(3, Args::integer) {
        Some(to) => (from.max(1), to),
        None => (from, from),
    };
    let (Ok(from), Ok(to)) = (usize::try_from(from), usize::try_from(to)) else {
        return Ok(Datum::Null);
    };
    if delimiter.is_empty() || from == 0 || to < from {
        return Ok(Datum::Null);
    }
    let count = (to - from).saturating_add(1);
    let pieces: Vec<&str> = whole.split(&delimiter).skip(from - 1).take(count).collect();
    null_string(pieces.join(&delimiter))
}
