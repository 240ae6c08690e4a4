//! Items of select lists, and of RETURNING, that the broker computes.

use sqlparser::ast::{
    Distinct, Expr, GroupByExpr, Query, Select, SelectItem, SetExpr, Statement, TableWithJoins,
    Value,
};

use super::sources::Sources;
use super::{Computed, accesses, compile, is_made_here, is_written};
use crate::aggregates::has_aggregate;
use crate::build;
use crate::diagnostic::Diagnosed;
use crate::labels;
use crate::order_item;
use crate::rule::Pass;
use crate::scope::Scopes;
use crate::wit::{ColumnChange, ColumnRule, Oid};
use crate::writing::{self, target};

/// Takes what the broker computes out of the outermost select list, or out of RETURNING.
pub(crate) fn take_out(tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<()> {
    if !pass.shown {
        return Ok(());
    }
    if let Statement::Query(query) = tree {
        return of_query(query, pass);
    }
    if writing::returning(tree).is_none() {
        return Ok(());
    }
    let from = target::sources_of(tree);
    let items = writing::returning_mut(tree).and_then(Option::as_mut);
    returned(items, &from, pass)
}

fn returned(
    items: Option<&mut Vec<SelectItem>>,
    from: &[TableWithJoins],
    pass: &mut Pass<'_>,
) -> Diagnosed<()> {
    let Some(items) = items else {
        return Ok(());
    };
    let parameters = pass.parameters.clone();
    let scopes = Scopes::within(pass.relations, &parameters, from);
    of_items(items, &scopes, &Keys::default(), pass)
}

/// Takes it out of the select list of a query.
pub(super) fn of_query(query: &mut Query, pass: &mut Pass<'_>) -> Diagnosed<()> {
    let parameters = pass.parameters.clone();
    let mut scopes = Scopes::new(pass.relations, &parameters);
    scopes.open_queries(query);
    let order = order_item::written(query);
    let SetExpr::Select(select) = &mut *query.body else {
        return Ok(());
    };
    let groups = match &select.group_by {
        GroupByExpr::Expressions(keys, sets) if keys.is_empty() && sets.is_empty() => None,
        GroupByExpr::Expressions(keys, sets) if sets.is_empty() => {
            Some(keys.iter().map(|key| item_at(key, select)).collect())
        }
        GroupByExpr::Expressions(..) | GroupByExpr::All(_) => return Ok(()),
    };
    if matches!(select.distinct, Some(Distinct::Distinct | Distinct::On(_))) {
        return Ok(());
    }
    scopes.open_select(select);
    of_items(
        &mut select.projection,
        &scopes,
        &Keys { order, groups },
        pass,
    )
}

/// What the rows are ordered by, and grouped.
#[derive(Default)]
struct Keys {
    order: Vec<Expr>,
    groups: Option<Vec<Expr>>,
}

/// The item that a number in GROUP BY stands for, or the key itself.
fn item_at(key: &Expr, select: &Select) -> Expr {
    let item =
        order_item::ordinal(key).and_then(|number| select.projection.get(number.checked_sub(1)?));
    match item {
        Some(SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. }) => {
            expr.clone()
        }
        _ => key.clone(),
    }
}

fn of_items(
    items: &mut [SelectItem],
    scopes: &Scopes<'_>,
    keys: &Keys,
    pass: &mut Pass<'_>,
) -> Diagnosed<()> {
    let is_star = |item: &SelectItem| labels::of_item(item).is_none();
    let stars = items.iter().filter(|item| is_star(item)).count();
    let count = items.len();
    let mut behind_star = false;
    for (index, item) in items.iter_mut().enumerate() {
        behind_star |= is_star(item);
        let label = labels::of_item(item);
        let from_end = behind_star.then_some(count - index);
        let (SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. }) = item else {
            continue;
        };
        if !accesses(expr) || stars > 1 {
            continue;
        }
        let is_key = |key: &Expr| match build::unnested(key) {
            Expr::Value(value) => match &value.value {
                Value::Number(digits, _) => {
                    stars > 0
                        || digits
                            .parse()
                            .is_ok_and(|number: usize| number == index + 1)
                }
                _ => false,
            },
            Expr::Identifier(name) => Some(labels::folded(name)) == label,
            _ => false,
        };
        if keys.order.iter().any(is_key) {
            continue;
        }
        let Some((source, computed)) = compiled(expr, scopes, keys.groups.as_deref(), pass)? else {
            continue;
        };
        *expr = source;
        // That of the client's own expression, if it is written otherwise by now.
        let label = announced(index, from_end, pass).or(label);
        announce(index, from_end, label, computed, pass);
    }
    Ok(())
}

/// Where the columns that are announced begin again behind a `*`.
fn place_of(index: usize, from_end: Option<usize>, pass: &Pass<'_>) -> Option<usize> {
    match from_end {
        Some(behind) => pass.columns.len().checked_sub(behind),
        None => Some(index),
    }
}

/// The label that an item is known by; none if none is announced.
fn announced(index: usize, from_end: Option<usize>, pass: &Pass<'_>) -> Option<String> {
    match pass.columns.get(place_of(index, from_end, pass)?)? {
        ColumnRule::One(change) => change.label.clone(),
        ColumnRule::Rest => None,
    }
}

/// Notes what the client sees of an item, which the broker computes.
pub(crate) fn announce(
    index: usize,
    from_end: Option<usize>,
    label: Option<String>,
    computed: Computed,
    pass: &mut Pass<'_>,
) {
    let change = ColumnChange {
        label,
        type_oid: Some(computed.type_oid),
        scale: None,
        digits: None,
        computed: Some(computed.instructions),
        origin: None,
    };
    let place = place_of(index, from_end, pass);
    if let Some(column) = place.and_then(|place| pass.columns.get_mut(place)) {
        *column = ColumnRule::One(change.clone());
    }
    pass.computed.push((index, change));
}

/// What IRIS is asked for in the place of an expression, and what the broker makes of it; none
/// if it cannot. Of groups only their keys and what aggregates make of them are there.
pub(crate) fn compiled(
    expr: &Expr,
    scopes: &Scopes<'_>,
    groups: Option<&[Expr]>,
    pass: &mut Pass<'_>,
) -> Diagnosed<Option<(Expr, Computed)>> {
    let mut sources = Sources::default();
    let mut leaf = |expression: &Expr| -> Option<(u32, Oid)> {
        if is_written(expression) || accesses(expression) || is_made_here(expression) {
            return None;
        }
        sources.number(expression, scopes.type_of(expression)?)
    };
    let compiled = compile(expr, &mut leaf, pass)?;
    let Some((computed, found)) = compiled.filter(|(computed, _)| computed.type_oid != 0) else {
        return Ok(None);
    };
    let is_of_groups = groups
        .is_none_or(|keys| sources.are_all(|value| has_aggregate(value) || keys.contains(value)));
    if !is_of_groups {
        return Ok(None);
    }
    let written = sources.written(computed, scopes, pass)?;
    pass.parameter_types(found);
    Ok(Some(written))
}
