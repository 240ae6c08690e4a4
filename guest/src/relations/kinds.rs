//! Whether a name is a table's or a view's: IRIS only says that it found no table, or no view.

use std::collections::HashMap;

use super::names::TableName;
use super::query::literal;
use crate::wit::{MetadataQuery, MetadataRows};

/// The kind of query, the first part of its name.
pub(super) const KINDS: &str = "kinds";

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Table,
    View,
}

pub(super) fn query(name: &TableName) -> MetadataQuery {
    MetadataQuery {
        name: format!("{KINDS}\0{}", name.joined()),
        text: format!(
            "SELECT TABLE_TYPE FROM INFORMATION_SCHEMA.TABLES \
             WHERE TABLE_SCHEMA = {} AND TABLE_NAME = {}",
            literal(&name.schema),
            literal(&name.table)
        ),
        optional: true,
    }
}

/// Of the names that were asked about.
pub(super) fn read(metadata: &[MetadataRows]) -> HashMap<TableName, Option<Kind>> {
    let answers = metadata.iter().filter_map(|answer| {
        let (kind, name) = answer.name.split_once('\0')?;
        let name = TableName::split(name).filter(|_| kind == KINDS)?;
        let told = answer.rows.first().and_then(|row| row.first()?.as_deref());
        let kind = told.and_then(|told| match told {
            "VIEW" => Some(Kind::View),
            "BASE TABLE" | "GLOBAL TEMPORARY" => Some(Kind::Table),
            _ => None,
        });
        Some((name, kind))
    });
    answers.collect()
}
