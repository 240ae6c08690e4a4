//! Casts to types with digits or a length of their own.

use crate::value::{Kind, Oid, Scalar, ValueError, numeric, text};

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
        // `varchar`: an explicit cast cuts without an error, blanks or not.
        (Kind::Text, Some(length)) => Ok(value.chars().take(length).collect()),
        (kind, _) => Ok(text::read(kind, value)?.to_string()),
    }
}
