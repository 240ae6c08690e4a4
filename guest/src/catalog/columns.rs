//! Tables, views and their columns: `pg_class`, `pg_attribute`, `pg_attrdef`,
//! `pg_description`, `pg_rewrite`.

use std::collections::HashSet;

use pgiris_catalog::{Type, Value};

use super::defaults;
use super::numbers::TABLE;
use super::rows::{CLASS, Rows, SUPERUSER};
use super::server::namespace;
use super::tables::{Column, Schema, Table, VECTOR};
use super::types;

pub(super) fn add(rows: &mut Rows, schema: &Schema) {
    // PostgreSQL keeps a foreign key by triggers on both tables, and psql asks for them.
    let referenced: HashSet<(&str, &str)> = schema
        .tables
        .values()
        .flat_map(|table| &table.foreign_keys)
        .map(|key| (key.schema.as_str(), key.table.as_str()))
        .collect();
    // Before those of the types of their rows, so that none of these takes one.
    for (space, name) in schema.tables.keys() {
        rows.numbers.of(TABLE, space, name);
    }
    for ((space, name), table) in &schema.tables {
        let number = rows.numbers.of(TABLE, space, name);
        let row_type = types::of_rows(rows, schema, (space, name), number);
        let is_referenced = referenced.contains(&(space.as_str(), name.as_str()));
        let has_triggers = is_referenced || !table.foreign_keys.is_empty();
        relation(rows, (space, name), (number, row_type), table, has_triggers);
        for (place, column) in table.columns.iter().enumerate() {
            attribute(rows, number, place as i64 + 1, column);
            if let Some(text) = &column.description {
                comment(rows, number, place as i64 + 1, text);
            }
        }
        if let Some(text) = &table.description {
            comment(rows, number, 0, text);
        }
        if table.is_view {
            rule(rows, (space, name), number, table);
        }
    }
}

fn relation(
    rows: &mut Rows,
    (space, name): (&str, &str),
    (number, row_type): (i64, i64),
    table: &Table,
    has_triggers: bool,
) {
    let kind = if table.is_view { "v" } else { "r" };
    let space_number = namespace(rows, space);
    rows.add(
        "pg_class",
        &[
            ("oid", number.into()),
            ("relname", name.into()),
            ("relnamespace", space_number.into()),
            ("reltype", row_type.into()),
            ("relowner", SUPERUSER.into()),
            ("relam", if table.is_view { 0 } else { 2 }.into()),
            ("relfilenode", if table.is_view { 0 } else { number }.into()),
            ("reltuples", Value::Float(-1.0)),
            ("relhasindex", (!table.indexes.is_empty()).into()),
            ("relpersistence", table.persistence().into()),
            ("relkind", kind.into()),
            ("relnatts", (table.columns.len() as i64).into()),
            ("relhasrules", table.is_view.into()),
            ("relhastriggers", has_triggers.into()),
            ("relispopulated", true.into()),
            ("relreplident", if table.is_view { "n" } else { "d" }.into()),
        ],
    );
}

/// What is the same in `pg_attribute` for a column of a table, of the catalogue and of a sequence.
pub(super) fn any_attribute(
    (relation, place): (i64, i64),
    name: &str,
    kind: u32,
    shape: &Shape,
) -> Vec<(&'static str, Value)> {
    vec![
        ("attrelid", relation.into()),
        ("attname", name.into()),
        ("atttypid", i64::from(kind).into()),
        ("attstattarget", (-1_i64).into()),
        ("attlen", shape.length.into()),
        ("attnum", place.into()),
        ("attcacheoff", (-1_i64).into()),
        ("attbyval", shape.by_value.into()),
        ("attalign", shape.align.into()),
        ("attstorage", shape.storage.into()),
        ("attislocal", true.into()),
    ]
}

fn attribute(rows: &mut Rows, relation: i64, place: i64, column: &Column) {
    let default = defaults::expression(column);
    let mut values = any_attribute(
        (relation, place),
        &column.name,
        column.kind,
        &column.shape(),
    );
    values.extend([
        ("atttypmod", column.modifier.into()),
        ("attnotnull", (!column.nullable).into()),
        ("atthasdef", default.is_some().into()),
        (
            "attidentity",
            match (column.is_identity, column.is_always) {
                (true, true) => "a",
                (true, false) => "d",
                (false, _) => "",
            }
            .into(),
        ),
        (
            "attgenerated",
            if column.is_computed { "s" } else { "" }.into(),
        ),
        ("attcollation", collation(column.kind).into()),
    ]);
    rows.add("pg_attribute", &values);
    if let Some(text) = default {
        let number = rows
            .numbers
            .of("default", &relation.to_string(), &column.name);
        rows.add(
            "pg_attrdef",
            &[
                ("oid", number.into()),
                ("adrelid", relation.into()),
                ("adnum", place.into()),
                ("adbin", text.into()),
            ],
        );
    }
}

/// `default` for texts, `C` for names.
pub(super) fn collation(kind: u32) -> i64 {
    match Type(kind) {
        Type::TEXT | Type::VARCHAR | Type::BPCHAR => 100,
        Type::NAME => 950,
        _ => 0,
    }
}

/// How PostgreSQL would hold the values of a type.
pub(super) struct Shape {
    pub(super) length: i64,
    pub(super) by_value: bool,
    pub(super) align: &'static str,
    pub(super) storage: &'static str,
}

impl Column {
    /// How PostgreSQL would hold its values.
    pub(super) fn shape(&self) -> Shape {
        match self.enum_type {
            Some(_) => Shape::of(Type::INT4.0),
            None => Shape::of(self.kind),
        }
    }
}

impl Shape {
    pub(super) fn of(kind: u32) -> Self {
        let (length, by_value, align, storage) = match Type(kind) {
            Type::BOOL | Type::CHAR => (1, true, "c", "p"),
            Type::INT2 => (2, true, "s", "p"),
            Type::INT8 | Type::FLOAT8 | Type::TIMESTAMP | Type::TIMESTAMPTZ | Type::TIME => {
                (8, true, "d", "p")
            }
            Type::NAME => (64, false, "c", "p"),
            Type::UUID => (16, false, "c", "p"),
            Type::INTERVAL => (16, false, "d", "p"),
            Type::TIMETZ => (12, false, "d", "p"),
            Type::NUMERIC => (-1, false, "i", "m"),
            Type(VECTOR) => (-1, false, "i", "e"),
            Type::INT4 | Type::OID | Type::FLOAT4 | Type::DATE | Type::XID => (4, true, "i", "p"),
            other if other.is_alias_of_oid() => (4, true, "i", "p"),
            _ => (-1, false, "i", "x"),
        };
        Self {
            length,
            by_value,
            align,
            storage,
        }
    }
}

fn comment(rows: &mut Rows, object: i64, part: i64, text: &str) {
    rows.add(
        "pg_description",
        &[
            ("objoid", object.into()),
            ("classoid", CLASS.into()),
            ("objsubid", part.into()),
            ("description", text.into()),
        ],
    );
}

/// The query of a view stands in its rule.
fn rule(rows: &mut Rows, (space, name): (&str, &str), view: i64, table: &Table) {
    let number = rows.numbers.of("rewrite", space, name);
    let text = table.query.as_deref().unwrap_or_default();
    rows.add(
        "pg_rewrite",
        &[
            ("oid", number.into()),
            ("rulename", "_RETURN".into()),
            ("ev_class", view.into()),
            ("ev_type", "1".into()),
            ("ev_enabled", "O".into()),
            ("is_instead", true.into()),
            (
                "ev_action",
                format!(" {};", text.trim().trim_end_matches(';')).into(),
            ),
        ],
    );
}
