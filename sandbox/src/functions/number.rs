//! Arithmetic: whole numbers stay integers, decimals exact text, doubles doubles.

use bigdecimal::{BigDecimal, Signed, Zero};

use super::{Args, Datum, Function, integer, numeric, strict, text};
use crate::decimal;
use crate::error::{Result, SqlError};

pub(super) const FUNCTIONS: &[Function] = &[
    strict("iris_num", |a| numeric(&a.decimal(0))),
    strict("iris_integer", |a| integer(a.integer(0))),
    strict("iris_double", |a| Ok(Datum::Real(a.real(0)))),
    strict("iris_count", |a| integer(a.integer(0).max(0))),
    strict("iris_negate", |a| numeric(&-a.decimal(0))),
    strict("iris_add", |a| numeric(&(a.decimal(0) + a.decimal(1)))),
    strict("iris_subtract", |a| numeric(&(a.decimal(0) - a.decimal(1)))),
    strict("iris_multiply", |a| {
        numeric(&decimal::at_most_36_digits(a.decimal(0) * a.decimal(1)))
    }),
    strict("iris_whole_add", |a| whole(a, i64::checked_add)),
    strict("iris_whole_subtract", |a| whole(a, i64::checked_sub)),
    strict("iris_divide", divide),
    strict("iris_integer_divide", |a| {
        let quotient = exact_quotient(a)?;
        like_first(a, decimal::truncate(&quotient, 0))
    }),
    strict("iris_modulo", modulo),
    strict("iris_abs", |a| like_first(a, a.decimal(0).abs())),
    strict("iris_ceiling", |a| like_first(a, ceiling(&a.decimal(0)))),
    strict("iris_floor", |a| like_first(a, -ceiling(&-a.decimal(0)))),
    strict("iris_sign", |a| {
        let number = a.decimal(0);
        integer(if number.is_zero() {
            0
        } else if number.is_negative() {
            -1
        } else {
            1
        })
    }),
    strict("iris_round", round),
    strict("iris_round_to", |a| {
        numeric(&decimal::round(&a.decimal(0), a.integer(1).clamp(0, 40)))
    }),
    strict("iris_truncate", |a| {
        like_first(a, decimal::truncate(&a.decimal(0), scale(a.integer(1))))
    }),
    strict("iris_square", |a| numeric(&(a.decimal(0) * a.decimal(0)))),
    strict("iris_power", power),
    strict("iris_sqrt", |a| {
        let root = a.decimal(0).sqrt().ok_or_else(|| illegal("SQRT"))?;
        numeric(&root.with_prec(19))
    }),
    strict("iris_math", math),
    strict("iris_atan2", |a| {
        Ok(Datum::Real(a.real(0).atan2(a.real(1))))
    }),
    strict("iris_pi", |_| Ok(Datum::Real(std::f64::consts::PI))),
    strict("iris_isnumeric", |a| {
        integer(i32::from(decimal::exact(&a.text(0)).is_some()))
    }),
    strict("iris_str", |a| {
        let scale = a.optional(2, Args::integer).unwrap_or(0);
        let number = decimal::canonical(&decimal::round(&a.decimal(0), scale.clamp(0, 40)));
        let width = usize::try_from(a.optional(1, Args::integer).unwrap_or(0))
            .unwrap_or(0)
            .min(1000);
        text(format!("{number:>width$}"))
    }),
];

/// BIGINT stays BIGINT, or it is an error.
fn whole(a: &Args<'_>, operation: fn(i64, i64) -> Option<i64>) -> Result<Datum> {
    match operation(a.integer(0), a.integer(1)) {
        Some(result) => Ok(Datum::Integer(result)),
        None => Err(SqlError::new(-400, "<MAXNUMBER> BIGINT overflow")),
    }
}

fn illegal(function: &str) -> SqlError {
    SqlError::new(-400, format!("<ILLEGAL VALUE> in {function}"))
}

fn divide(a: &Args<'_>) -> Result<Datum> {
    if a.is_real(0) || a.is_real(1) {
        if a.real(1) == 0.0 {
            return Err(SqlError::new(-400, "<DIVIDE>"));
        }
        return Ok(Datum::Real(a.real(0) / a.real(1)));
    }
    numeric(&exact_quotient(a)?)
}

fn exact_quotient(a: &Args<'_>) -> Result<BigDecimal> {
    decimal::quotient(&a.decimal(0), &a.decimal(1)).ok_or_else(|| SqlError::new(-400, "<DIVIDE>"))
}

/// Sign of the dividend, as MOD has it.
fn modulo(a: &Args<'_>) -> Result<Datum> {
    if a.is_integer(0) && a.is_integer(1) && a.integer(1) != 0 {
        return integer(a.integer(0).wrapping_rem(a.integer(1)));
    }
    let (dividend, divisor) = (a.decimal(0), a.decimal(1));
    if divisor.is_zero() {
        return Err(SqlError::new(-400, "<DIVIDE>"));
    }
    like_first(a, dividend % divisor)
}

/// The result in the representation of the first argument.
fn like_first(a: &Args<'_>, number: BigDecimal) -> Result<Datum> {
    if a.is_real(0) {
        return Ok(Datum::Real(decimal::to_f64(&number)));
    }
    if a.is_integer(0) && number.is_integer() {
        return integer(decimal::to_i64(&number));
    }
    numeric(&number)
}

fn ceiling(number: &BigDecimal) -> BigDecimal {
    let whole = decimal::truncate(number, 0);
    if whole < *number { whole + 1 } else { whole }
}

fn scale(scale: i64) -> i64 {
    scale.clamp(-40, 40)
}

/// `ROUND(x, scale[, flag])`; a flag other than 0 cuts.
fn round(a: &Args<'_>) -> Result<Datum> {
    let scale = scale(a.integer(1));
    let cut = a.optional(2, Args::integer).is_some_and(|flag| flag != 0);
    let number = a.decimal(0);
    like_first(
        a,
        if cut {
            decimal::truncate(&number, scale)
        } else {
            decimal::round(&number, scale)
        },
    )
}

fn power(a: &Args<'_>) -> Result<Datum> {
    let (base, exponent) = (a.decimal(0), a.decimal(1));
    if exponent.is_integer() && (0..=64).contains(&decimal::to_i64(&exponent)) {
        let mut product = BigDecimal::from(1);
        for _ in 0..decimal::to_i64(&exponent) {
            product = (product * &base).with_prec(40);
        }
        return numeric(&product);
    }
    let result = a.real(0).powf(a.real(1));
    if result.is_finite() {
        numeric(&decimal::from_f64(result))
    } else {
        Err(illegal("POWER"))
    }
}

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
    if result.is_finite() {
        Ok(Datum::Real(result))
    } else {
        Err(illegal(&name))
    }
}
