//! Subqueries taken out of a query; what is computed of their aggregates takes their place.

use sqlparser::ast::{
    Expr, Function, FunctionArguments, Ident, JoinConstraint, JoinOperator, OrderByExpr, Query,
    Select, SelectItem, SetExpr, TableFactor, TableWithJoins,
};

use super::super::flattened;
use crate::aggregates::{has_aggregate, is_aggregate};
use crate::build;
use crate::computed;
use crate::labels;
use crate::look::{self, Node};
use crate::order_item;
use crate::walk;

/// A subquery: the aggregates that it is asked for, by names that no statement has.
pub(super) struct Sub {
    pub(super) table: String,
    pub(super) select: Select,
    pub(super) aggregates: Vec<(String, Expr)>,
}

/// Aggregates of which only the broker makes all that PostgreSQL does.
const OWN: &[&str] = &[
    "json_agg",
    "jsonb_agg",
    "json_object_agg",
    "jsonb_object_agg",
    "array_agg",
    "string_agg",
];

/// Whether a subquery gives one row of aggregates that the broker makes.
pub(super) fn is_made_here(query: &Query) -> bool {
    let is_own = |node: Node<'_>| match node {
        Node::Expression(Expr::Function(function)) => {
            build::function_name(function).is_some_and(|name| OWN.contains(&name.as_str()))
        }
        _ => false,
    };
    select_of(query).is_some_and(is_of_aggregates)
        && (computed::accesses(query) || look::finds(query, &mut { is_own }))
}

/// The subquery of `ARRAY(SELECT …)`.
pub(super) fn is_array(expression: &Expr) -> Option<&Query> {
    let Expr::Function(function) = expression else {
        return None;
    };
    let is_it = build::function_name(function).as_deref() == Some("array");
    match &function.args {
        FunctionArguments::Subquery(query) if is_it => Some(query),
        _ => None,
    }
}

/// Whether a subquery that sees what is before it is joined to a table, or to the one before.
pub(super) fn has_lateral(table: &TableWithJoins) -> bool {
    is_taken(&table.relation) || table.joins.iter().any(|join| is_taken(&join.relation))
}

/// Takes them out; none if one stands where it cannot be.
pub(super) fn from(query: &mut Query) -> Option<Vec<Sub>> {
    let SetExpr::Select(select) = &mut *query.body else {
        return None;
    };
    let mut subs = Vec::new();
    let mut named = Vec::new();
    laterals(&mut select.from, &mut subs, &mut named)?;
    let has_star = |item: &SelectItem| matches!(item, SelectItem::Wildcard(_));
    if !named.is_empty() && select.projection.iter().any(has_star) {
        return None;
    }
    for (alias, items) in named {
        flattened::put_items(query, alias, &items)?;
    }
    let SetExpr::Select(select) = &mut *query.body else {
        return None;
    };
    for item in &mut select.projection {
        let label = labels::of_item(item);
        let (SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. }) = item else {
            continue;
        };
        let before = subs.len();
        values(expr, &mut subs)?;
        // The label is that of the subquery.
        if let (true, Some(label)) = (subs.len() > before, label) {
            *item = SelectItem::ExprWithAlias {
                expr: build::take(expr),
                alias: labels::identifier(&label),
            };
        }
    }
    Some(subs)
}

/// Takes out those that an expression reads.
fn values(expression: &mut Expr, subs: &mut Vec<Sub>) -> Option<()> {
    let mut is_whole = true;
    walk::outside_queries(expression, &mut |inner| {
        let array = is_array(inner).cloned();
        let taken = match (&*inner, array) {
            (_, Some(query)) => of_array(&query, subs),
            (Expr::Subquery(query), None) if is_made_here(query) => of_scalar(query, subs),
            _ => return,
        };
        match taken {
            Some(value) => *inner = value,
            None => is_whole = false,
        }
    });
    is_whole.then_some(())
}

/// The value of a subquery.
fn of_scalar(query: &Query, subs: &mut Vec<Sub>) -> Option<Expr> {
    let select = select_of(query).filter(|select| is_of_aggregates(select))?;
    let [SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. }] =
        select.projection.as_slice()
    else {
        return None;
    };
    let mut sub = Sub::new(select, subs.len());
    let value = sub.value(expr.clone());
    subs.push(sub);
    Some(build::nested(value))
}

/// `ARRAY(SELECT item … ORDER BY …)` is what `array_agg` makes of it, or the array without elements.
fn of_array(query: &Query, subs: &mut Vec<Sub>) -> Option<Expr> {
    let select = match &*query.body {
        SetExpr::Select(select) if is_plain(query, select) => select,
        _ => return None,
    };
    let [SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. }] =
        select.projection.as_slice()
    else {
        return None;
    };
    if select.distinct.is_some() || has_aggregate(expr) || look::has_window(expr) {
        return None;
    }
    let order: Vec<OrderByExpr> = order_item::items(query).unwrap_or_default().to_vec();
    if order
        .iter()
        .any(|item| order_item::ordinal(&item.expr).is_some())
    {
        return None;
    }
    let mut sub = Sub::new(select, subs.len());
    let array = sub.value(ordered("array_agg", expr.clone(), order));
    subs.push(sub);
    Some(build::call("coalesce", vec![array, build::string("{}")]))
}

fn ordered(name: &str, value: Expr, order: Vec<OrderByExpr>) -> Expr {
    let mut call = build::call(name, vec![value]);
    if let Expr::Function(Function {
        args: FunctionArguments::List(list),
        ..
    }) = &mut call
        && !order.is_empty()
    {
        list.clauses
            .push(sqlparser::ast::FunctionArgumentClause::OrderBy(order));
    }
    call
}

/// Takes those out of FROM that are joined with each row; what their columns are is put in `named`.
fn laterals(
    from: &mut Vec<TableWithJoins>,
    subs: &mut Vec<Sub>,
    named: &mut Vec<(Ident, Vec<SelectItem>)>,
) -> Option<()> {
    let mut left = Vec::with_capacity(from.len());
    for mut table in std::mem::take(from) {
        let joins = std::mem::take(&mut table.joins);
        for join in joins {
            if !is_taken(&join.relation) {
                table.joins.push(join);
                continue;
            }
            if !is_of_each_row(&join.join_operator) {
                return None;
            }
            take(&join.relation, subs, named)?;
        }
        if !is_taken(&table.relation) {
            left.push(table);
            continue;
        }
        // What is joined to it is joined to nothing else.
        if !table.joins.is_empty() || left.is_empty() {
            return None;
        }
        take(&table.relation, subs, named)?;
    }
    *from = left;
    Some(())
}

fn is_taken(factor: &TableFactor) -> bool {
    matches!(factor, TableFactor::Derived { lateral: true, subquery, .. } if is_made_here(subquery))
}

fn take(
    factor: &TableFactor,
    subs: &mut Vec<Sub>,
    named: &mut Vec<(Ident, Vec<SelectItem>)>,
) -> Option<()> {
    let TableFactor::Derived {
        subquery,
        alias: Some(alias),
        sample: None,
        ..
    } = factor
    else {
        return None;
    };
    if !alias.columns.is_empty() {
        return None;
    }
    let select = select_of(subquery)?;
    let mut sub = Sub::new(select, subs.len());
    let mut items = Vec::with_capacity(select.projection.len());
    for item in &select.projection {
        let label = labels::of_item(item)?;
        let (SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. }) = item else {
            return None;
        };
        items.push(SelectItem::ExprWithAlias {
            expr: sub.value(expr.clone()),
            alias: labels::identifier(&label),
        });
    }
    subs.push(sub);
    named.push((alias.name.clone(), items));
    Some(())
}

/// Whether a join leaves each row with the row of the subquery.
fn is_of_each_row(operator: &JoinOperator) -> bool {
    use JoinOperator as J;
    match operator {
        J::CrossJoin(_) => true,
        J::Join(JoinConstraint::On(on))
        | J::Inner(JoinConstraint::On(on))
        | J::Left(JoinConstraint::On(on))
        | J::LeftOuter(JoinConstraint::On(on)) => super::super::expansion::is_true(on),
        _ => false,
    }
}

impl Sub {
    fn new(select: &Select, number: usize) -> Self {
        Self {
            table: format!("subquery {number}"),
            select: select.clone(),
            aggregates: Vec::new(),
        }
    }

    /// What is computed of the aggregates, which are called by their names.
    fn value(&mut self, mut expression: Expr) -> Expr {
        walk::outside_queries(&mut expression, &mut |inner| {
            let Expr::Function(function) = inner else {
                return;
            };
            if !is_aggregate(function) {
                return;
            }
            let counts = build::function_name(function).as_deref() == Some("count");
            let call = Expr::Function(function.clone());
            let known = self.aggregates.iter().find(|(_, known)| *known == call);
            let name = match known {
                Some((name, _)) => name.clone(),
                None => {
                    let name = format!("aggregate {}", self.aggregates.len());
                    self.aggregates.push((name.clone(), call));
                    name
                }
            };
            let value = Expr::CompoundIdentifier(vec![
                Ident::with_quote('"', self.table.clone()),
                Ident::with_quote('"', name),
            ]);
            // Of no rows there are none, where a group would have to be there to say so.
            *inner = match counts {
                true => build::call("coalesce", vec![value, build::number(0)]),
                false => value,
            };
        });
        expression
    }
}

/// The select of a subquery that does nothing else.
fn select_of(query: &Query) -> Option<&Select> {
    let plain = query.order_by.is_none();
    match &*query.body {
        SetExpr::Select(select) if plain && is_plain(query, select) => Some(select),
        _ => None,
    }
}

fn is_plain(query: &Query, select: &Select) -> bool {
    query.with.is_none()
        && query.limit_clause.is_none()
        && query.fetch.is_none()
        && query.locks.is_empty()
        && !flattened::has_keys(select)
        && select.having.is_none()
        && select.top.is_none()
        && select.into.is_none()
        && !select.from.is_empty()
}

/// Whether all items are made of aggregates, so that there is one row.
fn is_of_aggregates(select: &Select) -> bool {
    select.distinct.is_none()
        && select.projection.iter().all(|item| match item {
            SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => {
                has_aggregate(expr) && !look::has_window(expr) && !look::has_query(expr)
            }
            _ => false,
        })
}
