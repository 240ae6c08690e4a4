//! # What it does
//! Writes `x::type` and `CAST(x AS type)` as a CAST to a type that IRIS has.
//!
//! # Why
//! IRIS takes a colon for a host variable, refuses CAST to `text`, `boolean`,
//! `float` … (SQLCODE -376), and cuts `CAST(x AS VARCHAR)` at 30 characters.
//!
//! # Example
//! `SELECT a::text FROM t` becomes `SELECT CAST(a AS VARCHAR(32767)) FROM t`.
//!
//! # Limits
//! IRIS truncates where PostgreSQL rounds to an integer, and makes 0 of text that
//! is no number where PostgreSQL fails. Types with a time zone lose it.
//! A boolean column as text is 1 or 0: the rules do not know its type. Types
//! without an equivalent (arrays, `interval`, ranges, `regclass` …) are refused.
//!
//! # Versions
//! All.

use sqlparser::ast::{CastKind, DataType, Expr, Spanned, Statement, Value};

use crate::build;
use crate::copies::Copies;
use crate::diagnostic::Diagnosed;
use crate::placeholder;
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};
use crate::types::{self, oid};
use crate::typing;
use crate::walk;
use crate::wit::Diagnostic;

pub(crate) struct DoubleColonCast;

impl Rule for DoubleColonCast {
    fn name(&self) -> &'static str {
        "double_colon_cast"
    }

    fn summary(&self) -> &'static str {
        "writes casts as CAST to a type that IRIS has"
    }

    fn concerns(&self, marks: Marks) -> bool {
        // A literal in VALUES or a set operation may have got one.
        marks.has(Marks::CAST.and(Marks::VALUES).and(Marks::SET_OPERATION))
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let mut changed = false;
        walk::expressions(tree, &mut |expression| {
            let Expr::Cast {
                kind: CastKind::Cast | CastKind::DoubleColon,
                ..
            } = expression
            else {
                return Ok(());
            };
            if let Some(replacement) = replacement(expression, pass)? {
                changed |= *expression != replacement;
                *expression = replacement;
            }
            Ok(())
        })?;
        Ok(changed)
    }
}

/// What IRIS has for a cast; none if it is IRIS's own.
fn replacement(cast: &Expr, pass: &mut Pass<'_>) -> Diagnosed<Option<Expr>> {
    let Expr::Cast {
        kind,
        expr: inner,
        data_type,
        ..
    } = cast
    else {
        return Ok(None);
    };
    let Some(known) = types::of(data_type) else {
        return match kind {
            CastKind::DoubleColon => Ok(Some(build::cast((**inner).clone(), data_type.clone()))),
            _ => Ok(None),
        };
    };
    if let Some(number) = placeholder::number_of(build::unnested(inner)) {
        pass.parameter_type(number, known.oid);
    }
    let Some(target) = known.cast_target(data_type) else {
        return Err(Diagnostic::not_supported(
            format!(
                "cast to type {} is not supported",
                types::display_name(data_type, &known)
            ),
            "IRIS has no such type; cast to text, or convert the value in the client",
        )
        .at(
            pass.text,
            inner.span().start.column.saturating_sub(1) as usize,
        ));
    };
    if known.oid == oid::BOOL {
        return boolean(inner, target, pass).map(Some);
    }
    if typing::of(inner) == Some(oid::BOOL) && matches!(known.kind, types::Kind::Text(_)) {
        return truth_in_words(inner, &mut pass.copies).map(Some);
    }
    Ok(Some(build::cast((**inner).clone(), target)))
}

/// `'yes'::boolean` is known now; IRIS would take it for 0.
fn boolean(inner: &Expr, target: DataType, pass: &Pass<'_>) -> Diagnosed<Expr> {
    let Expr::Value(value) = build::unnested(inner) else {
        return Ok(build::cast(inner.clone(), target));
    };
    let Value::SingleQuotedString(word) = &value.value else {
        return Ok(build::cast(inner.clone(), target));
    };
    let Some(truth) = truth_of(word) else {
        return Err(Diagnostic::error(
            "22P02",
            format!(
                "invalid input syntax for type boolean: \"{}\"",
                word.replace("''", "'")
            ),
        )
        .at(
            pass.text,
            value.span.start.column.saturating_sub(1) as usize,
        ));
    };
    Ok(build::cast(build::number(u8::from(truth)), target))
}

/// The spellings of PostgreSQL's `boolin`: a prefix that tells them apart.
fn truth_of(word: &str) -> Option<bool> {
    let word = word.trim().to_ascii_lowercase();
    let is = |full: &str, least: usize| word.len() >= least && full.starts_with(&word);
    if is("true", 1) || is("yes", 1) || is("on", 2) || word == "1" {
        Some(true)
    } else if is("false", 1) || is("no", 1) || is("off", 2) || word == "0" {
        Some(false)
    } else {
        None
    }
}

/// A boolean as text is `true` or `false`.
fn truth_in_words(inner: &Expr, copies: &mut Copies) -> Diagnosed<Expr> {
    let condition = build::unnested(inner).clone();
    let opposite = build::not(copies.copy(&condition)?);
    Ok(build::case(
        vec![
            (condition, build::string("true")),
            (opposite, build::string("false")),
        ],
        None,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn booleans_are_spelled_as_in_postgresql() {
        for word in ["t", "TRUE", "tru", "y", "yes", "on", "1", " true "] {
            assert_eq!(truth_of(word), Some(true), "{word}");
        }
        for word in ["f", "False", "n", "no", "of", "off", "0"] {
            assert_eq!(truth_of(word), Some(false), "{word}");
        }
        for word in ["", "o", "2", "trues", "ja"] {
            assert_eq!(truth_of(word), None, "{word}");
        }
    }
}
