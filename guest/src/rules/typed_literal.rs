//! # What it does
//! Writes a literal behind the name of its type as a CAST.
//!
//! # Why
//! IRIS documents no `DATE '…'`, only `{d '…'}` and CAST.
//!
//! # Example
//! `SELECT DATE '2024-02-29'` becomes `SELECT CAST('2024-02-29' AS DATE)`.
//!
//! # Limits
//! IRIS makes 1840-12-31 of an invalid date where PostgreSQL fails. `INTERVAL '…'`: see
//! `interval_value`.
//!
//! # Versions
//! All.

use sqlparser::ast::{Expr, Statement};

use crate::build;
use crate::diagnostic::Diagnosed;
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};
use crate::walk;

pub(crate) struct TypedLiteral;

impl Rule for TypedLiteral {
    fn name(&self) -> &'static str {
        "typed_literal"
    }

    fn summary(&self) -> &'static str {
        "writes DATE '…' and its like as CAST"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::CAST)
    }

    /// The rule for casts, which comes next, finds the type.
    fn rewrite(&self, tree: &mut Statement, _pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let mut changed = false;
        walk::expressions(tree, &mut |expression| {
            if let Expr::TypedString(typed) = expression
                && !typed.uses_odbc_syntax
            {
                *expression =
                    build::cast(Expr::Value(typed.value.clone()), typed.data_type.clone());
                changed = true;
            }
            Ok(())
        })?;
        Ok(changed)
    }
}
