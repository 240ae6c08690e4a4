//! # What it does
//! Orders by an aggregate by way of a subquery that has it in its select list, where it is not
//! selected, or must be ordered by something that is made of it: for the place of NULL, for the
//! order of letters. The same of an aggregate with a window. A query that returns one row is not
//! ordered.
//!
//! # Why
//! IRIS orders by those aggregates alone that it selects, and it is not known to take more of
//! them than their names. (InterSystems SQL Reference, "ORDER BY"; SQLCODE -73.)
//!
//! # Example
//! `SELECT a FROM t GROUP BY a ORDER BY count(*)` becomes
//! `SELECT a FROM (SELECT a, count(*) AS order1 FROM t GROUP BY a) ORDER BY order1`.
//!
//! # Limits
//! Beside a `*` the order is left as it is, unless it is by a window and the columns are known.
//!
//! # Versions
//! All.

use sqlparser::ast::{
    Expr, GroupByExpr, Ident, OrderBy, OrderByExpr, OrderByKind, Query, Select, SelectItem,
    SetExpr, Statement,
};

use crate::aggregates::{self, has_aggregate};
use crate::build;
use crate::derived;
use crate::diagnostic::Diagnosed;
use crate::labels;
use crate::look;
use crate::paging;
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};
use crate::rules::null_order;
use crate::scope::{ScopedHooks, Scopes, scoped};
use crate::walk;

pub(crate) struct AggregateOrder;

impl Rule for AggregateOrder {
    fn name(&self) -> &'static str {
        "aggregate_order"
    }

    fn summary(&self) -> &'static str {
        "orders by aggregates that are not selected"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::AGGREGATE) && marks.has(Marks::ORDER)
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let mut walk = Walk { changed: false };
        scoped(tree, pass.relations, &pass.parameters, &mut walk)?;
        Ok(walk.changed)
    }
}

struct Walk {
    changed: bool,
}

impl ScopedHooks for Walk {
    fn enter_query(&mut self, query: &mut Query, scopes: &mut Scopes<'_>) -> Diagnosed<()> {
        if has_window_by_hand(query, scopes)
            && let SetExpr::Select(select) = &mut *query.body
            && has_star(select)
        {
            self.changed |= derived::expand(select, scopes);
        }
        let SetExpr::Select(select) = &*query.body else {
            return Ok(());
        };
        let items = derived::order_of(query);
        if items.is_empty()
            || has_star(select)
            || select.distinct.is_some() && !derived::is_distinct(select)
        {
            return Ok(());
        }
        let selected: Vec<Option<usize>> = items
            .iter()
            .map(|item| derived::position(&item.expr, &select.projection))
            .collect();
        let all_selected = selected.iter().all(Option::is_some);
        if all_selected && is_single(select) {
            query.order_by = None;
            self.changed = true;
            return Ok(());
        }
        let is_moved = items
            .iter()
            .zip(&selected)
            .any(|(item, position)| match position {
                None => has_aggregate(&item.expr) || is_window_by_hand(&item.expr, item),
                Some(position) => select
                    .projection
                    .get(*position)
                    .and_then(value_of)
                    .is_some_and(|value| is_made_more_of(value, item)),
            });
        if is_moved && (all_selected || select.distinct.is_none()) {
            self.changed = true;
            move_inside(query);
        }
        Ok(())
    }
}

fn has_star(select: &Select) -> bool {
    let mut labels = select.projection.iter().map(labels::of_item);
    labels.any(|label| label.is_none())
}

fn value_of(item: &SelectItem) -> Option<&Expr> {
    match item {
        SelectItem::UnnamedExpr(value) | SelectItem::ExprWithAlias { expr: value, .. } => {
            Some(value)
        }
        _ => None,
    }
}

/// Whether a select has one row: aggregates, and no groups.
fn is_single(select: &Select) -> bool {
    let is_ungrouped = match &select.group_by {
        GroupByExpr::Expressions(keys, modifiers) => keys.is_empty() && modifiers.is_empty(),
        GroupByExpr::All(_) => false,
    };
    is_ungrouped
        && select
            .projection
            .iter()
            .filter_map(value_of)
            .any(has_aggregate)
}

/// Whether a selected aggregate is not ordered by as it is.
fn is_made_more_of(value: &Expr, item: &OrderByExpr) -> bool {
    let name = match build::unnested(value) {
        Expr::Function(function) => build::function_name(function),
        _ => None,
    };
    match name.as_deref() {
        Some("count") if !look::has_window(value) => false,
        // They may be strings.
        Some("min" | "max" | "string_agg") => true,
        _ => {
            has_aggregate(value) && null_order::is_placed_by_hand(&item.options)
                || is_window_by_hand(value, item)
        }
    }
}

/// Whether a query is ordered by a window that is not ordered by as it is.
fn has_window_by_hand(query: &Query, scopes: &Scopes<'_>) -> bool {
    let SetExpr::Select(select) = &*query.body else {
        return false;
    };
    let order = derived::order_of(query);
    if order.is_empty() || !select.projection.iter().any(look::has_window) {
        return false;
    }
    let Some(items) = derived::listed(select, scopes) else {
        return false;
    };
    order.iter().any(|item| {
        let selected = derived::position(&item.expr, &items)
            .and_then(|position| items.get(position))
            .and_then(value_of);
        is_window_by_hand(selected.unwrap_or(&item.expr), item)
    })
}

/// Whether a value is made of an aggregate with a window, and NULL is to be put in its place.
fn is_window_by_hand(value: &Expr, item: &OrderByExpr) -> bool {
    if !null_order::is_placed_by_hand(&item.options) || !look::has_window(value) {
        return false;
    }
    let mut found = false;
    walk::outside_queries(&mut value.clone(), &mut |inner| {
        found |= matches!(inner, Expr::Function(function)
            if function.over.is_some() && aggregates::is_named_so(function));
    });
    found
}

/// Gives the query a subquery that selects what it is ordered by, too.
fn move_inside(query: &mut Query) {
    let outer = paging::columns(query);
    let Some(OrderBy {
        kind: OrderByKind::Expressions(mut items),
        interpolate,
    }) = query.order_by.take()
    else {
        return;
    };
    let SetExpr::Select(select) = &mut *query.body else {
        return;
    };
    let mut hidden = 0;
    for item in &mut items {
        let position = derived::position(&item.expr, &select.projection);
        let name = position.and_then(|position| outer.get(position));
        if let Some(SelectItem::UnnamedExpr(Expr::Identifier(name))) = name {
            let name = name.clone();
            item.expr = Expr::Identifier(name);
            continue;
        }
        hidden += 1;
        let alias = Ident::new(format!("order{hidden}"));
        select.projection.push(SelectItem::ExprWithAlias {
            expr: build::take(&mut item.expr),
            alias: alias.clone(),
        });
        item.expr = Expr::Identifier(alias);
    }
    let limit_clause = query.limit_clause.take();
    let fetch = query.fetch.take();
    paging::select_names(query, outer);
    query.limit_clause = limit_clause;
    query.fetch = fetch;
    query.order_by = Some(OrderBy {
        kind: OrderByKind::Expressions(items),
        interpolate,
    });
}
