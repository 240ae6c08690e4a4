//! ANY and ALL of a subquery behind NOT.
//!
//! To PostgreSQL such a comparison is unknown where a NULL may decide it; IRIS documents when it is
//! true, and nothing else (InterSystems SQL Reference, "ALL", "ANY"). `NOT (a > ALL (…))` is true where
//! `a <= ANY (…)` is.

use sqlparser::ast::{BinaryOperator, Expr, Statement, UnaryOperator};

use crate::build;
use crate::diagnostic::Diagnosed;
use crate::look::{self, Node};
use crate::walk;

/// Writes every NOT of a quantified comparison as the opposite one; tells whether there was any.
pub(crate) fn turn(tree: &mut Statement) -> Diagnosed<bool> {
    let is_quantified = |node: Node<'_>| {
        matches!(
            node,
            Node::Expression(Expr::AnyOp { .. } | Expr::AllOp { .. })
        )
    };
    if !look::finds(tree, &mut |node| is_quantified(node)) {
        return Ok(false);
    }
    let mut changed = false;
    walk::expressions(tree, &mut |expr| {
        if let Expr::UnaryOp {
            op: UnaryOperator::Not,
            expr: inner,
        } = expr
            && decides(inner)
        {
            *expr = opposite(build::take(inner));
            changed = true;
        }
        Ok(())
    })?;
    Ok(changed)
}

/// Whether a condition is such a comparison, or several of which one is.
fn decides(condition: &Expr) -> bool {
    match condition {
        Expr::AnyOp { compare_op, .. } | Expr::AllOp { compare_op, .. } => {
            negated(compare_op).is_some()
        }
        Expr::Nested(inner)
        | Expr::UnaryOp {
            op: UnaryOperator::Not,
            expr: inner,
        } => decides(inner),
        Expr::BinaryOp {
            left,
            op: BinaryOperator::And | BinaryOperator::Or,
            right,
        } => decides(left) || decides(right),
        _ => false,
    }
}

/// What is true where the condition is false.
fn opposite(condition: Expr) -> Expr {
    match condition {
        Expr::Nested(inner) => build::nested(opposite(*inner)),
        Expr::UnaryOp {
            op: UnaryOperator::Not,
            expr,
        } => *expr,
        Expr::BinaryOp {
            left,
            op: op @ (BinaryOperator::And | BinaryOperator::Or),
            right,
        } => {
            let op = match op {
                BinaryOperator::And => BinaryOperator::Or,
                _ => BinaryOperator::And,
            };
            build::nested(build::binary(opposite(*left), op, opposite(*right)))
        }
        Expr::AnyOp {
            left,
            compare_op,
            right,
            is_some,
        } => match negated(&compare_op) {
            Some(compare_op) => Expr::AllOp {
                left,
                compare_op,
                right,
            },
            None => build::not(Expr::AnyOp {
                left,
                compare_op,
                right,
                is_some,
            }),
        },
        Expr::AllOp {
            left,
            compare_op,
            right,
        } => match negated(&compare_op) {
            Some(compare_op) => Expr::AnyOp {
                left,
                compare_op,
                right,
                is_some: false,
            },
            None => build::not(Expr::AllOp {
                left,
                compare_op,
                right,
            }),
        },
        other => build::not(other),
    }
}

fn negated(op: &BinaryOperator) -> Option<BinaryOperator> {
    use BinaryOperator as O;
    Some(match op {
        O::Eq => O::NotEq,
        O::NotEq => O::Eq,
        O::Lt => O::GtEq,
        O::LtEq => O::Gt,
        O::Gt => O::LtEq,
        O::GtEq => O::Lt,
        _ => return None,
    })
}
