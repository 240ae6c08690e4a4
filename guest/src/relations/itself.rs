//! The columns of a table that refer to the table itself, and may be NULL: what deletes its rows
//! must know.

use std::collections::HashMap;

use super::answers::{self, about};
use super::names::TableName;
use super::query::literal;
use crate::wit::{MetadataQuery, MetadataRows};

/// The kind of query, the first part of its name.
const ITSELF: &str = "itself";

pub(super) fn query(name: &TableName) -> MetadataQuery {
    let (schema, table) = (literal(&name.schema), literal(&name.table));
    answers::query(
        ITSELF,
        name,
        format!(
            "SELECT k.COLUMN_NAME FROM INFORMATION_SCHEMA.KEY_COLUMN_USAGE k, \
             INFORMATION_SCHEMA.COLUMNS c WHERE k.TABLE_SCHEMA = {schema} \
             AND k.TABLE_NAME = {table} AND k.REFERENCED_TABLE_SCHEMA = {schema} \
             AND k.REFERENCED_TABLE_NAME = {table} AND c.TABLE_SCHEMA = k.TABLE_SCHEMA \
             AND c.TABLE_NAME = k.TABLE_NAME AND c.COLUMN_NAME = k.COLUMN_NAME \
             AND c.IS_NULLABLE = 'YES'"
        ),
    )
}

/// Of the tables that were asked about.
pub(super) fn read(metadata: &[MetadataRows]) -> HashMap<TableName, Vec<String>> {
    let columns = |answer: &MetadataRows| {
        let rows = answer.rows.iter();
        rows.filter_map(|row| row.first()?.clone()).collect()
    };
    about(metadata, ITSELF)
        .map(|(name, answer)| (name, columns(answer)))
        .collect()
}
