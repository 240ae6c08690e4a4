//! The text of a vector, as pgvector reads it: checked before IRIS sees it, which takes
//! more and says less.

use std::fmt::Write;

use crate::diagnostic::Diagnosed;
use crate::wit::Diagnostic;

/// `VECTOR_MAX_DIM`, `HALFVEC_MAX_DIM`
const MOST_DIMENSIONS: usize = 16_000;

/// Digits and exponent of a number that surely fits `real`.
const SURELY_FITS: usize = 30;

/// The types that are written like this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Type {
    Vector,
    Halfvec,
}

impl Type {
    fn name(self) -> &'static str {
        match self {
            Self::Vector => "vector",
            Self::Halfvec => "halfvec",
        }
    }
}

/// The number of elements of `[1,2,3]`.
///
/// # Errors
/// What pgvector says of a text that is none, without a position.
pub(crate) fn count(text: &str, of: Type) -> Diagnosed<u64> {
    let inner = inner(text, of)?;
    let count = match plain(inner) {
        Some(count) => count,
        None => {
            for element in inner.split(',') {
                number(element.trim_matches(BLANKS), text, of)?;
            }
            inner.split(',').count()
        }
    };
    if count > MOST_DIMENSIONS {
        let message = format!(
            "{} cannot have more than {MOST_DIMENSIONS} dimensions",
            of.name()
        );
        return Err(Diagnostic::error("54000", message));
    }
    Ok(count as u64)
}

/// The same vector in the precision of halfvec.
pub(crate) fn halved(text: &str) -> Diagnosed<String> {
    let mut halved = String::with_capacity(text.len());
    for element in inner(text, Type::Halfvec)?.split(',') {
        let element = element.trim_matches(BLANKS);
        let half = half(element.parse().map_err(|_| syntax(text, Type::Halfvec))?);
        if half.is_infinite() {
            return Err(out_of_range(element, Type::Halfvec));
        }
        let separator = if halved.is_empty() { '[' } else { ',' };
        // Writing to a string does not fail.
        let _ = write!(halved, "{separator}{half}");
    }
    halved.push(']');
    Ok(halved)
}

/// What an array of numbers, `{1,2}`, is as a vector.
pub(crate) fn of_array(text: &str) -> Option<String> {
    let inner = text
        .trim_matches(BLANKS)
        .strip_prefix('{')?
        .strip_suffix('}')?;
    Some(format!("[{inner}]"))
}

/// What C's `isspace` skips.
const BLANKS: [char; 6] = [' ', '\t', '\n', '\r', '\x0b', '\x0c'];

/// What stands between the brackets.
fn inner(text: &str, of: Type) -> Diagnosed<&str> {
    let inner = text.trim_matches(BLANKS).strip_prefix('[');
    let inner = inner
        .ok_or_else(|| syntax(text, of).with_detail("Vector contents must start with \"[\"."))?;
    let (inner, behind) = inner.split_once(']').ok_or_else(|| syntax(text, of))?;
    if !behind.is_empty() {
        return Err(syntax(text, of).with_detail("Junk after closing right brace."));
    }
    if inner.trim_matches(BLANKS).is_empty() {
        let message = format!("{} must have at least 1 dimension", of.name());
        return Err(Diagnostic::error("22000", message));
    }
    Ok(inner)
}

/// How many elements there are, if they are as most are: digits with a point, and not many, so
/// that none need be computed. Embeddings are long: this goes through them once.
fn plain(inner: &str) -> Option<usize> {
    let bytes = inner.as_bytes();
    let (mut count, mut at) = (0, 0);
    loop {
        while bytes.get(at) == Some(&b' ') {
            at += 1;
        }
        if let Some(b'-' | b'+') = bytes.get(at) {
            at += 1;
        }
        let whole = digits(bytes, &mut at);
        let decimals = match bytes.get(at) {
            Some(b'.') => {
                at += 1;
                digits(bytes, &mut at)
            }
            _ => 0,
        };
        if !(1..SURELY_FITS).contains(&(whole + decimals)) {
            return None;
        }
        count += 1;
        match bytes.get(at) {
            None => return Some(count),
            Some(b',') => at += 1,
            Some(_) => return None,
        }
    }
}

/// Goes over the digits there, and says how many they are.
fn digits(bytes: &[u8], at: &mut usize) -> usize {
    let start = *at;
    while bytes.get(*at).is_some_and(u8::is_ascii_digit) {
        *at += 1;
    }
    *at - start
}

fn number(element: &str, text: &str, of: Type) -> Diagnosed<()> {
    let number: f32 = element.parse().map_err(|_| syntax(text, of))?;
    if number.is_nan() {
        let message = format!("NaN not allowed in {}", of.name());
        return Err(Diagnostic::error("22000", message));
    }
    if number.is_infinite() && element.bytes().any(|byte| byte.is_ascii_digit()) {
        return Err(out_of_range(element, of));
    }
    if number.is_infinite() {
        let message = format!("infinite value not allowed in {}", of.name());
        return Err(Diagnostic::error("22000", message));
    }
    Ok(())
}

fn syntax(text: &str, of: Type) -> Diagnostic {
    let message = format!("invalid input syntax for type {}: \"{text}\"", of.name());
    Diagnostic::error("22P02", message)
}

fn out_of_range(element: &str, of: Type) -> Diagnostic {
    let message = format!("\"{element}\" is out of range for type {}", of.name());
    Diagnostic::error("22003", message)
}

/// The nearest number with 11 significant bits that is a multiple of 2^-24, ties to even:
/// IEEE 754's binary16.
fn half(number: f32) -> f32 {
    /// Above it, numbers are nearer to 65,536 than to the largest half.
    const BEYOND: f64 = 65_520.0;
    let wide = f64::from(number);
    if wide.abs() >= BEYOND {
        return f32::INFINITY.copysign(number);
    }
    let mut step = 2_f64.powi(-24);
    while wide.abs() / step >= 2048.0 {
        step *= 2.0;
    }
    ((wide / step).round_ties_even() * step) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_counted() {
        for (text, expected) in [
            ("[1,2,3]", 3),
            (" [ 1 , -2.50 ]", 2),
            ("[1e10,1e-50,.5,5.]", 4),
        ] {
            assert_eq!(count(text, Type::Vector), Ok(expected), "{text}");
        }
    }

    #[test]
    fn errors_are_those_of_pgvector() {
        for (text, sqlstate, message) in [
            (
                "[1,2",
                "22P02",
                "invalid input syntax for type vector: \"[1,2\"",
            ),
            (
                "1,2",
                "22P02",
                "invalid input syntax for type vector: \"1,2\"",
            ),
            (
                "[1,2]x",
                "22P02",
                "invalid input syntax for type vector: \"[1,2]x\"",
            ),
            (
                "[1,,2]",
                "22P02",
                "invalid input syntax for type vector: \"[1,,2]\"",
            ),
            (
                "[1 2]",
                "22P02",
                "invalid input syntax for type vector: \"[1 2]\"",
            ),
            (
                "[a]",
                "22P02",
                "invalid input syntax for type vector: \"[a]\"",
            ),
            ("[]", "22000", "vector must have at least 1 dimension"),
            ("[NaN]", "22000", "NaN not allowed in vector"),
            (
                "[-Infinity]",
                "22000",
                "infinite value not allowed in vector",
            ),
            (
                "[4e38]",
                "22003",
                "\"4e38\" is out of range for type vector",
            ),
        ] {
            let error = count(text, Type::Vector).unwrap_err();
            assert_eq!(
                (error.sqlstate.as_str(), error.message.as_str()),
                (sqlstate, message)
            );
        }
    }

    #[test]
    fn halfvec_is_rounded() {
        assert_eq!(
            halved("[0.1, 65504,1e-10]").unwrap(),
            "[0.099975586,65504,0]"
        );
        assert_eq!(halved("[65520]").unwrap_err().sqlstate, "22003");
    }
}
