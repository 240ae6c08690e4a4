//! # What it does
//! Writes `EXTRACT(field FROM x)` with `DATEPART`.
//!
//! # Why
//! IRIS reserves the word and has no such function. (InterSystems SQL Reference, DATEPART.)
//!
//! # Example
//! `EXTRACT(month FROM d)` becomes `DATEPART('month', d)`.
//!
//! # Limits
//! Fields: year, quarter, month, day, hour, minute, dow and doy. The others are refused: IRIS's
//! seconds have no fraction, its weeks are not those of ISO 8601.
//!
//! # Versions
//! All.

use sqlparser::ast::{BinaryOperator, DateTimeField, Expr, Spanned, Statement};

use crate::build;
use crate::diagnostic::Diagnosed;
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};
use crate::walk;
use crate::wit::Diagnostic;

pub(crate) struct ExtractField;

impl Rule for ExtractField {
    fn name(&self) -> &'static str {
        "extract_field"
    }

    fn summary(&self) -> &'static str {
        "writes EXTRACT with DATEPART"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::RESERVED)
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let (mut changed, text) = (false, pass.text);
        walk::expressions(tree, &mut |expression| {
            let Expr::Extract { field, expr, .. } = expression else {
                return Ok(());
            };
            let Some(part) = part_of(field) else {
                let at = expr.span().start.column.saturating_sub(1);
                return Err(Diagnostic::not_supported(
                    format!("EXTRACT of {field} is not supported"),
                    "extract year, quarter, month, day, hour, minute, dow or doy",
                )
                .at(text, usize::try_from(at).unwrap_or(usize::MAX)));
            };
            let call = build::call("DATEPART", vec![build::string(part), build::take(expr)]);
            // Sunday is 1 for IRIS and 0 for PostgreSQL.
            *expression = if part == "weekday" {
                build::nested(build::binary(call, BinaryOperator::Minus, build::number(1)))
            } else {
                call
            };
            changed = true;
            Ok(())
        })?;
        Ok(changed)
    }
}

/// IRIS's name of a field that means the same.
fn part_of(field: &DateTimeField) -> Option<&'static str> {
    Some(match field.to_string().to_ascii_lowercase().as_str() {
        "year" => "year",
        "quarter" => "quarter",
        "month" => "month",
        "day" => "day",
        "hour" => "hour",
        "minute" => "minute",
        "dow" | "dayofweek" => "weekday",
        "doy" | "dayofyear" => "dayofyear",
        _ => return None,
    })
}
