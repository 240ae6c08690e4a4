//! # What it does
//! Makes a row of `VALUES` one that IRIS takes: gives it its columns, leaves out what
//! is `DEFAULT`, and selects it if it contains a query.
//!
//! # Why
//! IRIS counts only columns that can be given when there is no list of them, has no
//! `DEFAULT` among values, and refuses a query there with SQLCODE -144.
//! (InterSystems SQL Reference, "INSERT".)
//!
//! # Example
//! `INSERT INTO t (a, b) VALUES (DEFAULT, (SELECT max(a) FROM u))` becomes
//! `INSERT INTO t (b) SELECT (SELECT max(a) FROM u)`.
//!
//! # Limits
//! The counter of a serial column goes on behind a
//! value that was given, where PostgreSQL's does not know of it.
//!
//! # Versions
//! All.

use sqlparser::ast::{Insert, ObjectName, Query, SelectItem, Spanned, Statement};

use super::value_rows;
use crate::diagnostic::Diagnosed;
use crate::labels;
use crate::look;
use crate::placeholder;
use crate::reader::marks::Marks;
use crate::relations::Relation;
use crate::rule::{Pass, Rule};
use crate::scope::Scopes;
use crate::wit::Diagnostic;
use crate::writing::{self, is_default};

pub(crate) struct InsertValues;

impl Rule for InsertValues {
    fn name(&self) -> &'static str {
        "insert_values"
    }

    fn summary(&self) -> &'static str {
        "gives inserted rows their columns and leaves out what is DEFAULT"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::INSERT)
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let Statement::Insert(insert) = tree else {
            return Ok(false);
        };
        if insert.source.is_none() {
            return Ok(false);
        }
        let relation = writing::relation_of(insert, pass);
        let mut changed = match relation {
            Some(relation) => list_columns(insert, relation, pass)?,
            None => false,
        };
        if insert.on.is_none() && insert.returning.is_none() {
            changed |= insert.table_alias.take().is_some();
        }
        if value_rows::rows(insert).is_none() {
            return Ok(changed);
        }
        count(insert, pass)?;
        changed |= leave_out_defaults(insert);
        changed |= select_queries(insert, relation, pass);
        Ok(changed)
    }
}

/// Writes the columns that a statement without a list means: the first ones. If
/// it gives each, and IRIS generates none, it can stay as it is.
fn list_columns(insert: &mut Insert, relation: &Relation, pass: &Pass<'_>) -> Diagnosed<bool> {
    if !insert.columns.is_empty() {
        return Ok(false);
    }
    let (width, has_default) = match value_rows::rows(insert).and_then(|rows| rows.rows.first()) {
        Some(row) => (row.content.len(), row.content.iter().any(is_default)),
        None => match insert
            .source
            .as_deref()
            .and_then(|query| width_of(query, pass))
        {
            Some(width) => (width, false),
            None => return Ok(false),
        },
    };
    let generated = relation.columns.iter().any(|column| column.generated);
    if width == relation.columns.len() && !generated && !has_default {
        return Ok(false);
    }
    if width > relation.columns.len() {
        return Err(too_many(insert, relation.columns.len(), pass));
    }
    let columns = relation.columns.iter().take(width);
    insert.columns = columns
        .map(|column| ObjectName::from(vec![labels::identifier(&column.name)]))
        .collect();
    Ok(true)
}

fn width_of(query: &Query, pass: &Pass<'_>) -> Option<usize> {
    let mut scopes = Scopes::new(pass.relations, &pass.parameters);
    Some(scopes.columns_of(query)?.len())
}

fn too_many(insert: &mut Insert, columns: usize, pass: &Pass<'_>) -> Diagnostic {
    let error = Diagnostic::error("42601", "INSERT has more expressions than target columns");
    let row = value_rows::rows(insert).and_then(|rows| rows.rows.first());
    match row.and_then(|row| row.content.get(columns)) {
        Some(extra) => at(error, extra, pass),
        None => error,
    }
}

fn at(error: Diagnostic, node: &impl Spanned, pass: &Pass<'_>) -> Diagnostic {
    match node.span().start.column {
        0 => error,
        column => error.at(pass.text, column as usize - 1),
    }
}

/// There must be as many values as columns.
fn count(insert: &mut Insert, pass: &Pass<'_>) -> Diagnosed<()> {
    let columns = insert.columns.len();
    let width = value_rows::rows(insert)
        .and_then(|rows| rows.rows.first())
        .map_or(columns, |row| row.content.len());
    if columns == 0 || width == columns {
        return Ok(());
    }
    if width > columns {
        return Err(too_many(insert, columns, pass));
    }
    let error = Diagnostic::error("42601", "INSERT has more target columns than expressions");
    Err(match insert.columns.get(width) {
        Some(extra) => at(error, extra, pass),
        None => error,
    })
}

/// Drops the columns whose value is DEFAULT.
fn leave_out_defaults(insert: &mut Insert) -> bool {
    let columns = std::mem::take(&mut insert.columns);
    let Some(row) = value_rows::rows(insert).and_then(|rows| rows.rows.first_mut()) else {
        insert.columns = columns;
        return false;
    };
    if columns.len() != row.content.len() || !row.content.iter().any(is_default) {
        insert.columns = columns;
        return false;
    }
    let values = std::mem::take(&mut row.content);
    let kept = columns.into_iter().zip(values);
    let (columns, values): (Vec<_>, Vec<_>) = kept.filter(|(_, value)| !is_default(value)).unzip();
    row.content = values;
    if columns.is_empty() {
        insert.source = None;
    }
    insert.columns = columns;
    true
}

/// A row that contains a query is selected.
fn select_queries(insert: &mut Insert, relation: Option<&Relation>, pass: &mut Pass<'_>) -> bool {
    let given: Vec<Option<String>> = insert.columns.iter().map(labels::of_name).collect();
    let Some(row) = value_rows::rows(insert).and_then(|rows| rows.rows.first_mut()) else {
        return false;
    };
    if !row.content.iter().any(look::has_query) {
        return false;
    }
    let mut items = Vec::with_capacity(row.content.len());
    for (index, value) in std::mem::take(&mut row.content).into_iter().enumerate() {
        let column = relation.and_then(|relation| match given.get(index) {
            Some(name) => relation.column(name.as_deref()?),
            None => relation.columns.get(index),
        });
        // Among values a parameter has the type of its column.
        if let (Some(number), Some(column)) = (placeholder::number_of(&value), column) {
            pass.parameter_type(number, column.type_oid);
        }
        items.push(SelectItem::UnnamedExpr(value));
    }
    insert.source = Some(Box::new(writing::query(items, Vec::new(), None)));
    true
}
