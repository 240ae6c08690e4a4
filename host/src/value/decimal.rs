//! What PostgreSQL computes with `numeric`, with the digits behind the point that it shows: those of a
//! number's text are kept, of a quotient there are some sixteen significant ones.
//!
//! `src/backend/utils/adt/numeric.c`

use bigdecimal::num_bigint::{BigInt, BigUint, Sign};
use bigdecimal::{BigDecimal, Zero};

use super::ValueError;
use super::by_value::division_scale;

/// The most digits behind a point (`NUMERIC_DSCALE_MAX`).
const MOST_DIGITS: i64 = 16_383;

/// `numeric_add`
pub(in crate::value) fn sum(left: &BigDecimal, right: &BigDecimal) -> BigDecimal {
    let (left, right, scale) = aligned(left, right);
    BigDecimal::new(left + right, scale)
}

/// `numeric_sub`
pub(in crate::value) fn difference(left: &BigDecimal, right: &BigDecimal) -> BigDecimal {
    let (left, right, scale) = aligned(left, right);
    BigDecimal::new(left - right, scale)
}

/// `numeric_mul`
pub(in crate::value) fn product(left: &BigDecimal, right: &BigDecimal) -> BigDecimal {
    let ((left, left_scale), (right, right_scale)) =
        (left.as_bigint_and_scale(), right.as_bigint_and_scale());
    let scale = left_scale + right_scale;
    let product = BigDecimal::new(left.as_ref() * right.as_ref(), scale);
    match scale > MOST_DIGITS {
        true => product.with_scale_round(MOST_DIGITS, bigdecimal::RoundingMode::HalfUp),
        false => product,
    }
}

/// `numeric_div`
///
/// # Errors
/// 22012: the divisor is 0.
pub(in crate::value) fn quotient(
    dividend: &BigDecimal,
    divisor: &BigDecimal,
) -> Result<BigDecimal, ValueError> {
    divided(dividend, divisor, division_scale(dividend, divisor))
}

/// The quotient with so many digits behind the point, halves rounded away from zero.
fn divided(
    dividend: &BigDecimal,
    divisor: &BigDecimal,
    scale: i64,
) -> Result<BigDecimal, ValueError> {
    if divisor.is_zero() {
        return Err(ValueError::division_by_zero());
    }
    let ((dividend, dividend_scale), (divisor, divisor_scale)) = (
        dividend.as_bigint_and_scale(),
        divisor.as_bigint_and_scale(),
    );
    let is_negative = (dividend.sign() == Sign::Minus) != (divisor.sign() == Sign::Minus);
    let shift = scale + divisor_scale - dividend_scale;
    let above = dividend.magnitude() * power_of_ten(shift);
    let below = divisor.magnitude() * power_of_ten(-shift);
    let rounded = (above * 2_u8 + &below) / (below * 2_u8);
    Ok(signed(is_negative, rounded, scale))
}

/// `numeric_mod`: with the sign of the dividend.
///
/// # Errors
/// 22012: the divisor is 0.
pub(in crate::value) fn remainder(
    dividend: &BigDecimal,
    divisor: &BigDecimal,
) -> Result<BigDecimal, ValueError> {
    let (dividend, divisor, scale) = aligned(dividend, divisor);
    match divisor.is_zero() {
        true => Err(ValueError::division_by_zero()),
        false => Ok(BigDecimal::new(dividend % divisor, scale)),
    }
}

/// `sqrt_var` of a number that is not negative.
pub(in crate::value) fn root(value: &BigDecimal, scale: i64) -> BigDecimal {
    let (digits, own) = value.as_bigint_and_scale();
    // One digit more says how the last one is rounded.
    let shift = 2 * (scale + 1) - own;
    let squared = digits.magnitude() * power_of_ten(shift) / power_of_ten(-shift);
    signed(false, (squared.sqrt() + 5_u8) / 10_u8, scale)
}

fn signed(is_negative: bool, digits: BigUint, scale: i64) -> BigDecimal {
    let sign = if is_negative { Sign::Minus } else { Sign::Plus };
    BigDecimal::new(BigInt::from_biguint(sign, digits), scale)
}

/// Both with as many digits behind the point as one of them has.
fn aligned(left: &BigDecimal, right: &BigDecimal) -> (BigInt, BigInt, i64) {
    let ((left, left_scale), (right, right_scale)) =
        (left.as_bigint_and_scale(), right.as_bigint_and_scale());
    let scale = left_scale.max(right_scale);
    let shifted = |digits: &BigInt, own: i64| match scale - own {
        0 => digits.clone(),
        shift => digits * BigInt::from(power_of_ten(shift)),
    };
    (
        shifted(&left, left_scale),
        shifted(&right, right_scale),
        scale,
    )
}

/// 1 of a negative exponent.
fn power_of_ten(exponent: i64) -> BigUint {
    let exponent = u32::try_from(exponent.max(0)).unwrap_or(u32::MAX);
    BigUint::from(10_u8).pow(exponent)
}
