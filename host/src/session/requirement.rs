//! What a statement requires of its parameters.

use bytes::Bytes;

use crate::rules::wit_plan::Condition;
use crate::upstream::{Format, Oid};
use crate::value::computed::text_of;
use crate::value::{Kind, numeric};

const SMALLINT: Oid = 21;
const INTEGER: Oid = 23;

/// Whether a value of this type is what it must be. One that cannot be read is: the error
/// about that comes when it is bound.
pub(super) fn is_met(
    condition: &Condition,
    value_type: Oid,
    format: Format,
    value: Option<&Bytes>,
) -> bool {
    let Some(bytes) = value else {
        return !matches!(condition, Condition::NotNull);
    };
    let is_text = format == Format::Text || Kind::of(value_type) == Kind::Text;
    match condition {
        Condition::NotNull => true,
        // No character is shorter than a byte.
        Condition::Characters(most) if is_text && bytes.len() <= *most as usize => true,
        Condition::Range(wanted) if *wanted == value_type => true,
        condition => match text_of(value_type, format, bytes) {
            Ok(text) => is_met_by(condition, &text),
            Err(_) => true,
        },
    }
}

fn is_met_by(condition: &Condition, text: &str) -> bool {
    match condition {
        Condition::NotNull => true,
        Condition::Characters(most) => text.trim_end_matches(' ').chars().count() <= *most as usize,
        Condition::Digits(digits) => numeric::fits(text, digits.precision, digits.scale),
        Condition::Range(wanted) => match text.trim().parse::<i128>() {
            Ok(number) => is_in_range(number, *wanted),
            Err(_) => true,
        },
    }
}

fn is_in_range(number: i128, integer: Oid) -> bool {
    match integer {
        SMALLINT => i16::try_from(number).is_ok(),
        INTEGER => i32::try_from(number).is_ok(),
        _ => i64::try_from(number).is_ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::wit_plan::DecimalDigits;

    #[test]
    fn values_are_held_against_their_columns() {
        let met = |condition: &Condition, text: &'static str| {
            let value = Bytes::from_static(text.as_bytes());
            is_met(condition, crate::upstream::TEXT, Format::Text, Some(&value))
        };
        let three = Condition::Characters(3);
        assert!(met(&three, "äöü") && met(&three, "abc  ") && !met(&three, "abcd"));
        let digits = Condition::Digits(DecimalDigits {
            precision: 4,
            scale: 2,
        });
        assert!(met(&digits, "99.994") && !met(&digits, "99.995") && met(&digits, "x"));
        let small = Condition::Range(SMALLINT);
        assert!(met(&small, "-32768") && !met(&small, "32768"));
        assert!(is_met(&small, 0, Format::Text, None));
        assert!(!is_met(&Condition::NotNull, 0, Format::Text, None));
    }
}
