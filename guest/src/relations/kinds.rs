//! Whether a name is a table's or a view's: IRIS only says that it found no table, or no view.

use std::collections::HashMap;

use super::answers::{self, about};
use super::names::TableName;
use super::query::literal;
use crate::wit::{MetadataQuery, MetadataRows};

/// The kind of query, the first part of its name.
const KINDS: &str = "kinds";

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Table,
    View,
}

pub(super) fn query(name: &TableName) -> MetadataQuery {
    answers::query(
        KINDS,
        name,
        format!(
            "SELECT TABLE_TYPE FROM INFORMATION_SCHEMA.TABLES \
             WHERE TABLE_SCHEMA = {} AND TABLE_NAME = {}",
            literal(&name.schema),
            literal(&name.table)
        ),
    )
}

/// Of the names that were asked about.
pub(super) fn read(metadata: &[MetadataRows]) -> HashMap<TableName, Option<Kind>> {
    let told = |answer: &MetadataRows| match answer.rows.first()?.first()?.as_deref()? {
        "VIEW" => Some(Kind::View),
        "BASE TABLE" | "GLOBAL TEMPORARY" => Some(Kind::Table),
        _ => None,
    };
    about(metadata, KINDS)
        .map(|(name, answer)| (name, told(answer)))
        .collect()
}
