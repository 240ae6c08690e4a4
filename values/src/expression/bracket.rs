//! `[…]`: sets of characters.

use super::{Options, Wrong, escaped};

/// How many characters of a range are looked at one by one.
const LONGEST_RANGE: u32 = 2_000;

const DIGITS: &str = "0-9";
const SPACES: &str =
    "\\t-\\r \\u{1680}\\u{2000}-\\u{2006}\\u{2008}-\\u{200A}\\u{2028}\\u{2029}\\u{205F}\\u{3000}";
const LETTERS: &str = "\\p{Alphabetic}";
const LETTERS_AND_DIGITS: &str = "\\p{Alphabetic}\\p{Nd}";
const WORDS: &str = "\\p{Alphabetic}\\p{Nd}_";

/// The set of characters that an escape means, as it stands in brackets.
pub(super) fn class(letter: char) -> Result<&'static str, Wrong> {
    Ok(match letter {
        'd' => DIGITS,
        's' => SPACES,
        'w' => WORDS,
        _ => return Err(Wrong::Unsupported),
    })
}

/// A set of characters.
#[derive(Default)]
pub(super) struct Bracket {
    is_negated: bool,
    inner: String,
}

impl Bracket {
    /// Reads up to the end of the brackets.
    pub(super) fn read(rest: &mut &str, options: Options) -> Result<Self, Wrong> {
        let mut bracket = Self::default();
        if let Some(behind) = rest.strip_prefix('^') {
            bracket.is_negated = true;
            *rest = behind;
        }
        let mut is_first = true;
        loop {
            let item = item(rest, is_first, options)?;
            is_first = false;
            match item {
                Item::End => break,
                Item::Class(written) => bracket.inner.push_str(written),
                Item::One(first) => {
                    let last = match range(rest) {
                        true => match self::item(rest, false, options)? {
                            Item::One(last) => last,
                            _ => return Err(Wrong::Unsupported),
                        },
                        false => first,
                    };
                    if last < first {
                        return Err(Wrong::Invalid("invalid character range"));
                    }
                    bracket.add(first, last, options)?;
                }
            }
        }
        if bracket.is_negated && options.by_line {
            bracket.inner.push_str("\\n");
        }
        Ok(bracket)
    }

    /// Adds a range of characters, and what they are in the other case if that is to be ignored.
    pub(super) fn add(&mut self, first: char, last: char, options: Options) -> Result<(), Wrong> {
        self.push(first, last);
        if !options.ignoring_case {
            return Ok(());
        }
        if u32::from(last) - u32::from(first) > LONGEST_RANGE {
            return Err(Wrong::Unsupported);
        }
        for letter in first..=last {
            for other in [one(letter.to_lowercase()), one(letter.to_uppercase())] {
                let other = other.unwrap_or(letter);
                if !(first..=last).contains(&other) {
                    self.push(other, other);
                }
            }
        }
        Ok(())
    }

    fn push(&mut self, first: char, last: char) {
        let (from, to) = (u32::from(first), u32::from(last));
        self.inner.push_str(&match from == to {
            true => format!("\\u{{{from:X}}}"),
            false => format!("\\u{{{from:X}}}-\\u{{{to:X}}}"),
        });
    }

    pub(super) fn written(&self) -> String {
        let sign = if self.is_negated { "^" } else { "" };
        format!("[{sign}{}]", self.inner)
    }
}

enum Item {
    One(char),
    Class(&'static str),
    End,
}

fn one(mut letters: impl Iterator<Item = char>) -> Option<char> {
    letters.next().filter(|_| letters.next().is_none())
}

/// Whether `-` and another end of a range follow.
fn range(rest: &mut &str) -> bool {
    match rest.strip_prefix('-') {
        Some(behind) if !behind.starts_with(']') && !behind.is_empty() => {
            *rest = behind;
            true
        }
        _ => false,
    }
}

fn item(rest: &mut &str, is_first: bool, options: Options) -> Result<Item, Wrong> {
    let open = Wrong::Invalid("brackets [] not balanced");
    let mut characters = rest.chars();
    let first = characters.next().ok_or(open)?;
    *rest = characters.as_str();
    match first {
        ']' if !is_first => Ok(Item::End),
        '[' if rest.starts_with(':') => named(rest, options),
        '[' if rest.starts_with(['.', '=']) => Err(Wrong::Unsupported),
        // It means itself at one of the ends, or behind a backslash.
        '-' if !is_first && !rest.starts_with(']') => Err(Wrong::Unsupported),
        '\\' => {
            let letter = characters.next().ok_or(open)?;
            *rest = characters.as_str();
            match class(letter) {
                Ok(written) => Ok(Item::Class(written)),
                Err(_) => Ok(Item::One(escaped(letter)?)),
            }
        }
        other => Ok(Item::One(other)),
    }
}

/// `[:name:]`
fn named(rest: &mut &str, options: Options) -> Result<Item, Wrong> {
    let (name, behind) = rest
        .strip_prefix(':')
        .and_then(|inner| inner.split_once(":]"))
        .ok_or(Wrong::Unsupported)?;
    let written = match name {
        "digit" => DIGITS,
        "space" => SPACES,
        "alpha" => LETTERS,
        "alnum" => LETTERS_AND_DIGITS,
        "lower" | "upper" if options.ignoring_case => LETTERS,
        "lower" => "\\p{Lowercase}",
        "upper" => "\\p{Uppercase}",
        "xdigit" => "0-9A-Fa-f",
        _ => return Err(Wrong::Unsupported),
    };
    *rest = behind;
    Ok(Item::Class(written))
}
