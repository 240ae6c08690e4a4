//! What uses a table and its columns: its indexes and constraints, the foreign keys that refer
//! to it, and views. Who drops it, or a column, must know.

use std::collections::HashMap;

use super::answers::{self, about};
use super::names::TableName;
use super::query::literal;
use crate::wit::{MetadataQuery, MetadataRows};

/// Kinds of queries, the first parts of their names.
const INDEXES: &str = "indexes of";
const CONSTRAINTS: &str = "constraints of";
const REFERRING: &str = "referring to";
const VIEWS: &str = "views of";
const VIEW_COLUMNS: &str = "columns in views of";

/// All that uses columns of one table.
#[derive(Debug, Default)]
pub(crate) struct Dependents {
    /// Those of constraints are among them.
    pub(crate) indexes: Vec<IndexOf>,
    pub(crate) constraints: Vec<ConstraintOf>,
    /// Foreign keys, of the table itself or of others.
    pub(crate) referring: Vec<ForeignKeyTo>,
    /// Views that select from the table.
    pub(crate) views: Vec<ViewOf>,
}

/// A view, and the columns of a table that it names.
#[derive(Debug)]
pub(crate) struct ViewOf {
    pub(crate) schema: String,
    pub(crate) name: String,
    pub(crate) columns: Vec<String>,
}

/// An index.
#[derive(Debug)]
pub(crate) struct IndexOf {
    pub(crate) name: String,
    pub(crate) columns: Vec<String>,
}

/// A key, or a foreign key.
#[derive(Debug)]
pub(crate) struct ConstraintOf {
    pub(crate) name: String,
    pub(crate) is_foreign: bool,
    pub(crate) columns: Vec<String>,
}

/// A foreign key, its table, and the columns that it refers to.
#[derive(Debug)]
pub(crate) struct ForeignKeyTo {
    pub(crate) schema: String,
    pub(crate) table: String,
    pub(crate) name: String,
    pub(crate) columns: Vec<String>,
}

impl Dependents {
    /// Whether the index is that of a constraint, which has its name.
    pub(crate) fn is_of_constraint(&self, index: &IndexOf) -> bool {
        let mut names = self.constraints.iter().map(|constraint| &constraint.name);
        names.any(|name| name.eq_ignore_ascii_case(&index.name))
    }
}

pub(super) fn queries(name: &TableName) -> [MetadataQuery; 5] {
    let (schema, table) = (literal(&name.schema), literal(&name.table));
    let of_views = |kind, columns: &str, source: &str| {
        let text = format!(
            "SELECT {columns} FROM INFORMATION_SCHEMA.{source} \
             WHERE TABLE_SCHEMA = {schema} AND TABLE_NAME = {table} ORDER BY {columns}"
        );
        answers::query(kind, name, text)
    };
    [
        answers::query(
            INDEXES,
            name,
            format!(
                "SELECT INDEX_NAME, COLUMN_NAME FROM INFORMATION_SCHEMA.INDEXES \
                 WHERE TABLE_SCHEMA = {schema} AND TABLE_NAME = {table} \
                 ORDER BY INDEX_NAME, ORDINAL_POSITION"
            ),
        ),
        answers::query(
            CONSTRAINTS,
            name,
            format!(
                "SELECT CONSTRAINT_NAME, COLUMN_NAME, CONSTRAINT_TYPE \
                 FROM INFORMATION_SCHEMA.KEY_COLUMN_USAGE \
                 WHERE TABLE_SCHEMA = {schema} AND TABLE_NAME = {table} \
                 ORDER BY CONSTRAINT_NAME, ORDINAL_POSITION"
            ),
        ),
        answers::query(
            REFERRING,
            name,
            format!(
                "SELECT TABLE_SCHEMA, TABLE_NAME, CONSTRAINT_NAME, REFERENCED_COLUMN_NAME \
                 FROM INFORMATION_SCHEMA.KEY_COLUMN_USAGE \
                 WHERE REFERENCED_TABLE_SCHEMA = {schema} AND REFERENCED_TABLE_NAME = {table} \
                 ORDER BY TABLE_SCHEMA, TABLE_NAME, CONSTRAINT_NAME, ORDINAL_POSITION"
            ),
        ),
        of_views(VIEWS, "VIEW_SCHEMA, VIEW_NAME", "VIEW_TABLE_USAGE"),
        of_views(
            VIEW_COLUMNS,
            "VIEW_SCHEMA, VIEW_NAME, COLUMN_NAME",
            "VIEW_COLUMN_USAGE",
        ),
    ]
}

/// Of the tables that were asked about.
pub(super) fn read(metadata: &[MetadataRows]) -> HashMap<TableName, Dependents> {
    let mut tables: HashMap<TableName, Dependents> = HashMap::new();
    for (kind, reader) in [
        (INDEXES, index as Reader),
        (CONSTRAINTS, constraint),
        (REFERRING, referring),
        (VIEWS, view),
        (VIEW_COLUMNS, view),
    ] {
        for (name, answer) in about(metadata, kind) {
            let dependents = tables.entry(name).or_default();
            for row in &answer.rows {
                // A row without a name or a column tells nothing.
                let _ = reader(dependents, row);
            }
        }
    }
    tables
}

type Reader = fn(&mut Dependents, &[Option<String>]) -> Option<()>;

fn index(dependents: &mut Dependents, row: &[Option<String>]) -> Option<()> {
    let [Some(name), Some(column), ..] = row else {
        return None;
    };
    match dependents.indexes.last_mut() {
        Some(last) if last.name == *name => last.columns.push(column.clone()),
        _ => dependents.indexes.push(IndexOf {
            name: name.clone(),
            columns: vec![column.clone()],
        }),
    }
    Some(())
}

fn constraint(dependents: &mut Dependents, row: &[Option<String>]) -> Option<()> {
    let [Some(name), Some(column), kind, ..] = row else {
        return None;
    };
    match dependents.constraints.last_mut() {
        Some(last) if last.name == *name => last.columns.push(column.clone()),
        _ => dependents.constraints.push(ConstraintOf {
            name: name.clone(),
            is_foreign: kind.as_deref() == Some("FOREIGN KEY"),
            columns: vec![column.clone()],
        }),
    }
    Some(())
}

/// A view, with a column that it names or without.
fn view(dependents: &mut Dependents, row: &[Option<String>]) -> Option<()> {
    let [Some(schema), Some(name), rest @ ..] = row else {
        return None;
    };
    let same = |view: &&mut ViewOf| view.schema == *schema && view.name == *name;
    let column = rest.first().cloned().flatten();
    match dependents.views.iter_mut().find(same) {
        Some(known) => known.columns.extend(column),
        None => dependents.views.push(ViewOf {
            schema: schema.clone(),
            name: name.clone(),
            columns: column.into_iter().collect(),
        }),
    }
    Some(())
}

fn referring(dependents: &mut Dependents, row: &[Option<String>]) -> Option<()> {
    let [Some(schema), Some(table), Some(name), Some(column), ..] = row else {
        return None;
    };
    match dependents.referring.last_mut() {
        Some(last) if last.name == *name && last.table == *table && last.schema == *schema => {
            last.columns.push(column.clone());
        }
        _ => dependents.referring.push(ForeignKeyTo {
            schema: schema.clone(),
            table: table.clone(),
            name: name.clone(),
            columns: vec![column.clone()],
        }),
    }
    Some(())
}
