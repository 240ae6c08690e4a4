//! Of numbers.

use bigdecimal::num_bigint::BigUint;
use bigdecimal::{BigDecimal, RoundingMode};

use super::{Operands, Scalar};
use crate::value::{Kind, Scalar as Value, ValueError, float, text};

/// The last number whose factorial fits into a numeric.
const LAST_FACTORIAL: u64 = 32_177;

pub(super) const SCALARS: &[Scalar] = &[
    Scalar::new("to_hex32", 1, |operands| {
        let number = operands.integer(0, Kind::Int4)?;
        Ok(format!("{:x}", number & 0xffff_ffff))
    }),
    Scalar::new("to_hex64", 1, |operands| {
        Ok(format!("{:x}", operands.integer(0, Kind::Int8)?))
    }),
    // The same 53 bits that PostgreSQL takes.
    Scalar::of_nulls("drandom", 0..=0, |_| {
        let mut shown = String::new();
        float::write_double(rand::random::<f64>(), &mut shown)
            .expect("writing to memory does not fail");
        Ok(Some(shown))
    }),
    Scalar::new("int4gcd", 2, |operands| operands.divisor(Kind::Int4)),
    Scalar::new("int8gcd", 2, |operands| operands.divisor(Kind::Int8)),
    Scalar::new("int4lcm", 2, |operands| operands.multiple(Kind::Int4)),
    Scalar::new("int8lcm", 2, |operands| operands.multiple(Kind::Int8)),
    Scalar::new("numeric_round", 2, |operands| {
        operands.cut_to(1, RoundingMode::HalfUp)
    }),
    Scalar::new("numeric_trunc", 2, |operands| {
        operands.cut_to(1, RoundingMode::Down)
    }),
    Scalar::new("float8_numeric", 1, |operands| {
        match text::read(Kind::Float8, operands.text(0))? {
            Value::Double(number) if number.is_finite() => decimal_of(number),
            other => Ok(other.to_string()),
        }
    }),
    Scalar::new("numeric_fac", 1, |operands| {
        match u64::try_from(operands.integer(0, Kind::Int8)?) {
            Err(_) => Err(ValueError::negative_factorial()),
            Ok(number) if number > LAST_FACTORIAL => Err(ValueError::numeric_overflow()),
            Ok(number) => Ok(factorial(number).to_string()),
        }
    }),
];

/// A finite number with as many digits as every decimal of that many keeps (DBL_DIG).
///
/// # Errors
/// Its digits are none.
pub(super) fn decimal_of(number: f64) -> Result<String, ValueError> {
    let written = format!("{number:.14e}");
    let decimal: BigDecimal = written
        .parse()
        .map_err(|_| ValueError::text_syntax(Kind::Numeric, &written))?;
    Ok(decimal.normalized().to_plain_string())
}

/// The most digits behind the point of a rounded number (`NUMERIC_MAX_RESULT_SCALE`).
const MOST_DIGITS: i64 = 2_000;

impl Operands<'_> {
    /// The first, with so many digits behind the point as the other says.
    fn cut_to(&self, digits: usize, mode: RoundingMode) -> Result<String, ValueError> {
        let digits = self
            .integer(digits, Kind::Int4)?
            .clamp(-MOST_DIGITS, MOST_DIGITS);
        match text::read(Kind::Numeric, self.text(0))? {
            Value::Numeric(number) => {
                let cut = number.with_scale_round(digits, mode);
                Ok(cut.with_scale(digits.max(0)).to_plain_string())
            }
            // NaN and infinity stay what they are.
            other => Ok(other.to_string()),
        }
    }

    /// The greatest common divisor.
    fn divisor(&self, kind: Kind) -> Result<String, ValueError> {
        let (left, right) = (self.integer(0, kind)?, self.integer(1, kind)?);
        fitting(gcd(left.unsigned_abs(), right.unsigned_abs()).into(), kind)
    }

    /// The least common multiple.
    fn multiple(&self, kind: Kind) -> Result<String, ValueError> {
        let (left, right) = (self.integer(0, kind)?, self.integer(1, kind)?);
        if left == 0 || right == 0 {
            return Ok("0".to_owned());
        }
        let (left, right) = (left.unsigned_abs(), right.unsigned_abs());
        fitting(
            u128::from(left / gcd(left, right)) * u128::from(right),
            kind,
        )
    }
}

fn gcd(mut left: u64, mut right: u64) -> u64 {
    while right != 0 {
        (left, right) = (right, left % right);
    }
    left
}

fn fitting(number: u128, kind: Kind) -> Result<String, ValueError> {
    let greatest = match kind {
        Kind::Int4 => u128::from(i32::MAX.unsigned_abs()),
        _ => u128::from(i64::MAX.unsigned_abs()),
    };
    match number <= greatest {
        true => Ok(number.to_string()),
        false => Err(ValueError::range(kind)),
    }
}

/// Factors are multiplied as long as they fit into a word: that is four times as fast.
fn factorial(number: u64) -> BigUint {
    let mut product = BigUint::from(1_u8);
    let mut word = 1_u64;
    for factor in 2..=number {
        match word.checked_mul(factor) {
            Some(both) => word = both,
            None => {
                product *= word;
                word = factor;
            }
        }
    }
    product * word
}
