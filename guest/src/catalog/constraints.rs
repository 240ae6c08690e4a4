//! Keys: `pg_constraint`.

use pgiris_catalog::Value;

use super::indexes::{number, place};
use super::numbers::TABLE;
use super::rows::{Rows, numbers};
use super::server::namespace;
use super::tables::{ForeignKey, Index, Schema, Table};

pub(super) fn add(rows: &mut Rows, schema: &Schema) {
    for ((space, name), table) in &schema.tables {
        let owner = rows.numbers.of(TABLE, space, name);
        // IRIS lists unique constraints among the indexes, under the same name.
        for index in &table.indexes {
            if index.is_primary || table.constraints.contains(&index.name) {
                key(rows, (space, owner), table, index);
            }
        }
        for foreign in &table.foreign_keys {
            foreign_key(rows, (space, owner), table, foreign, schema);
        }
    }
}

fn key(rows: &mut Rows, (space, owner): (&str, i64), table: &Table, index: &Index) {
    let own = rows
        .numbers
        .of("constraint", space, &format!("{owner} {}", index.name));
    let index_number = number(rows, space, owner, &index.name);
    let space_number = namespace(rows, space);
    let places = index.columns.iter().map(|(name, _)| place(table, name));
    rows.add(
        "pg_constraint",
        &[
            ("oid", own.into()),
            ("conname", index.name.as_str().into()),
            ("connamespace", space_number.into()),
            ("contype", if index.is_primary { "p" } else { "u" }.into()),
            ("convalidated", true.into()),
            ("conrelid", owner.into()),
            ("conindid", index_number.into()),
            ("confupdtype", " ".into()),
            ("confdeltype", " ".into()),
            ("confmatchtype", " ".into()),
            ("conislocal", true.into()),
            ("connoinherit", true.into()),
            ("conkey", numbers(places)),
        ],
    );
}

fn foreign_key(
    rows: &mut Rows,
    (space, owner): (&str, i64),
    table: &Table,
    foreign: &ForeignKey,
    schema: &Schema,
) {
    let own = rows
        .numbers
        .of("constraint", space, &format!("{owner} {}", foreign.name));
    let space_number = namespace(rows, space);
    let other = rows.numbers.of(TABLE, &foreign.schema, &foreign.table);
    let key = (foreign.schema.clone(), foreign.table.clone());
    let referenced = schema.tables.get(&key).map_or(Value::Null, |other| {
        numbers(foreign.referenced.iter().map(|name| place(other, name)))
    });
    let index = number(rows, &foreign.schema, other, &foreign.key);
    let places = foreign.columns.iter().map(|name| place(table, name));
    rows.add(
        "pg_constraint",
        &[
            ("oid", own.into()),
            ("conname", foreign.name.as_str().into()),
            ("connamespace", space_number.into()),
            ("contype", "f".into()),
            ("convalidated", true.into()),
            ("conrelid", owner.into()),
            ("conindid", index.into()),
            ("confrelid", other.into()),
            ("confupdtype", foreign.on_update.into()),
            ("confdeltype", foreign.on_delete.into()),
            ("confmatchtype", "s".into()),
            ("conislocal", true.into()),
            ("connoinherit", true.into()),
            ("conkey", numbers(places)),
            ("confkey", referenced),
        ],
    );
}
