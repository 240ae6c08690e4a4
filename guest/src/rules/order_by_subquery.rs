//! # What it does
//! Orders by a subquery through a column of a derived table.
//!
//! # Why
//! IRIS ignores a subquery in ORDER BY, without a word. (InterSystems SQL Reference, "ORDER BY".)
//!
//! # Example
//! `SELECT a FROM t ORDER BY (SELECT max(b) FROM u WHERE u.id = t.id)` becomes
//! `SELECT a FROM (SELECT a, (SELECT max(b) FROM u WHERE u.id = t.id) AS pgiris_order1 FROM t)
//! ORDER BY pgiris_order1`.
//!
//! # Limits
//! Behind a `*` whose columns are not known, or have one name twice, it is refused, and so it is
//! in the ORDER BY of a window.
//!
//! # Versions
//! All.

use sqlparser::ast::{
    Expr, FunctionArguments, OrderByExpr, Query, SetExpr, Spanned, Statement, WindowType,
};

use crate::copies::Copies;
use crate::derived;
use crate::diagnostic::Diagnosed;
use crate::look::{self, Node};
use crate::paging;
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};
use crate::scope::{ScopedHooks, Scopes, scoped};
use crate::wit::Diagnostic;

pub(crate) struct OrderBySubquery;

impl Rule for OrderBySubquery {
    fn name(&self) -> &'static str {
        "order_by_subquery"
    }

    fn summary(&self) -> &'static str {
        "orders by subqueries through columns of derived tables"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::ORDER)
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        if !orders_by_subquery(tree) {
            return Ok(false);
        }
        let mut walk = Walk {
            text: pass.text,
            copies: &mut pass.copies,
            changed: false,
        };
        scoped(tree, pass.relations, &pass.parameters, &mut walk)?;
        Ok(walk.changed)
    }
}

fn orders_by_subquery(tree: &Statement) -> bool {
    look::finds(tree, &mut |node| match node {
        Node::Query(query) => has_subquery(derived::order_of(query)),
        Node::Expression(Expr::Function(function)) => has_subquery(window_order(function)),
        _ => false,
    })
}

/// What the window of a call is ordered by.
fn window_order(function: &sqlparser::ast::Function) -> &[OrderByExpr] {
    match &function.over {
        Some(WindowType::WindowSpec(window)) => &window.order_by,
        _ => &[],
    }
}

fn has_subquery(order: &[OrderByExpr]) -> bool {
    order.iter().any(|item| look::has_query(&item.expr))
}

struct Walk<'a> {
    text: &'a str,
    copies: &'a mut Copies,
    changed: bool,
}

impl ScopedHooks for Walk<'_> {
    fn enter_expression(&mut self, expr: &mut Expr, _scopes: &mut Scopes<'_>) -> Diagnosed<()> {
        if let Expr::Function(function) = &*expr
            && matches!(function.args, FunctionArguments::List(_))
            && has_subquery(window_order(function))
        {
            let start = function.name.span().start.column.saturating_sub(1) as usize;
            let refusal = Diagnostic::not_supported(
                "a window that is ordered by a subquery is not supported",
                "select the subquery in a derived table, and order by its column",
            );
            return Err(refusal.at(self.text, start));
        }
        Ok(())
    }

    fn leave_query(&mut self, query: &mut Query, scopes: &mut Scopes<'_>) -> Diagnosed<()> {
        if !has_subquery(derived::order_of(query)) {
            return Ok(());
        }
        let order = derived::order_of(query).to_vec();
        let start = order.first().map_or(0, |item| item.span().start.column);
        let start = start.saturating_sub(1) as usize;
        let refusal = || {
            Diagnostic::not_supported(
                "ordering by a subquery is not supported here",
                "name the columns in the select list, the subquery among them, and order by its name",
            )
            .at(self.text, start)
        };
        let SetExpr::Select(select) = &mut *query.body else {
            return Err(refusal());
        };
        if select.distinct.is_some() && !derived::is_distinct(select) {
            return Err(refusal());
        }
        let outer = derived::with_keys(select, order, scopes, self.copies)
            .map_err(|error| error.at(self.text, start))?
            .ok_or_else(refusal)?;
        query.order_by = None;
        paging::select_from_query(query, outer.items);
        query.order_by = derived::ordered(outer.order);
        self.changed = true;
        Ok(())
    }
}
