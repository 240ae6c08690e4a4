//! # What it does
//! Refuses an ORDER BY of a position that the select list does not have, and set operations
//! whose queries have different numbers of columns.
//!
//! # Why
//! IRIS refuses them as well, but does not say where.
//!
//! # Example
//! `SELECT a FROM t ORDER BY 2` is refused with SQLSTATE 42P10 at `2`.
//!
//! # Limits
//! Where a `*` stands in a list, its columns are not counted: IRIS's own error is the client's.
//!
//! # Versions
//! All.

use sqlparser::ast::{
    Expr, OrderByKind, Query, SelectItem, SetExpr, SetOperator, Statement, Value,
};

use crate::build;
use crate::diagnostic::Diagnosed;
use crate::place;
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};
use crate::walk::{self, Hooks};
use crate::wit::Diagnostic;

pub(crate) struct ColumnNumber;

impl Rule for ColumnNumber {
    fn name(&self) -> &'static str {
        "column_number"
    }

    fn summary(&self) -> &'static str {
        "refuses positions and lists of columns that do not fit"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::ORDER.and(Marks::SET_OPERATION))
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        walk::statement(tree, &mut Walk(pass.text))?;
        Ok(false)
    }
}

/// With the client's text.
struct Walk<'a>(&'a str);

impl Hooks for Walk<'_> {
    fn enter_query(&mut self, query: &mut Query) -> Diagnosed<()> {
        if let SetExpr::SetOperation { .. } = &*query.body {
            self.same_number(&query.body)?;
        }
        let Some(OrderByKind::Expressions(items)) = query.order_by.as_ref().map(|by| &by.kind)
        else {
            return Ok(());
        };
        let Some(count) = first(&query.body).and_then(count) else {
            return Ok(());
        };
        for item in items {
            if let Some(position) = position(&item.expr)
                && !(1..=count as u64).contains(&position)
            {
                let message = format!("ORDER BY position {position} is not in select list");
                return Err(Diagnostic::error("42P10", message).at(self.0, place::of(&item.expr)));
            }
        }
        Ok(())
    }
}

impl Walk<'_> {
    /// Goes down the left side, where chains of operations are long.
    fn same_number(&self, body: &SetExpr) -> Diagnosed<()> {
        let Some(wanted) = first(body).and_then(count) else {
            return Ok(());
        };
        let mut at = body;
        let mut wrong = None;
        while let SetExpr::SetOperation {
            op, left, right, ..
        } = at
        {
            let leg = first(right);
            if leg.and_then(count).is_some_and(|found| found != wanted) {
                wrong = Some((op, leg));
            }
            at = left;
        }
        let Some((op, leg)) = wrong else {
            return Ok(());
        };
        let name = match op {
            SetOperator::Intersect => "INTERSECT",
            SetOperator::Except | SetOperator::Minus => "EXCEPT",
            SetOperator::Union => "UNION",
        };
        let message = format!("each {name} query must have the same number of columns");
        let error = Diagnostic::error("42601", message);
        Err(match leg.and_then(item) {
            Some(item) => error.at(self.0, place::of(item)),
            None => error,
        })
    }
}

/// The first query of a set operation: its columns are the result's.
fn first(mut body: &SetExpr) -> Option<&SetExpr> {
    loop {
        body = match body {
            SetExpr::SetOperation { left, .. } => left,
            SetExpr::Query(query) => &query.body,
            SetExpr::Select(_) | SetExpr::Values(_) => return Some(body),
            _ => return None,
        };
    }
}

/// How many columns it has, if that can be told.
fn count(body: &SetExpr) -> Option<usize> {
    match body {
        SetExpr::Select(select) => {
            let is_one = |item: &SelectItem| {
                matches!(
                    item,
                    SelectItem::UnnamedExpr(_) | SelectItem::ExprWithAlias { .. }
                )
            };
            let all = select.projection.iter().all(is_one);
            (all && select.into.is_none() && !select.projection.is_empty())
                .then_some(select.projection.len())
        }
        SetExpr::Values(values) => values.rows.first().map(|row| row.content.len()),
        _ => None,
    }
}

fn item(body: &SetExpr) -> Option<&Expr> {
    match body {
        SetExpr::Select(select) => match select.projection.first()? {
            SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => Some(expr),
            _ => None,
        },
        SetExpr::Values(values) => values.rows.first()?.content.first(),
        _ => None,
    }
}

/// A number that stands for an item of the select list.
fn position(expression: &Expr) -> Option<u64> {
    match build::unnested(expression) {
        Expr::Value(value) => match &value.value {
            Value::Number(number, _) => number.parse().ok(),
            _ => None,
        },
        _ => None,
    }
}
