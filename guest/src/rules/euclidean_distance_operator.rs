//! # What it does
//! Writes pgvector's Euclidean distance `a <-> b` as the root of |a|² + |b|² - 2ab, and
//! refuses the taxicab distance `a <+> b`.
//!
//! # Why
//! IRIS computes cosines and inner products of vectors only.
//!
//! # Example
//! `SELECT v <-> w FROM t` becomes
//! `SELECT SQRT(GREATEST(VECTOR_DOT_PRODUCT(v, v) + VECTOR_DOT_PRODUCT(w, w) - 2 * VECTOR_DOT_PRODUCT(v, w), 0)) FROM t`.
//!
//! # Limits
//! The sums are those of double precision, so that a distance is right to some 1e-8 of
//! the length of its vectors; pgvector, which sums up the squares of the differences in
//! single precision, is right to some 1e-7 of the distance. Equal vectors have the
//! distance 0, and those that are nearly equal may be told apart less well than by
//! pgvector. Of vectors of FLOAT, and for the taxicab distance, it is refused. No index
//! serves it.
//!
//! # Versions
//! From 2024.1.

use sqlparser::ast::{BinaryOperator, Expr, Statement};

use crate::build;
use crate::diagnostic::Diagnosed;
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};
use crate::vector::distance::{Distance, Sides, Squares, rewrite};
use crate::vector::operator_at;
use crate::walk;
use crate::wit::Diagnostic;

pub(crate) struct EuclideanDistanceOperator;

struct Euclidean;

impl Distance for Euclidean {
    fn operator(&self, operator: &BinaryOperator) -> Option<&'static str> {
        match operator {
            BinaryOperator::LtDashGt => Some("<->"),
            BinaryOperator::Custom(name) if name == "<->" => Some("<->"),
            _ => None,
        }
    }

    fn value(&self, sides: Sides, pass: &mut Pass<'_>) -> Diagnosed<Expr> {
        let square = Squares::of(sides, pass)?.value();
        Ok(build::call("SQRT", vec![square]))
    }

    fn key(&self, sides: Sides, pass: &mut Pass<'_>) -> Diagnosed<Expr> {
        Ok(Squares::of(sides, pass)?.key())
    }
}

impl Rule for EuclideanDistanceOperator {
    fn name(&self) -> &'static str {
        "euclidean_distance_operator"
    }

    fn summary(&self) -> &'static str {
        "writes a <-> b with VECTOR_DOT_PRODUCT, refuses a <+> b"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::VECTOR)
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        walk::expressions(tree, &mut |expression| {
            match expression {
            Expr::BinaryOp { left, op, .. } if *op == BinaryOperator::Custom("<+>".to_owned()) => {
                Err(Diagnostic::not_supported(
                    "operator <+> (taxicab distance) is not supported",
                    "use <-> (Euclidean distance), <=> (cosine distance) or <#> (negative inner product)",
                )
                .at(pass.text, operator_at(left, "<+>", pass.text)))
            }
            _ => Ok(()),
        }
        })?;
        rewrite(&Euclidean, tree, pass)
    }
}
