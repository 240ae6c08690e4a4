//! `[…]` of a regular expression.

use super::Flavour;

/// The most characters that are written one by one.
const MOST: usize = 128;

/// The characters between brackets, in order, and what follows them; none if they are
/// all but those listed, or of a class that depends on the locale.
pub(super) fn read(text: &str, flavour: Flavour) -> Option<(Vec<char>, &str)> {
    if text.starts_with('^') {
        return None;
    }
    let mut members = Vec::new();
    let mut rest = text;
    let mut is_first = true;
    loop {
        let (c, tail) = next(rest)?;
        if c == ']' && !is_first {
            rest = tail;
            break;
        }
        is_first = false;
        if let Some(tail) = rest.strip_prefix("[:digit:]") {
            members.extend('0'..='9');
            rest = tail;
            continue;
        }
        if c == '[' && tail.starts_with([':', '.', '=']) {
            return None;
        }
        let (low, tail) = match escaped(rest, flavour)? {
            (Member::Digits, tail) => {
                members.extend('0'..='9');
                rest = tail;
                continue;
            }
            (Member::One(c), tail) => (c, tail),
        };
        // A `-` before the `]` is one of the characters.
        let range = tail.strip_prefix('-').filter(|tail| !tail.starts_with(']'));
        let high = match range {
            None => {
                rest = tail;
                low
            }
            Some(tail) => match escaped(tail, flavour)? {
                (Member::One(high), tail) if high >= low => {
                    rest = tail;
                    high
                }
                _ => return None,
            },
        };
        members.extend((low..=high).take(MOST + 1));
        if members.len() > MOST {
            return None;
        }
    }
    members.sort_unstable();
    members.dedup();
    Some((members, rest))
}

enum Member {
    One(char),
    Digits,
}

fn next(text: &str) -> Option<(char, &str)> {
    let c = text.chars().next()?;
    Some((c, text.get(c.len_utf8()..)?))
}

/// A character, which may stand behind an escape.
fn escaped(text: &str, flavour: Flavour) -> Option<(Member, &str)> {
    let (c, tail) = next(text)?;
    let is_escape = match flavour {
        Flavour::Similar(escape) => escape == Some(c),
        _ => c == '\\',
    };
    if !is_escape {
        return Some((Member::One(c), tail));
    }
    let (c, tail) = next(tail)?;
    Some(match c {
        'd' if flavour.is_regular() => (Member::Digits, tail),
        'n' if flavour.is_regular() => (Member::One('\n'), tail),
        't' if flavour.is_regular() => (Member::One('\t'), tail),
        c if c.is_alphanumeric() => return None,
        c => (Member::One(c), tail),
    })
}
