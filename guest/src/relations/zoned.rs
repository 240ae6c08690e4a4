//! Columns that were made as `timestamp with time zone`: IRIS has the moments in UTC, in a
//! TIMESTAMP, and in the description of the column what it was made as.

use std::collections::HashMap;

use super::names::TableName;
use super::query::literal;
use crate::wit::{MetadataQuery, MetadataRows};

/// The kind of query, the first part of its name.
pub(super) const ZONED: &str = "zoned";

/// The description of such a column.
pub(crate) const DESCRIPTION: &str = "timestamp with time zone, kept in UTC";

/// Whether a description is that of such a column.
pub(crate) fn described(description: Option<&str>) -> bool {
    description == Some(DESCRIPTION)
}

pub(super) fn query(name: &TableName) -> MetadataQuery {
    MetadataQuery {
        name: format!("{ZONED}\0{}", name.joined()),
        text: format!(
            "SELECT COLUMN_NAME FROM INFORMATION_SCHEMA.COLUMNS \
             WHERE TABLE_SCHEMA = {} AND TABLE_NAME = {} AND DESCRIPTION = {}",
            literal(&name.schema),
            literal(&name.table),
            literal(DESCRIPTION)
        ),
        optional: true,
    }
}

/// Of the tables that were asked about, whether they have such columns.
pub(super) fn read(metadata: &[MetadataRows]) -> HashMap<TableName, bool> {
    let answers = metadata.iter().filter_map(|answer| {
        let (kind, name) = answer.name.split_once('\0')?;
        let name = TableName::split(name).filter(|_| kind == ZONED)?;
        Some((name, !answer.rows.is_empty()))
    });
    answers.collect()
}
