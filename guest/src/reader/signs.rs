//! What operators before their operands bind.
//!
//! PostgreSQL manual, "Operator Precedence": a sign binds tighter than `^`, and every other
//! operator before its operand less than `+`. The parser takes them otherwise.

use sqlparser::ast::{BinaryOperator, Expr, Statement, UnaryOperator};

use crate::build;
use crate::diagnostic::Diagnosed;
use crate::walk::{self, Hooks};

/// Brings a tree into the order that PostgreSQL reads.
pub(super) fn bind(tree: &mut Statement) -> Diagnosed<()> {
    walk::statement(tree, &mut Signs)
}

struct Signs;

impl Hooks for Signs {
    fn leave_expression(&mut self, expr: &mut Expr) -> Diagnosed<()> {
        match expr {
            Expr::UnaryOp {
                op: UnaryOperator::Minus | UnaryOperator::Plus,
                expr: inner,
            } if is_power(inner) => {
                let power = build::take(inner);
                let sign = std::mem::replace(expr, power);
                move_sign(expr, sign);
            }
            Expr::BinaryOp { left, op, right } if is_arithmetic(op) => {
                if let Some(operand) = operand_of_prefix(left) {
                    let first = build::take(operand);
                    let operation = build::binary(first, op.clone(), build::take(right));
                    *operand = build::nested(operation);
                    *expr = build::take(left);
                }
            }
            _ => {}
        }
        Ok(())
    }
}

fn is_power(expr: &Expr) -> bool {
    matches!(
        expr,
        Expr::BinaryOp {
            op: BinaryOperator::PGExp,
            ..
        }
    )
}

/// Puts a sign, whose operand has been taken, before the first operand of a chain of powers.
fn move_sign(power: &mut Expr, mut sign: Expr) {
    let mut first = power;
    while let Expr::BinaryOp {
        left,
        op: BinaryOperator::PGExp,
        ..
    } = first
    {
        first = left;
    }
    if let Expr::UnaryOp { expr, .. } = &mut sign {
        **expr = build::take(first);
    }
    *first = build::nested(sign);
}

/// Operators that bind tighter than one before its operand.
fn is_arithmetic(op: &BinaryOperator) -> bool {
    use BinaryOperator as O;
    matches!(
        op,
        O::Plus | O::Minus | O::Multiply | O::Divide | O::Modulo | O::PGExp
    )
}

/// The operand of the operator that the last operand of an expression begins with.
fn operand_of_prefix(expr: &mut Expr) -> Option<&mut Expr> {
    match expr {
        Expr::BinaryOp { right, .. } => operand_of_prefix(right),
        Expr::UnaryOp {
            op:
                UnaryOperator::PGAbs
                | UnaryOperator::PGSquareRoot
                | UnaryOperator::PGCubeRoot
                | UnaryOperator::BitwiseNot,
            expr,
        } => Some(expr),
        _ => None,
    }
}
