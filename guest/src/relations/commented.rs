//! Which tables have comments: what takes them away or renames them must know.

use super::names::TableName;
use crate::comments::TABLE;
use crate::wit::{MetadataQuery, MetadataRows};

/// The name of the query; it is about all tables.
const NAME: &str = "commented\0";

pub(super) fn query() -> MetadataQuery {
    MetadataQuery {
        name: NAME.to_owned(),
        text: format!("SELECT DISTINCT table_schema, table_name FROM {TABLE}"),
        optional: true,
    }
}

/// None if it was not asked.
pub(super) fn read(metadata: &[MetadataRows]) -> Option<Vec<TableName>> {
    let answer = metadata.iter().find(|answer| answer.name == NAME)?;
    let table = |row: &Vec<Option<String>>| match row.as_slice() {
        [schema, table, ..] => Some(TableName::named(schema.as_deref(), table.as_deref()?)),
        _ => None,
    };
    Some(answer.rows.iter().filter_map(table).collect())
}
