//! Queries about one table each, and their answers: the name of a query says of which kind it is
//! and which table it is about.

use super::names::TableName;
use crate::wit::{MetadataQuery, MetadataRows};

/// A query of a kind about a table. Where IRIS cannot answer it, nothing is known.
pub(super) fn query(kind: &str, table: &TableName, text: String) -> MetadataQuery {
    MetadataQuery {
        name: format!("{kind}\0{}", table.joined()),
        text,
        optional: true,
    }
}

/// The answers to the queries of a kind, each with the table that it is about.
pub(super) fn about<'a>(
    metadata: &'a [MetadataRows],
    kind: &'a str,
) -> impl Iterator<Item = (TableName, &'a MetadataRows)> {
    metadata.iter().filter_map(move |answer| {
        let (of, name) = answer.name.split_once('\0')?;
        let name = TableName::split(name).filter(|_| of == kind)?;
        Some((name, answer))
    })
}
