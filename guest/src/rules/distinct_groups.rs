//! # What it does
//! Selects the groups of a `SELECT DISTINCT` with GROUP BY in a subquery, and tells their rows apart
//! outside of it. Where all keys of the groups are selected, no two rows are equal, and the word goes.
//!
//! # Why
//! IRIS ignores DISTINCT beside GROUP BY. (InterSystems SQL Reference, "DISTINCT".)
//!
//! # Example
//! `SELECT DISTINCT count(*) FROM t GROUP BY a` becomes
//! `SELECT DISTINCT "count" FROM (SELECT count(*) AS "count" FROM t GROUP BY a)`.
//!
//! # Limits
//! None.
//!
//! # Versions
//! All.

use sqlparser::ast::{
    Distinct, Expr, GroupByExpr, OrderBy, OrderByKind, Query, Select, SelectItem, SetExpr,
    Statement,
};

use crate::build;
use crate::derived;
use crate::diagnostic::Diagnosed;
use crate::labels;
use crate::paging;
use crate::place;
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};
use crate::walk::{self, Hooks};

pub(crate) struct DistinctGroups;

impl Rule for DistinctGroups {
    fn name(&self) -> &'static str {
        "distinct_groups"
    }

    fn summary(&self) -> &'static str {
        "tells the rows of groups apart outside of a subquery"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::DISTINCT) && marks.has(Marks::GROUP)
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
        if let SetExpr::Select(select) = &mut *query.body {
            if tells_groups_apart(select) {
                self.changed = true;
                if has_all_keys(select) {
                    select.distinct = None;
                } else {
                    self.apart(query)?;
                }
            }
            return Ok(());
        }
        self.legs(&mut query.body)
    }
}

impl Walk<'_> {
    /// The selects that a set operation is of, but for those in parentheses, which are queries.
    fn legs(&mut self, body: &mut SetExpr) -> Diagnosed<()> {
        match body {
            SetExpr::SetOperation { left, right, .. } => {
                self.legs(left)?;
                self.legs(right)
            }
            SetExpr::Select(select) if tells_groups_apart(select) => {
                self.changed = true;
                if has_all_keys(select) {
                    select.distinct = None;
                    return Ok(());
                }
                let mut alone = build::query(std::mem::replace(
                    body,
                    SetExpr::Select(Box::new(build::select(Vec::new(), Vec::new()))),
                ));
                self.apart(&mut alone)?;
                *body = *alone.body;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// The query's groups, and outside of them what makes one of equal rows.
    fn apart(&self, query: &mut Query) -> Diagnosed<()> {
        let mut order = query.order_by.take();
        let mut positions = Vec::new();
        if let (Some(items), SetExpr::Select(select)) = (items_of(order.as_mut()), &*query.body) {
            for item in items.iter() {
                let position = derived::position(&item.expr, &select.projection)
                    .ok_or_else(|| derived::not_selected().at(self.text, place::of(&item.expr)))?;
                positions.push(position);
            }
        }
        let outer = paging::columns(query);
        for (item, position) in items_of(order.as_mut())
            .into_iter()
            .flatten()
            .zip(positions)
        {
            if let Some(SelectItem::UnnamedExpr(name)) = outer.get(position) {
                item.expr = name.clone();
            }
        }
        if let SetExpr::Select(select) = &mut *query.body {
            select.distinct = None;
        }
        paging::select_from_query(query, outer);
        if let SetExpr::Select(select) = &mut *query.body {
            select.distinct = Some(Distinct::Distinct);
        }
        query.order_by = order;
        Ok(())
    }
}

fn items_of(order: Option<&mut OrderBy>) -> Option<&mut Vec<sqlparser::ast::OrderByExpr>> {
    match order {
        Some(OrderBy {
            kind: OrderByKind::Expressions(items),
            ..
        }) => Some(items),
        _ => None,
    }
}

/// Whether it is a DISTINCT of groups, whose columns are known by name.
fn tells_groups_apart(select: &Select) -> bool {
    derived::is_distinct(select)
        && !keys_of(select).is_empty()
        && select
            .projection
            .iter()
            .all(|item| labels::of_item(item).is_some())
}

fn keys_of(select: &Select) -> &[Expr] {
    match &select.group_by {
        GroupByExpr::Expressions(keys, _) => keys,
        GroupByExpr::All(_) => &[],
    }
}

/// Whether rows of different groups differ.
fn has_all_keys(select: &Select) -> bool {
    keys_of(select).iter().all(|key| {
        select.projection.iter().any(|item| match item {
            SelectItem::UnnamedExpr(own) | SelectItem::ExprWithAlias { expr: own, .. } => {
                build::unnested(own) == build::unnested(key)
            }
            _ => false,
        })
    })
}
