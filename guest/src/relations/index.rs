//! The names of indexes: which a statement means, and which it chooses.
//!
//! In PostgreSQL the name of an index is one of its schema's, in IRIS one of its
//! table's.

use sqlparser::ast::{CreateIndex, Expr, ObjectName, ObjectType, Statement};

use super::{Path, TableName};
use crate::labels::{self, LONGEST_NAME};

/// The indexes that a definition names, or whose names begin with the one that it
/// will choose.
pub(crate) fn indexes_named_in(tree: &Statement, path: Option<&Path>) -> Vec<TableName> {
    match tree {
        Statement::CreateIndex(index) => {
            let Some(new) = of_new(index) else {
                return Vec::new();
            };
            TableName::all_of(&index.table_name, path)
                .into_iter()
                .map(|table| TableName {
                    table: new.table.clone(),
                    ..table
                })
                .collect()
        }
        Statement::Drop {
            object_type: ObjectType::Index,
            names,
            table: None,
            ..
        } => names
            .iter()
            .flat_map(|name| TableName::all_of(name, path))
            .collect(),
        _ => Vec::new(),
    }
}

/// Under the schema of its table.
pub(crate) fn of_new(index: &CreateIndex) -> Option<TableName> {
    let table = TableName::of(&index.table_name)?;
    let name = match &index.name {
        Some(name) => last(name)?,
        None => chosen_name(index),
    };
    Some(TableName {
        table: name.to_uppercase(),
        ..table
    })
}

/// `table_column_idx`, as PostgreSQL's `ChooseIndexName` makes it where nothing has
/// that name.
pub(crate) fn chosen_name(index: &CreateIndex) -> String {
    let table = last(&index.table_name).unwrap_or_default();
    let columns: Vec<String> = index
        .columns
        .iter()
        .map(|column| match &column.column.expr {
            Expr::Identifier(column) => labels::folded(column),
            _ => "expr".to_owned(),
        })
        .collect();
    object_name(table, columns.join("_"), "idx")
}

/// `makeObjectName`: the longer of both names is shortened until all fits.
pub(crate) fn object_name(mut first: String, mut second: String, label: &str) -> String {
    let separators = 1 + usize::from(!second.is_empty());
    let most = LONGEST_NAME.saturating_sub(label.len() + separators);
    while first.len() + second.len() > most {
        if first.len() > second.len() {
            first.pop();
        } else {
            second.pop();
        }
    }
    if second.is_empty() {
        format!("{first}_{label}")
    } else {
        format!("{first}_{second}_{label}")
    }
}

fn last(name: &ObjectName) -> Option<String> {
    let part = name.0.last()?.as_ident()?;
    Some(labels::folded(part))
}
