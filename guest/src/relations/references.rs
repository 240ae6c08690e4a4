//! Which tables have foreign keys to which: TRUNCATE must know.

use super::names::TableName;
use crate::wit::{MetadataQuery, MetadataRows};

/// The name of the query; it is about all tables.
const NAME: &str = "references\0";

/// A table, and one that it refers to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reference {
    pub(crate) from: TableName,
    pub(crate) to: TableName,
    /// The schema and the name of the first, as IRIS writes them.
    pub(crate) written: (String, String),
}

pub(super) fn query() -> MetadataQuery {
    MetadataQuery {
        name: NAME.to_owned(),
        text: "SELECT CONSTRAINT_SCHEMA, CONSTRAINT_TABLE_NAME, UNIQUE_CONSTRAINT_SCHEMA, \
               UNIQUE_CONSTRAINT_TABLE FROM INFORMATION_SCHEMA.REFERENTIAL_CONSTRAINTS"
            .to_owned(),
        optional: false,
    }
}

/// None if it was not asked.
pub(super) fn read(metadata: &[MetadataRows]) -> Option<Vec<Reference>> {
    let answer = metadata.iter().find(|answer| answer.name == NAME)?;
    let reference = |row: &Vec<Option<String>>| {
        let [schema, table, other_schema, other, ..] = row.as_slice() else {
            return None;
        };
        Some(Reference {
            from: TableName::named(schema.as_deref(), table.as_deref()?),
            to: TableName::named(other_schema.as_deref(), other.as_deref()?),
            written: (schema.clone()?, table.clone()?),
        })
    };
    Some(answer.rows.iter().filter_map(reference).collect())
}
