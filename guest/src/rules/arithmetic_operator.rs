//! # What it does
//! Writes `%`, `^`, `|/` and `@` as calls, and refuses operators on bits.
//!
//! # Why
//! IRIS's `%` begins names, and it has none of the others; its `&` and `!` join conditions.
//! (InterSystems SQL, "Language Elements".)
//!
//! # Example
//! `a % 2 ^ 3` becomes `MOD(a, POWER(2, 3))`.
//!
//! # Limits
//! `||/` is refused, and so are the operators on bits that `bit_operator` leaves.
//!
//! # Versions
//! All.

use sqlparser::ast::{BinaryOperator, Expr, Spanned, Statement, UnaryOperator};

use crate::build;
use crate::diagnostic::Diagnosed;
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};
use crate::types::oid;
use crate::typing;
use crate::walk;
use crate::wit::Diagnostic;

pub(crate) struct ArithmeticOperator;

impl Rule for ArithmeticOperator {
    fn name(&self) -> &'static str {
        "arithmetic_operator"
    }

    fn summary(&self) -> &'static str {
        "writes %, ^, |/ and @ as calls"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::ARITHMETIC) || marks.has(Marks::PREDICATE)
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let mut changed = false;
        walk::expressions(tree, &mut |expr| {
            if let Some(replacement) = replacement(expr, pass)? {
                *expr = replacement;
                changed = true;
            }
            Ok(())
        })?;
        Ok(changed)
    }
}

fn replacement(expr: &mut Expr, pass: &Pass<'_>) -> Diagnosed<Option<Expr>> {
    use BinaryOperator as O;
    Ok(match expr {
        Expr::BinaryOp { left, op, right } => match op {
            O::Modulo if is_inexact(left) || is_inexact(right) => {
                let near = left.span().start.column.saturating_sub(1) as usize;
                return Err(Diagnostic::error(
                    "42883",
                    "operator does not exist: double precision % double precision",
                )
                .with_hint("cast both sides to numeric")
                .at(pass.text, near));
            }
            O::Modulo => Some(call("MOD", vec![build::take(left), build::take(right)])),
            O::PGExp => Some(call("POWER", vec![build::take(left), build::take(right)])),
            O::BitwiseAnd | O::BitwiseOr | O::PGBitwiseShiftLeft | O::PGBitwiseShiftRight => {
                return Err(refused(&op.to_string(), left, pass));
            }
            _ => None,
        },
        Expr::UnaryOp { op, expr: inner } => match op {
            UnaryOperator::PGSquareRoot => Some(call("SQRT", vec![build::take(inner)])),
            UnaryOperator::PGAbs => Some(call("ABS", vec![build::take(inner)])),
            UnaryOperator::PGCubeRoot | UnaryOperator::BitwiseNot => {
                return Err(refused(&op.to_string(), inner, pass));
            }
            _ => None,
        },
        _ => None,
    })
}

fn is_inexact(expr: &Expr) -> bool {
    matches!(typing::of(expr), Some(oid::FLOAT4 | oid::FLOAT8))
}

fn call(name: &str, arguments: Vec<Expr>) -> Expr {
    let plain = |argument| match argument {
        Expr::Nested(inner) => *inner,
        other => other,
    };
    build::call(name, arguments.into_iter().map(plain).collect())
}

fn refused(operator: &str, near: &Expr, pass: &Pass<'_>) -> Diagnostic {
    Diagnostic::not_supported(
        format!("operator {operator} is not supported"),
        "IRIS has no such operator; compute it in the client",
    )
    .at(
        pass.text,
        near.span().start.column.saturating_sub(1) as usize,
    )
}
