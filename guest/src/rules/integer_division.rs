//! # What it does
//! Divides integers as PostgreSQL does: `/` of two integers is IRIS's `\`.
//!
//! # Why
//! IRIS's `/` never does integer division: `17 / 7` is 2.428571428571428571. (InterSystems SQL,
//! "Language Elements".)
//!
//! # Example
//! `SELECT 7 / 2` becomes `SELECT 7 \ 2`; columns are divided by their types.
//!
//! # Limits
//! Only where the types of both sides are known: of literals, casts, parameters with a type, and
//! columns of tables that IRIS tells of.
//!
//! # Versions
//! All.

use sqlparser::ast::{BinaryOperator, Expr, Statement};

use crate::diagnostic::Diagnosed;
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};
use crate::scope::{ScopedHooks, Scopes, scoped};
use crate::types::oid;

pub(crate) struct IntegerDivision;

impl Rule for IntegerDivision {
    fn name(&self) -> &'static str {
        "integer_division"
    }

    fn summary(&self) -> &'static str {
        "divides integers without a fraction"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::DIVISION)
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let mut walk = Walk { changed: false };
        scoped(tree, pass.relations, &pass.parameters, &mut walk)?;
        Ok(walk.changed)
    }
}

struct Walk {
    changed: bool,
}

impl ScopedHooks for Walk {
    fn leave_expression(&mut self, expr: &mut Expr, scopes: &mut Scopes<'_>) -> Diagnosed<()> {
        let is_integer = |side: &Expr| {
            scopes
                .type_of(side)
                .is_some_and(|oid| matches!(oid, oid::INT2 | oid::INT4 | oid::INT8))
        };
        if let Expr::BinaryOp { left, op, right } = expr
            && *op == BinaryOperator::Divide
            && is_integer(left)
            && is_integer(right)
        {
            *op = integer_division();
            self.changed = true;
        }
        Ok(())
    }
}

/// IRIS's `\`.
pub(crate) fn integer_division() -> BinaryOperator {
    BinaryOperator::Custom("\\".to_owned())
}
