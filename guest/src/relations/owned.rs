//! The sequences of identity columns: they go with the table.

use std::collections::HashMap;

use super::names::TableName;
use super::query::literal;
use super::sequences;
use crate::wit::{MetadataQuery, MetadataRows};

/// The kind of query, the first part of its name.
pub(super) const OWNED: &str = "owned";

pub(super) fn query(name: &TableName) -> MetadataQuery {
    MetadataQuery {
        name: format!("{OWNED}\0{}", name.joined()),
        text: format!(
            "SELECT DESCRIPTION FROM INFORMATION_SCHEMA.COLUMNS \
             WHERE TABLE_SCHEMA = {} AND TABLE_NAME = {} AND DESCRIPTION %STARTSWITH 'GENERATED '",
            literal(&name.schema),
            literal(&name.table)
        ),
        optional: true,
    }
}

/// Of the tables that were asked about.
pub(super) fn read(metadata: &[MetadataRows]) -> HashMap<TableName, Vec<TableName>> {
    let answers = metadata.iter().filter_map(|answer| {
        let (kind, name) = answer.name.split_once('\0')?;
        let name = TableName::split(name).filter(|_| kind == OWNED)?;
        let sequence = |row: &Vec<Option<String>>| {
            let (_, text) = sequences::identity(row.first()?.as_deref()?)?;
            sequences::named(&text)
        };
        Some((name, answer.rows.iter().filter_map(sequence).collect()))
    });
    answers.collect()
}
