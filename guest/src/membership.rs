//! The condition that an array parameter becomes, where it need not tell false from unknown.

use sqlparser::ast::{
    BinaryOperator, DataType, Expr, Select, SelectItem, Statement, UnaryOperator,
};

use crate::build;
use crate::diagnostic::Diagnosed;
use crate::placeholder;
use crate::walk::Hooks;

/// Where false and unknown are the same, the condition for true is enough, and an
/// index can serve it.
pub(crate) struct Simplify;

impl Hooks for Simplify {
    fn enter_statement(&mut self, statement: &mut Statement) -> Diagnosed<()> {
        match statement {
            Statement::Update(update) => update.selection.iter_mut().for_each(simplify),
            Statement::Delete(delete) => delete.selection.iter_mut().for_each(simplify),
            _ => {}
        }
        Ok(())
    }

    fn enter_select(&mut self, select: &mut Select) -> Diagnosed<()> {
        let conditions = select.selection.iter_mut().chain(&mut select.having);
        conditions.for_each(simplify);
        for item in &mut select.projection {
            if let SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } = item
                && let Some(value) = value_of(expr)
            {
                *expr = value;
            }
        }
        for join in select.from.iter_mut().flat_map(|from| &mut from.joins) {
            if let Some(condition) = crate::conditions::on_mut(join) {
                simplify(condition);
            }
        }
        Ok(())
    }
}

fn simplify(condition: &mut Expr) {
    match condition {
        Expr::BinaryOp {
            left,
            op: BinaryOperator::And | BinaryOperator::Or,
            right,
        } => {
            simplify(left);
            simplify(right);
        }
        Expr::UnaryOp {
            op: UnaryOperator::Not,
            expr,
        } => {
            if let Some(side) = side_of(expr, false) {
                *condition = build::take(side);
            }
        }
        Expr::Nested(inner) => match side_of(inner, true).map(build::take) {
            Some(side) => *condition = side,
            None => simplify(inner),
        },
        _ => {}
    }
}

/// What rule array_parameter writes, as a BIT.
fn value_of(expression: &mut Expr) -> Option<Expr> {
    let found = side_of(expression, true)?.clone();
    let missing = build::take(side_of(expression, false)?);
    let case = build::case(
        vec![(found, build::number(1)), (missing, build::number(0))],
        None,
    );
    Some(build::cast(case, DataType::Bit(None)))
}

/// The condition under which `(CASE WHEN … THEN 1 WHEN … THEN 0 END) = n`, as the rule
/// writes it, is true, or is false.
fn side_of(expression: &mut Expr, truth: bool) -> Option<&mut Expr> {
    let Expr::BinaryOp {
        left,
        op: BinaryOperator::Eq,
        right,
    } = build::unnested_mut(expression)
    else {
        return None;
    };
    let is_one = **right == build::number(1);
    let Expr::Nested(case) = &mut **left else {
        return None;
    };
    let Expr::Case {
        conditions,
        operand: None,
        else_result: None,
        ..
    } = &mut **case
    else {
        return None;
    };
    let [found, missing] = conditions.as_mut_slice() else {
        return None;
    };
    if !is_search(&found.condition) {
        return None;
    }
    Some(if is_one == truth {
        &mut found.condition
    } else {
        &mut missing.condition
    })
}

/// Whether this is a search in the elements of a parameter.
fn is_search(condition: &Expr) -> bool {
    match build::unnested(condition) {
        Expr::BinaryOp {
            left,
            op: BinaryOperator::Or,
            ..
        } => is_search(left),
        Expr::BinaryOp {
            op: BinaryOperator::Custom(name),
            right,
            ..
        } if name == "%INLIST" => match &**right {
            Expr::Function(function) => build::arguments(function)
                .first()
                .is_some_and(|list| placeholder::is_elements(list)),
            _ => false,
        },
        _ => false,
    }
}
