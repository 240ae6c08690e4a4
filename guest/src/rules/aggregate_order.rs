//! # What it does
//! Orders by an aggregate that is not in the select list by way of a subquery that has it there.
//!
//! # Why
//! IRIS orders by those aggregates alone that it selects. (InterSystems SQL Reference,
//! "ORDER BY"; SQLCODE -73.)
//!
//! # Example
//! `SELECT a FROM t GROUP BY a ORDER BY count(*)` becomes
//! `SELECT a FROM (SELECT a, count(*) AS order1 FROM t GROUP BY a) ORDER BY order1`.
//!
//! # Limits
//! Beside a `*` the order is left as it is.
//!
//! # Versions
//! All.

use sqlparser::ast::{
    Expr, Ident, OrderBy, OrderByKind, Query, SelectItem, SetExpr, Statement, Value,
};

use crate::aggregates::has_aggregate;
use crate::build;
use crate::diagnostic::Diagnosed;
use crate::labels;
use crate::paging;
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};
use crate::walk::{self, Hooks};

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

    fn rewrite(&self, tree: &mut Statement, _pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let mut walk = Walk { changed: false };
        walk::statement(tree, &mut walk)?;
        Ok(walk.changed)
    }
}

struct Walk {
    changed: bool,
}

impl Hooks for Walk {
    fn enter_query(&mut self, query: &mut Query) -> Diagnosed<()> {
        let (SetExpr::Select(select), Some(order)) = (&*query.body, &query.order_by) else {
            return Ok(());
        };
        let OrderByKind::Expressions(items) = &order.kind else {
            return Ok(());
        };
        let is_selected = |expr: &Expr| {
            select.projection.iter().any(|item| match item {
                SelectItem::UnnamedExpr(other) | SelectItem::ExprWithAlias { expr: other, .. } => {
                    other == expr
                }
                _ => false,
            })
        };
        let is_hidden = |expr: &Expr| has_aggregate(expr) && !is_selected(expr);
        let has_star = select
            .projection
            .iter()
            .any(|item| labels::of_item(item).is_none());
        if has_star || select.distinct.is_some() || !items.iter().any(|item| is_hidden(&item.expr))
        {
            return Ok(());
        }
        self.changed = true;
        move_inside(query);
        Ok(())
    }
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
        if let Some(name) = output_of(&item.expr, &outer) {
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

/// The output column that an ordinal or a name stands for.
fn output_of(item: &Expr, outer: &[SelectItem]) -> Option<Ident> {
    let name = |item: &SelectItem| match item {
        SelectItem::UnnamedExpr(Expr::Identifier(name)) => Some(name.clone()),
        _ => None,
    };
    match item {
        Expr::Value(value) => match &value.value {
            Value::Number(digits, _) => {
                name(outer.get(digits.parse::<usize>().ok()?.checked_sub(1)?)?)
            }
            _ => None,
        },
        Expr::Identifier(wanted) => outer
            .iter()
            .filter_map(name)
            .find(|known| labels::folded(known) == labels::folded(wanted)),
        _ => None,
    }
}
