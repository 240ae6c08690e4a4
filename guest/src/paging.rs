//! Limits the rows of a query by TOP and, behind an offset, by the row counter of a
//! derived table, `%VID`.
//!
//! InterSystems SQL Reference, "TOP" and "FROM": the counter follows the order of a
//! subquery that has a TOP.

use sqlparser::ast::{
    BinaryOperator, Expr, Ident, OrderBy, OrderByExpr, OrderByKind, OrderByOptions, Query, Select,
    SelectItem, SetExpr, TableFactor, TableWithJoins, Top, TopQuantity, Value,
    WildcardAdditionalOptions,
};

use crate::build;
use crate::labels;
use crate::placeholder;

/// How many rows, and how many before them are left out: numbers, placeholders, or what
/// computes a number that is never NULL.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Rows {
    pub(crate) limit: Option<Expr>,
    pub(crate) offset: Option<Expr>,
}

impl Rows {
    /// Whether a count is neither a number nor a placeholder, as which alone IRIS takes it.
    pub(crate) fn are_computed(&self) -> bool {
        let computed = |count: &Option<Expr>| count.as_ref().is_some_and(is_computed);
        computed(&self.limit) || computed(&self.offset)
    }
}

fn is_computed(count: &Expr) -> bool {
    number(count).is_none()
        && placeholder::number_of(count).is_none()
        && placeholder::bare_row_count(count).is_none()
}

/// Where a query stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Top,
    Subquery,
}

/// Limits a query that has no limit of its own any more.
pub(crate) fn limit_by_top(query: &mut Query, rows: Rows, place: Place) {
    let Rows { limit, offset } = rows;
    let offset = match (offset, &limit) {
        (Some(offset), _) => offset,
        (None, Some(limit)) if is_computed(limit) => build::number(0),
        (None, _) => {
            if let Some(limit) = limit {
                top(query, quantity(limit));
            }
            return;
        }
    };
    let last = limit.map(|limit| sum(&limit, &offset));
    let first_only = match &last {
        Some(Expr::Value(value)) if matches!(value.value, Value::Number(..)) => {
            quantity(Expr::Value(value.clone()))
        }
        _ => all(),
    };
    top(query, first_only);
    let items = columns(query);
    let row = || build::name("%VID");
    let skipped = number(&offset) != Some(0) || last.is_none();
    let behind = skipped.then(|| build::binary(row(), BinaryOperator::Gt, offset));
    let until = last.map(|last| build::binary(row(), BinaryOperator::LtEq, last));
    let mut outer = select_from(query, items);
    outer.selection = match (behind, until) {
        (Some(behind), Some(until)) => Some(build::binary(behind, BinaryOperator::And, until)),
        (behind, until) => behind.or(until),
    };
    if place == Place::Subquery {
        // Without a TOP it must not be ordered.
        outer.top = Some(top_of(all()));
    }
    *query.body = SetExpr::Select(Box::new(outer));
    query.order_by = Some(OrderBy {
        kind: OrderByKind::Expressions(vec![OrderByExpr {
            expr: row(),
            options: OrderByOptions {
                sort: None,
                nulls_first: None,
            },
            with_fill: None,
        }]),
        interpolate: None,
    });
}

/// `SELECT * FROM (query)` in place of the query, which keeps its order.
pub(crate) fn wrap(query: &mut Query) {
    let order_by = query.order_by.take();
    let outer = select_from(query, vec![wildcard()]);
    *query.body = SetExpr::Select(Box::new(outer));
    query.order_by = order_by;
}

/// `SELECT items FROM (query)` in place of the query and its order.
pub(crate) fn select_names(query: &mut Query, items: Vec<SelectItem>) {
    let limit_clause = query.limit_clause.take();
    let fetch = query.fetch.take();
    let mut outer = select_from(query, items);
    if let Some(TableFactor::Derived { subquery, .. }) =
        outer.from.first_mut().map(|from| &mut from.relation)
    {
        subquery.limit_clause = limit_clause;
        subquery.fetch = fetch;
    }
    *query.body = SetExpr::Select(Box::new(outer));
}

/// `SELECT items FROM (query)` in place of the query; its limit stays outside.
pub(crate) fn select_from_query(query: &mut Query, items: Vec<SelectItem>) {
    let outer = select_from(query, items);
    *query.body = SetExpr::Select(Box::new(outer));
}

/// `SELECT items FROM (query) WHERE condition` in place of the query; its limit stays outside.
pub(crate) fn select_rows(query: &mut Query, items: Vec<SelectItem>, condition: Expr) {
    let mut outer = select_from(query, items);
    outer.selection = Some(condition);
    *query.body = SetExpr::Select(Box::new(outer));
}

fn top(query: &mut Query, quantity: TopQuantity) {
    if !matches!(&*query.body, SetExpr::Select(_)) {
        wrap(query);
    }
    if let SetExpr::Select(select) = &mut *query.body {
        select.top = Some(top_of(quantity));
    }
}

/// Gives a query that must not be ordered without it a `TOP ALL`.
pub(crate) fn top_all(query: &mut Query) {
    top(query, all());
}

fn top_of(quantity: TopQuantity) -> Top {
    Top {
        with_ties: false,
        percent: false,
        quantity: Some(quantity),
    }
}

/// `TOP ALL`
fn all() -> TopQuantity {
    TopQuantity::Expr(Expr::value(Value::Placeholder(placeholder::bare_all())))
}

fn quantity(limit: Expr) -> TopQuantity {
    if let Some(count) = placeholder::bare_row_count(&limit) {
        return TopQuantity::Expr(Expr::value(Value::Placeholder(count)));
    }
    if let Some(number) = placeholder::number_of(&limit) {
        return TopQuantity::Expr(Expr::value(Value::Placeholder(
            placeholder::bare_parameter(number),
        )));
    }
    match number(&limit) {
        Some(number) => TopQuantity::Constant(number),
        None => TopQuantity::Expr(limit),
    }
}

fn number(expression: &Expr) -> Option<u64> {
    match expression {
        Expr::Value(value) => match &value.value {
            Value::Number(digits, _) => digits.parse().ok(),
            _ => None,
        },
        _ => None,
    }
}

/// The number of the last row.
fn sum(limit: &Expr, offset: &Expr) -> Expr {
    match (number(limit), number(offset)) {
        (Some(limit), Some(offset)) => build::number(limit.saturating_add(offset)),
        (_, Some(0)) => limit.clone(),
        _ => build::binary(offset.clone(), BinaryOperator::Plus, limit.clone()),
    }
}

/// What an outer query selects to get the columns of this one; columns without a
/// name are given one.
pub(crate) fn columns(query: &mut Query) -> Vec<SelectItem> {
    let SetExpr::Select(select) = &mut *query.body else {
        return vec![wildcard()];
    };
    if select
        .projection
        .iter()
        .any(|item| labels::of_item(item).is_none())
    {
        return vec![wildcard()];
    }
    let mut names: Vec<String> = Vec::new();
    let mut outer = Vec::with_capacity(select.projection.len());
    for (index, item) in select.projection.iter_mut().enumerate() {
        let label = labels::of_item(item).unwrap_or_default();
        let fresh = label != labels::UNNAMED && !names.contains(&label);
        let alias = match item {
            SelectItem::ExprWithAlias { alias, .. } if fresh => alias.clone(),
            SelectItem::UnnamedExpr(Expr::Identifier(name)) if fresh => name.clone(),
            SelectItem::UnnamedExpr(Expr::CompoundIdentifier(parts)) if fresh => {
                parts.last().cloned().unwrap_or_else(|| Ident::new(&label))
            }
            SelectItem::UnnamedExpr(expression)
            | SelectItem::ExprWithAlias {
                expr: expression, ..
            } => {
                let alias = if fresh {
                    Ident::with_quote('"', &label)
                } else {
                    Ident::new(format!("column{}", index + 1))
                };
                *item = SelectItem::ExprWithAlias {
                    expr: build::take(expression),
                    alias: alias.clone(),
                };
                alias
            }
            _ => continue,
        };
        names.push(label);
        outer.push(SelectItem::UnnamedExpr(Expr::Identifier(alias)));
    }
    outer
}

/// What takes the place of a body that is moved.
pub(crate) fn nothing() -> SetExpr {
    SetExpr::Values(sqlparser::ast::Values {
        explicit_row: false,
        value_keyword: false,
        rows: Vec::new(),
    })
}

/// `SELECT items FROM (query)`; WITH stays outside.
fn select_from(query: &mut Query, projection: Vec<SelectItem>) -> Select {
    let body = std::mem::replace(&mut *query.body, nothing());
    let inner = Query {
        order_by: query.order_by.take(),
        ..build::query(body)
    };
    let derived = TableFactor::Derived {
        lateral: false,
        subquery: Box::new(inner),
        alias: None,
        sample: None,
    };
    select_of(projection, derived)
}

/// `SELECT items FROM source`
pub(crate) fn select_of(projection: Vec<SelectItem>, source: TableFactor) -> Select {
    let from = TableWithJoins {
        relation: source,
        joins: Vec::new(),
    };
    build::select(projection, vec![from])
}

/// `SELECT items`
pub(crate) fn select_without_source(projection: Vec<SelectItem>) -> Select {
    build::select(projection, Vec::new())
}

/// `*`
pub(crate) fn wildcard() -> SelectItem {
    SelectItem::Wildcard(WildcardAdditionalOptions::default())
}
