//! # What it does
//! Writes casts to pgvector's type as `TO_VECTOR`.
//!
//! # Why
//! IRIS makes vectors by a function; CAST knows no such type.
//!
//! # Example
//! `SELECT '[1,2]'::vector(2)` becomes `SELECT TO_VECTOR('[1,2]', DOUBLE)`.
//!
//! # Limits
//! The length of a cast is checked of literals and of columns, not of parameters and of
//! computed text. `halfvec` is rounded as pgvector rounds it where it is a literal or a
//! parameter, and refused where it is computed. Of arrays, only those of written numbers
//! become vectors. `sparsevec` is refused, and the form `vector '[1,2]'` is not read.
//!
//! # Versions
//! From 2024.1.

use sqlparser::ast::{Expr, Statement};

use crate::build;
use crate::diagnostic::Diagnosed;
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};
use crate::scope::{ScopedHooks, Scopes, scoped};
use crate::vector::operand::written;
use crate::vector::{default_element, type_of};

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
        let relations = pass.relations;
        let parameters = pass.parameters.clone();
        let mut walk = Casts {
            pass,
            changed: false,
        };
        scoped(tree, relations, &parameters, &mut walk)?;
        Ok(walk.changed)
    }
}

struct Casts<'a, 'b> {
    pass: &'a mut Pass<'b>,
    changed: bool,
}

impl ScopedHooks for Casts<'_, '_> {
    fn enter_expression(
        &mut self,
        expression: &mut Expr,
        scopes: &mut Scopes<'_>,
    ) -> Diagnosed<()> {
        let is_cast = match &*expression {
            Expr::Cast { data_type, .. } => type_of(data_type).is_some(),
            Expr::TypedString(typed) => type_of(&typed.data_type).is_some(),
            _ => false,
        };
        if is_cast {
            let element = default_element(self.pass);
            *expression = written(build::take(expression), element, self.pass, scopes)?;
            self.changed = true;
        }
        Ok(())
    }
}
