//! The type that values in one column get, of rows that are written out or of the
//! selects of a set operation.
//!
//! PostgreSQL manual, "UNION, CASE, and Related Constructs": a literal without a type
//! takes that of the others.

use sqlparser::ast::{DataType, ExactNumberInfo, Expr, TimezoneInfo, Value};

use crate::build;
use crate::casts::bound_bytes;
use crate::copies::Copies;
use crate::diagnostic::Diagnosed;
use crate::kept_text;
use crate::placeholder;
use crate::rule::Scene;
use crate::types::{oid, words};
use crate::typing;
use crate::wit::{Diagnostic, Oid};
use crate::zone;

/// What two types have in common.
pub(crate) enum Common {
    Type(Oid),
    /// PostgreSQL refuses them in one column.
    Nothing,
    Unknown,
}

/// The type that both can have.
pub(crate) fn common(left: Oid, right: Oid) -> Common {
    match (typing::merged(left, right), kind(left), kind(right)) {
        (Some(oid), ..) => Common::Type(oid),
        (None, Some(left), Some(right)) if left != right => Common::Nothing,
        _ => Common::Unknown,
    }
}

/// PostgreSQL's categories of types; nothing in one is like anything in another.
fn kind(type_oid: Oid) -> Option<u8> {
    Some(match type_oid {
        oid::BOOL => 0,
        oid::INT2 | oid::INT4 | oid::INT8 | oid::NUMERIC | oid::FLOAT4 | oid::FLOAT8 => 1,
        oid::TEXT | oid::VARCHAR | oid::BPCHAR => 2,
        oid::DATE | oid::TIMESTAMP | oid::TIMESTAMPTZ => 3,
        oid::TIME => 4,
        oid::UUID => 5,
        oid::BYTEA => 6,
        _ => return None,
    })
}

/// The refusal of two types in one column.
pub(crate) fn cannot_be_matched(construct: &str, left: Oid, right: Oid) -> Diagnostic {
    let (left, right) = (words(left), words(right));
    Diagnostic::error(
        "42804",
        format!("{construct} types {left} and {right} cannot be matched"),
    )
}

/// Whether this is how a boolean is written for IRIS.
pub(crate) fn is_bit(expression: &Expr) -> bool {
    matches!(expression, Expr::Value(value)
        if matches!(&value.value, Value::Number(digits, _) if digits == "0" || digits == "1"))
}

/// What `give` does, in the zone of the session where moments with a time zone and without meet.
pub(crate) fn give_in_zone(
    place: &mut Expr,
    own: Option<Oid>,
    type_oid: Oid,
    found: &mut Vec<(u32, Oid)>,
    (scene, copies): (&Scene<'_>, &mut Copies),
) -> Diagnosed<bool> {
    let is_shown = matches!(own, Some(oid::DATE | oid::TIMESTAMP));
    if is_shown && zone::assigned(place, own, type_oid, scene, copies)? {
        return Ok(true);
    }
    give(place, own, type_oid, found)
}

/// Gives a value the type of its column: a literal is read as one of that type, a
/// parameter is noted in `found`. Tells whether it was changed.
pub(crate) fn give(
    place: &mut Expr,
    own: Option<Oid>,
    type_oid: Oid,
    found: &mut Vec<(u32, Oid)>,
) -> Diagnosed<bool> {
    if own == Some(oid::DATE) && matches!(type_oid, oid::TIMESTAMP | oid::TIMESTAMPTZ) {
        *place = build::cast(build::take(place), timestamp());
        return Ok(true);
    }
    if own.is_some() || !typing::is_untyped(place) {
        return Ok(false);
    }
    if let Some(number) = placeholder::number_of(build::unnested(place)) {
        found.push((number, type_oid));
        return Ok(false);
    }
    let Expr::Value(value) = build::unnested(place) else {
        return Ok(false);
    };
    let fresh = match &value.value {
        Value::Null => null(type_oid),
        Value::SingleQuotedString(text) => literal(&text.replace("''", "'"), type_oid)?,
        _ => None,
    };
    let is_changed = fresh.is_some();
    if let Some(fresh) = fresh {
        *place = fresh;
    }
    Ok(is_changed)
}

/// A NULL that IRIS, too, knows the type of. One without is a string to it, and
/// would make strings of all other values.
pub(crate) fn null(type_oid: Oid) -> Option<Expr> {
    let target = match type_oid {
        // A scale of its own would be that of the column.
        oid::NUMERIC => DataType::Integer(None),
        other => cast_target(other)?,
    };
    Some(build::cast(Expr::value(Value::Null), target))
}

fn cast_target(type_oid: Oid) -> Option<DataType> {
    Some(match type_oid {
        oid::BOOL => DataType::Boolean,
        oid::INT2 => DataType::SmallInt(None),
        oid::INT4 => DataType::Integer(None),
        oid::INT8 => DataType::BigInt(None),
        oid::FLOAT4 | oid::FLOAT8 => DataType::Double(ExactNumberInfo::None),
        oid::DATE => DataType::Date,
        oid::TIME => DataType::Time(None, TimezoneInfo::None),
        oid::TIMESTAMP => timestamp(),
        oid::TIMESTAMPTZ => DataType::Timestamp(None, TimezoneInfo::WithTimeZone),
        _ => return None,
    })
}

fn timestamp() -> DataType {
    DataType::Timestamp(None, TimezoneInfo::None)
}

/// A string literal read as a value of the type; none if it may stay a string.
fn literal(text: &str, type_oid: Oid) -> Diagnosed<Option<Expr>> {
    let trimmed = text.trim();
    let (sign, digits) = match trimmed.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, trimmed.strip_prefix('+').unwrap_or(trimmed)),
    };
    let number = |digits: &str| {
        let number = build::number(digits);
        Some(match sign {
            true => Expr::UnaryOp {
                op: sqlparser::ast::UnaryOperator::Minus,
                expr: Box::new(number),
            },
            false => number,
        })
    };
    let is_whole = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    match type_oid {
        oid::INT2 | oid::INT4 | oid::INT8 if is_whole => {
            let value: Option<i64> = trimmed.parse().ok();
            let fits = value.is_some_and(|value| match type_oid {
                oid::INT2 => i16::try_from(value).is_ok(),
                oid::INT4 => i32::try_from(value).is_ok(),
                _ => true,
            });
            if !fits {
                let name = words(type_oid);
                let message = format!("value \"{text}\" is out of range for type {name}");
                return Err(Diagnostic::error("22003", message));
            }
            Ok(number(digits))
        }
        oid::NUMERIC if is_decimal(digits) => Ok(number(digits)),
        oid::FLOAT4 | oid::FLOAT8 if is_decimal(digits) => Ok(Some(build::cast(
            number(digits).unwrap_or_else(|| build::string(digits)),
            DataType::Double(ExactNumberInfo::None),
        ))),
        oid::INT2 | oid::INT4 | oid::INT8 | oid::NUMERIC | oid::FLOAT4 | oid::FLOAT8 => {
            let plain = trimmed.bytes().any(|b| b.is_ascii_digit()) || trimmed.len() > 2;
            let is_special = matches!(
                trimmed.to_ascii_lowercase().as_str(),
                "nan" | "inf" | "infinity" | "-inf" | "-infinity"
            );
            if plain && (is_special || trimmed.contains(['e', 'E']) && is_exponential(digits)) {
                return Err(Diagnostic::not_supported(
                    format!("the number \"{text}\" is not supported here"),
                    "write it as a number, without quotes",
                ));
            }
            Err(invalid(type_oid, text))
        }
        oid::BOOL => match boolean(trimmed) {
            Some(value) => Ok(Some(build::cast(
                build::number(u8::from(value)),
                DataType::Boolean,
            ))),
            None => Err(invalid(type_oid, text)),
        },
        kept if kept_text::is_canonical(kept) => {
            let shown = build::string(&kept_text::canonical(text, kept)?);
            Ok(Some(match kept {
                oid::JSON => build::cast(shown, DataType::JSON),
                oid::JSONB => build::cast(shown, DataType::JSONB),
                _ => shown,
            }))
        }
        oid::BYTEA => bound_bytes(text).map(Some),
        oid::DATE | oid::TIME | oid::TIMESTAMP | oid::TIMESTAMPTZ => {
            let target = cast_target(type_oid).unwrap_or(DataType::Date);
            Ok(Some(build::cast(build::string(text), target)))
        }
        _ => Ok(None),
    }
}

fn invalid(type_oid: Oid, text: &str) -> Diagnostic {
    let message = format!(
        "invalid input syntax for type {}: \"{text}\"",
        words(type_oid)
    );
    Diagnostic::error("22P02", message)
}

/// `1`, `1.5`, `.5`, `1.`
fn is_decimal(digits: &str) -> bool {
    let bytes = digits.bytes();
    digits.bytes().any(|byte| byte.is_ascii_digit())
        && bytes
            .clone()
            .all(|byte| byte.is_ascii_digit() || byte == b'.')
        && bytes.filter(|byte| *byte == b'.').count() < 2
}

fn is_exponential(digits: &str) -> bool {
    let Some((mantissa, exponent)) = digits.split_once(['e', 'E']) else {
        return false;
    };
    let exponent = exponent.trim_start_matches(['+', '-']);
    is_decimal(mantissa) && !exponent.is_empty() && exponent.bytes().all(|b| b.is_ascii_digit())
}

/// What PostgreSQL's boolean reads: the words and their beginnings.
fn boolean(text: &str) -> Option<bool> {
    let text = text.to_ascii_lowercase();
    let begins = |word: &str, shortest: usize| text.len() >= shortest && word.starts_with(&text);
    match text.as_str() {
        "1" => Some(true),
        "0" => Some(false),
        _ if begins("true", 1) || begins("yes", 1) || text == "on" => Some(true),
        _ if begins("false", 1) || begins("no", 1) || begins("off", 2) => Some(false),
        _ => None,
    }
}
