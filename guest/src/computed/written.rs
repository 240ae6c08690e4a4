//! What the broker computes and IRIS writes: it is computed of rows that are kept, and written from there.

use sqlparser::ast::{
    Assignment, AssignmentTarget, Insert, Query, SelectItem, SetExpr, Statement, Update,
};

use super::{accesses, is_number, is_text, items, known};
use crate::diagnostic::Diagnosed;
use crate::labels;
use crate::part::{Part, Times};
use crate::relations::{Column, Relation};
use crate::rule::Pass;
use crate::rules::column_label;
use crate::scope::Scopes;
use crate::types::oid;
use crate::wit::{ComputedColumn, Oid};
use crate::writing;
use crate::writing::target::{SetTo, Target, of_column};

/// The parts that a statement becomes; none if nothing is computed in it, or it cannot be.
///
/// # Errors
/// What PostgreSQL says of a literal.
pub(crate) fn parts(tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<Option<Vec<Part>>> {
    if !matches!(pass.times, Times::Once) {
        return Ok(None);
    }
    match tree {
        Statement::Update(update) => of_update(update, pass),
        Statement::Insert(insert) => of_insert(insert, pass),
        _ => Ok(None),
    }
}

/// Finds and locks the rows, computes, and sets each to what came of it.
fn of_update(update: &mut Update, pass: &mut Pass<'_>) -> Diagnosed<Option<Vec<Part>>> {
    let is_computed = update.assignments.iter().any(|one| accesses(&one.value));
    if !is_computed || update.from.is_some() {
        return Ok(None);
    }
    let (relations, parameters) = (pass.relations, pass.parameters.clone());
    let from = [update.table.clone()];
    let Some(relation) = writing::relation_named(&update.table, pass) else {
        return Ok(None);
    };
    let scopes = Scopes::within(relations, &parameters, &from);
    let mut values = Vec::new();
    for (assignment, one) in update.assignments.iter().enumerate() {
        if !accesses(&one.value) {
            continue;
        }
        values.push(known!(set_to(assignment, one, relation, &scopes, pass)?));
    }
    let mut returned = update.returning.take();
    if let Some(items) = &mut returned {
        column_label::describe(items, &from, pass);
    }
    let [table] = from;
    let target = Target::new(table, update.selection.take(), pass);
    let mut parts = vec![target.candidates()];
    parts.extend(target.changed(update, returned, values));
    Ok(Some(parts))
}

/// What the broker computes for an assignment, by its number; none if it cannot.
///
/// # Errors
/// What PostgreSQL says of a literal.
pub(crate) fn set_to(
    number: usize,
    one: &Assignment,
    relation: &Relation,
    scopes: &Scopes<'_>,
    pass: &mut Pass<'_>,
) -> Diagnosed<Option<SetTo>> {
    let (source, computed) = known!(items::compiled(&one.value, scopes, None, pass)?);
    let column = known!(column_of(one, relation));
    Ok(is_assigned(computed.type_oid, column).then_some(SetTo {
        assignment: number,
        source,
        computed,
    }))
}

/// The column that is assigned to, if it is one that is known.
pub(crate) fn column_of<'a>(one: &Assignment, relation: &'a Relation) -> Option<&'a Column> {
    match &one.target {
        AssignmentTarget::ColumnName(name) => relation.column(&labels::of_name(name)?),
        AssignmentTarget::Tuple(_) => None,
    }
}

/// Asks for the rows, computes, and inserts what came of it.
fn of_insert(insert: &mut Insert, pass: &mut Pass<'_>) -> Diagnosed<Option<Vec<Part>>> {
    let Some(source) = insert.source.as_deref_mut().filter(|query| computes(query)) else {
        return Ok(None);
    };
    let before = pass.computed.len();
    items::of_query(source, pass)?;
    let changes = pass.computed.split_off(before);
    let still_computes = computes(source);
    let Some(relation) = writing::relation_of(insert, pass) else {
        return Ok(None);
    };
    if still_computes {
        return Ok(None);
    }
    let mut computed = Vec::with_capacity(changes.len());
    for (index, change) in changes {
        let column = match insert.columns.is_empty() {
            true => relation.columns.get(index),
            false => insert
                .columns
                .get(index)
                .and_then(|name| relation.column(&labels::of_name(name)?)),
        };
        let (Some(column), Some(type_oid), Some(instructions)) =
            (column, change.type_oid, change.computed)
        else {
            return Ok(None);
        };
        if !is_assigned(type_oid, column) {
            return Ok(None);
        }
        let number = u32::try_from(index).unwrap_or(u32::MAX);
        computed.push(ComputedColumn {
            number,
            type_oid,
            instructions: of_column(number, instructions),
        });
    }
    let Some((query, times)) = writing::kept_query(insert, pass) else {
        return Ok(None);
    };
    Ok(Some(vec![
        Part { computed, ..query },
        Part {
            repetition: times,
            ..Part::whole(Statement::Insert(insert.clone()))
        },
    ]))
}

/// Whether an item of its select list is to be computed.
fn computes(query: &Query) -> bool {
    let SetExpr::Select(select) = &*query.body else {
        return false;
    };
    select.projection.iter().any(|item| match item {
        SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => accesses(expr),
        _ => false,
    })
}

/// Whether PostgreSQL assigns a value of that type to the column, and its text stays the same.
pub(crate) fn is_assigned(type_oid: Oid, column: &Column) -> bool {
    let to = column.type_oid;
    type_oid == to
        || is_number(type_oid) && is_number(to)
        || (is_text(to) || to == oid::BPCHAR) && type_oid != oid::BOOL
        || type_oid == oid::JSONB && to == oid::JSON
}
