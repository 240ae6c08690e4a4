//! The order of the outer rows, and how many there are, left to IRIS where it decides both: it gives no
//! more rows then than are wanted.

use sqlparser::ast::{
    Expr, Fetch, LimitClause, OrderBy, OrderByKind, Query, Select, SelectItem, SetExpr,
};

use super::super::flattened;
use crate::aggregates::has_aggregate;
use crate::build;
use crate::computed::{accesses, is_made_here};
use crate::labels;
use crate::look;
use crate::order_item;

/// What IRIS orders by, and how many rows it gives.
pub(super) struct Order {
    order: OrderBy,
    limit: Option<LimitClause>,
    fetch: Option<Fetch>,
}

impl Order {
    pub(super) fn put_back(self, query: &mut Query) {
        query.order_by = Some(self.order);
        query.limit_clause = self.limit;
        query.fetch = self.fetch;
    }
}

/// Takes both out of a query, if IRIS can be left with them.
pub(super) fn order(query: &mut Query) -> Option<Order> {
    let SetExpr::Select(select) = &*query.body else {
        return None;
    };
    let is_bare = !flattened::has_keys(select)
        && select.distinct.is_none()
        && select.having.is_none()
        && select.selection.as_ref().is_none_or(is_of_iris)
        && !select.projection.iter().any(is_of_all_rows);
    if !is_bare {
        return None;
    }
    let mut order = query.order_by.clone()?;
    let OrderByKind::Expressions(items) = &mut order.kind else {
        return None;
    };
    for item in items {
        item.expr = meant(&item.expr, select)?;
        if !is_of_iris(&item.expr) {
            return None;
        }
    }
    query.order_by = None;
    Some(Order {
        order,
        limit: query.limit_clause.take(),
        fetch: query.fetch.take(),
    })
}

/// What is ordered by: an item, by its number or its label, or an expression.
fn meant(expression: &Expr, select: &Select) -> Option<Expr> {
    let value = |item: &SelectItem| match item {
        SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => {
            Some(expr.clone())
        }
        _ => None,
    };
    if let Some(number) = order_item::ordinal(expression) {
        return value(select.projection.get(number.checked_sub(1)?)?);
    }
    if let Expr::Identifier(name) = expression {
        let name = labels::folded(name);
        let called = select
            .projection
            .iter()
            .find(|item| labels::of_item(item).as_ref() == Some(&name));
        if let Some(item) = called {
            return value(item);
        }
    }
    Some(expression.clone())
}

/// Whether IRIS computes an expression, of what it has itself.
fn is_of_iris(expression: &Expr) -> bool {
    !accesses(expression)
        && !is_made_here(expression)
        && !has_aggregate(expression)
        && !look::has_window(expression)
        && !look::finds(expression, &mut |node| {
            matches!(node, look::Node::Expression(Expr::CompoundIdentifier(parts))
                if parts.first().is_some_and(|first| first.value.starts_with("subquery ")))
        })
        && !matches!(build::unnested(expression), Expr::Value(_))
}

fn is_of_all_rows(item: &SelectItem) -> bool {
    match item {
        SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => {
            has_aggregate(expr) || look::has_window(expr)
        }
        _ => false,
    }
}
