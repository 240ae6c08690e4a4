//! Which selects need subqueries for their windows: those whose windows end with peers, and
//! those of groups.

use sqlparser::ast::{
    Expr, Function, GroupByExpr, OrderBy, OrderByExpr, OrderByKind, Query, Select, SelectItem,
    SetExpr, WindowType,
};

use super::frame::{self, Frame};
use super::split::Split;
use crate::aggregates::has_aggregate;
use crate::build;
use crate::copies::Copies;
use crate::derived;
use crate::diagnostic::Diagnosed;
use crate::look;
use crate::place;
use crate::relations::Relations;
use crate::scope::{ScopedHooks, Scopes};
use crate::walk;

/// Gives them their subqueries.
pub(crate) struct Moves<'a> {
    text: &'a str,
    relations: &'a Relations,
    pub(crate) changed: bool,
    pub(crate) copies: &'a mut Copies,
    /// Whether the queries around the node visited are selects, innermost last.
    selects: Vec<bool>,
}

impl<'a> Moves<'a> {
    pub(crate) fn new(
        text: &'a str,
        relations: &'a Relations,
        changed: bool,
        copies: &'a mut Copies,
    ) -> Self {
        Self {
            text,
            relations,
            changed,
            copies,
            selects: Vec::new(),
        }
    }
}

impl ScopedHooks for Moves<'_> {
    fn enter_query(&mut self, query: &mut Query, _scopes: &mut Scopes<'_>) -> Diagnosed<()> {
        self.selects
            .push(matches!(&*query.body, SetExpr::Select(_)));
        Ok(())
    }

    fn leave_select(&mut self, select: &mut Select, scopes: &mut Scopes<'_>) -> Diagnosed<()> {
        match self.selects.last() {
            // It is ordered by its query.
            Some(true) => Ok(()),
            _ => self.split(select, &mut [], scopes),
        }
    }

    fn leave_query(&mut self, query: &mut Query, scopes: &mut Scopes<'_>) -> Diagnosed<()> {
        self.selects.pop();
        let SetExpr::Select(select) = &mut *query.body else {
            return Ok(());
        };
        let order = match &mut query.order_by {
            Some(OrderBy {
                kind: OrderByKind::Expressions(items),
                ..
            }) => items.as_mut_slice(),
            _ => &mut [],
        };
        self.split(select, order, scopes)
    }
}

impl Moves<'_> {
    fn split(
        &mut self,
        select: &mut Select,
        order: &mut [OrderByExpr],
        scopes: &Scopes<'_>,
    ) -> Diagnosed<()> {
        let windows = windows_of(select, order);
        if windows.is_empty() {
            return Ok(());
        }
        let groups = groups_of(select, order);
        let mut is_needed = groups.is_some();
        for window in &windows {
            is_needed |= matches!(self.frame(window, &groups, scopes)?, Some(Frame::Peers(_)));
        }
        if !is_needed {
            return Ok(());
        }
        let Some(items) = derived::listed(select, scopes) else {
            return Ok(());
        };
        self.changed = true;
        let mut split = Split::new(self.text, self.copies, groups.clone());
        let frame = |window: &Function| {
            frame_of(window, &groups, scopes, self.relations)
                .map_err(|refusal| refusal.at(self.text, place_of(window)))
        };
        split.carry_out(select, items, order, &frame)
    }

    fn frame(
        &self,
        window: &Function,
        groups: &Option<Vec<Expr>>,
        scopes: &Scopes<'_>,
    ) -> Diagnosed<Option<Frame>> {
        frame_of(window, groups, scopes, self.relations)
            .map_err(|refusal| refusal.at(self.text, place_of(window)))
    }
}

fn place_of(window: &Function) -> usize {
    place::of(&Expr::Function(Function {
        over: None,
        ..window.clone()
    }))
}

/// The frame of a window function that looks at it.
fn frame_of(
    window: &Function,
    groups: &Option<Vec<Expr>>,
    scopes: &Scopes<'_>,
    relations: &Relations,
) -> Diagnosed<Option<Frame>> {
    let name = build::function_name(window).unwrap_or_default();
    let Some(WindowType::WindowSpec(spec)) = &window.over else {
        return Ok(None);
    };
    if !frame::is_framed(&name) {
        return Ok(None);
    }
    let is_ordered = |key: &Expr| {
        spec.partition_by.contains(key) || spec.order_by.iter().any(|item| item.expr == *key)
    };
    let is_unique = frame::is_key(spec, scopes, relations)
        || groups
            .as_ref()
            .is_some_and(|keys| keys.iter().all(is_ordered));
    frame::of(spec, &name, is_unique).map(Some)
}

/// The calls with windows in a select list and an order, but for those in subqueries.
fn windows_of(select: &Select, order: &[OrderByExpr]) -> Vec<Function> {
    let mut windows = Vec::new();
    let listed = select.projection.iter().filter_map(|item| match item {
        SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => Some(expr),
        _ => None,
    });
    for expr in listed.chain(order.iter().map(|item| &item.expr)) {
        if look::has_window(expr) {
            walk::outside_queries(&mut expr.clone(), &mut |inner| match inner {
                Expr::Function(function) if function.over.is_some() => {
                    windows.push(function.clone());
                }
                _ => {}
            });
        }
    }
    windows
}

/// What a select is grouped by, if it is grouped.
fn groups_of(select: &Select, order: &[OrderByExpr]) -> Option<Vec<Expr>> {
    let GroupByExpr::Expressions(keys, modifiers) = &select.group_by else {
        return None;
    };
    let aggregates = |item: &SelectItem| match item {
        SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => {
            has_aggregate(expr)
        }
        _ => false,
    };
    let is_grouped = !keys.is_empty()
        || select.having.is_some()
        || select.projection.iter().any(aggregates)
        || order.iter().any(|item| has_aggregate(&item.expr));
    (is_grouped && modifiers.is_empty()).then(|| keys.clone())
}
