//! `to_char`: a number by a template.

use bigdecimal::{BigDecimal, RoundingMode, Zero as _};

use super::writer::Writer;
use super::{Flags, Kind, ROMAN_WIDTH, Template, ValueError};
use crate::value::computed::scalar::integer;
use crate::value::{float, numeric};

/// What `numeric_round` rounds to at most.
const MOST_DECIMALS: usize = 2_000;
/// Digits that a double always has.
const DOUBLE_DIGITS: usize = 15;

pub(super) fn of_numeric(written: &str, template: Template) -> Result<String, ValueError> {
    let value = numeric::read_text(written)?;
    let flags = template.flags;
    if flags.roman {
        let whole = rounded(&value, 0);
        let whole = integer(&whole, Kind::Int4).map_err(|_| ValueError::range(Kind::Int4))?;
        return template.roman(whole);
    }
    if flags.exponent {
        return Ok(scientific(&value, template.behind));
    }
    let shift = i64::try_from(template.shift).unwrap_or(0);
    let (digits, scale) = value.into_bigint_and_exponent();
    let value = BigDecimal::new(digits, scale - shift);
    let decimals = template.behind.min(MOST_DECIMALS);
    let digits = rounded(&value, decimals);
    template.digits(digits)
}

pub(super) fn of_int4(written: &str, template: Template) -> Result<String, ValueError> {
    let value = integer(written, Kind::Int4)?;
    let value = i32::try_from(value).map_err(|_| ValueError::range(Kind::Int4))?;
    if template.flags.roman {
        return template.roman(value.into());
    }
    if template.flags.exponent {
        return Ok(of_printf(value.into(), template.behind));
    }
    // What does not fit wraps, and a power that does not fit is the least integer.
    let power = u32::try_from(template.shift).ok();
    let power = power.and_then(|shift| 10_i32.checked_pow(shift));
    let value = value.wrapping_mul(power.unwrap_or(i32::MIN));
    template.whole(value.into())
}

pub(super) fn of_int8(written: &str, template: Template) -> Result<String, ValueError> {
    let value = integer(written, Kind::Int8)?;
    let range = || ValueError::range(Kind::Int8);
    if template.flags.roman {
        let value = i32::try_from(value).map_err(|_| ValueError::range(Kind::Int4))?;
        return template.roman(value.into());
    }
    if template.flags.exponent {
        let value = BigDecimal::from(value);
        return Ok(scientific(&value, template.behind));
    }
    let power = u32::try_from(template.shift).map_err(|_| range())?;
    let power = 10_i64.checked_pow(power).ok_or_else(range)?;
    template.whole(value.checked_mul(power).ok_or_else(range)?)
}

pub(super) fn of_double(written: &str, mut template: Template) -> Result<String, ValueError> {
    let value = float::read_double(written)?;
    if !value.is_finite() {
        return Err(ValueError::not_finite());
    }
    if template.flags.roman {
        #[allow(
            clippy::cast_possible_truncation,
            reason = "what is too much is no Roman number"
        )]
        let whole = value.round_ties_even() as i64;
        return template.roman(whole);
    }
    if template.flags.exponent {
        return Ok(of_printf(value, template.behind));
    }
    let shift = i32::try_from(template.shift).unwrap_or(i32::MAX);
    let value = value * 10_f64.powi(shift);
    if !value.is_finite() {
        return Err(ValueError::not_finite());
    }
    let before = format!("{:.0}", value.abs()).len();
    template.behind = template.behind.min(DOUBLE_DIGITS.saturating_sub(before));
    let digits = format!("{value:.*}", template.behind);
    template.digits(digits)
}

fn rounded(value: &BigDecimal, decimals: usize) -> String {
    let decimals = i64::try_from(decimals).unwrap_or(i64::MAX);
    value
        .with_scale_round(decimals, RoundingMode::HalfUp)
        .to_plain_string()
}

/// A number with one digit before the point; a blank stands for the sign of one that is positive.
fn scientific(value: &BigDecimal, decimals: usize) -> String {
    if value.is_zero() {
        return with_exponent(&rounded(value, decimals), 0);
    }
    let (digits, scale) = value.as_bigint_and_exponent();
    let length = digits.magnitude().to_string().len();
    let length = i64::try_from(length).unwrap_or(i64::MAX);
    let mantissa = BigDecimal::new(digits, length - 1);
    // What is rounded up to ten stays ten (`numeric_out_sci`).
    with_exponent(&rounded(&mantissa, decimals), length - 1 - scale)
}

/// The same of a double, of which ten is one digit more.
fn of_printf(value: f64, decimals: usize) -> String {
    let digits = format!("{value:.decimals$e}");
    let (mantissa, exponent) = digits.split_once('e').unwrap_or((&digits, "0"));
    with_exponent(mantissa, exponent.parse().unwrap_or(0))
}

fn with_exponent(mantissa: &str, exponent: i64) -> String {
    let blank = if mantissa.starts_with('-') { "" } else { " " };
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{blank}{mantissa}e{sign}{:02}", exponent.unsigned_abs())
}

impl Template {
    /// A Roman number between the characters of the template.
    fn roman(self, number: i64) -> Result<String, ValueError> {
        let number = roman(number);
        let flags = Flags {
            fill: self.flags.fill,
            roman: true,
            ..Flags::default()
        };
        let template = Self {
            parts: self.parts,
            flags,
            ..Self::default()
        };
        Writer::new(template, number, None).written()
    }

    fn whole(self, value: i64) -> Result<String, ValueError> {
        let decimals = ".".repeat(usize::from(self.behind > 0)) + &"0".repeat(self.behind);
        self.digits(format!("{value}{decimals}"))
    }

    /// The digits of a number, which begin with `-` if it is negative.
    fn digits(mut self, digits: String) -> Result<String, ValueError> {
        self.before += self.shift;
        let (sign, digits) = match digits.strip_prefix('-') {
            Some(digits) => ('-', digits.to_owned()),
            None => ('+', digits),
        };
        let before = digits.find('.').unwrap_or(digits.len());
        let digits = match before > self.before {
            true => format!("{}.{}", "#".repeat(self.before), "#".repeat(self.behind)),
            false => digits,
        };
        let blanks = self.before.saturating_sub(before);
        let mut writer = Writer::new(self, digits, Some(sign));
        writer.blanks = blanks;
        writer.written()
    }
}

/// `int_to_roman`
fn roman(number: i64) -> String {
    const VALUES: [(i64, &str); 13] = [
        (1_000, "M"),
        (900, "CM"),
        (500, "D"),
        (400, "CD"),
        (100, "C"),
        (90, "XC"),
        (50, "L"),
        (40, "XL"),
        (10, "X"),
        (9, "IX"),
        (5, "V"),
        (4, "IV"),
        (1, "I"),
    ];
    if !(1..=3_999).contains(&number) {
        return "#".repeat(ROMAN_WIDTH);
    }
    let mut rest = number;
    let mut shown = String::new();
    for (value, letters) in VALUES {
        while rest >= value {
            shown.push_str(letters);
            rest -= value;
        }
    }
    shown
}
