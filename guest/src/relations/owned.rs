//! The sequences of identity columns: they go with the table.

use std::collections::HashMap;

use super::answers::{self, about};
use super::names::TableName;
use super::query::literal;
use super::sequences;
use crate::wit::{MetadataQuery, MetadataRows};

/// The kind of query, the first part of its name.
const OWNED: &str = "owned";

pub(super) fn query(name: &TableName) -> MetadataQuery {
    answers::query(
        OWNED,
        name,
        format!(
            "SELECT DESCRIPTION FROM INFORMATION_SCHEMA.COLUMNS \
             WHERE TABLE_SCHEMA = {} AND TABLE_NAME = {} AND DESCRIPTION %STARTSWITH 'GENERATED '",
            literal(&name.schema),
            literal(&name.table)
        ),
    )
}

/// Of the tables that were asked about.
pub(super) fn read(metadata: &[MetadataRows]) -> HashMap<TableName, Vec<TableName>> {
    let sequence = |row: &Vec<Option<String>>| {
        let (_, text) = sequences::identity(row.first()?.as_deref()?)?;
        sequences::named(&text)
    };
    about(metadata, OWNED)
        .map(|(name, answer)| (name, answer.rows.iter().filter_map(sequence).collect()))
        .collect()
}
