//! A count of rows that is no number as it stands, as PostgreSQL reads it: a `bigint`,
//! rounded, and of NULL all rows.

use sqlparser::ast::{BinaryOperator, Expr, UnaryOperator};

use crate::build;
use crate::copies::Copies;
use crate::diagnostic::Diagnosed;
use crate::functions::braced;
use crate::raise;
use crate::types::{self, oid};
use crate::walk;
use crate::wit::{Diagnostic, Oid};

/// More rows than any query returns.
pub(crate) const EVERY_ROW: u64 = 2_147_483_647;

/// The value of what is made of whole numbers alone.
pub(crate) fn folded(expression: &Expr) -> Option<i64> {
    match expression {
        Expr::Nested(inner) => folded(inner),
        Expr::Value(_) => build::number_in(expression)?.parse().ok(),
        Expr::UnaryOp {
            op: UnaryOperator::Minus,
            expr,
        } => folded(expr)?.checked_neg(),
        Expr::BinaryOp { left, op, right } => {
            let (left, right) = (folded(left)?, folded(right)?);
            match op {
                BinaryOperator::Plus => left.checked_add(right),
                BinaryOperator::Minus => left.checked_sub(right),
                BinaryOperator::Multiply => left.checked_mul(right),
                _ => None,
            }
        }
        _ => None,
    }
}

/// `CASE WHEN count IS NULL THEN every row WHEN count < 0 THEN an error ELSE count END`
///
/// # Errors
/// It names a column, or is no number.
pub(crate) fn checked(
    written: &Expr,
    known: Option<Oid>,
    (clause, negative): (&str, &str),
    inside: bool,
    copies: &mut Copies,
) -> Diagnosed<Expr> {
    if names_a_column(written) && inside {
        // It may be one of the queries around.
        return Err(Diagnostic::not_supported(
            format!("{clause} with a column is not supported"),
            "number the rows with ROW_NUMBER() in a subquery",
        ));
    }
    if names_a_column(written) {
        return Err(Diagnostic::error(
            "42P10",
            format!("argument of {clause} must not contain variables"),
        ));
    }
    let count = match known {
        Some(oid::INT2 | oid::INT4 | oid::INT8) => build::nested(written.clone()),
        None | Some(oid::NUMERIC | oid::FLOAT4 | oid::FLOAT8) => {
            let whole = build::unnested(written).clone();
            braced("ROUND", vec![whole, build::number(0)])
        }
        Some(other) => {
            return Err(Diagnostic::error(
                "42804",
                format!(
                    "argument of {clause} must be type bigint, not type {}",
                    types::words(other)
                ),
            ));
        }
    };
    let every = match clause {
        "OFFSET" => 0,
        _ => EVERY_ROW,
    };
    let is_null = Expr::IsNull(Box::new(copies.copy(&count)?));
    let is_negative = build::binary(copies.copy(&count)?, BinaryOperator::Lt, build::number(0));
    let failure = raise::plain(negative, &format!("{clause} must not be negative"));
    Ok(build::case(
        vec![(is_null, build::number(every)), (is_negative, failure)],
        Some(count),
    ))
}

/// Whether a column stands outside of subqueries.
fn names_a_column(expression: &Expr) -> bool {
    let mut named = false;
    walk::outside_queries(&mut expression.clone(), &mut |part| {
        named |= matches!(part, Expr::Identifier(_) | Expr::CompoundIdentifier(_));
    });
    named
}
