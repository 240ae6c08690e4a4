//! Columns whose default is the time: an INSERT that leaves one out gives it the broker's clock.
//! IRIS's is another for each row, and PostgreSQL's the same for all of a transaction.
//! PostgreSQL manual, "Current Date/Time".

use sqlparser::ast::{
    Expr, Insert, ObjectName, Parens, Query, SelectItem, SetExpr, SetOperator, Values,
};

use super::is_default;
use crate::build;
use crate::labels;
use crate::reader::marks::Marks;
use crate::relations::{Column, Relation};
use crate::rule::Pass;
use crate::types::oid;

/// How the INSERT of a COPY begins, which takes no values but those of the data.
pub(crate) const OF_COPY: &str = "INSERT /* COPY */ INTO ";

/// Writes the calls; tells whether there are any.
pub(crate) fn filled(insert: &mut Insert, relation: &Relation, pass: &mut Pass<'_>) -> bool {
    if pass.statement.starts_with(OF_COPY) {
        return false;
    }
    let clocks: Vec<&Column> = relation
        .columns
        .iter()
        .filter(|one| is_clock(one))
        .collect();
    if clocks.is_empty() || !insert.assignments.is_empty() {
        return false;
    }
    let Some(given) = given(insert, relation) else {
        return false;
    };
    let has = |column: &Column| {
        given
            .iter()
            .any(|name| name.eq_ignore_ascii_case(&column.name))
    };
    let missing: Vec<&Column> = clocks.into_iter().filter(|column| !has(column)).collect();
    let mut changed = written(insert, &given, relation);
    let source = insert.source.get_or_insert_with(|| Box::new(no_values()));
    if !missing.is_empty() && takes_more(&source.body) {
        append(&mut source.body, missing.len());
        let names = given
            .iter()
            .chain(missing.iter().map(|column| &column.name));
        insert.columns = names
            .map(|name| ObjectName::from(vec![labels::identifier(&name.to_lowercase())]))
            .collect();
        changed = true;
    }
    if changed {
        pass.brought.add(Marks::FUNCTION.and(Marks::SESSION));
    }
    changed
}

fn is_clock(column: &Column) -> bool {
    matches!(column.type_oid, oid::TIMESTAMP | oid::TIMESTAMPTZ)
        && column.default_call == Some("now")
}

/// The columns that an INSERT gives values, if that can be told.
fn given(insert: &Insert, relation: &Relation) -> Option<Vec<String>> {
    if !insert.columns.is_empty() {
        let names = insert.columns.iter().map(labels::of_name);
        return names.collect();
    }
    let width = match &insert.source {
        None => 0,
        Some(query) => width(query)?,
    };
    let names = relation.columns.iter().take(width);
    Some(names.map(|column| column.name.clone()).collect())
}

fn width(query: &Query) -> Option<usize> {
    match &*query.body {
        SetExpr::Values(values) => Some(values.rows.first()?.content.len()),
        SetExpr::Select(select) => {
            let is_one = |item: &SelectItem| {
                matches!(
                    item,
                    SelectItem::UnnamedExpr(_) | SelectItem::ExprWithAlias { .. }
                )
            };
            let plain = select.projection.iter().all(is_one);
            plain.then_some(select.projection.len())
        }
        _ => None,
    }
}

fn no_values() -> Query {
    build::query(SetExpr::Values(Values {
        explicit_row: false,
        value_keyword: false,
        rows: vec![Parens::with_empty_span(Vec::new())],
    }))
}

fn now() -> Expr {
    build::call("now", Vec::new())
}

/// The call in place of DEFAULT.
fn written(insert: &mut Insert, given: &[String], relation: &Relation) -> bool {
    let body = insert.source.as_mut().map(|source| &mut *source.body);
    let Some(SetExpr::Values(values)) = body else {
        return false;
    };
    let mut changed = false;
    for row in &mut values.rows {
        for (name, value) in given.iter().zip(&mut row.content) {
            if is_default(value) && relation.column(name).is_some_and(is_clock) {
                *value = now();
                changed = true;
            }
        }
    }
    changed
}

/// Whether one more value can stand in each row.
fn takes_more(body: &SetExpr) -> bool {
    match body {
        SetExpr::Values(_) | SetExpr::Select(_) => true,
        SetExpr::SetOperation {
            left,
            right,
            op: SetOperator::Union,
            ..
        } => takes_more(left) && takes_more(right),
        _ => false,
    }
}

/// So many more values in each row.
fn append(body: &mut SetExpr, count: usize) {
    match body {
        SetExpr::Values(values) => {
            for row in &mut values.rows {
                row.content.extend((0..count).map(|_| now()));
            }
        }
        SetExpr::Select(select) => {
            let items = (0..count).map(|_| SelectItem::UnnamedExpr(now()));
            select.projection.extend(items);
        }
        SetExpr::SetOperation { left, right, .. } => {
            append(left, count);
            append(right, count);
        }
        _ => {}
    }
}
