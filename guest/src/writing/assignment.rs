//! The assignments of an UPDATE: one column each, and no DEFAULT.

use sqlparser::ast::{Assignment, AssignmentTarget, Expr, Query, SelectItem, SetExpr, Update};

use crate::build;
use crate::diagnostic::Diagnosed;
use crate::labels;
use crate::placeholder;
use crate::reader::marks::Marks;
use crate::relations::{Column, Constant};
use crate::rule::Pass;
use crate::types::oid;
use crate::wit::Diagnostic;

/// Each column with a value of its own, and whether that changes something.
pub(crate) fn single(assignments: Vec<Assignment>) -> Diagnosed<(Vec<Assignment>, bool)> {
    let mut changed = false;
    let mut single = Vec::with_capacity(assignments.len());
    for assignment in assignments {
        let columns = match assignment.target {
            AssignmentTarget::Tuple(columns) => columns,
            AssignmentTarget::ColumnName(_) => {
                single.push(assignment);
                continue;
            }
        };
        changed = true;
        let values = values_of(assignment.value, columns.len())?;
        if values.len() != columns.len() {
            let message = "number of columns does not match number of values";
            return Err(Diagnostic::error("42601", message));
        }
        single.extend(
            columns
                .into_iter()
                .zip(values)
                .map(|(column, value)| Assignment {
                    target: AssignmentTarget::ColumnName(column),
                    value,
                }),
        );
    }
    Ok((single, changed))
}

/// The values of `(a, b) = (…)` or `ROW(…)`.
fn values_of(value: Expr, columns: usize) -> Diagnosed<Vec<Expr>> {
    match value {
        Expr::Subquery(query) => columns_of(&query, columns),
        Expr::Tuple(values) => Ok(values),
        Expr::Nested(value) => Ok(vec![*value]),
        Expr::Function(function)
            if build::function_name(&function).is_some_and(|name| name == "row") =>
        {
            Ok(build::arguments(&function).into_iter().cloned().collect())
        }
        _ => Err(Diagnostic::not_supported(
            "several columns cannot be set from one query",
            "set each by a query of its own",
        )),
    }
}

/// IRIS has no DEFAULT among the values; that of a column without one is NULL.
pub(crate) fn set_defaults(update: &mut Update, pass: &mut Pass<'_>) -> Diagnosed<bool> {
    let relation = super::relation_named(&update.table, pass);
    let mut changed = false;
    for assignment in update
        .assignments
        .iter_mut()
        .filter(|one| super::is_default(&one.value))
    {
        let AssignmentTarget::ColumnName(name) = &assignment.target else {
            continue;
        };
        let column = relation.and_then(|relation| relation.column(&labels::of_name(name)?));
        let value = column.and_then(|column| default_of(column, pass));
        assignment.value = value.ok_or_else(|| {
            Diagnostic::not_supported(
                "SET ... = DEFAULT is not supported for a default that is computed",
                "write the value",
            )
        })?;
        changed = true;
    }
    Ok(changed)
}

/// The default of a column as a value; none if it cannot be told.
pub(crate) fn default_of(column: &Column, pass: &mut Pass<'_>) -> Option<Expr> {
    if let Some(name) = column.default_call {
        pass.brought.add(Marks::FUNCTION.and(Marks::SESSION));
        return Some(build::call(name, Vec::new()));
    }
    match &column.default {
        // A number of days or of seconds.
        Some(Constant::Number(_)) if matches!(column.type_oid, oid::DATE | oid::TIME) => None,
        Some(Constant::Number(number)) => Some(build::number(number)),
        Some(Constant::Text(text)) => Some(build::string(text)),
        Some(Constant::Bytes(bytes)) => Some(placeholder::constant(oid::BYTEA, Some(bytes))),
        None if !column.has_default && !column.generated => Some(build::name("NULL")),
        None => None,
    }
}

/// A query for each column of a query; none of them may choose other rows.
fn columns_of(query: &Query, columns: usize) -> Diagnosed<Vec<Expr>> {
    let refusal = || {
        Diagnostic::not_supported(
            "several columns cannot be set from this query",
            "set each by a query of its own",
        )
    };
    let SetExpr::Select(select) = &*query.body else {
        return Err(refusal());
    };
    let simple = select.distinct.is_none()
        && query.limit_clause.is_none()
        && query.fetch.is_none()
        && query.with.is_none();
    let items = select.projection.iter().map(|item| match item {
        SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => Some(expr),
        _ => None,
    });
    let items: Option<Vec<&Expr>> = items.collect();
    let items = items.filter(|_| simple).ok_or_else(refusal)?;
    if items.len() != columns {
        let message = "number of columns does not match number of values";
        return Err(Diagnostic::error("42601", message));
    }
    let one = |item: &Expr| {
        let mut select = select.clone();
        select.projection = vec![SelectItem::UnnamedExpr(item.clone())];
        let mut query = query.clone();
        *query.body = SetExpr::Select(select);
        Expr::Subquery(Box::new(query))
    };
    Ok(items.into_iter().map(one).collect())
}
