//! # What it does
//! Writes `(a, b) IN (SELECT …)` with EXISTS.
//!
//! # Why
//! IRIS has no row values. (InterSystems SQL Reference, "IN".)
//!
//! # Example
//! `SELECT a FROM t WHERE (a, b) IN (SELECT c, d FROM u)` becomes `SELECT a FROM t WHERE EXISTS
//! (SELECT 1 FROM (SELECT c AS pgiris_1, d AS pgiris_2 FROM u) AS pgiris_in WHERE
//! pgiris_in.pgiris_1 = a AND pgiris_in.pgiris_2 = b)`.
//!
//! # Limits
//! A subquery with a `*` is refused.
//!
//! # Versions
//! All.

use sqlparser::ast::{
    BinaryOperator, Expr, Ident, Query, Select, SelectItem, SetExpr, Statement, TableAlias,
    TableFactor, Value,
};

use crate::build;
use crate::copies::Copies;
use crate::diagnostic::Diagnosed;
use crate::labels;
use crate::paging;
use crate::place;
use crate::reader::marks::Marks;
use crate::row_value;
use crate::rule::{Pass, Rule};
use crate::walk::{self, Hooks};
use crate::wit::Diagnostic;

pub(crate) struct RowInSubquery;

impl Rule for RowInSubquery {
    fn name(&self) -> &'static str {
        "row_in_subquery"
    }

    fn summary(&self) -> &'static str {
        "looks for rows in subqueries with EXISTS"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::PREDICATE)
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let mut walk = Walk {
            text: pass.text,
            copies: &mut pass.copies,
            filters: Vec::new(),
            changed: false,
        };
        match tree {
            Statement::Update(update) => walk.mark(update.selection.as_ref()),
            Statement::Delete(delete) => walk.mark(delete.selection.as_ref()),
            _ => {}
        }
        walk::statement(tree, &mut walk)?;
        Ok(walk.changed)
    }
}

struct Walk<'a> {
    text: &'a str,
    copies: &'a mut Copies,
    /// What filters rows, so that unknown is as good as false, by address: nothing moves
    /// between the mark and the visit.
    filters: Vec<*const Expr>,
    changed: bool,
}

impl Walk<'_> {
    fn mark(&mut self, condition: Option<&Expr>) {
        let mut rest: Vec<&Expr> = condition.into_iter().collect();
        while let Some(condition) = rest.pop() {
            match condition {
                Expr::BinaryOp {
                    left,
                    op: BinaryOperator::And,
                    right,
                } => rest.extend([&**left, &**right]),
                Expr::Nested(inner) => rest.push(inner),
                Expr::InSubquery { .. } => self.filters.push(std::ptr::from_ref(condition)),
                _ => {}
            }
        }
    }
}

impl Hooks for Walk<'_> {
    fn enter_select(&mut self, select: &mut Select) -> Diagnosed<()> {
        self.mark(select.selection.as_ref());
        self.mark(select.having.as_ref());
        Ok(())
    }

    fn leave_expression(&mut self, expression: &mut Expr) -> Diagnosed<()> {
        let here = std::ptr::from_ref(&*expression);
        let Expr::InSubquery {
            expr,
            subquery,
            negated,
        } = &*expression
        else {
            return Ok(());
        };
        let Some(row) = row_value::of(expr) else {
            return Ok(());
        };
        let start = place::of(expr);
        let mut rows = (**subquery).clone();
        let known = named(&mut rows, row.len()).map_err(|error| error.at(self.text, start))?;
        if !known {
            let refusal = Diagnostic::not_supported(
                "IN of a row and this subquery is not supported",
                "name the columns in the select list, or use EXISTS with a condition for each",
            );
            return Err(refusal.at(self.text, start));
        }
        let filters = self.filters.contains(&here);
        let mut written = match (filters, *negated) {
            (true, false) => exists(&rows, &row, matches, false),
            (true, true) => exists(&rows, &row, may_match, true),
            (false, negated) => {
                self.copies.copy(&rows)?;
                let unknown = build::binary(
                    exists(&rows, &row, may_match, false),
                    BinaryOperator::And,
                    build::binary(
                        Expr::value(Value::Null),
                        BinaryOperator::Eq,
                        build::number(1),
                    ),
                );
                let either = build::nested(build::binary(
                    exists(&rows, &row, matches, false),
                    BinaryOperator::Or,
                    build::nested(unknown),
                ));
                match negated {
                    true => build::not(either),
                    false => either,
                }
            }
        };
        std::mem::swap(expression, &mut written);
        self.changed = true;
        Ok(())
    }
}

/// Names the columns of a subquery by their numbers; tells whether it could.
fn named(query: &mut Query, width: usize) -> Diagnosed<bool> {
    let is_limited = query.limit_clause.is_some() || query.fetch.is_some();
    if !is_limited {
        query.order_by = None;
    }
    let is_ordered = query.order_by.is_some();
    let mut body = &mut *query.body;
    let items = loop {
        match body {
            SetExpr::Select(select) => break &mut select.projection,
            SetExpr::SetOperation { left, .. } => body = left,
            SetExpr::Query(inner) if inner.order_by.is_none() => body = &mut inner.body,
            _ => return Ok(false),
        }
    };
    if is_ordered || items.iter().any(|item| labels::of_item(item).is_none()) {
        return Ok(false);
    }
    if items.len() != width {
        let which = if items.len() > width { "many" } else { "few" };
        return Err(Diagnostic::error(
            "42601",
            format!("subquery has too {which} columns"),
        ));
    }
    for (index, item) in items.iter_mut().enumerate() {
        if let SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } = item {
            *item = SelectItem::ExprWithAlias {
                expr: build::take(expr),
                alias: column(index),
            };
        }
    }
    Ok(true)
}

fn column(index: usize) -> Ident {
    Ident::new(format!("pgiris_{}", index + 1))
}

/// `value = column`
fn matches(value: Expr, column: Expr) -> Expr {
    build::binary(column, BinaryOperator::Eq, build::nested(value))
}

/// Whether it is not known that they differ.
fn may_match(value: Expr, column: Expr) -> Expr {
    let null = |expr: &Expr| Expr::IsNull(Box::new(build::nested(expr.clone())));
    let (no_column, no_value) = (null(&column), null(&value));
    build::nested(build::binary(
        build::binary(matches(value, column), BinaryOperator::Or, no_column),
        BinaryOperator::Or,
        no_value,
    ))
}

/// `EXISTS (SELECT 1 FROM (rows) AS pgiris_in WHERE conditions)`
fn exists(rows: &Query, row: &[Expr], condition: fn(Expr, Expr) -> Expr, negated: bool) -> Expr {
    let source = Ident::new("pgiris_in");
    let conditions = row.iter().enumerate().map(|(index, value)| {
        let column = Expr::CompoundIdentifier(vec![source.clone(), column(index)]);
        condition(value.clone(), column)
    });
    let all = conditions.reduce(|all, next| build::binary(all, BinaryOperator::And, next));
    let derived = TableFactor::Derived {
        lateral: false,
        subquery: Box::new(rows.clone()),
        alias: Some(TableAlias {
            explicit: true,
            name: source.clone(),
            columns: Vec::new(),
            at: None,
        }),
        sample: None,
    };
    let items = vec![SelectItem::UnnamedExpr(build::number(1))];
    let mut select = paging::select_of(items, derived);
    select.selection = all;
    Expr::Exists {
        subquery: Box::new(build::query(SetExpr::Select(Box::new(select)))),
        negated,
    }
}
