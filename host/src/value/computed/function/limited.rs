//! Casts to types with digits or a length of their own.

use crate::value::kind::BPCHAR;
use crate::value::{Kind, Oid, Scalar, ValueError, numeric, text};

/// The longest `character` (`MaxAttrSize`).
const LONGEST: usize = 10 * 1024 * 1024;

/// The value with as many digits, or characters, as a type modifier allows.
pub(super) fn cast(type_oid: Oid, value: &str, type_modifier: i64) -> Result<String, ValueError> {
    let header = |modifier: i64| usize::try_from(modifier - 4).ok();
    match (Kind::of(type_oid), header(type_modifier)) {
        (Kind::Numeric, Some(_)) => match text::read(Kind::Numeric, value)? {
            Scalar::Numeric(number) => {
                Ok(numeric::limited(&number, type_modifier)?.to_plain_string())
            }
            _ => Err(ValueError::binary()),
        },
        // Filled up with blanks.
        (Kind::Text, Some(length)) if type_oid == BPCHAR => {
            Ok(filled_up(value, length.min(LONGEST)))
        }
        // `varchar`: an explicit cast cuts without an error, blanks or not.
        (Kind::Text, Some(length)) => Ok(value.chars().take(length).collect()),
        (kind, _) => Ok(text::read(kind, value)?.to_string()),
    }
}

/// With exactly so many characters: cut, or with blanks behind it.
fn filled_up(value: &str, length: usize) -> String {
    let mut filled: String = value.chars().take(length).collect();
    let missing = length - filled.chars().count();
    filled.extend(std::iter::repeat_n(' ', missing));
    filled
}
