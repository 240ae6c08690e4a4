//! Exact sums: the usual small decimals in machine words, everything else in big ones.

use bigdecimal::BigDecimal;
use bigdecimal::num_bigint::BigInt;
use rusqlite::types::ValueRef;

use super::text_of;
use crate::decimal;

/// Digits after the point that the words have room for.
const DIGITS: usize = 9;

/// 10 to the power of [`DIGITS`].
const ONE: i64 = 1_000_000_000;

/// Most bytes of a text that may go into the words: 18 digits, a sign and a point.
const LONGEST: usize = 20;

/// A sum of numbers.
#[derive(Clone, Debug, Default)]
pub(super) struct Sum {
    /// In units of 10 to the power of -[`DIGITS`].
    small: i128,
    rest: BigDecimal,
}

impl Sum {
    /// Adds a value.
    pub(super) fn add(&mut self, value: ValueRef<'_>) {
        match small(value).and_then(|number| self.small.checked_add(number)) {
            Some(sum) => self.small = sum,
            None => self.rest += exact(value),
        }
    }

    /// Takes a value back.
    pub(super) fn subtract(&mut self, value: ValueRef<'_>) {
        match small(value).and_then(|number| self.small.checked_sub(number)) {
            Some(sum) => self.small = sum,
            None => self.rest -= exact(value),
        }
    }

    /// All of it.
    pub(super) fn total(&self) -> BigDecimal {
        BigDecimal::new(BigInt::from(self.small), DIGITS as i64) + &self.rest
    }
}

/// The number of a value, as IRIS reads it.
pub(super) fn exact(value: ValueRef<'_>) -> BigDecimal {
    match value {
        ValueRef::Integer(number) => number.into(),
        ValueRef::Real(number) => decimal::from_f64(number),
        other => decimal::leading(&text_of(other)),
    }
}

/// In units of 10 to the power of -[`DIGITS`], if it is whole or a short text of canonical form.
fn small(value: ValueRef<'_>) -> Option<i128> {
    match value {
        ValueRef::Integer(number) => Some(i128::from(number) * i128::from(ONE)),
        ValueRef::Text(text) if text.len() <= LONGEST => decimal_text(text),
        _ => None,
    }
}

fn decimal_text(text: &[u8]) -> Option<i128> {
    let (is_negative, digits) = match text.split_first()? {
        (b'-', rest) => (true, rest),
        _ => (false, text),
    };
    let mut number: i128 = 0;
    let mut fraction = None;
    for byte in digits {
        match byte {
            b'0'..=b'9' => {
                number = number * 10 + i128::from(byte - b'0');
                fraction = fraction.map(|count| count + 1);
            }
            b'.' if fraction.is_none() => fraction = Some(0),
            _ => return None,
        }
    }
    let missing = DIGITS.checked_sub(fraction.unwrap_or(0))?;
    let scaled = number * 10_i128.pow(u32::try_from(missing).ok()?);
    Some(if is_negative { -scaled } else { scaled })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_lead_to_the_same_sum() {
        let texts = [
            "17.25",
            ".5",
            "-.125",
            "-2",
            "0",
            "",
            "-",
            ".",
            "12abc",
            " 3",
            "1E3",
            "+4",
            ".1234567891",
            "99999999999999999999",
            "-.000000001",
            "1.2.3",
            "123456789012345678901234567890.5",
        ];
        let mut sum = Sum::default();
        let mut expected = BigDecimal::default();
        for text in texts {
            let value = ValueRef::Text(text.as_bytes());
            sum.add(value);
            expected += exact(value);
            assert_eq!(sum.total(), expected, "{text}");
        }
        for value in [ValueRef::Integer(i64::MIN), ValueRef::Real(0.1)] {
            sum.add(value);
            expected += exact(value);
        }
        assert_eq!(sum.total(), expected);
        sum.subtract(ValueRef::Text(b"17.25"));
        sum.subtract(ValueRef::Text(b"1E3"));
        assert_eq!(sum.total(), expected - exact(ValueRef::Text(b"1017.25")));
    }

    #[test]
    fn more_than_the_words_hold_is_kept_all_the_same() {
        let mut sum = Sum {
            small: i128::MAX,
            ..Sum::default()
        };
        sum.add(ValueRef::Text(b"1.5"));
        let full = BigDecimal::new(BigInt::from(i128::MAX), DIGITS as i64);
        assert_eq!(sum.total(), full + exact(ValueRef::Text(b"1.5")));
    }
}
