//! Enum types and sequences, which the broker keeps as tables: what IRIS is asked for
//! them, and what it tells.

use std::collections::BTreeMap;

use super::metadata;
use super::schemas;
use crate::relations::TableName;
use crate::relations::enums;
use crate::relations::sequences;
use crate::wit::{MetadataQuery, MetadataRows};

/// Kinds of queries, before the name of the table.
const LABELS: &str = "catalog labels";
const NUMBERS: &str = "catalog numbers";

/// Schema and name, as clients see them.
pub(super) type Name = (String, String);

/// How a sequence counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sequence {
    pub(super) start: i64,
    pub(super) step: i64,
    pub(super) minimum: i64,
    pub(super) maximum: i64,
}

/// What must be asked of the tables that are there.
pub(super) fn queries(known: &[MetadataRows]) -> Vec<MetadataQuery> {
    let is_ours = |answer: &&MetadataRows| kind_and_table(&answer.name).is_some();
    if known.iter().any(|answer| is_ours(&answer)) {
        return Vec::new();
    }
    let Some(tables) = metadata::Reader::of(known, metadata::TABLES) else {
        return Vec::new();
    };
    let mut queries = Vec::new();
    for get in tables.rows() {
        if let (Some(schema), Some(table)) = (get("TABLE_SCHEMA"), get("TABLE_NAME")) {
            queries.extend(query(schema, table));
        }
    }
    queries
}

/// None if nothing is kept in the table.
fn query(schema: &str, table: &str) -> Option<MetadataQuery> {
    let quoted = format!("{schema}.\"{}\"", table.replace('"', "\"\""));
    let (kind, text) = if schema.eq_ignore_ascii_case(enums::SCHEMA) {
        (
            LABELS,
            format!("SELECT label FROM {quoted} ORDER BY position"),
        )
    } else if schema.eq_ignore_ascii_case(sequences::SCHEMA) {
        let columns = "restart_value, step_by, minimum, maximum";
        (
            NUMBERS,
            format!("SELECT {columns} FROM {quoted} WHERE %ID = 1"),
        )
    } else {
        return None;
    };
    Some(MetadataQuery {
        name: format!("{kind}\0{table}"),
        text,
        // It may be gone by now.
        optional: true,
    })
}

fn kind_and_table(name: &str) -> Option<(&str, &str)> {
    let (kind, table) = name.split_once('\0')?;
    [LABELS, NUMBERS].contains(&kind).then_some((kind, table))
}

/// The labels of enum types.
pub(super) fn labels(known: &[MetadataRows]) -> BTreeMap<Name, Vec<String>> {
    let answers = answers(known, LABELS);
    answers
        .map(|(name, rows)| {
            let labels = rows.iter().filter_map(|row| row.first().cloned().flatten());
            (name, labels.collect())
        })
        .collect()
}

/// The sequences.
pub(super) fn sequences(known: &[MetadataRows]) -> BTreeMap<Name, Sequence> {
    let numbers = |row: &Vec<Option<String>>| {
        let number = |place: usize| row.get(place)?.as_deref()?.parse().ok();
        Some(Sequence {
            start: number(0)?,
            step: number(1)?,
            minimum: number(2)?,
            maximum: number(3)?,
        })
    };
    answers(known, NUMBERS)
        .filter_map(|(name, rows)| Some((name, numbers(rows.first()?)?)))
        .collect()
}

fn answers<'a>(
    known: &'a [MetadataRows],
    kind: &'static str,
) -> impl Iterator<Item = (Name, &'a [Vec<Option<String>>])> {
    known.iter().filter_map(move |answer| {
        let (found, table) = kind_and_table(&answer.name)?;
        (found == kind).then(|| (shown(table), answer.rows.as_slice()))
    })
}

/// What is kept in a table of that name.
pub(super) fn shown(table: &str) -> Name {
    let TableName { schema, .. } = enums::of_table(table);
    let own = enums::parts_of(table).1;
    (schemas::shown(&schema).to_lowercase(), own.to_owned())
}
