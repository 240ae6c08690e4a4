//! # What it does
//! Writes TRUE and FALSE as 1 and 0, and as conditions that hold or do not.
//!
//! # Why
//! IRIS reserves the words but has no such values; its BIT columns hold 1 and 0.
//!
//! # Example
//! `INSERT INTO t VALUES (true)` becomes `INSERT INTO t VALUES (1)`.
//!
//! # Limits
//! None known.
//!
//! # Versions
//! All.

use sqlparser::ast::{BinaryOperator, Expr, Statement, Value};

use crate::build;
use crate::conditions::{self, Place};
use crate::diagnostic::Diagnosed;
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};

pub(crate) struct BooleanLiteral;

impl Rule for BooleanLiteral {
    fn name(&self) -> &'static str {
        "boolean_literal"
    }

    fn summary(&self) -> &'static str {
        "writes TRUE and FALSE as 1 and 0"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::BOOLEAN)
    }

    fn rewrite(&self, tree: &mut Statement, _pass: &mut Pass<'_>) -> Diagnosed<bool> {
        conditions::change(tree, &mut |expression, place| {
            let Expr::Value(value) = &*expression else {
                return Ok(false);
            };
            let Value::Boolean(truth) = value.value else {
                return Ok(false);
            };
            let bit = build::number(u8::from(truth));
            *expression = match place {
                Place::Value => bit,
                Place::Condition => build::binary(build::number(1), BinaryOperator::Eq, bit),
            };
            Ok(true)
        })
    }
}
