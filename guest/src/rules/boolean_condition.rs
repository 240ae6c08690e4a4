//! # What it does
//! Compares a value that stands as a condition with 1.
//!
//! # Why
//! IRIS wants a predicate after WHERE, ON, HAVING, WHEN, NOT and beside AND and
//! OR; a column alone is refused with SQLCODE -14.
//!
//! # Example
//! `SELECT a FROM t WHERE done` becomes `SELECT a FROM t WHERE done = 1`.
//!
//! # Limits
//! A value that is no boolean is refused by PostgreSQL and compared here.
//!
//! # Versions
//! All.

use sqlparser::ast::{BinaryOperator, Expr, Statement, UnaryOperator};

use crate::build;
use crate::conditions::{self, Place};
use crate::diagnostic::Diagnosed;
use crate::placeholder;
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};
use crate::types::oid;
use crate::typing;

pub(crate) struct BooleanCondition;

impl Rule for BooleanCondition {
    fn name(&self) -> &'static str {
        "boolean_condition"
    }

    fn summary(&self) -> &'static str {
        "compares a value that stands as a condition with 1"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::CONDITION)
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        conditions::change(tree, &mut |expression, place| {
            if let Expr::UnaryOp {
                op: UnaryOperator::Not,
                expr: operand,
            } = expression
            {
                // NOT binds as it should in parentheses, in either grammar.
                if matches!(
                    **operand,
                    Expr::BinaryOp {
                        op: BinaryOperator::Eq,
                        ..
                    }
                ) {
                    **operand = Expr::Nested(Box::new(build::take(operand)));
                }
            }
            // Within parentheses it has been compared already.
            if place == Place::Value
                || typing::is_predicate(expression)
                || matches!(expression, Expr::Nested(_))
            {
                return Ok(false);
            }
            if let Some(number) = placeholder::number_of(expression) {
                pass.parameter_type(number, oid::BOOL);
            }
            let value = build::nested(build::take(expression));
            *expression = build::binary(value, BinaryOperator::Eq, build::number(1));
            Ok(true)
        })
    }
}
