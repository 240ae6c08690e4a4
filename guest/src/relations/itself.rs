//! The columns of a table that refer to the table itself, and may be NULL: what deletes its rows
//! must know.

use std::collections::HashMap;

use super::names::TableName;
use super::query::literal;
use crate::wit::{MetadataQuery, MetadataRows};

/// The kind of query, the first part of its name.
pub(super) const ITSELF: &str = "itself";

pub(super) fn query(name: &TableName) -> MetadataQuery {
    let (schema, table) = (literal(&name.schema), literal(&name.table));
    MetadataQuery {
        name: format!("{ITSELF}\0{}", name.joined()),
        text: format!(
            "SELECT k.COLUMN_NAME FROM INFORMATION_SCHEMA.KEY_COLUMN_USAGE k, \
             INFORMATION_SCHEMA.COLUMNS c WHERE k.TABLE_SCHEMA = {schema} \
             AND k.TABLE_NAME = {table} AND k.REFERENCED_TABLE_SCHEMA = {schema} \
             AND k.REFERENCED_TABLE_NAME = {table} AND c.TABLE_SCHEMA = k.TABLE_SCHEMA \
             AND c.TABLE_NAME = k.TABLE_NAME AND c.COLUMN_NAME = k.COLUMN_NAME \
             AND c.IS_NULLABLE = 'YES'"
        ),
        optional: true,
    }
}

/// Of the tables that were asked about.
pub(super) fn read(metadata: &[MetadataRows]) -> HashMap<TableName, Vec<String>> {
    let answers = metadata.iter().filter_map(|answer| {
        let (kind, name) = answer.name.split_once('\0')?;
        let name = TableName::split(name).filter(|_| kind == ITSELF)?;
        let columns = answer.rows.iter().filter_map(|row| row.first()?.clone());
        Some((name, columns.collect()))
    });
    answers.collect()
}
