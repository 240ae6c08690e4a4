//! Arithmetic: whole numbers stay integers, decimals exact text, doubles doubles.

use bigdecimal::{BigDecimal, Signed, Zero};

use rusqlite::types::ValueRef;

use super::{Args, Datum, Function, integer, numeric, strict};
use crate::decimal;
use crate::error::{Result, SqlError};

pub(super) const FUNCTIONS: &[Function] = &[
    strict("iris_num", |a| numeric(&a.decimal(0))),
    strict("iris_integer", |a| match a.raw(0) {
        ValueRef::Integer(number) => Ok(Datum::Integer(number)),
        _ => match decimal::whole(&a.decimal(0)) {
            Some(whole) => Ok(Datum::Integer(whole)),
            None => Err(SqlError::new(-400, "<MAXNUMBER>")),
        },
    }),
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
    strict("iris_mod", |a| {
        if a.is_real(0) && a.real(1) != 0.0 {
            return Ok(Datum::Real(a.real(0) % a.real(1)));
        }
        let divisor = nonzero(a.decimal(1))?;
        numeric(&(a.decimal(0) % divisor))
    }),
    strict("iris_abs", |a| like_first(a, a.decimal(0).abs())),
    strict("iris_ceiling", |a| {
        if no_number(a) {
            return Ok(Datum::Null);
        }
        like_first(a, ceiling(&a.decimal(0)))
    }),
    strict("iris_floor", |a| {
        if no_number(a) {
            return Ok(Datum::Null);
        }
        like_first(a, -ceiling(&-a.decimal(0)))
    }),
    strict("iris_sign", |a| {
        if no_number(a) {
            return Ok(Datum::Null);
        }
        integer(match a.decimal(0) {
            number if number.is_zero() => 0,
            number if number.is_negative() => -1,
            _ => 1,
        })
    }),
    strict("iris_round", round),
    strict("iris_round_to", |a| {
        numeric(&decimal::round(&a.decimal(0), a.integer(1).clamp(0, 40)))
    }),
    strict("iris_truncate", |a| {
        like_first(a, decimal::truncate(&a.decimal(0), scale(a, 1)))
    }),
    strict("iris_isnumeric", |a| integer(i32::from(is_numeric(a)))),
    strict("iris_to_number", to_number),
];

/// BIGINT stays BIGINT, or it is an error.
fn whole(a: &Args<'_>, operation: fn(i64, i64) -> Option<i64>) -> Result<Datum> {
    match operation(a.integer(0), a.integer(1)) {
        Some(result) => Ok(Datum::Integer(result)),
        None => Err(SqlError::new(-400, "<MAXNUMBER> BIGINT overflow")),
    }
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

/// `#`: the sign of the divisor, as ObjectScript has it.
fn modulo(a: &Args<'_>) -> Result<Datum> {
    if a.is_integer(0) && a.is_integer(1) && a.integer(1) != 0 {
        let (dividend, divisor) = (a.integer(0), a.integer(1));
        let remainder = dividend.wrapping_rem(divisor);
        let crosses = remainder != 0 && (remainder < 0) != (divisor < 0);
        return integer(if crosses {
            remainder + divisor
        } else {
            remainder
        });
    }
    let (dividend, divisor) = (a.decimal(0), nonzero(a.decimal(1))?);
    let remainder = &dividend % &divisor;
    let crosses = !remainder.is_zero() && remainder.is_negative() != divisor.is_negative();
    like_first(
        a,
        if crosses {
            remainder + divisor
        } else {
            remainder
        },
    )
}

fn nonzero(divisor: BigDecimal) -> Result<BigDecimal> {
    if divisor.is_zero() {
        return Err(SqlError::new(-400, "<DIVIDE>"));
    }
    Ok(divisor)
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

/// A scale; a fraction is rounded.
fn scale(a: &Args<'_>, n: usize) -> i64 {
    decimal::to_i64(&decimal::round(&a.decimal(n), 0)).clamp(-40, 40)
}

/// `ROUND(x, scale[, flag])`; a flag other than 0 cuts.
fn round(a: &Args<'_>) -> Result<Datum> {
    let scale = scale(a, 1);
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

/// Text that does not begin with a number, `''` among it.
fn no_number(a: &Args<'_>) -> bool {
    matches!(a.raw(0), ValueRef::Text(_)) && !decimal::starts(&a.text(0))
}

/// A whole text that spells a number, with one sign at most and an exponent up to 145.
fn is_numeric(a: &Args<'_>) -> bool {
    let shown = match a.raw(0) {
        ValueRef::Integer(_) | ValueRef::Real(_) => return true,
        ValueRef::Blob(_) => return false,
        _ => a.text(0),
    };
    let limit = BigDecimal::new(1.into(), -145);
    decimal::exact(&shown).is_some_and(|number| number.abs() <= limit)
}

/// The number a text begins with; any number of signs may precede it.
fn to_number(a: &Args<'_>) -> Result<Datum> {
    if !matches!(a.raw(0), ValueRef::Text(_)) {
        return Ok(a.datum(0));
    }
    let shown = a.text(0);
    let digits = shown.trim_start().trim_start_matches(['+', '-']);
    let signs = &shown.trim_start()[..shown.trim_start().len() - digits.len()];
    let number = decimal::leading(digits);
    let negative = signs.matches('-').count() % 2 == 1;
    numeric(&if negative { -number } else { number })
}
