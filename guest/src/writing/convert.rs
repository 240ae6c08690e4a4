//! Literals that are assigned to a column, as PostgreSQL converts them.
//!
//! PostgreSQL manual, "Value Storage": a literal without a type takes the column's;
//! another value is converted if there is an assignment cast.

use pgiris_values::bytes;
use sqlparser::ast::{Expr, Value};

use super::double;
use crate::build;
use crate::casts::{number_as_text, truth_of, uuid};
use crate::diagnostic::Diagnosed;
use crate::kept_text;
use crate::moment_text::Order;
use crate::placeholder;
use crate::relations::Column;
use crate::types::{Digits, kept, oid, words};
use crate::untyped;
use crate::wit::{Condition, DecimalDigits, Diagnostic, Oid, Requirement};

/// What a value is, as it is written.
enum Literal {
    Text(String),
    /// With its sign.
    Number(String),
    Boolean(bool),
}

/// What is to take the place of a value of this column; none if it may stay.
///
/// # Errors
/// What PostgreSQL says of a value that the column's type does not have.
pub(crate) fn converted(
    value: &Expr,
    type_oid: Option<Oid>,
    column: &Column,
    order: Order,
) -> Diagnosed<Option<Expr>> {
    if column.vector.is_some() {
        return of_vector(value, type_oid, column);
    }
    match literal(value) {
        Some(Literal::Text(text)) => of_text(&text, column, order),
        Some(Literal::Number(digits)) => of_number(&digits, type_oid, column),
        Some(Literal::Boolean(truth)) if is_text(column.type_oid) => {
            let text = truth.to_string();
            fits(&text, column)?;
            Ok(Some(build::string(&text)))
        }
        _ => {
            assignable(type_oid, column)?;
            match column.type_oid {
                oid::FLOAT8 => double::check_computed(value).map(|()| None),
                _ => Ok(None),
            }
        }
    }
}

/// PostgreSQL makes a vector of an array of numbers, and of nothing else that has a type.
fn of_vector(value: &Expr, type_oid: Option<Oid>, column: &Column) -> Diagnosed<Option<Expr>> {
    if matches!(build::unnested(value), Expr::Array(_)) {
        return Err(Diagnostic::not_supported(
            format!(
                "an array as the value of the vector \"{}\" is not supported",
                column.name
            ),
            "cast it: ARRAY[…]::vector",
        ));
    }
    if literal(value).is_some_and(|literal| matches!(literal, Literal::Text(_))) {
        return Ok(None);
    }
    match type_oid.and_then(|from| Some((from, type_name(from)?))) {
        Some((from, name)) if is_text(from) || is_number(from) || from == oid::BOOL => {
            let message = format!(
                "column \"{}\" is of type vector but expression is of type {name}",
                column.name
            );
            Err(Diagnostic::error("42804", message)
                .with_hint("You will need to rewrite or cast the expression."))
        }
        _ => Ok(None),
    }
}

fn literal(value: &Expr) -> Option<Literal> {
    if let Some(digits) = build::number_in(value) {
        return Some(Literal::Number(digits));
    }
    match build::unnested(value) {
        Expr::Value(value) => match &value.value {
            Value::SingleQuotedString(raw) => Some(Literal::Text(raw.replace("''", "'"))),
            Value::Boolean(truth) => Some(Literal::Boolean(*truth)),
            _ => None,
        },
        _ => None,
    }
}

fn is_text(type_oid: Oid) -> bool {
    matches!(type_oid, oid::TEXT | oid::VARCHAR | oid::BPCHAR | oid::NAME)
}

fn is_number(type_oid: Oid) -> bool {
    matches!(
        type_oid,
        oid::INT2 | oid::INT4 | oid::INT8 | oid::NUMERIC | oid::FLOAT4 | oid::FLOAT8
    )
}

fn is_moment(type_oid: Oid) -> bool {
    matches!(type_oid, oid::DATE | oid::TIMESTAMP | oid::TIMESTAMPTZ)
}

/// The name of a type as `format_type` gives it; none for those that are not
/// compared here.
fn type_name(type_oid: Oid) -> Option<&'static str> {
    matches!(
        type_oid,
        oid::BOOL
            | oid::INT2
            | oid::INT4
            | oid::INT8
            | oid::NUMERIC
            | oid::FLOAT4
            | oid::FLOAT8
            | oid::TEXT
            | oid::VARCHAR
            | oid::BPCHAR
            | oid::DATE
            | oid::TIME
            | oid::TIMESTAMP
            | oid::TIMESTAMPTZ
            | oid::INTERVAL
            | oid::UUID
            | oid::BYTEA
    )
    .then_some(())
    .or_else(|| kept_text::is_canonical(type_oid).then_some(()))
    .map(|()| words(type_oid))
}

/// Whether there is an assignment cast, as far as both types are known here.
pub(crate) fn is_assignable(from: Oid, to: Oid) -> bool {
    let clock = from == oid::TIME || to == oid::TIME;
    from == to
        || is_text(to)
        || (is_number(from) && is_number(to))
        || (is_moment(from) && is_moment(to))
        || (clock && (from == oid::INTERVAL || to == oid::INTERVAL))
        || (to == oid::TIME && matches!(from, oid::TIMESTAMP | oid::TIMESTAMPTZ))
        || (from == oid::JSONB && to == oid::JSON)
        || kept::is_array_like(from, to)
        || type_name(from).is_none()
        || type_name(to).is_none()
}

/// Whether there is an assignment cast, where both types are known.
fn assignable(from: Option<Oid>, column: &Column) -> Diagnosed<()> {
    let to = column.type_oid;
    let Some(from) = from else {
        return Ok(());
    };
    let (Some(from_name), Some(to_name)) = (type_name(from), type_name(to)) else {
        return Ok(());
    };
    let fits = is_assignable(from, to);
    if from == oid::JSON && to == oid::JSONB {
        return Err(Diagnostic::not_supported(
            format!(
                "column \"{}\" of type jsonb from a json document is not supported",
                column.name
            ),
            "IRIS cannot put it in jsonb's form: write it in the client, or as a parameter",
        ));
    }
    if fits {
        return Ok(());
    }
    let message = format!(
        "column \"{}\" is of type {to_name} but expression is of type {from_name}",
        column.name
    );
    Err(Diagnostic::error("42804", message)
        .with_hint("You will need to rewrite or cast the expression."))
}

fn of_text(text: &str, column: &Column, order: Order) -> Diagnosed<Option<Expr>> {
    let wrong = |what: &str| {
        Diagnostic::error(
            "22P02",
            format!("invalid input syntax for type {what}: \"{text}\""),
        )
    };
    let name = type_name(column.type_oid).unwrap_or_default();
    match column.type_oid {
        oid::INT2 | oid::INT4 | oid::INT8 => {
            let digits = whole(text.trim()).ok_or_else(|| wrong(name))?;
            if !in_range(&digits, column.type_oid) {
                return Err(Diagnostic::error(
                    "22003",
                    format!("value \"{text}\" is out of range for type {name}"),
                ));
            }
            Ok((digits != text).then(|| build::string(&digits)))
        }
        oid::NUMERIC | oid::FLOAT8 => {
            let trimmed = text.trim();
            if is_special(trimmed) {
                return Err(Diagnostic::not_supported(
                    format!("{name} value \"{text}\" is not supported"),
                    "IRIS has neither NaN nor infinity",
                ));
            }
            if !is_decimal(trimmed) {
                return Err(wrong(name));
            }
            match column.type_oid {
                oid::NUMERIC => overflow(trimmed, column)?,
                _ if !double::has(trimmed) => return Err(double::out_of_range(text)),
                _ => {}
            }
            Ok((trimmed != text).then(|| build::string(trimmed)))
        }
        oid::BOOL => {
            let truth = truth_of(text).ok_or_else(|| wrong("boolean"))?;
            Ok(Some(build::number(u8::from(truth))))
        }
        oid::UUID => {
            let canonical = uuid(text).ok_or_else(|| wrong("uuid"))?;
            Ok((canonical != text).then(|| build::string(&canonical)))
        }
        oid::DATE | oid::TIME | oid::TIMESTAMP | oid::TIMESTAMPTZ => {
            untyped::in_column(text, column.type_oid, order)
        }
        oid::BYTEA => {
            bytes::read(text).map_err(Diagnostic::of_bytes)?;
            Ok(Some(placeholder::constant(oid::BYTEA, Some(text))))
        }
        kept if kept_text::is_canonical(kept) => {
            let canonical = kept_text::canonical(text, kept)?;
            Ok((canonical != text).then(|| build::string(&canonical)))
        }
        oid::VARCHAR => {
            let fitting = fits(text, column)?;
            Ok((fitting != text).then(|| build::string(fitting)))
        }
        // Kept without the blanks that fill it up.
        oid::BPCHAR => {
            let fitting = fits(text, column)?.trim_end_matches(' ');
            Ok((fitting != text).then(|| build::string(fitting)))
        }
        _ => Ok(None),
    }
}

fn of_number(digits: &str, type_oid: Option<Oid>, column: &Column) -> Diagnosed<Option<Expr>> {
    match column.type_oid {
        oid::INT2 | oid::INT4 | oid::INT8 => {
            if rounded(digits).is_some_and(|whole| !in_range(&whole, column.type_oid)) {
                return Err(out_of_range(column.type_oid));
            }
            Ok(None)
        }
        oid::NUMERIC => overflow(digits, column).map(|()| None),
        oid::FLOAT8 if !double::has(digits) => {
            Err(double::out_of_range(&double::written_out(digits)))
        }
        // IRIS's own booleans.
        oid::BOOL if matches!(digits, "0" | "1") => Ok(None),
        to if is_text(to) => {
            let Some(text) = number_as_text(digits) else {
                return Ok(None);
            };
            fits(&text, column)?;
            Ok(Some(build::string(&text)))
        }
        _ => assignable(type_oid, column).map(|()| None),
    }
}

/// The text as it is stored: blanks too many are cut off.
fn fits<'a>(text: &'a str, column: &Column) -> Diagnosed<&'a str> {
    let Some(length) = column.length.filter(|_| column.type_oid != oid::TEXT) else {
        return Ok(text);
    };
    let longest = usize::try_from(length).unwrap_or(usize::MAX);
    match text.char_indices().nth(longest) {
        None => Ok(text),
        Some((end, _)) if text[end..].bytes().all(|byte| byte == b' ') => Ok(&text[..end]),
        Some(_) => Err(too_long(column.type_oid, length)),
    }
}

fn too_long(type_oid: Oid, length: u64) -> Diagnostic {
    let name = words(type_oid);
    Diagnostic::error("22001", format!("value too long for type {name}({length})"))
}

/// What a parameter must be whose value goes into this column as it is; none if the column's
/// type has no limits that a value of its type could miss.
pub(crate) fn requirement(parameter: u32, column: &Column) -> Option<Requirement> {
    let (condition, otherwise) = match column.type_oid {
        oid::VARCHAR | oid::BPCHAR => {
            let length = column.length?;
            let characters = Condition::Characters(u32::try_from(length).ok()?);
            (characters, too_long(column.type_oid, length))
        }
        oid::NUMERIC => {
            let digits = column.digits?;
            let limits = DecimalDigits {
                precision: digits.precision,
                scale: digits.scale,
            };
            (Condition::Digits(limits), overflowing(digits))
        }
        whole @ (oid::INT2 | oid::INT4 | oid::INT8) => {
            (Condition::Range(whole), out_of_range(whole))
        }
        _ => return None,
    };
    Some(Requirement {
        parameter,
        condition,
        otherwise,
    })
}

fn out_of_range(type_oid: Oid) -> Diagnostic {
    Diagnostic::error("22003", format!("{} out of range", words(type_oid)))
}

fn overflowing(digits: Digits) -> Diagnostic {
    let Digits { precision, scale } = digits;
    let bound = match precision.saturating_sub(scale) {
        0 => "1".to_owned(),
        room => format!("10^{room}"),
    };
    Diagnostic::error("22003", "numeric field overflow").with_detail(format!(
        "A field with precision {precision}, scale {scale} must round to an absolute value less \
         than {bound}."
    ))
}

/// The digits of an integer, without what need not be there.
fn whole(text: &str) -> Option<String> {
    let (sign, digits) = match text.as_bytes().first()? {
        b'-' => ("-", &text[1..]),
        b'+' => ("", &text[1..]),
        _ => ("", text),
    };
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let digits = digits.trim_start_matches('0');
    Some(match digits {
        "" => "0".to_owned(),
        digits => format!("{sign}{digits}"),
    })
}

/// A number without its decimals, rounded away from zero; none if it has an exponent.
fn rounded(digits: &str) -> Option<String> {
    let (whole_part, decimals) = digits.split_once('.').unwrap_or((digits, ""));
    let up = decimals.bytes().next().is_some_and(|first| first >= b'5');
    let negative = whole_part.starts_with('-');
    let whole = whole(match whole_part {
        "" | "-" => "0",
        other => other,
    })?;
    let number: i128 = whole.parse().ok()?;
    let step = i128::from(up) * if negative { -1 } else { 1 };
    Some((number + step).to_string())
}

fn in_range(digits: &str, type_oid: Oid) -> bool {
    match type_oid {
        oid::INT2 => digits.parse::<i16>().is_ok(),
        oid::INT4 => digits.parse::<i32>().is_ok(),
        _ => digits.parse::<i64>().is_ok(),
    }
}

/// Whether there are more digits before the point than the column has.
fn overflow(digits: &str, column: &Column) -> Diagnosed<()> {
    let Some(limits) = column.digits else {
        return Ok(());
    };
    let Digits { precision, scale } = limits;
    let unsigned = digits.trim_start_matches(['-', '+']);
    if !unsigned.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return Ok(());
    }
    let (whole, decimals) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let whole = whole.trim_start_matches('0');
    let room = precision.saturating_sub(scale) as usize;
    let kept = decimals.get(..scale as usize).unwrap_or(decimals);
    let next = decimals.as_bytes().get(scale as usize);
    let full = whole.len() == room
        && kept.len() == scale as usize
        && whole.bytes().chain(kept.bytes()).all(|digit| digit == b'9')
        && next.is_some_and(|digit| *digit >= b'5');
    if whole.len() <= room && !full {
        return Ok(());
    }
    Err(overflowing(limits))
}

/// Whether this is a number with decimals and an exponent, perhaps.
fn is_decimal(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, decimals) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let power = exponent.is_none_or(|power| {
        let power = power.strip_prefix(['-', '+']).unwrap_or(power);
        !power.is_empty() && digits(power)
    });
    power && digits(whole) && digits(decimals) && !(whole.is_empty() && decimals.is_empty())
}

fn is_special(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    ["nan", "inf", "infinity"]
        .iter()
        .any(|special| unsigned.eq_ignore_ascii_case(special))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_rounded_as_in_postgresql() {
        assert_eq!(rounded("2147483647.5").as_deref(), Some("2147483648"));
        assert_eq!(rounded("-0.5").as_deref(), Some("-1"));
        assert_eq!(rounded(".4").as_deref(), Some("0"));
        assert_eq!(rounded("1e3"), None);
        assert!(is_decimal("1.5e-3") && is_decimal(".5") && !is_decimal(".") && !is_decimal("1e"));
    }
}
