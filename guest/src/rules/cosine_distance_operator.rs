//! # What it does
//! Writes pgvector's cosine distance `a <=> b` as `(1 - VECTOR_COSINE(a, b))`, and
//! an order by it as `VECTOR_COSINE(a, b) DESC`.
//!
//! # Why
//! IRIS computes the similarity, and uses an HNSW index only for an order by the
//! descending similarity with a limit.
//!
//! # Example
//! `SELECT id FROM t ORDER BY v <=> '[1,2]' LIMIT 5` becomes
//! `SELECT id FROM t ORDER BY VECTOR_COSINE(v, TO_VECTOR('[1,2]', DOUBLE)) DESC LIMIT 5`.
//!
//! # Limits
//! Literals and parameters get the elements of the column that they are compared with.
//! Where none is known they are those of the setting `pgiris.vector_type` (`double`,
//! `float`, `decimal`); IRIS refuses to compare vectors of different elements (SQLCODE
//! -259). IRIS computes in double precision and pgvector in single, so distances differ
//! from the seventh digit on. The distance of a vector of zeros is NULL and not NaN.
//! An order by `1 - (a <=> b) DESC` has NULL first, as in PostgreSQL, which keeps IRIS from an index:
//! say NULLS LAST, or let the column be NOT NULL.
//!
//! # Versions
//! From 2024.1; the index from 2025.1.

use sqlparser::ast::{BinaryOperator, Expr, Statement, Value};

use crate::build;
use crate::diagnostic::Diagnosed;
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};
use crate::vector::distance::{Distance, Sides, rewrite};
use crate::walk;

pub(crate) struct CosineDistanceOperator;

struct Cosine;

impl Distance for Cosine {
    fn operator(&self, operator: &BinaryOperator) -> Option<&'static str> {
        matches!(operator, BinaryOperator::Spaceship).then_some("<=>")
    }

    fn value(&self, sides: Sides, pass: &mut Pass<'_>) -> Diagnosed<Expr> {
        let similarity = self.key(sides, pass)?;
        let distance = build::binary(build::number(1), BinaryOperator::Minus, similarity);
        Ok(build::nested(distance))
    }

    fn key(&self, sides: Sides, _pass: &mut Pass<'_>) -> Diagnosed<Expr> {
        Ok(build::call("VECTOR_COSINE", vec![sides.left, sides.right]))
    }
}

impl Rule for CosineDistanceOperator {
    fn name(&self) -> &'static str {
        "cosine_distance_operator"
    }

    fn summary(&self) -> &'static str {
        "writes a <=> b with VECTOR_COSINE"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::VECTOR)
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let changed = rewrite(&Cosine, tree, pass)?;
        if changed {
            walk::expressions(tree, &mut |expression| {
                if let Some(similarity) = similarity_of_complement(expression) {
                    *expression = similarity;
                }
                Ok(())
            })?;
        }
        Ok(changed)
    }
}

/// `1 - (1 - VECTOR_COSINE(a, b))` is the similarity, which an index knows.
fn similarity_of_complement(expression: &Expr) -> Option<Expr> {
    let inner = from_one(expression)?;
    let call = from_one(build::unnested(inner))?;
    matches!(call, Expr::Function(function) if build::function_name(function).as_deref() == Some("vector_cosine"))
        .then(|| call.clone())
}

/// The b of `1 - b`.
fn from_one(expression: &Expr) -> Option<&Expr> {
    let Expr::BinaryOp {
        left,
        op: BinaryOperator::Minus,
        right,
    } = expression
    else {
        return None;
    };
    let Expr::Value(value) = &**left else {
        return None;
    };
    matches!(&value.value, Value::Number(digits, _) if digits == "1").then_some(right)
}
