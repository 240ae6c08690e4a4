//! # What it does
//! Shows each value of a CASE, COALESCE or UNION ALL of numbers with its own decimals, as
//! PostgreSQL does.
//!
//! # Why
//! In IRIS they all have the decimals of the longest. (InterSystems SQL Reference, CASE,
//! COALESCE, UNION.)
//!
//! # Example
//! `SELECT coalesce(n, 0) FROM t` of a `numeric(10,2)` becomes
//! `SELECT COALESCE($JUSTIFY(n, 0, 2), '0') FROM t`, announced as `numeric`.
//!
//! # Limits
//! What is grouped or without duplicates stays a number, with the decimals of the longest, and so does
//! what a UNION ALL is sorted by, GREATEST and LEAST, an aggregate of such values, and what is not an
//! item of the outermost select list.
//!
//! # Versions
//! All.

use sqlparser::ast::{
    DataType, Expr, GroupByExpr, OrderByKind, Query, Select, SelectItem, SetExpr, SetOperator,
    SetQuantifier, Statement, Value,
};

use crate::build;
use crate::casts::{self, Operand};
use crate::copies::Copies;
use crate::diagnostic::Diagnosed;
use crate::labels;
use crate::look::{self, Node};
use crate::part::Times;
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};
use crate::scope::Scopes;
use crate::types::{self, oid};

pub(crate) struct MixedScale;

impl Rule for MixedScale {
    fn name(&self) -> &'static str {
        "mixed_scale"
    }

    fn summary(&self) -> &'static str {
        "shows each number of a CASE or UNION ALL with its own decimals"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(
            Marks::CHOICE
                .and(Marks::SET_OPERATION)
                .and(Marks::VALUES)
                .and(Marks::PREDICATE),
        )
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let Statement::Query(query) = tree else {
            return Ok(false);
        };
        if !pass.shown || !matches!(pass.times, Times::Once) {
            return Ok(false);
        }
        of_query(query, pass)
    }
}

fn of_query(query: &mut Query, pass: &mut Pass<'_>) -> Diagnosed<bool> {
    let mut scopes = Scopes::new(pass.relations, &pass.parameters);
    scopes.open_queries(query);
    let Some(scales) = scales(&query.body, &mut scopes) else {
        return Ok(false);
    };
    let mut mixed = Vec::new();
    for (index, values) in scales.iter().enumerate() {
        if values.as_ref().is_some_and(Values::are_mixed)
            && (!is_used(query, index) || sort_by_value(query, index, &mut pass.copies)?)
        {
            mixed.push(index);
        }
    }
    for index in &mixed {
        spell(&mut query.body, *index, &mut scopes, &mut pass.copies)?;
    }
    Ok(!mixed.is_empty())
}

/// The values that an item may show.
struct Values {
    /// The decimals of each.
    scales: Vec<u32>,
    /// Whether one is a `numeric`, so that all are.
    numeric: bool,
}

impl Values {
    fn are_mixed(&self) -> bool {
        let Some((first, rest)) = self.scales.split_first() else {
            return false;
        };
        self.numeric && rest.iter().any(|scale| scale != first)
    }
}

/// Those of each item, where they are known. None if the rows are not those of selects alone.
fn scales(body: &SetExpr, scopes: &mut Scopes<'_>) -> Option<Vec<Option<Values>>> {
    match body {
        SetExpr::Select(select) if select.distinct.is_none() => {
            Some(scopes.within_select(select, |scopes| of_select(select, scopes)))
        }
        SetExpr::SetOperation {
            left,
            op: SetOperator::Union,
            set_quantifier: SetQuantifier::All,
            right,
        } => {
            let (left, right) = (scales(left, scopes)?, scales(right, scopes)?);
            let pairs = left.into_iter().zip(right);
            let both = pairs.map(|(left, right)| {
                let (mut left, mut right) = (left?, right?);
                left.scales.append(&mut right.scales);
                left.numeric |= right.numeric;
                Some(left)
            });
            Some(both.collect())
        }
        _ => None,
    }
}

fn of_select(select: &Select, scopes: &Scopes<'_>) -> Vec<Option<Values>> {
    let items = select.projection.iter();
    items.map(|item| of_item(item, select, scopes)).collect()
}

fn of_item(item: &SelectItem, select: &Select, scopes: &Scopes<'_>) -> Option<Values> {
    let (SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. }) = item else {
        return None;
    };
    let known = scopes.type_of(expr);
    let is_number = known
        .is_some_and(|known| matches!(known, oid::NUMERIC | oid::INT2 | oid::INT4 | oid::INT8));
    if !is_number && !is_null(expr) || is_grouped(select, expr) {
        return None;
    }
    let mut scales = Vec::new();
    collect(expr, scopes, &mut scales)?;
    Some(Values {
        scales,
        numeric: known == Some(oid::NUMERIC),
    })
}

/// NULL, of whatever type.
fn is_null(expr: &Expr) -> bool {
    match build::unnested(expr) {
        Expr::Value(value) => value.value == Value::Null,
        Expr::Cast { expr, .. } => is_null(expr),
        _ => false,
    }
}

/// None if the decimals of a value are not known, or depend on it.
fn collect(expr: &Expr, scopes: &Scopes<'_>, found: &mut Vec<u32>) -> Option<()> {
    match expr {
        Expr::Nested(inner) => collect(inner, scopes, found),
        Expr::Case {
            conditions,
            else_result,
            ..
        } => build::results(conditions, else_result.as_deref())
            .try_for_each(|result| collect(result, scopes, found)),
        Expr::Function(function) if is_coalesce(expr) => build::arguments(function)
            .into_iter()
            .try_for_each(|argument| collect(argument, scopes, found)),
        null if is_null(null) => Some(()),
        other => {
            found.push(scopes.scale_of(other)?);
            Some(())
        }
    }
}

fn is_coalesce(expr: &Expr) -> bool {
    matches!(expr, Expr::Function(function)
        if function.over.is_none() && build::function_name(function).as_deref() == Some("coalesce"))
}

fn is_grouped(select: &Select, expr: &Expr) -> bool {
    match &select.group_by {
        GroupByExpr::Expressions(items, _) => items.iter().any(|item| {
            build::unnested(item) == build::unnested(expr)
                || matches!(build::unnested(item), Expr::Value(_))
                || is_label(item, select)
        }),
        GroupByExpr::All(_) => true,
    }
}

/// Whether an item of GROUP BY is the label of one of the select list.
fn is_label(item: &Expr, select: &Select) -> bool {
    let Expr::Identifier(name) = build::unnested(item) else {
        return false;
    };
    select.projection.iter().any(|known| {
        matches!(known, SelectItem::ExprWithAlias { alias, .. }
            if labels::folded(alias) == labels::folded(name))
    })
}

/// Whether the rows are sorted by an item: by its number, its label, or what it is.
fn is_used(query: &Query, index: usize) -> bool {
    let Some(order) = &query.order_by else {
        return false;
    };
    let OrderByKind::Expressions(keys) = &order.kind else {
        return true;
    };
    let item = first(&query.body).and_then(|select| select.projection.get(index));
    let (expr, label) = match item {
        Some(SelectItem::UnnamedExpr(expr)) => (Some(expr), None),
        Some(SelectItem::ExprWithAlias { expr, alias }) => {
            (Some(expr), Some(labels::folded(alias)))
        }
        _ => (None, None),
    };
    let label = label.or_else(|| expr.map(labels::of_expression));
    keys.iter().any(|key| {
        let number = build::number(index + 1);
        build::unnested(&key.expr) == &number
            || look::finds(&key.expr, &mut |node| {
                matches!(node, Node::Expression(Expr::Identifier(name))
                    if Some(labels::folded(name)) == label)
            })
            || expr.is_some_and(|expr| build::unnested(&key.expr) == build::unnested(expr))
    })
}

/// Sorts the rows of a select by what an item is, where its number or its label is written; tells
/// whether nothing else is sorted by it.
///
/// # Errors
/// Too much would have to be written twice.
fn sort_by_value(query: &mut Query, index: usize, copies: &mut Copies) -> Diagnosed<bool> {
    let SetExpr::Select(select) = &*query.body else {
        return Ok(false);
    };
    let (expr, label) = match select.projection.get(index) {
        Some(SelectItem::UnnamedExpr(expr)) => (expr, labels::of_expression(expr)),
        Some(SelectItem::ExprWithAlias { expr, alias }) => (expr, labels::folded(alias)),
        _ => return Ok(false),
    };
    let Some(OrderByKind::Expressions(keys)) = query.order_by.as_mut().map(|order| &mut order.kind)
    else {
        return Ok(false);
    };
    let number = build::number(index + 1);
    for key in keys {
        let is_item = match build::unnested(&key.expr) {
            Expr::Identifier(name) => labels::folded(name) == label,
            other => *other == number,
        };
        if is_item {
            key.expr = copies.copy(expr)?;
        }
    }
    Ok(true)
}

fn first(body: &SetExpr) -> Option<&Select> {
    match body {
        SetExpr::Select(select) => Some(select),
        SetExpr::SetOperation { left, .. } => first(left),
        _ => None,
    }
}

/// Writes the values of an item as texts.
///
/// # Errors
/// Too much would have to be written twice.
fn spell(
    body: &mut SetExpr,
    index: usize,
    scopes: &mut Scopes<'_>,
    copies: &mut Copies,
) -> Diagnosed<()> {
    match body {
        SetExpr::Select(select) => {
            scopes.open_select(select);
            let spelled = match select.projection.get_mut(index) {
                Some(SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. }) => {
                    as_text(expr, scopes, copies)
                }
                _ => Ok(()),
            };
            scopes.close();
            spelled
        }
        SetExpr::SetOperation { left, right, .. } => {
            spell(left, index, scopes, copies)?;
            spell(right, index, scopes, copies)
        }
        _ => Ok(()),
    }
}

fn as_text(expr: &mut Expr, scopes: &Scopes<'_>, copies: &mut Copies) -> Diagnosed<()> {
    if is_coalesce(expr) {
        return match expr {
            Expr::Function(function) => build::arguments_mut(function)
                .into_iter()
                .try_for_each(|argument| as_text(argument, scopes, copies)),
            _ => Ok(()),
        };
    }
    match expr {
        Expr::Nested(inner) => as_text(inner, scopes, copies),
        Expr::Case {
            conditions,
            else_result,
            ..
        } => {
            let results = conditions.iter_mut().map(|when| &mut when.result);
            results
                .chain(else_result.as_deref_mut())
                .try_for_each(|result| as_text(result, scopes, copies))
        }
        Expr::Value(value) if value.value == Value::Null => Ok(()),
        other => {
            *other = spelled(build::take(other), scopes, copies)?;
            Ok(())
        }
    }
}

/// A number as PostgreSQL's cast to text spells it.
fn spelled(number: Expr, scopes: &Scopes<'_>, copies: &mut Copies) -> Diagnosed<Expr> {
    let data_type = DataType::Text;
    let Some(text) = types::of(&data_type) else {
        return Ok(number);
    };
    let (oid, digits) = (scopes.type_of(&number), scopes.digits_to_cast(&number));
    let mut operand = Operand {
        expr: number,
        oid,
        digits,
        copies,
    };
    Ok(match casts::cast(&mut operand, &text, &data_type)? {
        Some(written) => written,
        None => casts::short(operand.expr),
    })
}
