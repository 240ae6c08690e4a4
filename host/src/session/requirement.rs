//! What a statement requires of its parameters.

use bytes::Bytes;

use super::statement::Values;
use crate::rules::Plan;
use crate::rules::wit_plan::{Argument, Condition, Repetition};
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

/// A value without the blanks at its end for which its column has no room: "any excess characters
/// … unless the excess characters are all spaces, in which case the string will be truncated to the
/// maximum length" (manual, "Character Types"). IRIS would refuse it.
pub(super) fn within(most: u32, value_type: Oid, format: Format, value: Bytes) -> Bytes {
    let is_text = format == Format::Text || Kind::of(value_type) == Kind::Text;
    if !is_text || value.len() <= most as usize {
        return value;
    }
    let end = std::str::from_utf8(&value)
        .ok()
        .and_then(|text| Some((text, text.char_indices().nth(most as usize)?.0)));
    match end {
        Some((text, end)) if text[end..].bytes().all(|byte| byte == b' ') => value.slice(..end),
        _ => value,
    }
}

/// The values of a statement's parameters, of these types, if its columns have no room for blanks
/// at the end of one. One that stands in several places of a statement is not only what is written.
pub(super) fn values_within(values: &Values, plan: &Plan, types: &[Oid]) -> Option<Values> {
    let mut cut: Option<Vec<Option<Bytes>>> = None;
    for one in plan.required() {
        let Condition::Characters(most) = one.condition else {
            continue;
        };
        let index = one.parameter as usize - 1;
        let Some(Some(value)) = values.values.get(index) else {
            continue;
        };
        let value_type = types.get(index).copied().unwrap_or(0);
        let shorter = within(most, value_type, values.formats.get(index), value.clone());
        if shorter.len() < value.len() && is_written_only(plan, one.parameter) {
            cut.get_or_insert_with(|| values.values.clone())[index] = Some(shorter);
        }
    }
    Some(Values {
        values: cut?,
        formats: values.formats.clone(),
        clock: values.clock.clone(),
    })
}

fn is_written_only(plan: &Plan, parameter: u32) -> bool {
    let once = |arguments: &[Argument]| {
        let is_it = |argument: &&Argument| matches!(argument, Argument::Parameter(number) if *number == parameter);
        arguments.iter().filter(is_it).count() <= 1
    };
    match plan {
        Plan::Forward(forward) => once(&forward.arguments),
        Plan::Sequence(sequence) => sequence.steps.iter().all(|step| match &step.repetition {
            Repetition::ForValues(lists) => lists.iter().all(|list| once(list)),
            _ => once(&step.arguments),
        }),
        _ => false,
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

    #[test]
    fn blanks_for_which_there_is_no_room_are_cut() {
        let cut = |text: &'static str| {
            let value = Bytes::from_static(text.as_bytes());
            within(3, crate::upstream::TEXT, Format::Text, value)
        };
        assert_eq!(cut("abc  "), "abc");
        assert_eq!(cut("a    "), "a  ");
        assert_eq!(cut("äöü "), "äöü");
        for text in ["abcd", "abc d", "ab ", "äöü", "abc\t"] {
            assert_eq!(cut(text), text);
        }
    }
}
