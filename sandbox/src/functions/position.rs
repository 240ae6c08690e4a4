//! Where one text stands in another. All of them compare case-sensitively.

use rusqlite::types::ValueRef;

use super::{Args, Datum, Function, integer, seeing, strict};
use crate::decimal;
use crate::error::Result;

pub(super) const FUNCTIONS: &[Function] = &[
    strict("iris_position", |a| {
        integer(find(&a.text(1), &a.text(0), 1, 1))
    }),
    seeing("iris_charindex", |a| {
        if a.is_null(0) || a.is_null(1) {
            return Ok(Datum::Null);
        }
        let start = a.optional(2, Args::integer).unwrap_or(1);
        integer(find(&a.text(1), &a.text(0), start, 1))
    }),
    seeing("iris_instr", instr),
    strict("iris_dollar_find", |a| {
        let part = a.text(1);
        let start = a.optional(2, Args::integer).unwrap_or(1);
        integer(match find(&a.text(0), &part, start, 1) {
            0 => 0,
            at => at + super::text::length(&part) as i64,
        })
    }),
];

/// A start of 0, or one that is no number, finds nothing; a negative one is NULL.
fn instr(a: &Args<'_>) -> Result<Datum> {
    if a.is_null(0) || a.is_null(1) {
        return Ok(Datum::Null);
    }
    let no_start = a.len() > 2
        && match a.raw(2) {
            ValueRef::Null => true,
            ValueRef::Text(_) => !decimal::starts(&a.text(2)),
            _ => false,
        };
    let start = a.optional(2, Args::integer).unwrap_or(1);
    if no_start || start == 0 {
        return integer(0);
    }
    if start < 0 {
        return Ok(Datum::Null);
    }
    let occurrence = a.optional(3, Args::integer).unwrap_or(1);
    integer(find(&a.text(0), &a.text(1), start, occurrence))
}

/// The 1-based position of an occurrence, or 0; `''` is found in `''` only.
fn find(whole: &str, part: &str, start: i64, occurrence: i64) -> i64 {
    if part.is_empty() {
        return i64::from(whole.is_empty());
    }
    let whole: Vec<u16> = whole.encode_utf16().collect();
    let part: Vec<u16> = part.encode_utf16().collect();
    let mut at = usize::try_from(start.max(1) - 1).unwrap_or(usize::MAX);
    let mut left = occurrence.max(1);
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
