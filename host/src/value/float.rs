//! real and double precision in text: the shortest digits that read back as the
//! same number, chosen and laid out as PostgreSQL does.

use std::fmt::{self, LowerExp, Write};
use std::num::ParseFloatError;
use std::str::FromStr;

use super::{Kind, ValueError, text};

/// `float8in`.
pub(crate) fn read_double(text: &str) -> Result<f64, ValueError> {
    read(text, Kind::Float8, f64::is_infinite, |value| value == 0.0)
}

/// `float4in`.
pub(super) fn read_real(text: &str) -> Result<f32, ValueError> {
    read(text, Kind::Float4, f32::is_infinite, |value| value == 0.0)
}

/// The number of a value of either type.
pub(super) fn read_number(kind: Kind, text: &str) -> Result<f64, ValueError> {
    match kind {
        Kind::Float4 => read_real(text).map(f64::from),
        _ => read_double(text),
    }
}

/// A result that may only be infinite if an operand is.
///
/// # Errors
/// 22003: it is, and none of them is.
pub(super) fn finite(result: f64, operands: &[f64]) -> Result<f64, ValueError> {
    let overflows = result.is_infinite() && !operands.iter().any(|operand| operand.is_infinite());
    match overflows {
        true => Err(ValueError::float_overflow()),
        false => Ok(result),
    }
}

/// What overflows to infinity or underflows to zero is out of range, unless it was written so.
fn read<T: FromStr + Copy>(
    text: &str,
    kind: Kind,
    is_infinite: fn(T) -> bool,
    is_zero: fn(T) -> bool,
) -> Result<T, ValueError> {
    let trimmed = text::trimmed(text);
    let value: T = trimmed
        .parse()
        .map_err(|_| ValueError::text_syntax(kind, text))?;
    let mantissa = trimmed.split(['e', 'E']).next().unwrap_or(trimmed);
    let has_digits = mantissa.contains(|c: char| c.is_ascii_digit());
    let is_nonzero = mantissa.contains(|c: char| ('1'..='9').contains(&c));
    if (is_infinite(value) && has_digits) || (is_zero(value) && is_nonzero) {
        let message = format!("\"{trimmed}\" is out of range for type {}", kind.name());
        return Err(ValueError::numeric_range(message));
    }
    Ok(value)
}

/// `float8out` with `extra_float_digits = 1`, the default.
pub(super) fn write_double(value: f64, out: &mut impl Write) -> fmt::Result {
    let bits = value.to_bits();
    let stored = i32::try_from((bits >> 52) & 0x7ff).expect("eleven bits");
    let fraction = bits & ((1 << 52) - 1);
    let binary = Binary::of(fraction, stored, 52, 1075);
    match value.is_finite() {
        true => layout(&shortest(value, binary, 16), 15, out),
        false => write_special(value, out),
    }
}

/// `float4out`.
pub(super) fn write_real(value: f32, out: &mut impl Write) -> fmt::Result {
    let bits = value.to_bits();
    let stored = i32::try_from((bits >> 23) & 0xff).expect("eight bits");
    let fraction = u64::from(bits & ((1 << 23) - 1));
    let binary = Binary::of(fraction, stored, 23, 150);
    match value.is_finite() {
        true => layout(&shortest(value, binary, 7), 6, out),
        false => write_special(value.into(), out),
    }
}

/// With at most so many significant digits, as C's `%g`: what `extra_float_digits` below 1
/// asks for.
pub(super) fn write_digits(value: f64, digits: i32, out: &mut impl Write) -> fmt::Result {
    if !value.is_finite() {
        return write_special(value, out);
    }
    let digits = digits.max(1);
    let places = usize::try_from(digits - 1).expect("not negative");
    let text = format!("{value:.places$e}");
    let (mantissa, exponent) = split_exponent(&text);
    let short = match mantissa.contains('.') {
        true => mantissa.trim_end_matches('0').trim_end_matches('.'),
        false => mantissa,
    };
    layout(&format!("{short}e{exponent}"), digits, out)
}

fn write_special(value: f64, out: &mut impl Write) -> fmt::Result {
    out.write_str(match value {
        value if value.is_nan() => "NaN",
        value if value > 0.0 => "Infinity",
        _ => "-Infinity",
    })
}

/// A finite number as `significand * 2^exponent`.
#[derive(Clone, Copy)]
struct Binary {
    significand: u64,
    exponent: i32,
    /// The next smaller number is only half as far away as the next larger.
    is_lowest_of_binade: bool,
}

impl Binary {
    fn of(fraction: u64, stored_exponent: i32, fraction_bits: u32, bias: i32) -> Self {
        match stored_exponent {
            0 => Self {
                significand: fraction,
                exponent: 1 - bias,
                is_lowest_of_binade: false,
            },
            _ => Self {
                significand: fraction | (1 << fraction_bits),
                exponent: stored_exponent - bias,
                is_lowest_of_binade: fraction == 0 && stored_exponent > 1,
            },
        }
    }

    /// Whether `digits * 10^power` lies exactly between this number and a neighbour.
    fn has_midpoint_at(self, digits: u64, power: i32) -> bool {
        // A midpoint is odd * 2^n with odd < 2^55, so 5^power divides it, or
        // 5^-power is no more than the digits: beyond these powers none is equal.
        if digits == 0 || !(-2..=23).contains(&power) {
            return false;
        }
        let five = 5_u128.pow(power.unsigned_abs());
        let upper = (u128::from(self.significand) * 2 + 1, self.exponent - 1);
        let lower = match self.is_lowest_of_binade {
            true => (u128::from(self.significand) * 4 - 1, self.exponent - 2),
            false => (u128::from(self.significand) * 2 - 1, self.exponent - 1),
        };
        [upper, lower].into_iter().any(|(odd, exponent)| {
            let (left, right) = match power >= 0 {
                true => (u128::from(digits) * five, odd),
                false => (u128::from(digits), odd * five),
            };
            let twos = left.trailing_zeros();
            left >> twos == right && twos.cast_signed() + power == exponent
        })
    }
}

/// The shortest digits in the form `-1.25e-7`.
///
/// Rust finds how many digits are needed. PostgreSQL differs in two rare cases,
/// both at `tie_digits` digits or more: of two equally near candidates it takes
/// the even one, and it does not accept one that lies exactly halfway to the
/// next number (`d2s.c`, `acceptBounds`).
fn shortest<T>(value: T, binary: Binary, tie_digits: usize) -> String
where
    T: LowerExp + Copy + PartialEq + FromStr<Err = ParseFloatError>,
{
    let text = format!("{value:e}");
    let (digits, power, count) = digits_of(&text);
    if !binary.has_midpoint_at(digits, power) {
        // Beside a power of two the nearest candidate may belong to the neighbour.
        let even = (count >= tie_digits).then(|| format!("{value:.*e}", count - 1));
        return even
            .filter(|even| even.parse() == Ok(value))
            .unwrap_or(text);
    }
    let mut longer = (count..).map(|places| format!("{value:.places$e}"));
    let inside = |text: &String| {
        let (digits, power, _) = digits_of(text);
        !binary.has_midpoint_at(digits, power)
    };
    longer
        .find(inside)
        .expect("with enough digits the number itself is written")
}

/// The digits of `-1.25e-7` as a number, the power of ten of the last, and their count.
fn digits_of(text: &str) -> (u64, i32, usize) {
    let (mantissa, exponent) = split_exponent(text);
    let mut digits = 0_u64;
    let mut count = 0;
    for digit in mantissa.bytes().filter(u8::is_ascii_digit) {
        digits = digits * 10 + u64::from(digit - b'0');
        count += 1;
    }
    (
        digits,
        exponent - i32::try_from(count).expect("at most 17 digits") + 1,
        count,
    )
}

fn split_exponent(text: &str) -> (&str, i32) {
    let (mantissa, exponent) = text.split_once('e').expect("LowerExp writes an exponent");
    (
        mantissa,
        exponent
            .parse()
            .expect("LowerExp writes a decimal exponent"),
    )
}

/// Lays digits out as `%g` does: with an exponent if that is below -4 or at least `precision`.
fn layout(scientific: &str, precision: i32, out: &mut impl Write) -> fmt::Result {
    let (mantissa, exponent) = split_exponent(scientific);
    let (sign, mantissa) = match mantissa.strip_prefix('-') {
        Some(mantissa) => ("-", mantissa),
        None => ("", mantissa),
    };
    out.write_str(sign)?;
    if exponent < -4 || exponent >= precision {
        let exponent_sign = if exponent < 0 { '-' } else { '+' };
        return write!(
            out,
            "{mantissa}e{exponent_sign}{:02}",
            exponent.unsigned_abs()
        );
    }
    let (first, rest) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if exponent < 0 {
        let zeros = usize::try_from(-exponent - 1).expect("between 0 and 3");
        return write!(out, "0.{:0<zeros$}{first}{rest}", "");
    }
    let places = usize::try_from(exponent).expect("not negative");
    out.write_str(first)?;
    match rest.split_at_checked(places) {
        Some((integer, "")) => out.write_str(integer),
        Some((integer, fraction)) => write!(out, "{integer}.{fraction}"),
        None => write!(out, "{rest:0<places$}"),
    }
}
