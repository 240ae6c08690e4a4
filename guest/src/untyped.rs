//! Literals that take their type from what is around them.
//!
//! PostgreSQL manual, "Type Conversion": a string literal has no type of its own; the input
//! function of the one that it gets reads it, or fails.

use sqlparser::ast::{DataType, Expr, TimezoneInfo};

use crate::build;
use crate::casts::{bound_bytes, number_as_text, syntax_error, truth_of, uuid, whole_number};
use crate::diagnostic::Diagnosed;
use crate::moment_text::{self, Order};
use crate::types::{oid, words};
use crate::wit::{Diagnostic, Oid};

/// What a literal is as a value of this type; none if IRIS reads it so as it stands.
///
/// # Errors
/// The type has no such value, or IRIS has none.
pub(crate) fn settled(text: &str, target: Oid, order: Order) -> Diagnosed<Option<Expr>> {
    match target {
        oid::INT2 | oid::INT4 | oid::INT8 => {
            let digits = whole_number(text, target)?.to_string();
            Ok((digits != text).then(|| signed(&digits)))
        }
        oid::NUMERIC | oid::FLOAT4 | oid::FLOAT8 => {
            let digits = number_as_text(text).ok_or_else(|| no_number(text, target))?;
            Ok((digits != text && trimmed(&digits) != text).then(|| signed(&digits)))
        }
        oid::BOOL => {
            let truth = truth_of(text).ok_or_else(|| syntax_error(text, target))?;
            Ok(Some(build::number(u8::from(truth))))
        }
        oid::UUID => {
            let canonical = uuid(text).ok_or_else(|| syntax_error(text, target))?;
            Ok((canonical != text).then(|| build::string(&canonical)))
        }
        oid::BYTEA => bound_bytes(text).map(Some),
        oid::DATE | oid::TIME | oid::TIMESTAMP | oid::TIMESTAMPTZ => {
            let canonical = moment_text::canonical(text, target, order)?;
            Ok((!is_plain(text, &canonical)).then(|| build::string(&canonical)))
        }
        _ => Ok(None),
    }
}

/// The same beside a column, or in one: IRIS's timestamps may be PostgreSQL's with a time
/// zone, and whoever writes an offset means that moment.
///
/// # Errors
/// As of [`settled`].
pub(crate) fn in_column(text: &str, target: Oid, order: Order) -> Diagnosed<Option<Expr>> {
    if target != oid::TIMESTAMP {
        return settled(text, target, order);
    }
    moment_text::canonical(text, target, order)?;
    settled(text, oid::TIMESTAMPTZ, order)
}

/// The same beside another expression.
///
/// # Errors
/// As of [`settled`].
pub(crate) fn beside(
    other: &Expr,
    text: &str,
    target: Oid,
    order: Order,
) -> Diagnosed<Option<Expr>> {
    match build::unnested(other) {
        Expr::Cast { .. } | Expr::TypedString(_) => settled(text, target, order),
        _ => in_column(text, target, order),
    }
}

/// The literal as a date, a moment or an interval that is computed with.
pub(crate) fn cast(text: &str, target: Oid) -> Expr {
    build::cast(build::string(text), moment_type(target))
}

/// A date, a moment or an interval as it is written in a cast.
pub(crate) fn moment_type(target: Oid) -> DataType {
    match target {
        oid::DATE => DataType::Date,
        oid::INTERVAL => DataType::Interval {
            fields: None,
            precision: None,
        },
        oid::TIMESTAMPTZ => DataType::Timestamp(None, TimezoneInfo::WithTimeZone),
        _ => DataType::Timestamp(None, TimezoneInfo::None),
    }
}

/// A number that the literal is, also if IRIS would read it.
pub(crate) fn number(text: &str, target: Oid) -> Diagnosed<Expr> {
    Ok(match settled(text, target, Order::Unsaid)? {
        Some(number) => number,
        None => signed(text),
    })
}

/// Whether the literal is in the form that both read: with zeros at the end, or without
/// the midnight that it means.
fn is_plain(text: &str, canonical: &str) -> bool {
    let bare = match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.'),
        false => text,
    };
    bare == canonical
        || canonical
            .strip_prefix(bare)
            .is_some_and(|rest| matches!(rest, " 00:00:00" | ":00"))
}

/// Without zeros at its end.
fn trimmed(digits: &str) -> &str {
    match digits.contains('.') {
        true => digits.trim_end_matches('0').trim_end_matches('.'),
        false => digits,
    }
}

fn signed(digits: &str) -> Expr {
    match digits.strip_prefix('-') {
        Some(unsigned) => build::nested(Expr::UnaryOp {
            op: sqlparser::ast::UnaryOperator::Minus,
            expr: Box::new(build::number(unsigned)),
        }),
        None => build::number(digits),
    }
}

fn no_number(text: &str, target: Oid) -> Diagnostic {
    let unsigned = text.trim().trim_start_matches(['-', '+']);
    let is_special = ["nan", "inf", "infinity"]
        .iter()
        .any(|special| unsigned.eq_ignore_ascii_case(special));
    if is_special || unsigned.parse::<f64>().is_ok() {
        return Diagnostic::not_supported(
            format!("{} value \"{text}\" is not supported", words(target)),
            "IRIS has finite numbers of limited length only",
        );
    }
    syntax_error(text, target)
}
