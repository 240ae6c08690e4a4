//! The columns of all tables that sequences fill: who drops a sequence must know.

use super::names::TableName;
use super::sequences::{described, identity, named};
use crate::wit::{MetadataQuery, MetadataRows};

/// The name of the query; it is about all tables.
const NAME: &str = "filled\0";

/// A column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Filled {
    /// As IRIS writes it.
    pub(crate) table: String,
    pub(crate) name: String,
    pub(crate) sequence: TableName,
    pub(crate) is_identity: bool,
}

pub(super) fn query() -> MetadataQuery {
    MetadataQuery {
        name: NAME.to_owned(),
        text: "SELECT TABLE_NAME, COLUMN_NAME, DESCRIPTION FROM INFORMATION_SCHEMA.COLUMNS \
               WHERE DESCRIPTION %STARTSWITH 'DEFAULT nextval(' \
               OR DESCRIPTION %STARTSWITH 'GENERATED '"
            .to_owned(),
        optional: true,
    }
}

/// None if it was not asked.
pub(super) fn read(metadata: &[MetadataRows]) -> Option<Vec<Filled>> {
    let answer = metadata.iter().find(|answer| answer.name == NAME)?;
    let column = |row: &Vec<Option<String>>| {
        let [Some(table), Some(name), Some(description), ..] = row.as_slice() else {
            return None;
        };
        Some(Filled {
            table: table.clone(),
            name: name.clone(),
            sequence: named(&described(description)?)?,
            is_identity: identity(description).is_some(),
        })
    };
    Some(answer.rows.iter().filter_map(column).collect())
}
