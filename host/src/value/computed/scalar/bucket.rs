//! `width_bucket`: in which of so many parts of a range a number is; 0 before it, and one more behind.

use std::cmp::Ordering;

use bigdecimal::{BigDecimal, RoundingMode, ToPrimitive, Zero};

use super::{Operands, Scalar};
use crate::value::order::Number;
use crate::value::{Kind, ValueError, decimal};

pub(super) const SCALARS: &[Scalar] = &[
    Scalar::new("width_bucket_float8", 4, |operands| of_floats(&operands)),
    Scalar::new("width_bucket_numeric", 4, |operands| of_numbers(&operands)),
];

fn of_floats(operands: &Operands<'_>) -> Result<String, ValueError> {
    let count = count(operands)?;
    let (number, low, high) = (
        operands.double(0)?,
        operands.double(1)?,
        operands.double(2)?,
    );
    if number.is_nan() || low.is_nan() || high.is_nan() {
        return Err(refused(
            "operand, lower bound, and upper bound cannot be NaN",
        ));
    }
    if low.is_infinite() || high.is_infinite() {
        return Err(refused("lower and upper bounds must be finite"));
    }
    // Halves, where the whole range is more than a float.
    let part = match (high - low).is_infinite() {
        false => (number - low) / (high - low),
        true => (number / 2.0 - low / 2.0) / (high / 2.0 - low / 2.0),
    };
    let order = |left: f64, right: f64| left.partial_cmp(&right).unwrap_or(Ordering::Equal);
    placed(
        count,
        order(low, high),
        order(number, low),
        order(number, high),
        || {
            let counted = part * count.to_f64().unwrap_or_default();
            counted.floor().to_i64()
        },
    )
}

fn of_numbers(operands: &Operands<'_>) -> Result<String, ValueError> {
    let count = count(operands)?;
    let read = |index: usize| match Number::read(operands.text(index))? {
        Number::Finite(number) => Ok(number),
        Number::NaN => Err(refused(
            "operand, lower bound, and upper bound cannot be NaN",
        )),
        _ if index == 0 => operands.decimal(0),
        _ => Err(refused("lower and upper bounds must be finite")),
    };
    let (number, low, high) = (read(0)?, read(1)?, read(2)?);
    placed(
        count,
        low.cmp(&high),
        number.cmp(&low),
        number.cmp(&high),
        || {
            let above = decimal::difference(&number, &low) * BigDecimal::from(count);
            let below = decimal::difference(&high, &low);
            let whole = match below.is_zero() {
                true => return None,
                false => decimal::quotient(&above, &below).ok()?,
            };
            whole.with_scale_round(0, RoundingMode::Floor).to_i64()
        },
    )
}

fn count(operands: &Operands<'_>) -> Result<i64, ValueError> {
    match operands.integer(3, Kind::Int4)? {
        count @ 1.. => Ok(count),
        _ => Err(refused("count must be greater than zero")),
    }
}

/// By where the bounds are to each other, and the number to each of them.
fn placed(
    count: i64,
    bounds: Ordering,
    to_low: Ordering,
    to_high: Ordering,
    inside: impl Fn() -> Option<i64>,
) -> Result<String, ValueError> {
    let number = match bounds {
        Ordering::Equal => return Err(refused("lower bound cannot equal upper bound")),
        before if to_low == before => 0,
        before if to_high != before => count + 1,
        // What is rounded up to the end is not behind it.
        _ => inside().unwrap_or_default().clamp(0, count - 1) + 1,
    };
    match Kind::Int4.range().contains(&number) {
        true => Ok(number.to_string()),
        false => Err(ValueError::range(Kind::Int4)),
    }
}

fn refused(message: &str) -> ValueError {
    ValueError::refused("2201G", message)
}
