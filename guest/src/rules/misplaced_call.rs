//! # What it does
//! Refuses aggregates and window functions where PostgreSQL has none: in WHERE, ON, GROUP BY,
//! VALUES, RETURNING and what an UPDATE assigns, window functions in HAVING, and either within
//! aggregates.
//!
//! # Why
//! IRIS refuses most of them as well, but does not say where.
//!
//! # Example
//! `SELECT a FROM t WHERE count(*) > 1` is refused with SQLSTATE 42803 at `count`.
//!
//! # Limits
//! An aggregate of an outer query in the WHERE of a subquery is refused too: IRIS does not
//! know such.
//!
//! # Versions
//! All.

use sqlparser::ast::{
    Expr, Function, GroupByExpr, Query, Select, SelectItem, SetExpr, Statement, Values,
};

use crate::aggregates::is_aggregate;
use crate::conditions;
use crate::diagnostic::Diagnosed;
use crate::place;
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};
use crate::walk::{self, Hooks};
use crate::wit::Diagnostic;
use crate::writing;

pub(crate) struct MisplacedCall;

impl Rule for MisplacedCall {
    fn name(&self) -> &'static str {
        "misplaced_call"
    }

    fn summary(&self) -> &'static str {
        "refuses aggregates and window functions where there can be none"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::AGGREGATE.and(Marks::WINDOW))
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let mut walk = Walk {
            text: pass.text,
            levels: vec![Level::default()],
        };
        walk::statement(tree, &mut walk)?;
        Ok(false)
    }
}

/// The calls around the node visited, of its own query.
#[derive(Default)]
struct Level {
    aggregates: usize,
    windows: usize,
}

struct Walk<'a> {
    text: &'a str,
    levels: Vec<Level>,
}

impl Hooks for Walk<'_> {
    fn enter_statement(&mut self, statement: &mut Statement) -> Diagnosed<()> {
        match statement {
            Statement::Update(update) => {
                for assignment in &mut update.assignments {
                    self.none_in(&mut assignment.value, "UPDATE")?;
                }
                self.none_in_any(update.selection.as_mut(), "WHERE")?;
            }
            Statement::Delete(delete) => {
                self.none_in_any(delete.selection.as_mut(), "WHERE")?;
            }
            _ => {}
        }
        let items = writing::returning_mut(statement).and_then(Option::as_mut);
        let values = items.into_iter().flatten().filter_map(|item| match item {
            SelectItem::UnnamedExpr(value) | SelectItem::ExprWithAlias { expr: value, .. } => {
                Some(value)
            }
            _ => None,
        });
        self.none_in_any(values, "RETURNING")
    }

    fn enter_query(&mut self, query: &mut Query) -> Diagnosed<()> {
        self.levels.push(Level::default());
        if let SetExpr::Values(Values { rows, .. }) = &mut *query.body {
            let values = rows.iter_mut().flat_map(|row| &mut row.content);
            return self.none_in_any(values, "VALUES");
        }
        Ok(())
    }

    fn leave_query(&mut self, _query: &mut Query) -> Diagnosed<()> {
        self.levels.pop();
        Ok(())
    }

    fn enter_select(&mut self, select: &mut Select) -> Diagnosed<()> {
        let joins = select.from.iter_mut().flat_map(|table| &mut table.joins);
        self.none_in_any(joins.filter_map(conditions::on_mut), "JOIN conditions")?;
        self.none_in_any(select.selection.as_mut(), "WHERE")?;
        if let GroupByExpr::Expressions(items, _) = &mut select.group_by {
            self.none_in_any(items, "GROUP BY")?;
        }
        match &mut select.having {
            Some(having) => self.no_window_in(having, "HAVING"),
            None => Ok(()),
        }
    }

    fn enter_expression(&mut self, expression: &mut Expr) -> Diagnosed<()> {
        let (Expr::Function(function), Some(level)) = (&*expression, self.levels.last_mut()) else {
            return Ok(());
        };
        let (is_aggregate, is_window) = (is_aggregate(function), function.over.is_some());
        let refused = match (is_aggregate, is_window) {
            (true, _) if level.aggregates > 0 => {
                ("42803", "aggregate function calls cannot be nested")
            }
            (_, true) if level.aggregates > 0 => (
                "42803",
                "aggregate function calls cannot contain window function calls",
            ),
            (_, true) if level.windows > 0 => ("42P20", "window function calls cannot be nested"),
            _ => {
                level.aggregates += usize::from(is_aggregate);
                level.windows += usize::from(is_window);
                return Ok(());
            }
        };
        Err(Diagnostic::error(refused.0, refused.1).at(self.text, place::of(expression)))
    }

    fn leave_expression(&mut self, expression: &mut Expr) -> Diagnosed<()> {
        if let (Expr::Function(function), Some(level)) = (&*expression, self.levels.last_mut()) {
            level.aggregates -= usize::from(is_aggregate(function));
            level.windows -= usize::from(function.over.is_some());
        }
        Ok(())
    }
}

impl Walk<'_> {
    fn none_in_any<'e>(
        &self,
        expressions: impl IntoIterator<Item = &'e mut Expr>,
        clause: &str,
    ) -> Diagnosed<()> {
        expressions
            .into_iter()
            .try_for_each(|expression| self.none_in(expression, clause))
    }

    fn none_in(&self, expression: &mut Expr, clause: &str) -> Diagnosed<()> {
        self.refuse(expression, clause, "42803", "aggregate", is_aggregate)?;
        self.no_window_in(expression, clause)
    }

    fn no_window_in(&self, expression: &mut Expr, clause: &str) -> Diagnosed<()> {
        let is_window = |function: &Function| function.over.is_some();
        self.refuse(expression, clause, "42P20", "window", is_window)
    }

    fn refuse(
        &self,
        expression: &mut Expr,
        clause: &str,
        sqlstate: &str,
        kind: &str,
        is_meant: fn(&Function) -> bool,
    ) -> Diagnosed<()> {
        let mut found = None;
        walk::outside_queries(expression, &mut |inner| {
            if matches!(inner, Expr::Function(function) if is_meant(function)) {
                found = found.or(Some(place::of(inner)));
            }
        });
        let message = format!("{kind} functions are not allowed in {clause}");
        match found {
            Some(at) => Err(Diagnostic::error(sqlstate, message).at(self.text, at)),
            None => Ok(()),
        }
    }
}
