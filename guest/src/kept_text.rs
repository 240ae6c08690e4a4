//! The text of a value that IRIS keeps as one: documents and arrays, as PostgreSQL shows them.

use crate::array_text;
use crate::casts::{number_as_text, truth_of, uuid};
use crate::diagnostic::Diagnosed;
use crate::json;
use crate::types::{kept, oid, words};
use crate::wit::{Diagnostic, Oid};

/// Numbers up to here are shown without an exponent.
const PLAIN: std::ops::Range<f64> = 1e-4..1e15;

/// Whether IRIS keeps the type's values as texts that are written in one way only.
pub(crate) fn is_canonical(type_oid: Oid) -> bool {
    matches!(type_oid, oid::JSON | oid::JSONB) || kept::is_array(type_oid)
}

/// The text of a value of this type as it is kept, from what a client wrote.
///
/// # Errors
/// It is no value of the type.
pub(crate) fn canonical(text: &str, type_oid: Oid) -> Diagnosed<String> {
    let not_json = || Diagnostic::error("22P02", "invalid input syntax for type json");
    match type_oid {
        oid::JSON => json::canonical(text)
            .map(|_| text.to_owned())
            .ok_or_else(not_json),
        oid::JSONB => json::canonical(text).ok_or_else(not_json),
        _ => match kept::element_of(type_oid) {
            Some(element) => array_text::canonical(text, &|one| shown(one, element)),
            None => Ok(text.to_owned()),
        },
    }
}

/// An element as its type shows it.
fn shown(text: &str, type_oid: Oid) -> Diagnosed<String> {
    let trimmed = text.trim();
    let wrong = || {
        let name = words(type_oid);
        let message = format!("invalid input syntax for type {name}: \"{text}\"");
        Diagnostic::error("22P02", message)
    };
    match type_oid {
        oid::INT2 | oid::INT4 | oid::INT8 => whole(text, type_oid),
        oid::BOOL => {
            let truth = truth_of(text).ok_or_else(wrong)?;
            Ok(if truth { "t" } else { "f" }.to_owned())
        }
        oid::NUMERIC => number_as_text(trimmed).ok_or_else(wrong),
        oid::FLOAT4 | oid::FLOAT8 => {
            let number: f64 = trimmed.parse().map_err(|_| wrong())?;
            if number == 0.0 || PLAIN.contains(&number.abs()) {
                return Ok(match type_oid {
                    #[allow(clippy::cast_possible_truncation, reason = "a real has seven digits")]
                    oid::FLOAT4 => (number as f32).to_string(),
                    _ => number.to_string(),
                });
            }
            Ok(trimmed.to_ascii_lowercase())
        }
        oid::UUID => uuid(text).ok_or_else(wrong),
        oid::JSON | oid::JSONB => canonical(text, type_oid),
        oid::DATE | oid::TIME | oid::TIMESTAMP => Ok(trimmed.to_owned()),
        _ => Ok(text.to_owned()),
    }
}

fn whole(text: &str, type_oid: Oid) -> Diagnosed<String> {
    let name = words(type_oid);
    let trimmed = text.trim();
    let digits = trimmed.strip_prefix(['+', '-']).unwrap_or(trimmed);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        let message = format!("invalid input syntax for type {name}: \"{text}\"");
        return Err(Diagnostic::error("22P02", message));
    }
    let fits = |number: &i64| match type_oid {
        oid::INT2 => i16::try_from(*number).is_ok(),
        oid::INT4 => i32::try_from(*number).is_ok(),
        _ => true,
    };
    match trimmed.parse::<i64>().ok().filter(fits) {
        Some(number) => Ok(number.to_string()),
        None => {
            let message = format!("value \"{trimmed}\" is out of range for type {name}");
            Err(Diagnostic::error("22003", message))
        }
    }
}
