//! What the items of an ORDER BY mean.
//!
//! PostgreSQL manual, "ORDER BY Clause": a name is that of an output column, if there is one.

use std::borrow::Cow;

use sqlparser::ast::{Expr, OrderByExpr, OrderByKind, Query, Select, SelectItem, SetExpr, Value};

use crate::derived;
use crate::scope::Scopes;

/// What an item stands for: an output column, by its place or its name, or itself; none if that
/// is not known.
pub(crate) fn meant<'a>(
    body: &'a SetExpr,
    item: &'a Expr,
    scopes: &Scopes<'_>,
) -> Option<Cow<'a, Expr>> {
    let SetExpr::Select(select) = body else {
        return None;
    };
    match ordinal(item) {
        Some(position) => expression_at(select, position)
            .map(Cow::Borrowed)
            .or_else(|| behind_star(select, position, scopes).map(Cow::Owned)),
        None => Some(Cow::Borrowed(alias_in(select, item).unwrap_or(item))),
    }
}

/// What stands in the ORDER BY of a query.
pub(crate) fn items(query: &Query) -> Option<&[OrderByExpr]> {
    match &query.order_by.as_ref()?.kind {
        OrderByKind::Expressions(items) => Some(items),
        OrderByKind::All(_) => None,
    }
}

/// The same, as it is written, without what says how it sorts.
pub(crate) fn written(query: &Query) -> Vec<Expr> {
    let items = items(query).unwrap_or_default().iter();
    items.map(|item| item.expr.clone()).collect()
}

/// The same, to change it.
pub(crate) fn items_mut(query: &mut Query) -> Option<&mut [OrderByExpr]> {
    match &mut query.order_by.as_mut()?.kind {
        OrderByKind::Expressions(items) => Some(items),
        OrderByKind::All(_) => None,
    }
}

/// What a query is sorted by, as far as that is known.
pub(crate) fn keys<'a>(query: &'a Query, scopes: &Scopes<'_>) -> Vec<Cow<'a, Expr>> {
    let items = items(query).unwrap_or_default().iter();
    items
        .filter_map(|item| meant(&query.body, &item.expr, scopes))
        .collect()
}

/// What the ordinal stands for behind a `*`, if the columns of that are known.
fn behind_star(select: &Select, position: usize, scopes: &Scopes<'_>) -> Option<Expr> {
    let items = derived::listed(select, scopes)?;
    expression_in(&items, position).cloned()
}

/// The position that an item is.
pub(crate) fn ordinal(expression: &Expr) -> Option<usize> {
    match expression {
        Expr::Value(value) => match &value.value {
            Value::Number(digits, _) => digits.parse().ok(),
            _ => None,
        },
        _ => None,
    }
}

/// What the ordinal stands for; none behind a `*`, whose length is not known here.
fn expression_at(select: &Select, position: usize) -> Option<&Expr> {
    expression_in(&select.projection, position)
}

/// The same of a select list.
fn expression_in(items: &[SelectItem], position: usize) -> Option<&Expr> {
    let items = items.get(..position)?;
    let named = |item: &SelectItem| {
        matches!(
            item,
            SelectItem::UnnamedExpr(_) | SelectItem::ExprWithAlias { .. }
        )
    };
    match items.last()? {
        SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. }
            if items.iter().all(named) =>
        {
            Some(expr)
        }
        _ => None,
    }
}

/// What a bare name stands for in the select list, where ORDER BY looks first.
fn alias_in<'a>(select: &'a Select, item: &Expr) -> Option<&'a Expr> {
    let Expr::Identifier(name) = item else {
        return None;
    };
    select.projection.iter().find_map(|item| match item {
        SelectItem::ExprWithAlias { expr, alias }
            if alias.value.eq_ignore_ascii_case(&name.value) =>
        {
            Some(expr)
        }
        _ => None,
    })
}
