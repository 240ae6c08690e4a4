//! The text of a value that IRIS keeps as one: documents, arrays and intervals, as PostgreSQL shows them.

use pgiris_values::array::{Array, Wrong};
use pgiris_values::interval::Interval;
use pgiris_values::json;

use crate::casts::{number_as_text, syntax_error, truth_of, uuid, whole_number};
use crate::diagnostic::Diagnosed;
use crate::types::{kept, oid};
use crate::wit::{Diagnostic, Oid};

/// Numbers up to here are shown without an exponent.
const PLAIN: std::ops::Range<f64> = 1e-4..1e15;

/// Whether IRIS keeps the type's values as texts that are written in one way only.
pub(crate) fn is_canonical(type_oid: Oid) -> bool {
    matches!(type_oid, oid::JSON | oid::JSONB | oid::INTERVAL) || kept::is_array(type_oid)
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
        oid::INTERVAL => Interval::parse(text)
            .map(|interval| interval.to_string())
            .map_err(|wrong| Diagnostic::error(wrong.sqlstate(), wrong.message(text))),
        _ => match kept::element_of(type_oid) {
            Some(element) => array(text, element),
            None => Ok(text.to_owned()),
        },
    }
}

fn array(text: &str, element: Oid) -> Diagnosed<String> {
    let mut array = Array::parse(text).map_err(|wrong| refusal(text, wrong))?;
    for one in array.elements.iter_mut().flatten() {
        *one = shown(one, element)?;
    }
    Ok(array.shown())
}

/// The elements of an array literal, those of all dimensions in a row; none for NULL.
///
/// # Errors
/// The text is no array.
pub(crate) fn elements(text: &str) -> Diagnosed<Vec<Option<String>>> {
    let array = Array::parse(text).map_err(|wrong| refusal(text, wrong))?;
    Ok(array.elements)
}

fn refusal(text: &str, wrong: Wrong) -> Diagnostic {
    match wrong {
        Wrong::Malformed => {
            let message = format!("malformed array literal: \"{text}\"");
            Diagnostic::error("22P02", message)
        }
        Wrong::Dimensions => Diagnostic::error(
            "54000",
            "number of array dimensions exceeds the maximum allowed (6)",
        ),
        Wrong::Bounds => Diagnostic::not_supported(
            "bounds of arrays are not supported",
            "count from 1, and leave the bounds out",
        ),
    }
}

/// An element as its type shows it.
fn shown(text: &str, type_oid: Oid) -> Diagnosed<String> {
    let trimmed = text.trim();
    let wrong = || syntax_error(text, type_oid);
    match type_oid {
        oid::INT2 | oid::INT4 | oid::INT8 => Ok(whole_number(text, type_oid)?.to_string()),
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
