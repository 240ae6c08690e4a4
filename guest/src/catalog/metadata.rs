//! The IRIS queries that a snapshot is built from: all of a namespace at once.

use std::collections::HashMap;

use super::kept;
use crate::comments;
use crate::wit::{MetadataQuery, MetadataRows};

pub(super) const TABLES: &str = "catalog tables";
pub(super) const COLUMNS: &str = "catalog columns";
pub(super) const INDEXES: &str = "catalog indexes";
pub(super) const CONSTRAINTS: &str = "catalog constraints";
pub(super) const FOREIGN_KEYS: &str = "catalog foreign keys";
pub(super) const VIEWS: &str = "catalog views";
pub(super) const VECTORS: &str = "catalog vectors";
pub(super) const SHAPES: &str = "catalog shapes of vectors";
pub(super) const COMMENTS: &str = "catalog comments";

/// IRIS's own schemas are none of a user's.
const OWN: &str = "NOT (TABLE_SCHEMA %STARTSWITH '%') AND TABLE_SCHEMA <> 'INFORMATION_SCHEMA'";

/// An answer, whose rows are read by label.
pub(super) struct Reader<'a> {
    answer: &'a MetadataRows,
    places: HashMap<String, usize>,
}

impl<'a> Reader<'a> {
    pub(super) fn of(metadata: &'a [MetadataRows], name: &str) -> Option<Self> {
        let answer = metadata.iter().find(|answer| answer.name == name)?;
        let labels = answer.columns.iter().enumerate();
        Some(Self {
            answer,
            places: labels
                .map(|(place, label)| (label.to_ascii_uppercase(), place))
                .collect(),
        })
    }

    pub(super) fn rows(&self) -> impl Iterator<Item = impl Fn(&str) -> Option<&'a str> + '_> {
        self.answer.rows.iter().map(move |row| {
            move |label: &str| {
                let place = *self.places.get(label)?;
                row.get(place)?.as_deref().filter(|value| !value.is_empty())
            }
        })
    }
}

/// First all tables, then what only those are asked that the broker keeps something in.
///
/// InterSystems SQL Reference, "INFORMATION_SCHEMA".
pub(super) fn queries(known: &[MetadataRows]) -> Vec<MetadataQuery> {
    if !known.is_empty() {
        return kept::queries(known);
    }
    let make = |name: &str, text: String, optional: bool| MetadataQuery {
        name: name.to_owned(),
        text,
        optional,
    };
    vec![
        make(
            TABLES,
            format!(
                "SELECT TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE, DESCRIPTION, CLASSNAME \
                 FROM INFORMATION_SCHEMA.TABLES WHERE {OWN}"
            ),
            false,
        ),
        make(
            COLUMNS,
            format!(
                "SELECT TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME, ORDINAL_POSITION, DATA_TYPE, \
                 CHARACTER_MAXIMUM_LENGTH, NUMERIC_PRECISION, NUMERIC_SCALE, IS_NULLABLE, \
                 COLUMN_DEFAULT, AUTO_INCREMENT, IS_IDENTITY, IS_GENERATED, DESCRIPTION \
                 FROM INFORMATION_SCHEMA.COLUMNS WHERE {OWN}"
            ),
            false,
        ),
        make(
            INDEXES,
            format!(
                "SELECT TABLE_SCHEMA, TABLE_NAME, INDEX_NAME, NON_UNIQUE, ORDINAL_POSITION, \
                 COLUMN_NAME, ASC_OR_DESC, PRIMARY_KEY FROM INFORMATION_SCHEMA.INDEXES WHERE {OWN}"
            ),
            false,
        ),
        make(
            CONSTRAINTS,
            format!(
                "SELECT TABLE_SCHEMA, TABLE_NAME, CONSTRAINT_NAME, CONSTRAINT_TYPE, COLUMN_NAME, \
                 ORDINAL_POSITION, REFERENCED_TABLE_SCHEMA, REFERENCED_TABLE_NAME, \
                 REFERENCED_COLUMN_NAME, REFERENCED_CONSTRAINT_NAME \
                 FROM INFORMATION_SCHEMA.KEY_COLUMN_USAGE WHERE {OWN}"
            ),
            false,
        ),
        make(
            FOREIGN_KEYS,
            "SELECT CONSTRAINT_SCHEMA, CONSTRAINT_TABLE_NAME, CONSTRAINT_NAME, UPDATE_RULE, \
             DELETE_RULE FROM INFORMATION_SCHEMA.REFERENTIAL_CONSTRAINTS"
                .to_owned(),
            false,
        ),
        make(
            VIEWS,
            format!(
                "SELECT TABLE_SCHEMA, TABLE_NAME, VIEW_DEFINITION FROM INFORMATION_SCHEMA.VIEWS \
                 WHERE {OWN}"
            ),
            false,
        ),
        make(COMMENTS, comments::query(), true),
        // INFORMATION_SCHEMA calls a vector VARCHAR; only those with the privilege
        // may ask the class dictionary.
        make(
            VECTORS,
            "SELECT p.parent, p.SqlFieldName FROM %Dictionary.CompiledProperty p \
             WHERE p.Type = '%Library.Vector'"
                .to_owned(),
            true,
        ),
        // What they are like is documented less well, and asked alone for that.
        make(
            SHAPES,
            "SELECT p.parent, p.SqlFieldName, p.Parameters FROM %Dictionary.CompiledProperty p \
             WHERE p.Type = '%Library.Vector'"
                .to_owned(),
            true,
        ),
    ]
}
