//! Casts of literals, whose values are known at once.

use pgiris_values::bytes;
use sqlparser::ast::{BinaryLength, DataType, Expr, UnaryOperator};

use super::{Operand, number, other};
use crate::build;
use crate::copies::Copies;
use crate::diagnostic::Diagnosed;
use crate::kept_text;
use crate::placeholder;
use crate::types::{self, PgType, oid};
use crate::typing::{digits, padding};
use crate::wit::{Diagnostic, Oid};

/// The longest number that is written out.
const MOST_DIGITS: usize = 400;

/// The cast of a string.
///
/// # Errors
/// PostgreSQL's input function refuses it.
pub(super) fn string(
    text: &str,
    copies: &mut Copies,
    target: &PgType,
    written: &DataType,
) -> Diagnosed<Option<Expr>> {
    match target.oid {
        oid::BOOL => {
            let truth = other::truth_of(text).ok_or_else(|| syntax(text, target.oid))?;
            let bit = build::number(u8::from(truth));
            Ok(Some(build::cast(bit, DataType::Bit(None))))
        }
        oid::INT2 | oid::INT4 | oid::INT8 => {
            let number = integer(text, target.oid)?;
            Ok(Some(build::cast(signed(number), written.clone())))
        }
        oid::NUMERIC => {
            let number = decimal(text).ok_or_else(|| match text.trim().parse::<f64>() {
                Ok(special) if !special.is_finite() => no_special(text, target.oid),
                _ => syntax(text, target.oid),
            })?;
            let expr = signed(number);
            let mut operand = Operand {
                digits: digits::of(&expr, &|_| None),
                oid: Some(oid::NUMERIC),
                expr,
                copies,
            };
            number::numeric(&mut operand, written)
        }
        oid::FLOAT4 | oid::FLOAT8 => {
            let trimmed = text.trim();
            let number = trimmed.parse::<f64>().ok().filter(|_| is_plain(trimmed));
            let number = number.ok_or_else(|| match trimmed.parse::<f64>() {
                Ok(_) => no_special(trimmed, target.oid),
                Err(_) => syntax(text, target.oid),
            })?;
            if number.is_infinite() {
                return Err(Diagnostic::error(
                    "22003",
                    format!(
                        "\"{trimmed}\" is out of range for type {}",
                        types::words(target.oid)
                    ),
                ));
            }
            let number = build::string(&trimmed.to_ascii_uppercase());
            Ok(Some(build::cast(number, written.clone())))
        }
        oid::UUID => {
            let digits = uuid(text).ok_or_else(|| syntax(text, target.oid))?;
            Ok(Some(build::cast(
                build::string(&digits),
                types::named("GUID"),
            )))
        }
        oid::BYTEA => literal_of_bytes(text),
        oid::BPCHAR => Ok(padding::of_type(written).map(|length| {
            let length = usize::try_from(length).unwrap_or(usize::MAX);
            let cut: String = text.chars().take(length).collect();
            build::cast(build::string(cut.trim_end_matches(' ')), written.clone())
        })),
        kept if kept_text::is_canonical(kept) => {
            let shown = kept_text::canonical(text, kept)?;
            Ok(Some(build::cast(build::string(&shown), written.clone())))
        }
        _ => Ok(None),
    }
}

/// How PostgreSQL writes a number literal.
pub(crate) fn number_as_text(digits: &str) -> Option<String> {
    decimal(digits)
}

/// What an input function says of a text that it cannot read.
pub(crate) fn syntax(text: &str, target: Oid) -> Diagnostic {
    Diagnostic::error(
        "22P02",
        format!(
            "invalid input syntax for type {}: \"{text}\"",
            types::words(target)
        ),
    )
}

fn no_special(text: &str, target: Oid) -> Diagnostic {
    Diagnostic::not_supported(
        format!("{} value \"{text}\" is not supported", types::words(target)),
        "IRIS has finite numbers only",
    )
}

/// A number that may have a sign.
fn signed(digits: impl ToString) -> Expr {
    let digits = digits.to_string();
    match digits.strip_prefix('-') {
        Some(unsigned) => Expr::UnaryOp {
            op: UnaryOperator::Minus,
            expr: Box::new(build::number(unsigned)),
        },
        None => build::number(digits),
    }
}

/// `int4in` and its kin.
pub(crate) fn integer(text: &str, target: Oid) -> Diagnosed<i64> {
    let trimmed = text.trim();
    let digits = trimmed.strip_prefix(['+', '-']).unwrap_or(trimmed);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(syntax(text, target));
    }
    let fits = |number: &i64| match target {
        oid::INT2 => i16::try_from(*number).is_ok(),
        oid::INT4 => i32::try_from(*number).is_ok(),
        _ => true,
    };
    trimmed.parse().ok().filter(fits).ok_or_else(|| {
        Diagnostic::error(
            "22003",
            format!(
                "value \"{trimmed}\" is out of range for type {}",
                types::words(target)
            ),
        )
    })
}

fn is_plain(text: &str) -> bool {
    text.bytes()
        .all(|byte| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.' | b'e' | b'E'))
}

/// `numeric_in`: the number without exponent, with its decimals; none if it is none,
/// or none that IRIS could hold.
fn decimal(text: &str) -> Option<String> {
    let trimmed = text.trim();
    let unsigned = trimmed.strip_prefix(['+', '-']).unwrap_or(trimmed);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (unsigned, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let point = i32::try_from(whole.len()).ok()?.checked_add(exponent)?;
    let longest = i32::try_from(MOST_DIGITS).ok()?;
    if digits.len() > MOST_DIGITS || !(-longest..longest).contains(&point) {
        return None;
    }
    let zeros = |count: i32| "0".repeat(usize::try_from(count).unwrap_or(0));
    let length = i32::try_from(digits.len()).ok()?;
    let padded = format!("{}{digits}{}", zeros(1 - point), zeros(point - length));
    let at = usize::try_from(point.max(1)).ok()?;
    let (whole, fraction) = padded.split_at_checked(at)?;
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        other => other,
    };
    let is_zero = padded.bytes().all(|byte| byte == b'0');
    let sign = if trimmed.starts_with('-') && !is_zero {
        "-"
    } else {
        ""
    };
    Some(if fraction.is_empty() {
        format!("{sign}{whole}")
    } else {
        format!("{sign}{whole}.{fraction}")
    })
}

/// A `uuid` as PostgreSQL writes it.
pub(crate) fn uuid(text: &str) -> Option<String> {
    let mut shown = String::with_capacity(36);
    bytes::write_uuid(&bytes::uuid(text)?, &mut shown).ok()?;
    Some(shown)
}

/// A `bytea` that is bound: IRIS has no literals of bytes.
///
/// # Errors
/// `byteain` does not read it.
pub(crate) fn bound_bytes(text: &str) -> Diagnosed<Expr> {
    let shown = bytes::shown(&read_bytes(text)?);
    Ok(placeholder::constant(oid::BYTEA, Some(&shown)))
}

fn read_bytes(text: &str) -> Diagnosed<Vec<u8>> {
    bytes::read(text).map_err(Diagnostic::of_bytes)
}

/// The cast of a string to `bytea`, where IRIS has no literal of its bytes and takes bound values;
/// none if it has one, or this is no string.
///
/// # Errors
/// `byteain` does not read it.
pub(crate) fn bound_literal(string: &Expr) -> Diagnosed<Option<Expr>> {
    let Some(text) = build::string_in(string) else {
        return Ok(None);
    };
    Ok(match printable(read_bytes(&text)?) {
        Some(_) => None,
        None => Some(build::cast(bound_bytes(&text)?, longest_bytes())),
    })
}

/// Of bytes that are no ASCII text IRIS has no literal.
fn literal_of_bytes(text: &str) -> Diagnosed<Option<Expr>> {
    let Some(shown) = printable(read_bytes(text)?) else {
        return Err(Diagnostic::not_supported(
            "bytea literals that are not printable ASCII are not supported here",
            "IRIS has no literals of bytes, and takes no bound values in a definition",
        ));
    };
    Ok(Some(build::cast(build::string(&shown), longest_bytes())))
}

/// Bytes as the text that IRIS takes for them.
fn printable(bytes: Vec<u8>) -> Option<String> {
    let is_text = bytes
        .iter()
        .all(|byte| matches!(byte, b' '..=b'~' | b'\n' | b'\t'));
    String::from_utf8(bytes).ok().filter(|_| is_text)
}

fn longest_bytes() -> DataType {
    DataType::Varbinary(Some(BinaryLength::IntegerLength {
        length: types::LONGEST_STRING,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_without_exponent_and_with_their_decimals() {
        for (text, shown) in [
            ("1.50", Some("1.50")),
            (" +007 ", Some("7")),
            (".5", Some("0.5")),
            ("-.25", Some("-0.25")),
            ("5.", Some("5")),
            ("1e3", Some("1000")),
            ("1.25e1", Some("12.5")),
            ("12e-3", Some("0.012")),
            ("-0.00", Some("0.00")),
            ("1e-2", Some("0.01")),
            ("", None),
            (".", None),
            ("1e", None),
            ("0x1", None),
            ("1e999999999", None),
        ] {
            assert_eq!(decimal(text).as_deref(), shown, "{text}");
        }
    }

    #[test]
    fn uuids_are_read_as_postgresql_reads_them() {
        let plain = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11";
        for text in [
            plain,
            "{A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11}",
            "a0eebc999c0b4ef8bb6d6bb9bd380a11",
            "a0ee-bc99-9c0b-4ef8-bb6d-6bb9-bd38-0a11",
        ] {
            assert_eq!(uuid(text).as_deref(), Some(plain), "{text}");
        }
        for text in ["", "{a0", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1g"] {
            assert_eq!(uuid(text), None, "{text}");
        }
    }
}
