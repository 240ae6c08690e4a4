//! # What it does
//! Writes pgvector's negative inner product `a <#> b` as
//! `(-VECTOR_DOT_PRODUCT(a, b))`, and an order by it as
//! `VECTOR_DOT_PRODUCT(a, b) DESC`.
//!
//! # Why
//! IRIS computes the inner product, and uses an HNSW index only for an order by
//! the descending one with a limit.
//!
//! # Example
//! `SELECT id FROM t ORDER BY v <#> $1 LIMIT 5` becomes
//! `SELECT id FROM t ORDER BY VECTOR_DOT_PRODUCT(v, TO_VECTOR($1, DOUBLE)) DESC LIMIT 5`.
//!
//! # Limits
//! Those of `cosine_distance_operator`.
//!
//! # Versions
//! From 2024.1; the index from 2025.1.

use sqlparser::ast::{BinaryOperator, Expr, Statement, UnaryOperator};

use crate::build;
use crate::diagnostic::Diagnosed;
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};
use crate::vector::distance::{Distance, Sides, dot_product, rewrite};

pub(crate) struct NegativeInnerProductOperator;

struct NegativeInnerProduct;

impl Distance for NegativeInnerProduct {
    fn operator(&self, operator: &BinaryOperator) -> Option<&'static str> {
        matches!(operator, BinaryOperator::Custom(name) if name == "<#>").then_some("<#>")
    }

    fn value(&self, sides: Sides, pass: &mut Pass<'_>) -> Diagnosed<Expr> {
        let product = self.key(sides, pass)?;
        Ok(build::nested(Expr::UnaryOp {
            op: UnaryOperator::Minus,
            expr: Box::new(product),
        }))
    }

    fn key(&self, sides: Sides, _pass: &mut Pass<'_>) -> Diagnosed<Expr> {
        Ok(dot_product(sides.left, sides.right))
    }
}

impl Rule for NegativeInnerProductOperator {
    fn name(&self) -> &'static str {
        "negative_inner_product_operator"
    }

    fn summary(&self) -> &'static str {
        "writes a <#> b with VECTOR_DOT_PRODUCT"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::VECTOR)
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        rewrite(&NegativeInnerProduct, tree, pass)
    }
}
