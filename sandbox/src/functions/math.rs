//! Powers, roots, logarithms, angles. What is no DOUBLE comes out as a decimal of 18 digits of fraction.

use bigdecimal::{BigDecimal, Signed, Zero};

use super::{Args, Datum, Function, numeric, strict, text};
use crate::decimal;
use crate::error::{Result, SqlError};

/// Most digits of fraction of these functions' results.
const SCALE: i64 = 18;

pub(super) const FUNCTIONS: &[Function] = &[
    strict("iris_square", |a| {
        if a.is_real(0) {
            return checked(a.real(0) * a.real(0), "SQUARE").map(Datum::Real);
        }
        numeric(&(a.decimal(0) * a.decimal(0)))
    }),
    strict("iris_power", power),
    strict("iris_sqrt", |a| {
        if a.is_real(0) {
            return checked(a.real(0).sqrt(), "SQRT").map(Datum::Real);
        }
        let root = a.decimal(0).sqrt().ok_or_else(|| illegal("SQRT"))?;
        numeric(&decimal::round(&root.with_prec(19), SCALE))
    }),
    strict("iris_math", math),
    strict("iris_atan2", |a| {
        let angle = a.real(0).atan2(a.real(1));
        if a.is_real(0) {
            return Ok(Datum::Real(angle));
        }
        rounded(angle)
    }),
    strict("iris_pi", |_| text("3.141592653589793238")),
];

fn illegal(function: &str) -> SqlError {
    SqlError::new(-400, format!("<ILLEGAL VALUE> in {function}"))
}

fn checked(result: f64, function: &str) -> Result<f64> {
    if result.is_finite() {
        Ok(result)
    } else {
        Err(illegal(function))
    }
}

fn rounded(result: f64) -> Result<Datum> {
    numeric(&decimal::round(&decimal::from_f64(result), SCALE))
}

fn power(a: &Args<'_>) -> Result<Datum> {
    let (base, exponent) = (a.decimal(0), a.decimal(1));
    if base.is_zero() && exponent.is_negative() {
        return Err(illegal("POWER"));
    }
    if a.is_real(0) {
        return checked(a.real(0).powf(a.real(1)), "POWER").map(Datum::Real);
    }
    if exponent.is_integer() && (0..=64).contains(&decimal::to_i64(&exponent)) {
        let mut product = BigDecimal::from(1);
        for _ in 0..decimal::to_i64(&exponent) {
            product = (product * &base).with_prec(40);
        }
        return numeric(&decimal::round(&product, SCALE));
    }
    let result = checked(a.real(0).powf(a.real(1)), "POWER")?;
    numeric(&decimal::round(&decimal::from_f64(result), SCALE))
}

/// `iris_math(function, x)`
fn math(a: &Args<'_>) -> Result<Datum> {
    let (name, x) = (a.text(0), a.real(1));
    let result = match name.as_str() {
        "ACOS" => x.acos(),
        "ASIN" => x.asin(),
        "ATAN" => x.atan(),
        "COS" => x.cos(),
        "COT" => 1.0 / x.tan(),
        "EXP" => x.exp(),
        "LOG" => x.ln(),
        "LOG10" => x.log10(),
        "SIN" => x.sin(),
        "TAN" => x.tan(),
        "DEGREES" => x.to_degrees(),
        _ => x.to_radians(),
    };
    let result = checked(result, &name)?;
    if a.is_real(1) {
        return Ok(Datum::Real(result));
    }
    numeric(&decimal::round(&decimal::from_f64(result), SCALE))
}
