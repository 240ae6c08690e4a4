//! Casts to numbers: rounded as PostgreSQL rounds, and never out of range.

use sqlparser::ast::{BinaryOperator, DataType, ExactNumberInfo, Expr, UnaryOperator};

use super::{Operand, is_integer};
use crate::build;
use crate::diagnostic::Diagnosed;
use crate::functions::braced;
use crate::raise;
use crate::types::{self, Digits, oid};
use crate::typing::digits;
use crate::wit::{Diagnostic, Oid};

/// The most decimals of an IRIS number.
const MOST_DECIMALS: u32 = 18;

/// What PostgreSQL takes for a whole number, blanks aside.
const WHOLE: &str = ".1(1\"+\",1\"-\")1.N";

pub(super) fn integer(operand: &mut Operand<'_>, target: Oid) -> Diagnosed<Option<Expr>> {
    let Some(from) = operand.oid else {
        return Ok(None);
    };
    let result = data_type(target);
    let mut failures = Vec::new();
    let whole = match from {
        _ if operand.is_text() => {
            let text = operand.trimmed()?;
            failures.push((not_like(text, WHOLE), no_number(operand, target)?));
            let number = build::cast(operand.argument()?, wide(0));
            failures.push((
                outside(number, target),
                raise::about(
                    "22003",
                    "value \"",
                    operand.copy()?,
                    &format!("\" is out of range for type {}", types::words(target)),
                ),
            ));
            operand.argument()?
        }
        oid::NUMERIC => {
            if !fits(operand.digits, target) {
                let rounded = rounded(operand.argument()?);
                failures.push((outside(rounded, target), out_of_range(target)));
            }
            rounded(operand.argument()?)
        }
        oid::FLOAT4 | oid::FLOAT8 => {
            failures.push((
                outside(rounded(operand.argument()?), target),
                out_of_range(target),
            ));
            half_to_even(operand)?
        }
        integer if is_integer(integer) => {
            if digits::of_integer(integer).map(|d| d.precision)
                > digits::of_integer(target).map(|d| d.precision)
            {
                let value = build::nested(operand.copy()?);
                failures.push((outside(value, target), out_of_range(target)));
            }
            operand.argument()?
        }
        _ => return Ok(None),
    };
    Ok(Some(guarded(failures, build::cast(whole, result))))
}

/// `numeric`, or `numeric(p, s)`.
pub(super) fn numeric(operand: &mut Operand<'_>, written: &DataType) -> Diagnosed<Option<Expr>> {
    let Some(from) = operand.oid else {
        return Ok(None);
    };
    let limits = digits::of_type(written);
    if limits.is_none() && has_limits(written) || limits.is_some_and(|l| l.scale > MOST_DECIMALS) {
        return Err(Diagnostic::not_supported(
            format!(
                "cast to type {} is not supported",
                written.to_string().to_lowercase()
            ),
            "IRIS keeps at most 18 decimals, and no negative scale",
        ));
    }
    let mut failures = Vec::new();
    if operand.is_text() {
        failures.push(not_numeric(operand, oid::NUMERIC)?);
    }
    let Some(limits) = limits else {
        let scaled = match from {
            oid::NUMERIC => return Ok(Some(unlimited(operand))),
            integer if is_integer(integer) => {
                let precision = digits::of_integer(integer).map_or(19, |d| d.precision);
                numeric_type(precision, 0)
            }
            oid::FLOAT4 | oid::FLOAT8 => DataType::Numeric(ExactNumberInfo::None),
            _ => wide(MOST_DECIMALS),
        };
        return Ok(Some(guarded(
            failures,
            build::cast(operand.argument()?, scaled),
        )));
    };
    if !narrower(operand.digits, limits) && limits.whole() <= 18 {
        let most = 10_u64.pow(limits.whole());
        let rounded = braced(
            "ROUND",
            vec![operand.argument()?, build::number(limits.scale)],
        );
        let large = build::binary(
            build::call("ABS", vec![rounded]),
            BinaryOperator::GtEq,
            build::number(most),
        );
        failures.push((large, raise::plain("22003", "numeric field overflow")));
    }
    let result = numeric_type(limits.precision, limits.scale);
    Ok(Some(guarded(
        failures,
        build::cast(operand.argument()?, result),
    )))
}

/// A `numeric` is what it was; a literal shows its decimals.
fn unlimited(operand: &mut Operand<'_>) -> Expr {
    let value = build::take(&mut operand.expr);
    let literal = match build::unnested(&value) {
        Expr::UnaryOp { expr, .. } => matches!(build::unnested(expr), Expr::Value(_)),
        other => matches!(other, Expr::Value(_)),
    };
    match operand.digits {
        Some(digits) if literal && digits.scale <= MOST_DECIMALS => {
            let precision = digits.precision.max(digits.scale).max(1);
            build::cast(value, numeric_type(precision, digits.scale))
        }
        _ => build::nested(value),
    }
}

pub(super) fn double(operand: &mut Operand<'_>, target: Oid) -> Diagnosed<Option<Expr>> {
    if !operand.is_text() {
        return Ok(None);
    }
    let failures = vec![not_numeric(operand, target)?];
    let double = build::cast(operand.argument()?, DataType::Double(ExactNumberInfo::None));
    Ok(Some(guarded(failures, double)))
}

/// The value, unless one of these conditions holds.
fn guarded(failures: Vec<(Expr, Expr)>, value: Expr) -> Expr {
    if failures.is_empty() {
        value
    } else {
        build::case(failures, Some(value))
    }
}

/// What is no number, and the error that it is.
fn not_numeric(operand: &mut Operand<'_>, target: Oid) -> Diagnosed<(Expr, Expr)> {
    let test = build::call("ISNUMERIC", vec![operand.trimmed()?]);
    let failed = build::binary(test, BinaryOperator::Eq, build::number(0));
    Ok((failed, no_number(operand, target)?))
}

fn no_number(operand: &mut Operand<'_>, target: Oid) -> Diagnosed<Expr> {
    Ok(raise::about(
        "22P02",
        &format!("invalid input syntax for type {}: \"", types::words(target)),
        operand.copy()?,
        "\"",
    ))
}

fn out_of_range(target: Oid) -> Expr {
    raise::plain("22003", &format!("{} out of range", types::words(target)))
}

/// `NOT (value %PATTERN 'pattern')`
pub(super) fn not_like(value: Expr, pattern: &str) -> Expr {
    build::not(build::binary(
        value,
        BinaryOperator::Custom("%PATTERN".to_owned()),
        build::string(pattern),
    ))
}

fn rounded(value: Expr) -> Expr {
    braced("ROUND", vec![value, build::number(0)])
}

/// `rint`: IRIS rounds every half away from zero.
fn half_to_even(operand: &mut Operand<'_>) -> Diagnosed<Expr> {
    let cut = braced("TRUNCATE", vec![operand.argument()?, build::number(0)]);
    let fraction = build::binary(build::nested(operand.copy()?), BinaryOperator::Minus, cut);
    let is_half = build::binary(
        build::call("ABS", vec![fraction]),
        BinaryOperator::Eq,
        build::number("0.5"),
    );
    let half = build::binary(
        build::nested(operand.copy()?),
        BinaryOperator::Divide,
        build::number(2),
    );
    let even = build::binary(build::number(2), BinaryOperator::Multiply, rounded(half));
    Ok(build::case(
        vec![(is_half, even)],
        Some(rounded(operand.argument()?)),
    ))
}

/// Whether a whole number is not one of the type's.
fn outside(value: Expr, target: Oid) -> Expr {
    let (low, high): (u64, u64) = match target {
        oid::INT2 => (32_768, 32_767),
        oid::INT4 => (2_147_483_648, 2_147_483_647),
        _ => (9_223_372_036_854_775_808, 9_223_372_036_854_775_807),
    };
    Expr::Between {
        expr: Box::new(value),
        negated: true,
        low: Box::new(Expr::UnaryOp {
            op: UnaryOperator::Minus,
            expr: Box::new(build::number(low)),
        }),
        high: Box::new(build::number(high)),
    }
}

/// Whether a rounded number has fewer digits than the type's largest.
fn fits(digits: Option<Digits>, target: Oid) -> bool {
    digits
        .zip(digits::of_integer(target))
        .is_some_and(|(digits, target)| digits.whole() + 1 < target.precision)
}

/// Whether no value of these digits overflows the others.
fn narrower(digits: Option<Digits>, limits: Digits) -> bool {
    digits.is_some_and(|digits| {
        digits.whole() < limits.whole()
            || digits.whole() == limits.whole() && digits.scale <= limits.scale
    })
}

pub(super) fn has_limits(written: &DataType) -> bool {
    matches!(
        written,
        DataType::Numeric(info) | DataType::Decimal(info) | DataType::Dec(info)
            if *info != ExactNumberInfo::None
    )
}

fn numeric_type(precision: u32, scale: u32) -> DataType {
    DataType::Numeric(ExactNumberInfo::PrecisionAndScale(
        u64::from(precision),
        i64::from(scale),
    ))
}

/// As many digits as IRIS has.
fn wide(scale: u32) -> DataType {
    numeric_type(36, scale)
}

fn data_type(oid: Oid) -> DataType {
    match oid {
        oid::INT2 => DataType::SmallInt(None),
        oid::INT4 => DataType::Integer(None),
        _ => DataType::BigInt(None),
    }
}
