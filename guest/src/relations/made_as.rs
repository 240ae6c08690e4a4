//! Columns that were made as types of which IRIS keeps the values and not the type: what they
//! were made as stands in the description of the column.

use std::collections::HashMap;

use super::answers::{self, about};
use super::names::TableName;
use super::query::literal;
use crate::types::oid;
use crate::wit::{MetadataQuery, MetadataRows, Oid};

/// The kind of query, the first part of its name.
const MADE_AS: &str = "made as";

/// Types, what IRIS tells them to be, and the description of such a column. Columns are there
/// already: a description stays as it is.
const DESCRIPTIONS: [(Oid, Oid, &str); 2] = [
    // The moments are in UTC.
    (
        oid::TIMESTAMPTZ,
        oid::TIMESTAMP,
        "timestamp with time zone, kept in UTC",
    ),
    (
        oid::BPCHAR,
        oid::VARCHAR,
        "character, kept without blanks at its end",
    ),
];

/// What describes a column of this type; none if IRIS tells the type.
pub(crate) fn description_of(type_oid: Oid) -> Option<&'static str> {
    let mut known = DESCRIPTIONS.iter();
    let found = known.find(|(made_as, ..)| *made_as == type_oid)?;
    Some(found.2)
}

/// Whether IRIS does not tell that a column is of this type.
pub(crate) fn is_untold(type_oid: Oid) -> bool {
    description_of(type_oid).is_some()
}

/// The type that a column was made as, by what IRIS tells and by its description.
pub(crate) fn type_of(told: Oid, description: Option<&str>) -> Option<Oid> {
    let mut known = DESCRIPTIONS.iter();
    let found = known.find(|(_, kept, text)| *kept == told && Some(*text) == description)?;
    Some(found.0)
}

pub(super) fn query(name: &TableName) -> MetadataQuery {
    let descriptions = DESCRIPTIONS.map(|(.., text)| literal(text)).join(", ");
    answers::query(
        MADE_AS,
        name,
        format!(
            "SELECT COLUMN_NAME FROM INFORMATION_SCHEMA.COLUMNS \
             WHERE TABLE_SCHEMA = {} AND TABLE_NAME = {} AND DESCRIPTION IN ({descriptions})",
            literal(&name.schema),
            literal(&name.table),
        ),
    )
}

/// Of the tables that were asked about, whether they have such columns.
pub(super) fn read(metadata: &[MetadataRows]) -> HashMap<TableName, bool> {
    about(metadata, MADE_AS)
        .map(|(name, answer)| (name, !answer.rows.is_empty()))
        .collect()
}
