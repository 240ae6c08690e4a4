//! `to_date` and `to_timestamp`: texts read by a constant template.

use sqlparser::ast::{BinaryOperator, DataType, Expr, TimezoneInfo};

use super::template::{Piece, pieces};
use crate::build;
use crate::diagnostic::Diagnosed;
use crate::functions::Call;
use crate::functions::call::{braced, operation};
use crate::types::oid;

/// A template for IRIS, and the pattern of the texts that both databases read alike by
/// it; none if there are none.
fn both(template: &str) -> Option<(String, String)> {
    let (mut format, mut pattern) = (String::new(), String::new());
    let mut separated = true;
    for piece in pieces(template)? {
        match piece {
            Piece::Text(text) => {
                let plain = text
                    .chars()
                    .all(|c| matches!(c, '-' | '/' | '.' | ':' | ',' | ' '));
                if !plain {
                    return None;
                }
                format.push_str(&text);
                pattern.push_str(&format!("1\"{text}\""));
                separated = true;
            }
            Piece::Element(element, filled) => {
                let upper = element.to_ascii_uppercase();
                let digits = match upper.as_str() {
                    "YYYY" => 4,
                    "MM" | "DD" | "HH24" | "MI" | "SS" => 2,
                    _ => return None,
                };
                if !filled || !separated {
                    return None;
                }
                format.push_str(&upper);
                pattern.push_str(&format!("{digits}N"));
                separated = false;
            }
        }
    }
    // What is left out is filled in otherwise.
    let complete = ["YYYY", "MM", "DD"]
        .iter()
        .all(|part| format.matches(part).count() == 1);
    complete.then_some((format, pattern))
}

/// IRIS reads other forms than PostgreSQL does where a text does not have the form of
/// the template; then it is given what it cannot read.
pub(super) fn by_template(call: &mut Call<'_, '_, '_>, function: &str) -> Diagnosed<Expr> {
    let Some(template) = call.string(1) else {
        return Err(call.refusal(
            " with a computed template",
            "write the template as a literal",
        ));
    };
    let Some((format, pattern)) = both(&template) else {
        return Err(call.refusal(
            " with this template",
            "use YYYY, MM, DD, HH24, MI and SS with separators between them, or read the text in the client",
        ));
    };
    let fits = operation(
        call.copy(0)?,
        BinaryOperator::Custom("%PATTERN".to_owned()),
        build::string(&pattern),
    );
    let text = build::case(
        vec![(build::not(fits), build::string("?"))],
        Some(call.take(0)),
    );
    Ok(build::call(function, vec![text, build::string(&format)]))
}

/// `to_timestamp(text, template)`, or of the seconds since 1970.
pub(super) fn timestamp(call: &mut Call<'_, '_, '_>) -> Diagnosed<Expr> {
    if call.args.len() == 2 {
        return by_template(call, "TO_TIMESTAMP");
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
