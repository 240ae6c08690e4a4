//! Powers, roots, logarithms, angles. What is no DOUBLE comes out as a decimal of 18 digits of fraction.

use bigdecimal::{BigDecimal, Signed, Zero};

use super::{Args, Datum, Function, numeric, strict, text};
use crate::decimal;
use crate::error::{Result, SqlError};

/// Most digits of fraction of these functions' results.
const SCALE: i64 = 18;

/// More than ObjectScript's decimals have, to compute with.
const DIGITS: u64 = 40;

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
    } else if result.is_infinite() && matches!(function, "EXP" | "POWER" | "SQUARE") {
        Err(SqlError::new(-400, format!("<MAXNUMBER> in {function}")))
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
    let whole = decimal::to_i64(&exponent);
    if exponent.is_integer() && (-64..=64).contains(&whole) {
        let mut product = BigDecimal::from(1);
        for _ in 0..whole.abs() {
            product = (product * &base).with_prec(DIGITS);
        }
        if whole < 0 {
            product = product.inverse().with_prec(DIGITS);
        }
        return numeric(&decimal::round(&product, SCALE));
    }
    checked(a.real(0).powf(a.real(1)), "POWER")?;
    if base.is_zero() {
        return numeric(&base);
    }
    let logarithm = natural_logarithm(&base, "POWER")?;
    exact(&exponential(&(logarithm * exponent), "POWER")?)
}

/// With the nineteen digits that ObjectScript's decimals have.
fn exact(result: &BigDecimal) -> Result<Datum> {
    numeric(&decimal::round(&result.with_prec(19), SCALE))
}

/// ObjectScript, `$ZEXP`: more than 335.6 is too much, and below -295.4 it is 0.
fn exponential(x: &BigDecimal, function: &str) -> Result<BigDecimal> {
    let approximate = decimal::to_f64(x);
    if approximate > 335.6 {
        return Err(SqlError::new(-400, format!("<MAXNUMBER> in {function}")));
    }
    if approximate < -295.4 {
        return Ok(BigDecimal::zero());
    }
    Ok(x.exp().with_prec(DIGITS))
}

/// By Halley's method, from what a double has of it.
fn natural_logarithm(x: &BigDecimal, function: &str) -> Result<BigDecimal> {
    let start = checked(decimal::to_f64(x).ln(), function)?;
    let start = decimal::from_f64(start);
    let power = start.exp();
    let step = (x - &power).with_prec(DIGITS) / (x + &power).with_prec(DIGITS);
    Ok((start + step * BigDecimal::from(2)).with_prec(DIGITS))
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
    if name == "EXP" && !a.is_real(1) {
        return exact(&exponential(&a.decimal(1), &name)?);
    }
    let result = checked(result, &name)?;
    if a.is_real(1) {
        return Ok(Datum::Real(result));
    }
    if matches!(name.as_str(), "LOG" | "LOG10") {
        let natural = natural_logarithm(&a.decimal(1), &name)?;
        return exact(&match name.as_str() {
            "LOG" => natural,
            _ => natural / natural_logarithm(&BigDecimal::from(10), &name)?,
        });
    }
    numeric(&decimal::round(&decimal::from_f64(result), SCALE))
}
