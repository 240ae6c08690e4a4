//! `to_date` and `to_timestamp`: texts read by a constant template.

use sqlparser::ast::{BinaryOperator, DataType, Expr, TimezoneInfo};

use super::constant;
use super::template::{Piece, pieces};
use crate::build;
use crate::diagnostic::Diagnosed;
use crate::functions::Call;
use crate::functions::call::{braced, operation};
use crate::types::oid;
use crate::zone;

/// How a text is read by a template.
struct Reading {
    /// The template for IRIS.
    format: String,
    /// The texts that both databases read alike by it.
    pattern: String,
    /// Where the numbers stand, from 1, and how long they are, if nothing separates two of
    /// them: IRIS wants something between.
    cuts: Option<Vec<(usize, usize)>>,
}

/// What IRIS has between two numbers that nothing separates.
const SEPARATOR: &str = "-";

/// None if the databases read no text alike by a template.
fn reading(template: &str) -> Option<Reading> {
    let (mut pattern, mut parts, mut cuts) = (String::new(), Vec::new(), Vec::new());
    let (mut place, mut separated, mut dense) = (1, true, false);
    for piece in pieces(template)? {
        match piece {
            Piece::Text(text) => {
                let plain = text
                    .chars()
                    .all(|c| matches!(c, '-' | '/' | '.' | ':' | ',' | ' '));
                if !plain {
                    return None;
                }
                pattern.push_str(&format!("1\"{text}\""));
                place += text.len();
                parts.push(text);
                separated = true;
            }
            Piece::Element(element, filled) => {
                let upper = element.to_ascii_uppercase();
                let digits = match upper.as_str() {
                    "YYYY" => 4,
                    "MM" | "DD" | "HH24" | "MI" | "SS" => 2,
                    _ => return None,
                };
                if !filled {
                    return None;
                }
                dense |= !separated;
                pattern.push_str(&format!("{digits}N"));
                cuts.push((upper.clone(), place, digits));
                place += digits;
                parts.push(upper);
                separated = false;
            }
        }
    }
    // What is left out is filled in otherwise.
    let complete = ["YYYY", "MM", "DD"]
        .iter()
        .all(|part| parts.iter().filter(|known| known == part).count() == 1);
    let names: Vec<&str> = cuts.iter().map(|(name, ..)| name.as_str()).collect();
    complete.then(|| Reading {
        format: if dense {
            names.join(SEPARATOR)
        } else {
            parts.concat()
        },
        pattern,
        cuts: dense.then(|| {
            cuts.iter()
                .map(|(_, place, digits)| (*place, *digits))
                .collect()
        }),
    })
}

/// The numbers of a text with something between them.
fn separated(call: &mut Call<'_, '_, '_>, cuts: &[(usize, usize)]) -> Diagnosed<Expr> {
    let mut text: Option<Expr> = None;
    for (place, digits) in cuts {
        let number = braced(
            "SUBSTRING",
            vec![call.copy(0)?, build::number(place), build::number(digits)],
        );
        text = Some(match text {
            None => number,
            Some(before) => {
                let before = operation(
                    before,
                    BinaryOperator::StringConcat,
                    build::string(SEPARATOR),
                );
                operation(before, BinaryOperator::StringConcat, number)
            }
        });
    }
    Ok(text.unwrap_or_else(|| call.take(0)))
}

/// IRIS reads other forms than PostgreSQL does where a text does not have the form of
/// the template; then it is given what it cannot read.
pub(super) fn by_template(call: &mut Call<'_, '_, '_>, function: &str) -> Diagnosed<Expr> {
    let target = match function {
        "TO_DATE" => oid::DATE,
        _ => oid::TIMESTAMPTZ,
    };
    if let Some(value) = constant::value(call, target)? {
        return Ok(value);
    }
    let Some(template) = call.string(1) else {
        return Err(call.refusal(
            " with a computed template",
            "write the template as a literal",
        ));
    };
    let Some(reading) = reading(&template) else {
        return Err(call.refusal(
            " with this template",
            "use YYYY, MM, DD, HH24, MI and SS, or read the text in the client",
        ));
    };
    let fits = operation(
        call.copy(0)?,
        BinaryOperator::Custom("%PATTERN".to_owned()),
        build::string(&reading.pattern),
    );
    let text = match &reading.cuts {
        Some(cuts) => separated(call, cuts)?,
        None => call.take(0),
    };
    let text = build::case(vec![(build::not(fits), build::string("?"))], Some(text));
    let format = build::string(&reading.format);
    Ok(build::call(function, vec![text, format]))
}

/// `to_timestamp(text, template)`, or of the seconds since 1970.
pub(super) fn timestamp(call: &mut Call<'_, '_, '_>) -> Diagnosed<Expr> {
    if call.args.len() == 2 {
        let shown = by_template(call, "TO_TIMESTAMP")?;
        return zone::as_moment(shown, call.pass);
    }
    let (unit, count) = match call.type_of(0) {
        Some(oid::INT2 | oid::INT4 | oid::INT8) => ("ss", call.take(0)),
        _ => {
            let micro = operation(
                call.take(0),
                BinaryOperator::Multiply,
                build::number(1_000_000),
            );
            ("mcs", braced("ROUND", vec![micro, build::number(0)]))
        }
    };
    let epoch = build::cast(
        build::string("1970-01-01 00:00:00"),
        DataType::Timestamp(None, TimezoneInfo::None),
    );
    Ok(build::call(
        "DATEADD",
        vec![build::string(unit), count, epoch],
    ))
}
