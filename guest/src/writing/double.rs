//! What a `double precision` can hold: IRIS makes infinity, or 0, of what is out of its range.

use sqlparser::ast::{BinaryOperator, Expr};

use crate::build;
use crate::diagnostic::Diagnosed;
use crate::wit::Diagnostic;

/// Whether a number is in the range: neither so large, nor so close to 0.
pub(super) fn has(digits: &str) -> bool {
    let mantissa = digits.split(['e', 'E']).next().unwrap_or(digits);
    let is_zero = !mantissa.bytes().any(|byte| matches!(byte, b'1'..=b'9'));
    match digits.parse::<f64>() {
        Ok(value) => value.is_finite() && (value != 0.0 || is_zero),
        Err(_) => true,
    }
}

pub(super) fn out_of_range(text: &str) -> Diagnostic {
    let message = format!("\"{text}\" is out of range for type double precision");
    Diagnostic::error("22003", message)
}

/// Refuses what is computed of literals alone and is too large.
pub(super) fn check_computed(value: &Expr) -> Diagnosed<()> {
    match of_literals(value) {
        Some(computed) if !computed.is_finite() => {
            Err(Diagnostic::error("22003", "value out of range: overflow"))
        }
        _ => Ok(()),
    }
}

fn of_literals(value: &Expr) -> Option<f64> {
    match build::unnested(value) {
        Expr::BinaryOp { left, op, right } => {
            let (left, right) = (of_literals(left)?, of_literals(right)?);
            match op {
                BinaryOperator::Plus => Some(left + right),
                BinaryOperator::Minus => Some(left - right),
                BinaryOperator::Multiply => Some(left * right),
                BinaryOperator::Divide if right != 0.0 => Some(left / right),
                _ => None,
            }
        }
        other => build::number_in(other)?.parse().ok(),
    }
}

/// A number without an exponent, as PostgreSQL shows a `numeric`.
pub(super) fn written_out(digits: &str) -> String {
    let Some((mantissa, exponent)) = digits.split_once(['e', 'E']) else {
        return digits.to_owned();
    };
    let known = exponent.parse::<i64>().ok();
    let Some(exponent) = known.filter(|exponent| (-LARGEST..=LARGEST).contains(exponent)) else {
        return digits.to_owned();
    };
    let (sign, unsigned) = match mantissa.strip_prefix('-') {
        Some(unsigned) => ("-", unsigned),
        None => ("", mantissa),
    };
    let (whole, decimals) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let all = format!("{whole}{decimals}");
    let length = |text: &str| i64::try_from(text.len()).unwrap_or(LARGEST);
    // How many of the digits stand before the point.
    let point = length(whole) + exponent;
    let zeros = |count: i64| "0".repeat(usize::try_from(count).unwrap_or(0));
    if point >= length(&all) {
        return format!("{sign}{all}{}", zeros(point - length(&all)));
    }
    match usize::try_from(point) {
        Ok(point @ 1..) => format!("{sign}{}.{}", &all[..point], &all[point..]),
        _ => format!("{sign}0.{}{all}", zeros(-point)),
    }
}

/// No larger exponent is written out: PostgreSQL has no such `numeric`.
const LARGEST: i64 = 131_072;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_those_of_postgresql() {
        for digits in ["1e308", "-1.7e308", "0e999", "1e-320", "0.0", "12"] {
            assert!(has(digits), "{digits}");
        }
        for digits in ["1e309", "-1e400", "1e-400"] {
            assert!(!has(digits), "{digits}");
        }
        for (digits, shown) in [
            ("1e3", "1000"),
            ("1.25e1", "12.5"),
            ("-1.5e-2", "-0.015"),
            ("1e-3", "0.001"),
            ("7", "7"),
        ] {
            assert_eq!(written_out(digits), shown);
        }
    }
}
