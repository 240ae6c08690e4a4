//! Operators on strings that may be numbers.

use bigdecimal::{BigDecimal, Signed, ToPrimitive, Zero};

use super::fault;
use crate::decimal;
use crate::error::Result;

/// Most digits that a power may have; far beyond what IRIS keeps exactly.
const LONGEST_POWER: u64 = 400;

/// The number that a string counts as.
pub(super) fn number(text: &str) -> BigDecimal {
    decimal::leading(text)
}

/// Is it true, that is, not zero?
pub(super) fn truth(text: &str) -> bool {
    !number(text).is_zero()
}

fn shown(number: &BigDecimal) -> String {
    decimal::canonical(number)
}

fn flag(yes: bool) -> String {
    u8::from(yes).to_string()
}

pub(super) fn unary(op: &str, operand: &str) -> String {
    match op {
        "-" => shown(&-number(operand)),
        "+" => shown(&number(operand)),
        _ => flag(!truth(operand)),
    }
}

pub(super) fn binary(op: &str, left: &str, right: &str) -> Result<String> {
    if let Some(plain) = op.strip_prefix('\'') {
        return Ok(flag(!truth(&binary(plain, left, right)?)));
    }
    Ok(match op {
        "_" => concatenated(left, right)?,
        "=" => flag(left == right),
        "[" => flag(left.contains(right)),
        "]" => flag(left > right),
        "&" | "&&" => flag(truth(left) && truth(right)),
        "!" | "||" => flag(truth(left) || truth(right)),
        "<" => flag(number(left) < number(right)),
        ">" => flag(number(left) > number(right)),
        "<=" => flag(number(left) <= number(right)),
        ">=" => flag(number(left) >= number(right)),
        _ => shown(&arithmetic(op, &number(left), &number(right))?),
    })
}

fn concatenated(left: &str, right: &str) -> Result<String> {
    if left.len().saturating_add(right.len()) > super::function::LONGEST {
        return Err(fault("<MAXSTRING>"));
    }
    Ok(format!("{left}{right}"))
}

fn arithmetic(op: &str, a: &BigDecimal, b: &BigDecimal) -> Result<BigDecimal> {
    let quotient = || decimal::quotient(a, b).ok_or_else(|| fault("<DIVIDE>"));
    Ok(match op {
        "+" => a + b,
        "-" => a - b,
        "*" => (a * b).with_prec(40),
        "/" => quotient()?,
        "\\" => decimal::truncate(&quotient()?, 0),
        "#" => {
            let quotient = quotient()?;
            let mut floor = decimal::truncate(&quotient, 0);
            if quotient.is_negative() && floor != quotient {
                floor -= BigDecimal::from(1);
            }
            a - b * floor
        }
        "**" => power(a, b)?,
        _ => return Err(super::unknown(op)),
    })
}

fn power(base: &BigDecimal, exponent: &BigDecimal) -> Result<BigDecimal> {
    let whole = exponent.is_integer().then(|| exponent.to_i64()).flatten();
    if let Some(times @ 0..=1000) = whole {
        let digits = base.digits().saturating_mul(times.unsigned_abs());
        if digits <= LONGEST_POWER {
            return Ok((0..times).fold(BigDecimal::from(1), |product, _| product * base));
        }
    }
    let power = decimal::to_f64(base).powf(decimal::to_f64(exponent));
    if power.is_finite() {
        Ok(decimal::from_f64(power))
    } else {
        Err(fault("<ILLEGAL VALUE>"))
    }
}
