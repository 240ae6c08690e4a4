//! # What it does
//! Writes casts to pgvector's type as `TO_VECTOR`.
//!
//! # Why
//! IRIS makes vectors by a function; CAST knows no such type.
//!
//! # Example
//! `INSERT INTO t (v) VALUES ($1::vector(3))` becomes
//! `INSERT INTO t (v) VALUES (TO_VECTOR($1, DOUBLE, 3))`.
//!
//! # Limits
//! With a length, IRIS pads or cuts where pgvector refuses. `halfvec` and
//! `sparsevec` are refused.
//!
//! # Versions
//! From 2024.1.

use sqlparser::ast::{Expr, Statement};

use crate::build;
use crate::diagnostic::Diagnosed;
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};
use crate::types::{self, Kind};
use crate::vector;
use crate::walk;

pub(crate) struct VectorCast;

impl Rule for VectorCast {
    fn name(&self) -> &'static str {
        "vector_cast"
    }

    fn summary(&self) -> &'static str {
        "writes casts to vector as TO_VECTOR"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::VECTOR)
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let mut changed = false;
        walk::expressions(tree, &mut |expression| {
            if let Expr::Cast {
                expr, data_type, ..
            } = expression
                && let Some(Kind::Vector(length)) = types::of(data_type).map(|known| known.kind)
            {
                *expression = vector::cast(build::take(expr), length, pass);
                changed = true;
            }
            Ok(())
        })?;
        Ok(changed)
    }
}
