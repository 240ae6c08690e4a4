//! Keys, foreign keys and indexes.

use std::sync::Arc;

use super::{Row, World};
use crate::ast::{IndexKind, ObjectName};
use crate::catalog::{Catalog, Foreign, Key, Table, quoted};
use crate::information_schema::directory::Item;

fn kind(key: &Key) -> &'static str {
    if key.primary { "PRIMARY KEY" } else { "UNIQUE" }
}

/// A row about a constraint.
fn constraint(item: &Item, name: &str) -> Row {
    Row::about(item)
        .text("CONSTRAINT_SCHEMA", item.schema())
        .text("CONSTRAINT_NAME", name)
}

/// The table that a foreign key points to.
pub(super) fn target<'a>(catalog: &'a Catalog, foreign: &Foreign) -> Option<&'a Arc<Table>> {
    catalog.find_table(&ObjectName {
        schema: Some(foreign.target_schema.clone()),
        name: foreign.target_table.clone(),
    })
}

/// The key that a foreign key points to.
pub(super) fn target_key<'a>(catalog: &'a Catalog, foreign: &Foreign) -> Option<&'a Key> {
    let target = target(catalog, foreign)?;
    target
        .key_over(&foreign.target_columns)
        .or(target.primary_key())
}

pub(super) fn key_columns(world: &World<'_>, item: &Item, table: &Table, rows: &mut Vec<Row>) {
    let row = |name: &str, column: &str, position: usize, kind: &str| {
        constraint(item, name)
            .text("COLUMN_NAME", column)
            .number("ORDINAL_POSITION", position + 1)
            .text("CONSTRAINT_TYPE", kind)
    };
    for key in &table.keys {
        let columns = key.columns.iter().enumerate();
        rows.extend(columns.map(|(n, column)| row(&key.name, column, n, kind(key))));
    }
    for foreign in &table.foreign_keys {
        let key = target_key(world.catalog, foreign);
        let target = target(world.catalog, foreign);
        let (schema, name) = target
            .map_or((&foreign.target_schema, &foreign.target_table), |table| {
                (&table.schema, &table.name)
            });
        rows.extend(foreign.columns.iter().enumerate().map(|(n, column)| {
            row(&foreign.name, column, n, "FOREIGN KEY")
                .number("POSITION_IN_UNIQUE_CONSTRAINT", n + 1)
                .text("REFERENCED_TABLE_SCHEMA", schema)
                .text("REFERENCED_TABLE_NAME", name)
                .maybe(
                    "REFERENCED_CONSTRAINT_NAME",
                    key.map(|key| key.name.as_str()),
                )
                .maybe(
                    "REFERENCED_COLUMN_NAME",
                    foreign.target_columns.get(n).map(String::as_str),
                )
        }));
    }
}

pub(super) fn constraints(item: &Item, table: &Table, rows: &mut Vec<Row>) {
    let keys = table.keys.iter().map(|key| (&key.name, kind(key)));
    let foreign = table.foreign_keys.iter();
    let foreign = foreign.map(|foreign| (&foreign.name, "FOREIGN KEY"));
    rows.extend(keys.chain(foreign).map(|(name, kind)| {
        constraint(item, name)
            .text("CONSTRAINT_TYPE", kind)
            .flag("IS_DEFERRABLE", false)
            .flag("INITIALLY_DEFERRED", false)
    }));
}

pub(super) fn constraint_columns(item: &Item, table: &Table, rows: &mut Vec<Row>) {
    for key in &table.keys {
        let columns = key.columns.iter();
        rows.extend(columns.map(|column| constraint(item, &key.name).text("COLUMN_NAME", column)));
    }
}

pub(super) fn constraint_tables(item: &Item, table: &Table, rows: &mut Vec<Row>) {
    rows.extend(table.keys.iter().map(|key| constraint(item, &key.name)));
}

pub(super) fn referential(world: &World<'_>, table: &Table, rows: &mut Vec<Row>) {
    for foreign in &table.foreign_keys {
        let target = target(world.catalog, foreign);
        let (schema, name) = target
            .map_or((&foreign.target_schema, &foreign.target_table), |table| {
                (&table.schema, &table.name)
            });
        let key = target_key(world.catalog, foreign);
        let row = Row::default()
            .text("CONSTRAINT_SCHEMA", &table.schema)
            .text("CONSTRAINT_TABLE_NAME", &table.name)
            .text("CONSTRAINT_NAME", &foreign.name)
            .text("UNIQUE_CONSTRAINT_SCHEMA", schema)
            .text("UNIQUE_CONSTRAINT_TABLE", name)
            .maybe("UNIQUE_CONSTRAINT_NAME", key.map(|key| key.name.as_str()))
            .text("MATCH_OPTION", "NONE")
            .text("UPDATE_RULE", foreign.on_update.as_str())
            .text("DELETE_RULE", foreign.on_delete.as_str());
        rows.push(row);
    }
}

pub(super) fn indexes(item: &Item, table: &Table, rows: &mut Vec<Row>) {
    let row = |name: &str, position: usize, column: &str, unique: bool, primary: bool| {
        Row::about(item)
            .bit("NON_UNIQUE", !unique)
            .text("INDEX_SCHEMA", item.schema())
            .text("INDEX_NAME", name)
            .number("ORDINAL_POSITION", position + 1)
            .text("COLUMN_NAME", column)
            .text("ASC_OR_DESC", "A")
            .bit("PRIMARY_KEY", primary)
            .text("MAP_STATUS", "Selectable")
    };
    for key in &table.keys {
        let columns = key.columns.iter().enumerate();
        rows.extend(columns.map(|(n, column)| row(&key.name, n, column, true, key.primary)));
    }
    for index in &table.indexes {
        let unique = index.kind == IndexKind::Unique;
        let data: Vec<String> = index.data.iter().map(|name| quoted(name)).collect();
        let data = (!data.is_empty()).then(|| data.join(","));
        let columns = index.columns.iter().enumerate();
        rows.extend(columns.map(|(n, column)| {
            row(&index.name, n, column, unique, false).maybe("DATA_FIELDS", data.as_deref())
        }));
    }
}
