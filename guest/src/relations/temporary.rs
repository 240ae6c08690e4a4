//! The session's temporary tables, as the host tells of them.

use sqlparser::ast::ObjectName;

use super::names::TableName;
use crate::labels;
use crate::rule::Scene;

/// By it the host tells of the session's temporary tables: their schema, then their
/// names, between commas.
pub(crate) const TEMPORARY_SETTING: &str = "pgiris.temporary_tables";

/// What PostgreSQL calls their schema.
const ALIAS: &str = "pg_temp";

/// What the names of these schemas begin with in IRIS.
const BEGIN: &str = "pgiris_temp_";
/// The same in the catalogue.
const SHOWN_BEGIN: &str = "pg_temp_";

/// The name of such a schema in the catalogue; none if it is no such schema.
pub(crate) fn shown(schema: &str) -> Option<String> {
    let own = schema.strip_prefix(BEGIN)?;
    Some(format!("{SHOWN_BEGIN}{own}"))
}

/// The name in IRIS of a schema that the catalogue shows so.
pub(crate) fn in_iris(shown: &str) -> Option<String> {
    let own = shown.strip_prefix(SHOWN_BEGIN)?;
    Some(format!("{BEGIN}{own}"))
}

/// They are looked for before all other tables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Temporary {
    /// Theirs alone.
    pub(crate) schema: String,
    tables: Vec<String>,
}

impl Temporary {
    /// None if the session has no schema for them yet.
    pub(crate) fn of(scene: &Scene<'_>) -> Option<Self> {
        let mut parts = scene.setting(TEMPORARY_SETTING)?.split(',');
        let schema = parts.next().filter(|schema| !schema.is_empty())?.to_owned();
        Some(Self {
            schema,
            tables: parts.map(str::to_owned).collect(),
        })
    }

    /// Whether there is a table of that name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.tables
            .iter()
            .any(|table| table.eq_ignore_ascii_case(name))
    }

    /// Whether a name is qualified by their schema.
    pub(crate) fn is_schema(&self, name: &ObjectName) -> bool {
        match name.0.as_slice() {
            [schema, _] => schema.as_ident().map(labels::folded).is_some_and(|schema| {
                schema == ALIAS
                    || schema.eq_ignore_ascii_case(&self.schema)
                    || in_iris(&schema).is_some_and(|schema| schema == self.schema)
            }),
            _ => false,
        }
    }

    /// The name of the temporary table that a name means.
    pub(crate) fn own(&self, name: &ObjectName) -> Option<String> {
        let own = name.0.last()?.as_ident().map(labels::folded)?;
        let means = match name.0.len() {
            1 => self.has(&own),
            _ => self.is_schema(name),
        };
        means.then_some(own)
    }

    /// The same, as tables are looked up.
    pub(super) fn table(&self, name: &ObjectName) -> Option<TableName> {
        let own = self.own(name)?;
        Some(TableName::named(Some(&self.schema), &own))
    }
}
