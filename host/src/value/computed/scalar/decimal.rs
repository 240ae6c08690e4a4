//! What is computed with `numeric`.

use bigdecimal::{BigDecimal, RoundingMode};

use super::{Operands, Scalar};
use crate::value::{ValueError, decimal, numeric};

pub(super) const SCALARS: &[Scalar] = &[
    Scalar::new("numeric_add", 2, |operands| {
        let (left, right) = operands.decimals()?;
        shown(&decimal::sum(&left, &right))
    }),
    Scalar::new("numeric_sub", 2, |operands| {
        let (left, right) = operands.decimals()?;
        shown(&decimal::difference(&left, &right))
    }),
    Scalar::new("numeric_mul", 2, |operands| {
        let (left, right) = operands.decimals()?;
        shown(&decimal::product(&left, &right))
    }),
    Scalar::new("numeric_div", 2, |operands| {
        let (left, right) = operands.decimals()?;
        shown(&decimal::quotient(&left, &right)?)
    }),
    Scalar::new("numeric_mod", 2, |operands| {
        let (left, right) = operands.decimals()?;
        shown(&decimal::remainder(&left, &right)?)
    }),
    Scalar::new("numeric_uminus", 1, |operands| {
        let number = operands.decimal(0)?;
        shown(&-number)
    }),
    Scalar::new("numeric_abs", 1, |operands| {
        let number = operands.decimal(0)?;
        shown(&number.abs())
    }),
    Scalar::new("numeric_ceil", 1, |operands| {
        let number = operands.decimal(0)?;
        shown(&number.with_scale_round(0, RoundingMode::Ceiling))
    }),
    Scalar::new("numeric_floor", 1, |operands| {
        let number = operands.decimal(0)?;
        shown(&number.with_scale_round(0, RoundingMode::Floor))
    }),
    Scalar::new("numeric_scale", 1, |operands| {
        let number = operands.decimal(0)?;
        Ok(number.fractional_digit_count().to_string())
    }),
    Scalar::new("numeric_min_scale", 1, |operands| {
        let number = operands.decimal(0)?;
        Ok(trimmed(&number).fractional_digit_count().to_string())
    }),
    Scalar::new("numeric_trim_scale", 1, |operands| {
        let number = operands.decimal(0)?;
        shown(&trimmed(&number))
    }),
];

impl Operands<'_> {
    pub(super) fn decimal(&self, index: usize) -> Result<BigDecimal, ValueError> {
        numeric::read_text(self.text(index))
    }

    fn decimals(&self) -> Result<(BigDecimal, BigDecimal), ValueError> {
        Ok((self.decimal(0)?, self.decimal(1)?))
    }
}

/// Without zeros behind the point that say nothing.
fn trimmed(number: &BigDecimal) -> BigDecimal {
    let short = number.normalized();
    match short.fractional_digit_count() < 0 {
        true => short.with_scale(0),
        false => short,
    }
}

pub(super) fn shown(number: &BigDecimal) -> Result<String, ValueError> {
    Ok(number.to_plain_string())
}
