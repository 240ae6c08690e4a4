//! Casts to `boolean` and `uuid`, and of documents and arrays.

use sqlparser::ast::{BinaryOperator, DataType, Expr};

use super::number::not_like;
use super::{Operand, is_string};
use crate::build;
use crate::diagnostic::Diagnosed;
use crate::functions::longest;
use crate::raise;
use crate::types::{self, named, oid};
use crate::wit::{Diagnostic, Oid};

/// The spellings of PostgreSQL's `boolin`: prefixes that tell the words apart.
const TRUE: &[&str] = &["t", "tr", "tru", "true", "y", "ye", "yes", "on", "1"];
const FALSE: &[&str] = &[
    "f", "fa", "fal", "fals", "false", "n", "no", "of", "off", "0",
];

const GUID: &str = "8E1\"-\"4E1\"-\"4E1\"-\"4E1\"-\"12E";

/// The truth that a word means.
pub(crate) fn truth_of(word: &str) -> Option<bool> {
    let word = word.trim().to_ascii_lowercase();
    if TRUE.contains(&word.as_str()) {
        Some(true)
    } else {
        FALSE.contains(&word.as_str()).then_some(false)
    }
}

pub(super) fn boolean(operand: &mut Operand<'_>) -> Diagnosed<Option<Expr>> {
    if !operand.is_text() {
        return Ok(None);
    }
    let mut is_one_of = |words: &[&str]| -> Diagnosed<Expr> {
        Ok(Expr::InList {
            expr: Box::new(build::call("LOWER", vec![operand.trimmed()?])),
            list: words.iter().map(|word| build::string(word)).collect(),
            negated: false,
        })
    };
    let (yes, no) = (is_one_of(TRUE)?, is_one_of(FALSE)?);
    let is_there = Expr::IsNotNull(Box::new(build::nested(operand.copy()?)));
    let failure = raise::about(
        "22P02",
        "invalid input syntax for type boolean: \"",
        operand.copy()?,
        "\"",
    );
    let case = build::case(
        vec![
            (yes, build::number(1)),
            (no, build::number(0)),
            (is_there, failure),
        ],
        None,
    );
    Ok(Some(build::cast(case, DataType::Bit(None))))
}

/// IRIS takes any text for a GUID.
pub(super) fn uuid(operand: &mut Operand<'_>) -> Diagnosed<Option<Expr>> {
    if !operand.is_text() {
        return Ok(None);
    }
    let lower = |operand: &mut Operand<'_>| -> Diagnosed<Expr> {
        Ok(build::call("LOWER", vec![operand.trimmed()?]))
    };
    let rest = build::call(
        "$TRANSLATE",
        vec![lower(operand)?, build::string("0123456789abcdef")],
    );
    let condition = build::binary(
        not_like(operand.trimmed()?, GUID),
        BinaryOperator::Or,
        build::binary(rest, BinaryOperator::NotEq, build::string("----")),
    );
    let failure = raise::about(
        "22P02",
        "invalid input syntax for type uuid: \"",
        operand.copy()?,
        "\"",
    );
    let guid = || named("GUID");
    let value = build::cast(lower(operand)?, guid());
    Ok(Some(build::case(
        vec![(condition, build::cast(failure, guid()))],
        Some(value),
    )))
}

/// Documents, arrays and intervals, which are texts that PostgreSQL writes in one way only.
///
/// # Errors
/// IRIS would have to read the document, or the array.
pub(super) fn kept(operand: &mut Operand<'_>, from: Oid, to: Oid) -> Diagnosed<Option<Expr>> {
    let is_shown = is_string(to) || (from, to) == (oid::JSONB, oid::JSON);
    if from == to || is_shown || types::kept::is_array_like(from, to) {
        let value = build::take(&mut operand.expr);
        return Ok(Some(match is_shown {
            // The text is as long as the document.
            true => build::cast(value, longest()),
            false => build::nested(value),
        }));
    }
    let (from, to) = (types::words(from), types::words(to));
    Err(Diagnostic::not_supported(
        format!("cast from type {from} to {to} is not supported"),
        "IRIS reads neither documents nor arrays nor intervals: convert the value in the client",
    ))
}
