//! Roots, powers and logarithms of what has none: PostgreSQL's errors, where IRIS has one for
//! all (SQLCODE -400).
//!
//! `src/backend/utils/adt/numeric.c` and `float.c`.

use sqlparser::ast::helpers::attached_token::AttachedToken;
use sqlparser::ast::{BinaryOperator, CaseWhen, Expr, UnaryOperator};

use super::Call;
use super::call::operation;
use crate::build;
use crate::diagnostic::Diagnosed;
use crate::raise;
use crate::types::oid;

/// A condition, and the error if it is true.
type Failure = (Expr, Expr);

/// `value` unless one of these is true.
fn unless(failures: Vec<Failure>, value: Expr) -> Expr {
    match failures.is_empty() {
        true => value,
        false => build::case(failures, Some(value)),
    }
}

/// A comparison of an argument with a number.
fn compared(
    call: &mut Call<'_, '_, '_>,
    index: usize,
    op: BinaryOperator,
    bound: &str,
) -> Diagnosed<Expr> {
    let bound = match bound.strip_prefix('-') {
        Some(unsigned) => Expr::UnaryOp {
            op: UnaryOperator::Minus,
            expr: Box::new(build::number(unsigned)),
        },
        None => build::number(bound),
    };
    let argument = build::nested(call.copy(index)?);
    Ok(build::binary(argument, op, bound))
}

/// The number that an argument is written as.
fn literal(call: &Call<'_, '_, '_>, index: usize) -> Option<f64> {
    number(call.args.get(index)?)
}

fn number(expression: &Expr) -> Option<f64> {
    build::number_in(expression)?.parse().ok()
}

fn is_never_negative(expression: &Expr) -> bool {
    match build::unnested(expression) {
        Expr::Function(function) => matches!(
            build::function_name(function).as_deref(),
            // The product of a vector with itself.
            Some("abs" | "count" | "length" | "vector_dot_product")
        ),
        _ => false,
    }
}

fn is_double(call: &Call<'_, '_, '_>, index: usize) -> bool {
    matches!(
        call.type_of(index),
        Some(oid::INT2 | oid::INT4 | oid::INT8 | oid::FLOAT4 | oid::FLOAT8)
    )
}

/// `value`, the root of the first argument.
pub(super) fn root(
    call: &mut Call<'_, '_, '_>,
    value: fn(&mut Call<'_, '_, '_>) -> Expr,
) -> Diagnosed<Expr> {
    let mut failures = Vec::new();
    let never = call.args.first().is_some_and(is_never_negative);
    if !never && literal(call, 0).is_none_or(|number| number < 0.0) {
        let failure = raise::plain("2201F", "cannot take square root of a negative number");
        failures.push((compared(call, 0, BinaryOperator::Lt, "0")?, failure));
    }
    let value = value(call);
    Ok(unless(failures, value))
}

/// `value`, a logarithm of the argument of that number.
pub(super) fn logarithm(call: &mut Call<'_, '_, '_>, index: usize, value: Expr) -> Diagnosed<Expr> {
    if literal(call, index).is_some_and(|number| number > 0.0) {
        return Ok(value);
    }
    let sign = build::call("SIGN", vec![call.copy(index)?]);
    let when = |sign: &str, message: &str| CaseWhen {
        condition: match sign {
            "0" => build::number(0),
            _ => Expr::UnaryOp {
                op: UnaryOperator::Minus,
                expr: Box::new(build::number(1)),
            },
        },
        result: raise::plain("2201E", message),
    };
    Ok(Expr::Case {
        case_token: AttachedToken::empty(),
        end_token: AttachedToken::empty(),
        operand: Some(Box::new(sign)),
        conditions: vec![
            when("0", "cannot take logarithm of zero"),
            when("-1", "cannot take logarithm of a negative number"),
        ],
        else_result: Some(Box::new(value)),
    })
}

/// `value`, a quotient of two logarithms, which is none for the base 1.
pub(super) fn quotient(call: &mut Call<'_, '_, '_>, value: Expr) -> Diagnosed<Expr> {
    let mut failures = Vec::new();
    if literal(call, 0).is_none_or(|base| base == 1.0) {
        let failure = raise::plain("22012", "division by zero");
        failures.push((compared(call, 0, BinaryOperator::Eq, "1")?, failure));
    }
    let quotient = logarithm(call, 1, unless(failures, value))?;
    logarithm(call, 0, quotient)
}

/// What is no power of the arguments.
pub(super) fn power(call: &mut Call<'_, '_, '_>) -> Diagnosed<Vec<Failure>> {
    let (base, exponent) = (literal(call, 0), literal(call, 1));
    let is_whole = matches!(call.type_of(1), Some(oid::INT2 | oid::INT4 | oid::INT8))
        || exponent.is_some_and(|exponent| exponent.fract() == 0.0);
    let both = |left, right| build::binary(left, BinaryOperator::And, right);
    let mut failures = Vec::new();
    if base.is_none_or(|base| base == 0.0) && exponent.is_none_or(|exponent| exponent < 0.0) {
        let is_zero = compared(call, 0, BinaryOperator::Eq, "0")?;
        let condition = match exponent {
            Some(_) => is_zero,
            None => both(is_zero, compared(call, 1, BinaryOperator::Lt, "0")?),
        };
        let message = "zero raised to a negative power is undefined";
        failures.push((condition, raise::plain("2201F", message)));
    }
    if !is_whole && base.is_none_or(|base| base < 0.0) {
        let is_negative = compared(call, 0, BinaryOperator::Lt, "0")?;
        let condition = match exponent {
            Some(_) => is_negative,
            None => {
                let floor = build::call("FLOOR", vec![call.copy(1)?]);
                let exponent = call.copy(1)?;
                both(
                    is_negative,
                    operation(exponent, BinaryOperator::NotEq, floor),
                )
            }
        };
        let message = "a negative number raised to a non-integer power yields a complex result";
        failures.push((condition, raise::plain("2201F", message)));
    }
    Ok(failures)
}

/// The power unless it is none.
pub(super) fn powered(failures: Vec<Failure>, value: Expr) -> Expr {
    unless(failures, value)
}

/// `value`, the exponential of the first argument. A `double precision` has a greatest and a
/// least; of a `numeric` PostgreSQL shows seventeen digits and more, and IRIS has eighteen behind the
/// point and nineteen in all.
pub(super) fn exponential(
    call: &mut Call<'_, '_, '_>,
    value: fn(&mut Call<'_, '_, '_>) -> Expr,
) -> Diagnosed<Expr> {
    let too_long = "the exponential of a numeric that is so great or so small is not supported";
    let (bounds, states) = match call.type_of(0) {
        Some(oid::NUMERIC) => (["-6.9", "39"], [("0A000", too_long), ("0A000", too_long)]),
        Some(_) if is_double(call, 0) => (
            ["-745.1", "709.78"],
            [
                ("22003", "value out of range: underflow"),
                ("22003", "value out of range: overflow"),
            ],
        ),
        _ => return Ok(value(call)),
    };
    let number = literal(call, 0);
    let mut failures = Vec::new();
    let sides = [BinaryOperator::Lt, BinaryOperator::Gt];
    for ((bound, op), (state, message)) in bounds.into_iter().zip(sides).zip(states) {
        let limit: f64 = bound.parse().unwrap_or_default();
        let is_beyond = number.is_none_or(|number| match op {
            BinaryOperator::Lt => number < limit,
            _ => number > limit,
        });
        if is_beyond {
            let condition = compared(call, 0, op, bound)?;
            failures.push((condition, raise::plain(state, message)));
        }
    }
    let value = value(call);
    Ok(unless(failures, value))
}

/// `value`, the angle of a sine or cosine.
pub(super) fn arc(
    call: &mut Call<'_, '_, '_>,
    value: fn(&mut Call<'_, '_, '_>) -> Expr,
) -> Diagnosed<Expr> {
    let mut failures = Vec::new();
    if literal(call, 0).is_none_or(|number| number.abs() > 1.0) {
        let size = build::call("ABS", vec![call.copy(0)?]);
        let condition = build::binary(size, BinaryOperator::Gt, build::number(1));
        failures.push((condition, raise::plain("22003", "input is out of range")));
    }
    let value = value(call);
    Ok(unless(failures, value))
}

/// `value`, a cotangent, which PostgreSQL has for 0, too.
pub(super) fn cotangent(
    call: &mut Call<'_, '_, '_>,
    value: fn(&mut Call<'_, '_, '_>) -> Expr,
) -> Diagnosed<Expr> {
    let mut failures = Vec::new();
    if literal(call, 0).is_none_or(|number| number == 0.0) {
        let failure = raise::plain("0A000", "the cotangent of 0, infinity, is not supported");
        failures.push((compared(call, 0, BinaryOperator::Eq, "0")?, failure));
    }
    let value = value(call);
    Ok(unless(failures, value))
}
