//! # What it does
//! Refuses pgvector's Euclidean distance `a <-> b` and taxicab distance `a <+> b`.
//!
//! # Why
//! IRIS computes cosines and inner products of vectors only.
//!
//! # Example
//! `SELECT id FROM t ORDER BY v <-> '[1,2]'` is refused with SQLSTATE 0A000.
//!
//! # Limits
//! None: nothing is answered instead.
//!
//! # Versions
//! All.

use sqlparser::ast::{BinaryOperator, Expr, Statement};

use crate::diagnostic::Diagnosed;
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};
use crate::vector;
use crate::walk;
use crate::wit::Diagnostic;

pub(crate) struct EuclideanDistanceOperator;

impl Rule for EuclideanDistanceOperator {
    fn name(&self) -> &'static str {
        "euclidean_distance_operator"
    }

    fn summary(&self) -> &'static str {
        "refuses a <-> b and a <+> b"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::VECTOR)
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        walk::expressions(tree, &mut |expression| {
            let Expr::BinaryOp { left, op, .. } = expression else {
                return Ok(());
            };
            let (operator, name) = match op {
                BinaryOperator::LtDashGt => ("<->", "Euclidean"),
                BinaryOperator::Custom(custom) if custom == "<->" => ("<->", "Euclidean"),
                BinaryOperator::Custom(custom) if custom == "<+>" => ("<+>", "taxicab"),
                _ => return Ok(()),
            };
            Err(
                Diagnostic::not_supported(
                    format!("operator {operator} ({name} distance) is not supported"),
                    "use <=> (cosine distance) or <#> (negative inner product); for vectors of length 1 they give the same order",
                )
                .at(pass.text, vector::operator_at(left, operator, pass.text)),
            )
        })?;
        Ok(false)
    }
}
