//! Exact numbers: NUMERIC lives as text in IRIS's canonical form (`.5`, `-2`, `17.25`).

use std::cmp::Ordering;
use std::str::FromStr;

use bigdecimal::num_bigint::BigInt;
use bigdecimal::{BigDecimal, RoundingMode, Signed, Zero};

use crate::error::{Result, SqlError};

/// More digits than any NUMERIC has; longer texts count as their leading digits.
const LONGEST: usize = 400;

/// No leading zero, no trailing zeros, no plus sign.
pub(crate) fn canonical(number: &BigDecimal) -> String {
    if number.is_zero() {
        return "0".to_owned();
    }
    let plain = number.normalized().to_plain_string();
    match plain.strip_prefix("0.") {
        Some(fraction) => format!(".{fraction}"),
        None => match plain.strip_prefix("-0.") {
            Some(fraction) => format!("-.{fraction}"),
            None => plain,
        },
    }
}

/// The number that a whole text spells, if it does.
pub(crate) fn exact(text: &str) -> Option<BigDecimal> {
    let text = text.trim();
    let length = number_length(text);
    if length == 0 || length != text.len() || length > LONGEST {
        return None;
    }
    BigDecimal::from_str(text).ok()
}

/// The number at the beginning of a text, else 0: how IRIS reads text as a number.
pub(crate) fn leading(text: &str) -> BigDecimal {
    let text = text.trim_start();
    let length = number_length(text).min(LONGEST);
    BigDecimal::from_str(&text[..length]).unwrap_or_default()
}

/// Does the text begin with a number? Text that does not counts as 0.
pub(crate) fn starts(text: &str) -> bool {
    number_length(text.trim_start()) > 0
}

/// How many bytes at the start are `[+-]digits[.digits][E[+-]digits]`.
fn number_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let digits = |from: usize| {
        bytes[from..]
            .iter()
            .take_while(|b| b.is_ascii_digit())
            .count()
    };
    let mut at = usize::from(matches!(bytes.first(), Some(b'+' | b'-')));
    let whole = digits(at);
    at += whole;
    let mut fraction = 0;
    if bytes.get(at) == Some(&b'.') {
        fraction = digits(at + 1);
        at += 1 + fraction;
    }
    if whole + fraction == 0 {
        return 0;
    }
    if matches!(bytes.get(at), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
        let exponent = digits((at + 1 + sign).min(bytes.len()));
        if (1..=3).contains(&exponent) {
            at += 1 + sign + exponent;
        }
    }
    at
}

/// Rounded half away from zero to `scale` digits.
pub(crate) fn round(number: &BigDecimal, scale: i64) -> BigDecimal {
    number.with_scale_round(scale, RoundingMode::HalfUp)
}

/// Cut to `scale` digits.
pub(crate) fn truncate(number: &BigDecimal, scale: i64) -> BigDecimal {
    number.with_scale_round(scale, RoundingMode::Down)
}

/// Digits of the widest NUMERIC.
const WIDEST: u64 = 36;

/// A quotient: exact if it ends within 36 digits, else with as many digits as fit a signed
/// 64-bit significand, which is what IRIS computes with; more only if an operand has more.
pub(crate) fn quotient(a: &BigDecimal, b: &BigDecimal) -> Option<BigDecimal> {
    if b.is_zero() {
        return None;
    }
    let wide = (a / b).with_prec(40);
    let narrow = wide.with_prec(WIDEST).normalized();
    if &narrow * b == *a || a.digits() > 19 || b.digits() > 19 {
        return Some(narrow);
    }
    let mut scale = wide.fractional_digit_count();
    loop {
        let rounded = round(&wide, scale).normalized();
        let (significand, _) = rounded.as_bigint_and_scale();
        if significand.abs() <= BigInt::from(i64::MAX) || rounded.fractional_digit_count() <= 0 {
            return Some(rounded);
        }
        scale = (rounded.fractional_digit_count() - 1).min(scale - 1);
    }
}

/// A number as IRIS's decimals hold it: a signed 64-bit significand and a power of ten.
pub(crate) fn significand(number: &BigDecimal) -> Option<(i64, i8)> {
    let mut number = number.normalized();
    loop {
        let (digits, scale) = number.as_bigint_and_scale();
        if let Ok(significand) = i64::try_from(digits.into_owned()) {
            return Some((significand, i8::try_from(-scale).ok()?));
        }
        number = number.with_prec(number.digits().saturating_sub(1).clamp(1, 19));
    }
}

/// The number of a significand and a power of ten.
pub(crate) fn of_significand(significand: i64, exponent: i8) -> BigDecimal {
    BigDecimal::new(significand.into(), -i64::from(exponent))
}

/// A product with no more digits than the widest NUMERIC has.
pub(crate) fn at_most_36_digits(number: BigDecimal) -> BigDecimal {
    if number.digits() > WIDEST {
        number.with_prec(WIDEST)
    } else {
        number
    }
}

/// Order of two canonical texts, by value.
pub(crate) fn compare(a: &str, b: &str) -> Ordering {
    if a == b {
        return Ordering::Equal;
    }
    match (Canonical::of(a), Canonical::of(b)) {
        (Some(a), Some(b)) => a.cmp(&b),
        _ => leading(a).cmp(&leading(b)),
    }
}

/// A canonical text in its parts, which order as the numbers do: no number is computed.
struct Canonical<'t> {
    negative: bool,
    whole: &'t str,
    fraction: &'t str,
}

impl<'t> Canonical<'t> {
    fn of(text: &'t str) -> Option<Self> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, text),
        };
        let (whole, fraction) = match digits.split_once('.') {
            Some((_, "")) => return None,
            Some(parts) => parts,
            None => (digits, ""),
        };
        let all_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        let zero = digits == "0";
        let canonical = all_digits(whole)
            && all_digits(fraction)
            && !digits.is_empty()
            && !fraction.ends_with('0')
            && (!whole.starts_with('0') || zero && !negative);
        let whole = if zero { "" } else { whole };
        canonical.then_some(Self {
            negative,
            whole,
            fraction,
        })
    }

    fn cmp(&self, other: &Self) -> Ordering {
        if self.negative != other.negative {
            return other.negative.cmp(&self.negative);
        }
        let (a, b) = if self.negative {
            (other, self)
        } else {
            (self, other)
        };
        let whole = a.whole.len().cmp(&b.whole.len());
        let whole = whole.then_with(|| a.whole.cmp(b.whole));
        whole.then_with(|| a.fraction.cmp(b.fraction))
    }
}

/// The nearest double.
pub(crate) fn to_f64(number: &BigDecimal) -> f64 {
    f64::from_str(&number.to_scientific_notation()).unwrap_or_default()
}

/// The shortest decimal that reads back as this double.
pub(crate) fn from_f64(number: f64) -> BigDecimal {
    BigDecimal::from_str(&format!("{number:e}")).unwrap_or_default()
}

/// The whole part, if it fits 64 bits.
pub(crate) fn whole(number: &BigDecimal) -> Option<i64> {
    let whole = truncate(number, 0);
    let (digits, _) = whole.as_bigint_and_scale();
    i64::try_from(digits.into_owned()).ok()
}

/// A number that IRIS could hold in some form: its plain text stays short.
pub(crate) fn bounded(number: &BigDecimal) -> Result<&BigDecimal> {
    let longest = i64::try_from(LONGEST).unwrap_or(i64::MAX);
    let (significand, scale) = number.as_bigint_and_scale();
    let digits = i64::try_from(significand.bits() / 3).unwrap_or(i64::MAX);
    let fits = scale.unsigned_abs() <= LONGEST as u64 && digits <= 2 * longest;
    if fits || number.is_zero() {
        Ok(number)
    } else {
        Err(SqlError::new(-400, "<MAXNUMBER>"))
    }
}

/// The whole part, clipped to 64 bits.
pub(crate) fn to_i64(number: &BigDecimal) -> i64 {
    let whole = truncate(number, 0);
    let (digits, _) = whole.as_bigint_and_scale();
    i64::try_from(digits.into_owned()).unwrap_or(if whole.is_negative() {
        i64::MIN
    } else {
        i64::MAX
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canonical_form_has_no_superfluous_zeros() {
        for (text, wanted) in [
            ("007.0", "7"),
            ("0.50", ".5"),
            ("-0.5", "-.5"),
            ("1E3", "1000"),
            ("-0", "0"),
        ] {
            assert_eq!(canonical(&exact(text).unwrap()), wanted);
        }
    }

    #[test]
    fn text_counts_as_its_leading_number() {
        for (text, wanted) in [
            ("abc", "0"),
            ("12abc", "12"),
            ("", "0"),
            ("-3.5x", "-3.5"),
            ("1e", "1"),
            (".", "0"),
        ] {
            assert_eq!(canonical(&leading(text)), wanted, "{text}");
        }
    }

    #[test]
    fn canonical_texts_order_as_their_numbers() {
        let ordered = [
            "-100",
            "-99.5",
            "-99.05",
            "-1",
            "-.5",
            "-.05",
            "0",
            ".05",
            ".5",
            ".51",
            "1",
            "1.5",
            "9",
            "10",
            "99.05",
            "99.5",
            "100",
            "123456789012345678.123456789012345678",
            "123456789012345678.123456789012345679",
        ];
        for (n, a) in ordered.iter().enumerate() {
            for (m, b) in ordered.iter().enumerate() {
                assert_eq!(compare(a, b), n.cmp(&m), "{a} {b}");
                assert_eq!(leading(a).cmp(&leading(b)), n.cmp(&m), "{a} {b}");
            }
        }
        assert_eq!(compare("1.50", "1.5"), Ordering::Equal);
        assert_eq!(compare("1E2", "99"), Ordering::Greater);
        assert_eq!(compare("-0", "0"), Ordering::Equal);
    }

    #[test]
    fn quotients_have_the_digits_the_manual_shows() {
        let divide = |a: i64, b: i64| canonical(&quotient(&a.into(), &b.into()).unwrap());
        assert_eq!(divide(17, 7), "2.428571428571428571");
        assert_eq!(divide(1, 4), ".25");
        assert_eq!(divide(6, 3), "2");
    }
}
