//! LIKE, %STARTSWITH, %MATCHES.

use super::{Args, Datum, Function, integer, seeing, strict};
use crate::collation::upper;
use crate::error::{Result, SqlError};

pub(super) const FUNCTIONS: &[Function] = &[
    seeing("iris_like", like),
    strict("iris_starts", |a| {
        let (value, prefix) = (folded(a, 0, 2), folded(a, 1, 2));
        integer(i32::from(value.starts_with(&prefix)))
    }),
    strict("iris_matches", |a| {
        let (value, pattern) = (folded(a, 0, 2), folded(a, 1, 2));
        integer(i32::from(glob(&value, &pattern)))
    }),
];

/// The characters of argument `n`, in upper case if argument `fold` says SQLUPPER.
fn folded(a: &Args<'_>, n: usize, fold: usize) -> Vec<char> {
    let text = a.text(n);
    if a.text(fold) == "SQLUPPER" {
        text.chars().map(upper).collect()
    } else {
        text.chars().collect()
    }
}

/// One element of a LIKE pattern.
#[derive(PartialEq)]
enum Element {
    Any,
    One,
    Exactly(char),
}

fn like(a: &Args<'_>) -> Result<Datum> {
    if a.is_null(0) || a.is_null(1) {
        return Ok(Datum::Null);
    }
    let escape = match a.optional(2, Args::text) {
        None => None,
        Some(text) => {
            let mut chars = text.chars();
            match (chars.next(), chars.next()) {
                (Some(one), None) => Some(one),
                _ => return Err(SqlError::code(-63)),
            }
        }
    };
    let (value, pattern) = (folded(a, 0, 3), folded(a, 1, 3));
    let mut elements = Vec::with_capacity(pattern.len());
    let mut chars = pattern.into_iter();
    while let Some(c) = chars.next() {
        elements.push(match c {
            c if Some(c) == escape => Element::Exactly(chars.next().ok_or(SqlError::code(-63))?),
            '%' => Element::Any,
            '_' => Element::One,
            c => Element::Exactly(c),
        });
    }
    integer(i32::from(matches(
        &value,
        &elements,
        |element| *element == Element::Any,
        |element, c| match element {
            Element::Exactly(wanted) => *wanted == c,
            _ => true,
        },
    )))
}

/// Wildcard matching that goes back to the last wildcard only: never exponential.
fn matches<E>(
    value: &[char],
    pattern: &[E],
    any: impl Fn(&E) -> bool,
    one: impl Fn(&E, char) -> bool,
) -> bool {
    let (mut v, mut p) = (0, 0);
    let mut back: Option<(usize, usize)> = None;
    while v < value.len() {
        if p < pattern.len() && any(&pattern[p]) {
            back = Some((p, v));
            p += 1;
        } else if p < pattern.len() && one(&pattern[p], value[v]) {
            p += 1;
            v += 1;
        } else if let Some((star, from)) = back {
            p = star + 1;
            v = from + 1;
            back = Some((star, v));
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(any)
}

/// One element of a `%MATCHES` pattern.
enum Glob {
    Any,
    One,
    Exactly(char),
    Set {
        negated: bool,
        ranges: Vec<(char, char)>,
    },
}

fn glob(value: &[char], pattern: &[char]) -> bool {
    let mut elements = Vec::new();
    let mut at = 0;
    while at < pattern.len() {
        let c = pattern[at];
        at += 1;
        elements.push(match c {
            '*' => Glob::Any,
            '?' => Glob::One,
            '\\' if at < pattern.len() => {
                at += 1;
                Glob::Exactly(pattern[at - 1])
            }
            '[' => match pattern[at..].iter().position(|c| *c == ']') {
                Some(length) => {
                    let set = &pattern[at..at + length];
                    at += length + 1;
                    glob_set(set)
                }
                None => Glob::Exactly('['),
            },
            c => Glob::Exactly(c),
        });
    }
    matches(
        value,
        &elements,
        |element| matches!(element, Glob::Any),
        |element, c| match element {
            Glob::Exactly(wanted) => *wanted == c,
            Glob::Set { negated, ranges } => {
                ranges.iter().any(|(low, high)| (*low..=*high).contains(&c)) != *negated
            }
            _ => true,
        },
    )
}

fn glob_set(set: &[char]) -> Glob {
    let negated = set.first() == Some(&'^');
    let set = if negated { &set[1..] } else { set };
    let mut ranges = Vec::new();
    let mut at = 0;
    while at < set.len() {
        if at + 2 < set.len() && set[at + 1] == '-' {
            ranges.push((set[at], set[at + 2]));
            at += 3;
        } else {
            ranges.push((set[at], set[at]));
            at += 1;
        }
    }
    Glob::Set { negated, ranges }
}
