//! # What it does
//! Writes HAVING without GROUP BY as a condition on the one row of a derived table.
//!
//! # Why
//! Without GROUP BY a HAVING without aggregates gives a row for each row of the table in IRIS, and
//! one row or none in PostgreSQL. (InterSystems SQL Reference, "HAVING".)
//!
//! # Example
//! `SELECT 'many' AS a FROM t HAVING count(*) > 9` becomes `SELECT 'many' AS a FROM (SELECT count(*)
//! AS pgiris_1 FROM t) WHERE pgiris_1 > 9`.
//!
//! # Limits
//! What aggregates both in its list and in its HAVING stays as it is: IRIS agrees there.
//!
//! # Versions
//! All.

use sqlparser::ast::{
    Expr, GroupByExpr, Ident, Query, Select, SelectItem, SetExpr, Statement, TableFactor,
};

use crate::aggregates::is_aggregate;
use crate::build;
use crate::diagnostic::Diagnosed;
use crate::paging;
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};
use crate::walk::{self, Hooks};

pub(crate) struct HavingAlone;

impl Rule for HavingAlone {
    fn name(&self) -> &'static str {
        "having_alone"
    }

    fn summary(&self) -> &'static str {
        "writes HAVING without GROUP BY as a condition on one row"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::AGGREGATE)
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
        if let SetExpr::Select(select) = &mut *query.body
            && moved(select)
        {
            // One row has no order.
            query.order_by = None;
            self.changed = true;
        }
        Ok(())
    }

    fn enter_select(&mut self, select: &mut Select) -> Diagnosed<()> {
        self.changed |= moved(select);
        Ok(())
    }
}

/// Moves the aggregates of a select into a derived table, if that is needed.
fn moved(select: &mut Select) -> bool {
    let is_grouped = !matches!(&select.group_by, GroupByExpr::Expressions(items, modifiers)
        if items.is_empty() && modifiers.is_empty());
    let Some(mut having) = select.having.take() else {
        return false;
    };
    let has_star = select
        .projection
        .iter()
        .any(|item| crate::labels::of_item(item).is_none());
    let agrees = aggregates_in(&having)
        && select
            .projection
            .iter()
            .any(|item| expression_of(item).is_some_and(aggregates_in));
    if is_grouped || has_star || agrees {
        select.having = Some(having);
        return false;
    }
    let mut found: Vec<Expr> = Vec::new();
    let mut name = |expr: &mut Expr| {
        if matches!(expr, Expr::Function(function) if is_aggregate(function)) {
            let known = found.iter().position(|other| other == expr);
            let index = known.unwrap_or_else(|| {
                found.push(expr.clone());
                found.len() - 1
            });
            *expr = Expr::Identifier(aggregate_name(index));
        }
    };
    walk::outside_queries(&mut having, &mut name);
    for item in &mut select.projection {
        if let SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } = item {
            walk::outside_queries(expr, &mut name);
        }
    }
    let from = std::mem::take(&mut select.from);
    let selection = select.selection.replace(having);
    if found.is_empty() {
        return true;
    }
    let items = found.into_iter().enumerate();
    let items = items.map(|(index, expr)| SelectItem::ExprWithAlias {
        expr,
        alias: aggregate_name(index),
    });
    let mut inner = build::select(items.collect(), from);
    inner.selection = selection;
    let derived = TableFactor::Derived {
        lateral: false,
        subquery: Box::new(build::query(SetExpr::Select(Box::new(inner)))),
        alias: None,
        sample: None,
    };
    select.from = paging::select_of(Vec::new(), derived).from;
    true
}

fn aggregate_name(index: usize) -> Ident {
    Ident::new(format!("pgiris_{}", index + 1))
}

fn expression_of(item: &SelectItem) -> Option<&Expr> {
    match item {
        SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => Some(expr),
        _ => None,
    }
}

fn aggregates_in(expr: &Expr) -> bool {
    crate::aggregates::has_aggregate(expr)
}
