//! How many digits PostgreSQL shows behind the point of a `numeric` that it computed, where
//! that depends on the value: `src/backend/utils/adt/numeric.c`.
//!
//! PostgreSQL decides by the operands, of which only the result is known here: a quotient
//! whose leading digit is 1 may be of two kinds, and is told by a whole divisor alone.

use bigdecimal::num_bigint::Sign;
use bigdecimal::{BigDecimal, One, ToPrimitive};

use crate::rules::wit_plan::Computation;

/// `NUMERIC_MIN_SIG_DIGITS`
const SIGNIFICANT: i64 = 16;

/// Decimal digits in one digit of base 10000.
const GROUP: i64 = 4;

/// A computation and what is known of its operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ByValue {
    pub(crate) operation: Computation,
    /// Digits that the operands have themselves.
    pub(crate) least: u8,
    /// Whether a zero is a literal in place of NULL.
    pub(crate) bare_zero: bool,
    /// A whole divisor; 0 if there is none, or if it has more than one digit of base 10000.
    divisor: Digit,
}

/// The leading digit of base 10000 of a number, and what it counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Digit {
    digit: u16,
    weight: u8,
}

/// The bits of a modifier below -1 that say nothing.
const UNUSED: i32 = 0x7000_0000;

/// In the order of their numbers in a modifier.
const OPERATIONS: [Computation; 7] = [
    // select_div_scale
    Computation::Quotient,
    // The same of squares.
    Computation::Variance,
    // The root of a variance, with its digits.
    Computation::Deviation,
    // numeric_sqrt
    Computation::Root,
    // numeric_ln
    Computation::Logarithm,
    // numeric_log
    Computation::DecimalLogarithm,
    // numeric_exp, and numeric_power by a fraction
    Computation::Exponential,
];

impl Digit {
    fn value(self) -> Option<u32> {
        let value =
            u32::from(self.digit).checked_mul(10_000_u32.checked_pow(self.weight.into())?)?;
        (value > 0).then_some(value)
    }
}

impl ByValue {
    pub(crate) fn new(operation: Computation, least: u8) -> Self {
        Self {
            operation,
            least,
            bare_zero: false,
            divisor: Digit::default(),
        }
    }

    pub(crate) fn divided_by(mut self, whole: u32) -> Self {
        let (mut digit, mut weight) = (whole, 0);
        while digit >= 10_000 && digit % 10_000 == 0 {
            digit /= 10_000;
            weight += 1;
        }
        if let (true, Ok(digit)) = (digit < 10_000, u16::try_from(digit)) {
            self.divisor = Digit { digit, weight };
        }
        self
    }

    /// As a type modifier, where those of PostgreSQL are not: below -1.
    pub(crate) fn to_modifier(self) -> i32 {
        let operation = OPERATIONS.iter().position(|one| *one == self.operation);
        let packed = operation.unwrap_or_default() as i32
            | i32::from(self.least) << 3
            | i32::from(self.bare_zero) << 11
            | i32::from(self.divisor.weight) << 12
            | i32::from(self.divisor.digit) << 14;
        i32::MIN | packed
    }

    pub(super) fn of_modifier(modifier: i32) -> Option<Self> {
        if modifier >= -1 || modifier & UNUSED != 0 {
            return None;
        }
        let bits = |from: u32, count: u32| (modifier >> from) & ((1 << count) - 1);
        Some(Self {
            operation: *OPERATIONS.get(usize::try_from(bits(0, 3)).ok()?)?,
            least: u8::try_from(bits(3, 8)).ok()?,
            bare_zero: bits(11, 1) == 1,
            divisor: Digit {
                weight: u8::try_from(bits(12, 2)).ok()?,
                digit: u16::try_from(bits(14, 14)).ok()?,
            },
        })
    }

    /// The digits behind the point to show of this value.
    pub(super) fn scale(self, value: &BigDecimal) -> i64 {
        let is_zero = value.sign() == Sign::NoSign;
        if is_zero && self.bare_zero {
            return 0;
        }
        let scale = match self.operation {
            Computation::Quotient if is_zero => {
                SIGNIFICANT + GROUP * (i64::from(self.divisor.weight) + 1)
            }
            Computation::Quotient => SIGNIFICANT - GROUP * self.weight_of_quotient(value),
            // const_zero
            Computation::Variance | Computation::Deviation if is_zero => return 0,
            Computation::Variance => SIGNIFICANT - GROUP * self.weight_of_quotient(value),
            Computation::Deviation => {
                SIGNIFICANT - GROUP * self.weight_of_quotient(&value.square())
            }
            Computation::Root if is_zero => SIGNIFICANT - 1,
            Computation::Root => {
                let weight = leading(&value.square()).1;
                SIGNIFICANT - ((weight + 1) * GROUP / 2 - 1)
            }
            Computation::Logarithm => match self.divisor.value() {
                Some(base) => {
                    let natural = f64::from(base).ln();
                    let weight = weight_of_logarithm(value, natural);
                    SIGNIFICANT - (weight - natural.log10() as i64)
                }
                None => SIGNIFICANT - weight_of_logarithm(value, 1.0),
            },
            Computation::Exponential if is_zero => SIGNIFICANT,
            Computation::Exponential => SIGNIFICANT - weight_of_power(value),
            Computation::DecimalLogarithm => {
                SIGNIFICANT - weight_of_logarithm(value, std::f64::consts::LN_10)
            }
        };
        scale.clamp(i64::from(self.least), 1_000)
    }

    /// `qweight`: the leading digits decide whether the quotient is below 1 or not, and of
    /// equal ones PostgreSQL says that it is.
    fn weight_of_quotient(self, value: &BigDecimal) -> i64 {
        let (digit, weight) = leading(value);
        if digit > 1 {
            return weight;
        }
        // 1 ≤ mantissa < 2: the dividend may begin with the digit that the divisor has.
        let mantissa = value.abs() * power_of_ten(-weight * GROUP);
        let is_equal = match self.divisor.digit {
            0 => mantissa.is_one(),
            divisor => {
                let next = BigDecimal::from(divisor + 1);
                &mantissa * BigDecimal::from(divisor) < next
            }
        };
        weight - i64::from(is_equal)
    }
}

/// `select_div_scale`, where both operands are known.
pub(super) fn division_scale(dividend: &BigDecimal, divisor: &BigDecimal) -> i64 {
    let ((above, above_weight), (below, below_weight)) = (leading(dividend), leading(divisor));
    let weight = above_weight - below_weight - i64::from(above <= below);
    let least = dividend
        .fractional_digit_count()
        .max(divisor.fractional_digit_count());
    (SIGNIFICANT - GROUP * weight).max(least).clamp(0, 1_000)
}

fn power_of_ten(exponent: i64) -> BigDecimal {
    BigDecimal::new(1.into(), -exponent)
}

/// The first digit of base 10000 of a number, and its weight; zeros of 0.
fn leading(value: &BigDecimal) -> (u16, i64) {
    if value.sign() == Sign::NoSign {
        return (0, 0);
    }
    let (number, scale) = value.as_bigint_and_scale();
    let decimal = number.magnitude().to_str_radix(10);
    let exponent = i64::try_from(decimal.len()).unwrap_or(i64::MAX) - scale - 1;
    let weight = exponent.div_euclid(GROUP);
    let wanted = usize::try_from(exponent.rem_euclid(GROUP) + 1).unwrap_or(1);
    let digit = decimal
        .bytes()
        .chain(std::iter::repeat(b'0'))
        .take(wanted)
        .fold(0, |digit, byte| digit * 10 + u16::from(byte - b'0'));
    (digit, weight)
}

/// What `numeric_exp` and `power_var` take for the decimal weight of a result, of which they
/// know the logarithm to some eight digits, from below: that of 10 is not quite 1.
fn weight_of_power(value: &BigDecimal) -> i64 {
    let decimal = value.to_f64().unwrap_or_default().log10();
    let is_power_of_ten = value
        .normalized()
        .as_bigint_and_scale()
        .0
        .magnitude()
        .is_one();
    match is_power_of_ten {
        true => (decimal - decimal.signum() * 0.5) as i64,
        false => decimal as i64,
    }
}

/// `estimate_ln_dweight`, less that of the base, whose natural logarithm is given.
fn weight_of_logarithm(value: &BigDecimal, base: f64) -> i64 {
    let natural = value.to_f64().unwrap_or_default() * base;
    if natural.exp() < 0.9 || natural.exp() > 1.1 {
        return natural.abs().log10() as i64;
    }
    // Close to 1 the argument less 1 is what the logarithm begins with.
    let less_one = natural.exp_m1().abs();
    if less_one == 0.0 {
        return 0;
    }
    less_one.log10().floor() as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scale(computed: ByValue, value: &str) -> i64 {
        let modifier = computed.to_modifier();
        assert_eq!(ByValue::of_modifier(modifier), Some(computed));
        computed.scale(&value.parse().unwrap())
    }

    #[test]
    fn quotients_have_the_digits_of_select_div_scale() {
        let quotient = ByValue::new(Computation::Quotient, 2);
        for (divisor, value, expected) in [
            (3, "3.333333333333333333", 16),
            (3, "0.3333333333333333333", 20),
            (2, "3.5", 16),
            (1, "1", 20),
            (2, "1.5", 20 - 4),
            (2, "1.25", 20),
            (10_000, "2", 16),
            (30_000, "0.00003333333333333333", 24),
            (3, "4115226", 12),
            (0, "0", 20),
            (50_000, "0", 24),
            (0, "1.5", 16),
            (0, "1", 20),
        ] {
            let computed = quotient.divided_by(divisor);
            assert_eq!(scale(computed, value), expected, "{value} of {divisor}");
        }
        assert_eq!(scale(ByValue::new(Computation::Quotient, 18), "3.5"), 18);
    }

    #[test]
    fn roots_and_logarithms_have_sixteen_significant_digits() {
        for (operation, value, expected) in [
            (Computation::Variance, "35.7", 16),
            (Computation::Variance, "1245005000", 8),
            (Computation::Deviation, "35284.62838121", 8),
            (Computation::Deviation, "5.97494769851586232", 16),
            (Computation::Deviation, "0", 0),
            (Computation::Root, "1.414213562373095048", 15),
            (Computation::Root, "111.1080555135405", 13),
            (Computation::Root, "0.003162277660168379", 19),
            (Computation::Root, "0", 15),
            (Computation::Logarithm, "1.6094379124341004", 16),
            (Computation::Logarithm, "13.815510557964274", 15),
            (Computation::Logarithm, "0.048790164169432", 18),
            (Computation::DecimalLogarithm, "3", 16),
            (Computation::DecimalLogarithm, "12", 15),
            (Computation::Exponential, "2.718281828459045236", 16),
            (Computation::Exponential, "0.0067379469990854671", 18),
            (Computation::Exponential, "22026.465794806716517", 12),
            (Computation::Exponential, "0.1", 16),
            (Computation::Exponential, "1000", 14),
        ] {
            let computed = ByValue::new(operation, 0);
            assert_eq!(scale(computed, value), expected, "{operation:?} {value}");
        }
        for (base, value, expected) in [(2, "3", 16), (2, "0.001", 20), (100_000, "3", 16)] {
            let computed = ByValue::new(Computation::Logarithm, 0).divided_by(base);
            assert_eq!(
                scale(computed, value),
                expected,
                "log of base {base}: {value}"
            );
        }
    }

    #[test]
    fn a_zero_in_place_of_null_is_bare() {
        let mut computed = ByValue::new(Computation::Quotient, 0);
        computed.bare_zero = true;
        assert_eq!(scale(computed, "0"), 0);
        assert_eq!(ByValue::of_modifier(-1), None);
        assert_eq!(ByValue::of_modifier((10 << 16 | 2) + 4), None);
    }
}
