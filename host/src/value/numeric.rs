//! numeric: decimal text, and base 10000 on the wire.

use std::borrow::Cow;
use std::fmt::{self, Write};

use bigdecimal::num_bigint::{BigInt, BigUint, Sign};
use bigdecimal::{BigDecimal, RoundingMode, Zero};
use bytes::{Buf, BufMut, BytesMut};

use super::by_value::ByValue;
use super::{Kind, Scalar, ValueError, text};

/// PostgreSQL's limits: digits before and after the decimal point (manual, table 8.2).
const MAX_INTEGER_DIGITS: i64 = 131_072;
const MAX_FRACTION_DIGITS: i64 = 16_383;

const SIGN_POSITIVE: u16 = 0x0000;
const SIGN_NEGATIVE: u16 = 0x4000;

/// Decimal digits in one digit of base 10000.
const GROUP: i64 = 4;

/// A type modifier with this scale, and a precision that limits nothing.
pub(crate) fn modifier_of_scale(scale: u16) -> i32 {
    (1_000 << 16 | i32::from(scale.min(1_000))) + 4
}

/// `apply_typmod`: rounded to the scale of a type modifier, if the precision has room for it.
///
/// # Errors
/// 22003: more digits before the point than there are to be.
pub(super) fn limited(value: &BigDecimal, type_modifier: i64) -> Result<BigDecimal, ValueError> {
    let precision = (type_modifier - 4) >> 16 & 0xffff;
    let scale = scale_of(type_modifier);
    let rounded = value.with_scale_round(scale, RoundingMode::HalfUp);
    let (digits, _) = rounded.as_bigint_and_exponent();
    let fits =
        rounded.is_zero() || digits.magnitude() < &BigUint::from(10_u8).pow(exponent(precision));
    match fits {
        true if scale < 0 => Ok(rounded.with_scale(0)),
        true => Ok(rounded),
        false => Err(ValueError::numeric_range(
            "numeric field overflow".to_owned(),
        )),
    }
}

/// Whether a number, rounded to the scale, has no more digits than the precision; what is no finite
/// number does.
pub(crate) fn fits(text: &str, precision: u32, scale: u32) -> bool {
    let modifier = (i64::from(precision) << 16 | i64::from(scale)) + 4;
    match text::read(Kind::Numeric, text) {
        Ok(Scalar::Numeric(number)) => limited(&number, modifier).is_ok(),
        _ => true,
    }
}

/// The digits that there are in all; PostgreSQL allows no more than 1000.
fn exponent(precision: i64) -> u32 {
    u32::try_from(precision.clamp(0, 1_000)).unwrap_or_default()
}

/// `numeric_typmod_scale`: eleven bits with a sign, above a header of four bytes.
fn scale_of(type_modifier: i64) -> i64 {
    (((type_modifier - 4) & 0x7ff) ^ 0x400) - 0x400
}

/// How many digits behind the point are written.
#[derive(Clone, Copy)]
pub(super) enum Shown {
    /// So many, and more if there are more.
    AtLeast(i64),
    /// As many as PostgreSQL finds by the value; others are rounded away.
    ByValue(ByValue),
}

impl Shown {
    /// What a type modifier says.
    pub(super) fn of_modifier(type_modifier: i32) -> Self {
        if let Some(computed) = ByValue::of_modifier(type_modifier) {
            return Self::ByValue(computed);
        }
        Self::AtLeast(match type_modifier {
            4.. => scale_of(i64::from(type_modifier)),
            _ => 0,
        })
    }
}

/// `numeric_in`, without its special values.
pub(super) fn read_text(text: &str) -> Result<BigDecimal, ValueError> {
    let syntax = || ValueError::text_syntax(Kind::Numeric, text);
    let trimmed = text::trimmed(text);
    let (negative, unsigned) = match trimmed.as_bytes() {
        [b'-', ..] => (true, &trimmed[1..]),
        [b'+', ..] => (false, &trimmed[1..]),
        _ => (false, trimmed),
    };
    if is_special(unsigned) {
        return Err(not_a_number(trimmed));
    }
    let (mantissa, exponent) = match unsigned.find(['e', 'E']) {
        Some(at) => (
            &unsigned[..at],
            read_exponent(&unsigned[at + 1..]).ok_or_else(syntax)?,
        ),
        None => (unsigned, 0),
    };
    let (integer, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = [integer.as_bytes(), fraction.as_bytes()].concat();
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return Err(syntax());
    }
    let fraction_len = i64::try_from(fraction.len()).map_err(|_| overflow())?;
    let leading_zeros = digits.iter().take_while(|digit| **digit == b'0').count();
    let significant = i64::try_from(digits.len() - leading_zeros).map_err(|_| overflow())?;
    let scale = fraction_len - exponent;
    if significant - scale > MAX_INTEGER_DIGITS || scale > MAX_FRACTION_DIGITS {
        return Err(overflow());
    }
    Ok(from_digits(negative, &digits, scale))
}

/// An exponent, kept small enough to add to.
fn read_exponent(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let limit = i64::from(i32::MAX);
    Some(
        text.parse::<i64>()
            .map_or(limit, |exponent| exponent.clamp(-limit, limit)),
    )
}

fn is_special(unsigned: &str) -> bool {
    ["nan", "inf", "infinity"]
        .iter()
        .any(|word| unsigned.eq_ignore_ascii_case(word))
}

/// A number of ASCII digits, the last `scale` of which are a fraction.
fn from_digits(negative: bool, digits: &[u8], scale: i64) -> BigDecimal {
    let number = BigInt::parse_bytes(digits, 10).expect("only ASCII digits, and at least one");
    let number = BigDecimal::new(if negative { -number } else { number }, scale);
    // PostgreSQL knows no negative scale of a value: 1e10 is 10000000000.
    if scale < 0 {
        number.with_scale(0)
    } else {
        number
    }
}

fn overflow() -> ValueError {
    ValueError::numeric_overflow()
}

fn not_a_number(shown: &str) -> ValueError {
    ValueError::numeric_range(format!("numeric value \"{shown}\" is not supported"))
}

/// `numeric_out`: no exponent.
pub(super) fn write_text(value: &BigDecimal, shown: Shown, out: &mut impl Write) -> fmt::Result {
    with_digits(value, shown).write_plain_string(out)
}

/// The value with the digits to show, and no fewer than none.
fn with_digits(value: &BigDecimal, shown: Shown) -> Cow<'_, BigDecimal> {
    let own = value.fractional_digit_count();
    let wanted = match shown {
        Shown::AtLeast(scale) => scale.max(own).max(0),
        Shown::ByValue(computed) => computed.scale(value),
    };
    if wanted == own {
        Cow::Borrowed(value)
    } else {
        Cow::Owned(value.with_scale_round(wanted, RoundingMode::HalfUp))
    }
}

/// `numeric_recv`: digit count, weight of the first digit, sign, display scale, digits.
pub(super) fn read_binary(mut bytes: &[u8]) -> Result<BigDecimal, ValueError> {
    if bytes.len() < 8 {
        return Err(ValueError::cut_off());
    }
    let count = usize::from(bytes.get_u16());
    let weight = i64::from(bytes.get_i16());
    let sign = bytes.get_u16();
    let scale = i64::from(bytes.get_u16());
    let negative = match sign {
        SIGN_POSITIVE => false,
        SIGN_NEGATIVE => true,
        0xC000 => return Err(not_a_number("NaN")),
        0xD000 => return Err(not_a_number("Infinity")),
        0xF000 => return Err(not_a_number("-Infinity")),
        _ => return Err(ValueError::binary()),
    };
    if bytes.len() < count * 2 {
        return Err(ValueError::cut_off());
    }
    if bytes.len() != count * 2 || scale > MAX_FRACTION_DIGITS {
        return Err(ValueError::binary());
    }
    let mut digits = String::with_capacity(count * 4 + 1);
    digits.push('0');
    while bytes.has_remaining() {
        let digit = bytes.get_u16();
        if digit >= 10_000 {
            return Err(ValueError::binary());
        }
        write!(digits, "{digit:04}").expect("writing to memory does not fail");
    }
    let places = (i64::try_from(count).map_err(|_| overflow())? - weight - 1) * GROUP;
    // Digits beyond the display scale are cut, as numeric_recv does.
    Ok(from_digits(negative, digits.as_bytes(), places).with_scale(scale))
}

/// `numeric_send`.
pub(super) fn write_binary(
    value: &BigDecimal,
    shown: Shown,
    buffer: &mut BytesMut,
) -> Result<(), ValueError> {
    let value = with_digits(value, shown);
    let (number, scale) = value.as_bigint_and_scale();
    let display_scale = u16::try_from(scale)
        .ok()
        .filter(|scale| i64::from(*scale) <= MAX_FRACTION_DIGITS);
    let display_scale = display_scale.ok_or_else(overflow)?;
    let groups = groups_of(&number.magnitude().to_str_radix(10), scale);
    let leading = groups
        .digits
        .iter()
        .take_while(|digit| **digit == 0)
        .count();
    let trailing = groups.digits[leading..]
        .iter()
        .rev()
        .take_while(|digit| **digit == 0)
        .count();
    let digits = &groups.digits[leading..groups.digits.len() - trailing];
    let weight = if number.is_zero() {
        0
    } else {
        groups.weight - i64::try_from(leading).map_err(|_| overflow())?
    };
    buffer.put_u16(u16::try_from(digits.len()).map_err(|_| overflow())?);
    buffer.put_i16(i16::try_from(weight).map_err(|_| overflow())?);
    buffer.put_u16(if number.sign() == Sign::Minus {
        SIGN_NEGATIVE
    } else {
        SIGN_POSITIVE
    });
    buffer.put_u16(display_scale);
    for digit in digits {
        buffer.put_u16(*digit);
    }
    Ok(())
}

/// Digits of base 10000, the first of which counts `10000.pow(weight)`.
struct Groups {
    digits: Vec<u16>,
    weight: i64,
}

/// Groups decimal digits by four, counted from the decimal point both ways.
fn groups_of(decimal: &str, scale: i64) -> Groups {
    let integer_len = i64::try_from(decimal.len()).expect("a string's length fits") - scale;
    let weight = (integer_len - 1).div_euclid(GROUP);
    let zeros_before = (weight + 1) * GROUP - integer_len;
    let mut digits = Vec::with_capacity(decimal.len() / 4 + 2);
    let mut group = 0_u16;
    let mut filled = zeros_before;
    for digit in decimal.bytes() {
        group = group * 10 + u16::from(digit - b'0');
        filled += 1;
        if filled == GROUP {
            digits.push(group);
            (group, filled) = (0, 0);
        }
    }
    if filled > 0 {
        digits.push((filled..GROUP).fold(group, |group, _| group * 10));
    }
    Groups { digits, weight }
}
