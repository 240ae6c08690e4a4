//! The text format: what a type's input and output functions read and print.

use std::fmt::{self, Write};

use pgiris_values::bytes;
use pgiris_values::interval::Interval;

use super::numeric::Shown;
use super::{Kind, Scalar, ValueError, calendar, float, numeric, vector};

/// Bytes as text; PostgreSQL allows every character of UTF-8 but zero.
pub(crate) fn utf8(bytes: &[u8]) -> Result<&str, ValueError> {
    let text = std::str::from_utf8(bytes)
        .map_err(|error| ValueError::encoding(&bytes[error.valid_up_to()..]))?;
    match memchr::memchr(0, bytes) {
        Some(_) => Err(ValueError::encoding(&[0])),
        None => Ok(text),
    }
}

pub(super) fn read(kind: Kind, text: &str) -> Result<Scalar<'_>, ValueError> {
    Ok(match kind {
        Kind::Bool => Scalar::Bool(boolean(text)?),
        Kind::Int2 | Kind::Int4 | Kind::Int8 | Kind::Oid => Scalar::Int(integer(kind, text)?),
        // Only the catalogue knows the OID of a name.
        Kind::Object | Kind::Regtype => {
            match text.bytes().all(|byte| byte.is_ascii_digit()) && !text.is_empty() {
                true => Scalar::Int(integer(kind, text)?),
                false => Scalar::Text(text.into()),
            }
        }
        Kind::Float4 => Scalar::Float(float::read_real(text)?),
        Kind::Float8 => Scalar::Double(float::read_double(text)?),
        Kind::Numeric => Scalar::Numeric(numeric::read_text(text)?),
        Kind::Text | Kind::Jsonb | Kind::Jsonpath | Kind::Other => Scalar::Text(text.into()),
        Kind::Char => Scalar::Text(single_byte(text)?.into()),
        Kind::Bytea => Scalar::Bytes(bytes::read(text)?.into()),
        Kind::Date => Scalar::Date(calendar::read_date(text)?),
        Kind::Time => Scalar::Time(calendar::read_time(text)?),
        Kind::Timestamp => Scalar::Timestamp(calendar::read_timestamp(text)?),
        Kind::Timestamptz => Scalar::Timestamptz(calendar::read_timestamptz(text)?),
        Kind::Interval => Scalar::Interval(
            Interval::parse(text).map_err(|wrong| ValueError::interval(text, wrong))?,
        ),
        Kind::Uuid => Scalar::Uuid(
            bytes::uuid(text).ok_or_else(|| ValueError::text_syntax(Kind::Uuid, text))?,
        ),
        Kind::Vector | Kind::Halfvec => Scalar::Vector(vector::read(kind, text)?),
    })
}

/// Prints a value as its own type does; `shown` is what a numeric's modifier says.
pub(super) fn write(value: &Scalar<'_>, shown: Shown, out: &mut impl Write) -> fmt::Result {
    match value {
        Scalar::Bool(value) => out.write_char(if *value { 't' } else { 'f' }),
        Scalar::Int(value) => write!(out, "{value}"),
        Scalar::Numeric(value) => numeric::write_text(value, shown, out),
        Scalar::Float(value) => float::write_real(*value, out),
        Scalar::Double(value) => float::write_double(*value, out),
        Scalar::Text(value) => out.write_str(value),
        Scalar::Bytes(value) => bytes::write(value, out),
        Scalar::Date(value) => calendar::write_date(*value, out),
        Scalar::Time(value) => calendar::write_time(*value, out),
        Scalar::Timestamp(value) => calendar::write_timestamp(*value, out),
        Scalar::Timestamptz(value) => {
            calendar::write_timestamp(*value, out).and_then(|()| out.write_str("+00"))
        }
        Scalar::Interval(value) => write!(out, "{value}"),
        Scalar::Uuid(value) => bytes::write_uuid(value, out),
        Scalar::Vector(value) => vector::write(value, out),
    }
}

/// Without the white space that PostgreSQL's input functions skip (C `isspace`).
pub(super) fn trimmed(text: &str) -> &str {
    text.trim_matches([' ', '\t', '\n', '\r', '\x0b', '\x0c'])
}

/// `boolin`: any unambiguous beginning of true, false, yes, no, on, off, 1, 0.
fn boolean(text: &str) -> Result<bool, ValueError> {
    let word = trimmed(text).to_ascii_lowercase();
    let begins = |whole: &str, least: usize| word.len() >= least && whole.starts_with(&word);
    if begins("true", 1) || begins("yes", 1) || begins("on", 2) || word == "1" {
        Ok(true)
    } else if begins("false", 1) || begins("no", 1) || begins("off", 2) || word == "0" {
        Ok(false)
    } else {
        Err(ValueError::text_syntax(Kind::Bool, text))
    }
}

fn integer(kind: Kind, text: &str) -> Result<i64, ValueError> {
    let digits = trimmed(text);
    let unsigned = digits.strip_prefix(['+', '-']).unwrap_or(digits);
    if unsigned.is_empty() || !unsigned.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(ValueError::text_syntax(kind, text));
    }
    match digits.parse::<i64>() {
        Ok(value) if kind.range().contains(&value) => Ok(value),
        // `oidin` takes the signed form of the upper half as well.
        Ok(value) if kind == Kind::Oid && (i64::from(i32::MIN)..0).contains(&value) => {
            Ok(value + (1 << 32))
        }
        _ => Err(ValueError::text_range(kind, text)),
    }
}

/// `charin` keeps the first byte; a part of a character cannot be kept here.
fn single_byte(text: &str) -> Result<&str, ValueError> {
    match text.as_bytes().first() {
        None => Ok(text),
        Some(byte) if byte.is_ascii() => Ok(&text[..1]),
        Some(_) => Err(ValueError::text_syntax(Kind::Char, text)),
    }
}
