//! Enum types: each is a table of its labels, which columns of the type refer to.
//!
//! IRIS has no types of one's own that SQL could make; a table all sessions know, and
//! its foreign keys hold columns to its labels.

use sqlparser::ast::{
    AlterColumnOperation, AlterTableOperation as Action, ArrayElemTypeDef, DataType, Expr,
    ObjectName, ObjectType, Statement,
};

use super::TableName;
use super::answers;
use crate::catalog::{number_of_type, schemas};
use crate::labels;
use crate::look::{self, Node};
use crate::types;
use crate::wit::{Diagnostic, MetadataQuery, Oid};

/// The schema of these tables.
pub(crate) const SCHEMA: &str = "pgiris_enum";

/// The length of a column of such a type: that of PostgreSQL's longest label.
pub(crate) const LENGTH: u64 = labels::LONGEST_NAME as u64;

/// What stands in the name of the foreign key that holds a column to the labels.
pub(crate) const CONSTRAINT: &str = "__enum__";

/// The kind of the query for the labels of a type.
pub(super) const LABELS: &str = "labels";

/// The type of that name, as tables are named; none for a type of PostgreSQL or a
/// class of IRIS.
pub(crate) fn named(data_type: &DataType) -> Option<TableName> {
    match data_type {
        DataType::Custom(name, modifiers)
            if modifiers.is_empty() && types::of(data_type).is_none() =>
        {
            let own = name.0.last()?.as_ident()?;
            let is_class = own.value.starts_with('%') || own.value.contains('.');
            TableName::of(name).filter(|_| !is_class)
        }
        _ => None,
    }
}

/// The name that a type is written by, without its schema, as PostgreSQL shows it; of an array that of
/// its elements.
pub(crate) fn name_in(data_type: &DataType) -> Option<String> {
    match data_type {
        DataType::Custom(name, _) => Some(shown(name)),
        DataType::Array(
            ArrayElemTypeDef::SquareBracket(element, _) | ArrayElemTypeDef::Qualified(element, _),
        ) => name_in(element),
        _ => None,
    }
}

/// The type of the elements of an array of that name, likewise.
pub(crate) fn named_of_array(data_type: &DataType) -> Option<TableName> {
    match data_type {
        DataType::Array(
            ArrayElemTypeDef::SquareBracket(element, _) | ArrayElemTypeDef::Qualified(element, _),
        ) => named(element),
        _ => None,
    }
}

/// `pg_type.oid`
pub(crate) fn number_of(name: &TableName) -> Oid {
    numbered(name, "")
}

/// Of arrays of it.
pub(crate) fn number_of_array(name: &TableName) -> Oid {
    numbered(name, "_")
}

fn numbered(name: &TableName, prefix: &str) -> Oid {
    let schema = schemas::shown(&name.schema).to_lowercase();
    number_of_type(&schema, &format!("{prefix}{}", name.table.to_lowercase()))
}

/// The table of a type's labels.
pub(crate) fn table_of(name: &TableName) -> ObjectName {
    name.kept_in(SCHEMA)
}

/// The same for a new type, whose name keeps its capitals.
pub(crate) fn new_table(name: &ObjectName) -> Option<ObjectName> {
    Some(TableName::of(name)?.kept_as(SCHEMA, &shown(name)))
}

/// The schema, if it is not the default one, and the name of the type whose labels are in a table of
/// that name.
pub(crate) fn parts_of(table: &str) -> (Option<&str>, &str) {
    match table.split_once("__") {
        Some((schema, own)) => (Some(schema), own),
        None => (None, table),
    }
}

/// The type whose labels are in a table of that name.
pub(crate) fn of_table(table: &str) -> TableName {
    let (schema, own) = parts_of(table);
    TableName::named(schema, own)
}

/// PostgreSQL's error of a value that is none of a type's labels.
pub(crate) fn no_label(name: &str, value: &str) -> Diagnostic {
    let name = pgiris_catalog::quote_ident(name);
    let message = format!("invalid input value for enum {name}: \"{value}\"");
    Diagnostic::error("22P02", message)
}

/// The query for the labels of a type, in order.
pub(super) fn query(name: &TableName) -> MetadataQuery {
    // There is no such table before the first type.
    answers::query(
        LABELS,
        name,
        format!("SELECT label FROM {} ORDER BY position", table_of(name)),
    )
}

/// The types that may be enums of what a statement defines or casts to.
pub(crate) fn enums_named_in(tree: &Statement) -> Vec<TableName> {
    let mut names = Vec::new();
    match tree {
        Statement::CreateType { name, .. } => names.extend(TableName::of(name)),
        Statement::AlterType(alter) => names.extend(TableName::of(&alter.name)),
        Statement::Drop {
            object_type: ObjectType::Type,
            names: dropped,
            ..
        } => names.extend(dropped.iter().filter_map(TableName::of)),
        Statement::CreateTable(table) => {
            let columns = table.columns.iter();
            names.extend(columns.filter_map(|column| of_column(&column.data_type)));
        }
        Statement::AlterTable(table) => {
            names.extend(table.operations.iter().filter_map(|action| match action {
                Action::AddColumn { column_def, .. } => of_column(&column_def.data_type),
                Action::AlterColumn {
                    op: AlterColumnOperation::SetDataType { data_type, .. },
                    ..
                } => named(data_type),
                _ => None,
            }));
        }
        _ => {}
    }
    look::at_all(tree, &mut |node| {
        if let Node::Expression(Expr::Cast { data_type, .. }) = node {
            names.extend(named(data_type).or_else(|| named_of_array(data_type)));
        }
    });
    names.dedup();
    names
}

/// The type that may be the enum of a column, or of the elements of its arrays.
fn of_column(data_type: &DataType) -> Option<TableName> {
    named(data_type).or_else(|| named_of_array(data_type))
}

/// The name of a type as PostgreSQL shows it.
pub(crate) fn shown(name: &ObjectName) -> String {
    name.0
        .last()
        .and_then(|part| part.as_ident())
        .map_or_else(|| name.to_string(), labels::folded)
}
