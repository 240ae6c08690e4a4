//! # What it does
//! Makes a value of a predicate that stands where IRIS wants one.
//!
//! # Why
//! IRIS has no boolean expressions: `SELECT a = 1` is refused with SQLCODE -25.
//!
//! # Example
//! `SELECT a IS NULL FROM t` becomes
//! `SELECT CAST(CASE WHEN a IS NULL THEN 1 ELSE 0 END AS BIT) FROM t`.
//!
//! # Limits
//! A predicate that may be unknown is evaluated twice, so that NULL stays NULL.
//!
//! # Versions
//! All.

use sqlparser::ast::{DataType, Expr, Statement, UnaryOperator};

use crate::build;
use crate::conditions::{self, Place};
use crate::copies::Copies;
use crate::diagnostic::Diagnosed;
use crate::quantified;
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};
use crate::typing;

pub(crate) struct BooleanValue;

impl Rule for BooleanValue {
    fn name(&self) -> &'static str {
        "boolean_value"
    }

    fn summary(&self) -> &'static str {
        "makes a BIT of a predicate that stands as a value"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::PREDICATE)
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let changed = conditions::change(tree, &mut |expression, place| {
            if place == Place::Condition || !typing::is_predicate(expression) {
                return Ok(false);
            }
            let mut predicate = build::take(expression);
            while let Expr::Nested(inner) = predicate {
                predicate = *inner;
            }
            *expression = value_of(predicate, &mut pass.copies)?;
            Ok(true)
        })?;
        Ok(quantified::turn(tree)? || changed)
    }
}

/// 1, 0 or NULL as the predicate is true, false or unknown.
fn value_of(predicate: Expr, copies: &mut Copies) -> Diagnosed<Expr> {
    let case = if is_known(&predicate) {
        build::case(vec![(predicate, build::number(1))], Some(build::number(0)))
    } else {
        let opposite = build::not(copies.copy(&predicate)?);
        build::case(
            vec![(predicate, build::number(1)), (opposite, build::number(0))],
            None,
        )
    };
    Ok(build::cast(case, DataType::Bit(None)))
}

/// Whether the predicate is never unknown.
fn is_known(predicate: &Expr) -> bool {
    match predicate {
        Expr::Nested(inner)
        | Expr::UnaryOp {
            op: UnaryOperator::Not,
            expr: inner,
        } => is_known(inner),
        Expr::IsNull(_) | Expr::IsNotNull(_) | Expr::Exists { .. } => true,
        _ => false,
    }
}
