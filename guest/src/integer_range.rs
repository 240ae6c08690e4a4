//! Whether what is computed of whole numbers alone has room in its type.
//!
//! PostgreSQL manual, "Numeric Types": an attempt to store a value outside of the range is an error,
//! of each operator's result as well. IRIS counts on.

use sqlparser::ast::{BinaryOperator, Expr, UnaryOperator};

use crate::build;
use crate::diagnostic::Diagnosed;
use crate::types::{self, oid};
use crate::wit::{Diagnostic, Oid};

/// A whole number and its type.
type Whole = (i128, Oid);

/// # Errors
/// The result of an operator between constants has no room.
pub(crate) fn check(left: &Expr, op: &BinaryOperator, right: &Expr) -> Diagnosed<()> {
    use BinaryOperator::{Divide, Minus, Multiply, Plus};
    if !matches!(op, Plus | Minus | Multiply | Divide) {
        return Ok(());
    }
    // The right side first: it is short where operators follow each other.
    let Some(right) = constant(right) else {
        return Ok(());
    };
    let Some(left) = constant(left) else {
        return Ok(());
    };
    match computed(left, op, right) {
        Some((value, type_oid)) if !fits(value, type_oid) => {
            let message = format!("{} out of range", types::words(type_oid));
            Err(Diagnostic::error("22003", message))
        }
        _ => Ok(()),
    }
}

fn computed(left: Whole, op: &BinaryOperator, right: Whole) -> Option<Whole> {
    let value = match op {
        BinaryOperator::Plus => left.0.checked_add(right.0)?,
        BinaryOperator::Minus => left.0.checked_sub(right.0)?,
        BinaryOperator::Multiply => left.0.checked_mul(right.0)?,
        BinaryOperator::Divide => left.0.checked_div(right.0)?,
        _ => return None,
    };
    let type_oid = match (left.1, right.1) {
        (oid::INT8, _) | (_, oid::INT8) => oid::INT8,
        (oid::INT4, _) | (_, oid::INT4) => oid::INT4,
        _ => oid::INT2,
    };
    Some((value, type_oid))
}

fn constant(expr: &Expr) -> Option<Whole> {
    match expr {
        Expr::Nested(inner) => constant(inner),
        Expr::Value(_) => {
            let value = build::number_in(expr)?.parse().ok()?;
            let types = [oid::INT4, oid::INT8];
            let known = types.into_iter().find(|known| fits(value, *known))?;
            Some((value, known))
        }
        Expr::UnaryOp {
            op: UnaryOperator::Minus,
            expr,
        } => constant(expr).map(|(value, known)| (-value, known)),
        Expr::Cast {
            expr, data_type, ..
        } => {
            let target = types::of(data_type)?.oid;
            let (value, _) = constant(expr)?;
            let is_whole = matches!(target, oid::INT2 | oid::INT4 | oid::INT8);
            (is_whole && fits(value, target)).then_some((value, target))
        }
        Expr::BinaryOp { left, op, right } => {
            let right = constant(right)?;
            computed(constant(left)?, op, right).filter(|(value, known)| fits(*value, *known))
        }
        _ => None,
    }
}

fn fits(value: i128, type_oid: Oid) -> bool {
    match type_oid {
        oid::INT2 => i16::try_from(value).is_ok(),
        oid::INT4 => i32::try_from(value).is_ok(),
        _ => i64::try_from(value).is_ok(),
    }
}
