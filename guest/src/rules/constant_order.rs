//! # What it does
//! Leaves constants out of ORDER BY: rows are not sorted by what is the same for all of them. A number
//! in parentheses is the place of a column, and what is neither is refused.
//!
//! # Why
//! IRIS is not known to tell `2::int` or `+2` from the place of a column, and a rule may make a bare
//! number of an expression: `coalesce(2)`. (PostgreSQL: `findTargetlistEntrySQL92`.)
//!
//! # Example
//! `SELECT a FROM t ORDER BY 1::int, a` becomes `SELECT a FROM t ORDER BY a`.
//!
//! # Limits
//! Parameters, and functions without columns, are sorted by.
//!
//! # Versions
//! All.

use sqlparser::ast::{
    DataType, Expr, OrderByExpr, OrderByKind, Query, Statement, UnaryOperator, Value, ValueWithSpan,
};

use crate::build;
use crate::diagnostic::Diagnosed;
use crate::place;
use crate::placeholder;
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};
use crate::walk::{self, Hooks};
use crate::wit::Diagnostic;

pub(crate) struct ConstantOrder;

impl Rule for ConstantOrder {
    fn name(&self) -> &'static str {
        "constant_order"
    }

    fn summary(&self) -> &'static str {
        "leaves constants out of ORDER BY"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::ORDER)
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let mut walk = Walk {
            text: pass.text,
            changed: false,
        };
        walk::statement(tree, &mut walk)?;
        Ok(walk.changed)
    }
}

struct Walk<'a> {
    text: &'a str,
    changed: bool,
}

impl Hooks for Walk<'_> {
    fn enter_query(&mut self, query: &mut Query) -> Diagnosed<()> {
        let Some(order) = &mut query.order_by else {
            return Ok(());
        };
        let OrderByKind::Expressions(items) = &mut order.kind else {
            return Ok(());
        };
        for item in items.iter_mut() {
            self.place(item)?;
        }
        let before = items.len();
        items.retain(|item| !is_same_for_all(&item.expr));
        self.changed |= items.len() < before;
        if items.is_empty() {
            query.order_by = None;
        }
        Ok(())
    }
}

impl Walk<'_> {
    /// A constant is the place of a column, or an error.
    fn place(&mut self, item: &mut OrderByExpr) -> Diagnosed<()> {
        let at = |error: Diagnostic| error.at(self.text, place::of(&item.expr));
        match build::unnested(&item.expr) {
            Expr::Value(ValueWithSpan { value, .. }) => match value {
                Value::Number(digits, _) if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
                    if matches!(item.expr, Expr::Nested(_)) {
                        item.expr = build::number(digits);
                        self.changed = true;
                    }
                    Ok(())
                }
                Value::Placeholder(_) => Ok(()),
                _ => Err(at(Diagnostic::error(
                    "42601",
                    "non-integer constant in ORDER BY",
                ))),
            },
            Expr::UnaryOp {
                op: UnaryOperator::Minus,
                expr,
            } => match integer(expr) {
                Some(digits) => {
                    let message = format!("ORDER BY position -{digits} is not in select list");
                    let behind = self.text.get(..place::of(expr)).unwrap_or_default();
                    let sign = behind.rfind('-').unwrap_or_default();
                    Err(Diagnostic::error("42P10", message).at(self.text, sign))
                }
                None => Ok(()),
            },
            _ => Ok(()),
        }
    }
}

fn integer(expression: &Expr) -> Option<&str> {
    match build::unnested(expression) {
        Expr::Value(ValueWithSpan {
            value: Value::Number(digits, _),
            ..
        }) if digits.bytes().all(|byte| byte.is_ascii_digit()) => Some(digits),
        _ => None,
    }
}

/// Whether an expression is made of constants, and is no place of a column.
fn is_same_for_all(expression: &Expr) -> bool {
    integer(expression).is_none() && is_constant(expression)
}

fn is_constant(expression: &Expr) -> bool {
    match expression {
        Expr::Nested(inner) | Expr::UnaryOp { expr: inner, .. } => is_constant(inner),
        // Documents of that type have no order, which is to be said.
        Expr::Cast {
            expr: inner,
            data_type,
            ..
        } => *data_type != DataType::JSON && is_constant(inner),
        Expr::BinaryOp { left, right, .. } => is_constant(left) && is_constant(right),
        Expr::Value(_) => placeholder::number_of(expression).is_none(),
        Expr::TypedString(_) => true,
        Expr::Function(function) => {
            let is_choice = build::function_name(function).is_some_and(|name| {
                matches!(name.as_str(), "coalesce" | "nullif" | "greatest" | "least")
            });
            let arguments = build::arguments(function);
            is_choice && !arguments.is_empty() && arguments.into_iter().all(is_constant)
        }
        _ => false,
    }
}
