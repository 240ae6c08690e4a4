//! Indexes: `pg_index`, and their rows of `pg_class` and `pg_attribute`.

use pgiris_catalog::{Type, Value};

use super::columns::{Shape, collation};
use super::numbers::TABLE;
use super::rows::{Rows, SUPERUSER, vector};
use super::server::namespace;
use super::tables::{Column, Index, Schema, Table};

/// `pg_am.oid` of `btree`.
const BTREE: i64 = 403;
/// `pg_index.indoption` of a descending column, whose NULLs come first.
const DESCENDING: i64 = 3;
/// `pg_type.oid` of `anyenum`, whose operator classes enum types have.
const ANYENUM: u32 = 3500;

pub(super) fn add(rows: &mut Rows, schema: &Schema) {
    for ((space, name), table) in &schema.tables {
        let number = rows.numbers.of(TABLE, space, name);
        for index in &table.indexes {
            one(rows, space, number, table, index);
        }
    }
}

/// The OID of an index; two tables may have indexes of the same name in IRIS.
pub(super) fn number(rows: &mut Rows, space: &str, table: i64, name: &str) -> i64 {
    rows.numbers.of("index", space, &format!("{table} {name}"))
}

/// The number of a column by its name.
pub(super) fn place(table: &Table, name: &str) -> i64 {
    table
        .columns
        .iter()
        .position(|column| column.name.eq_ignore_ascii_case(name))
        .map_or(0, |place| place as i64 + 1)
}

fn one(rows: &mut Rows, space: &str, table_number: i64, table: &Table, index: &Index) {
    let number = number(rows, space, table_number, &index.name);
    let space_number = namespace(rows, space);
    let places: Vec<i64> = index
        .columns
        .iter()
        .map(|(name, _)| place(table, name))
        .collect();
    let kind = |place: i64| {
        usize::try_from(place - 1)
            .ok()
            .and_then(|place| table.columns.get(place))
    };
    rows.add(
        "pg_class",
        &[
            ("oid", number.into()),
            ("relname", index.name.as_str().into()),
            ("relnamespace", space_number.into()),
            ("relowner", SUPERUSER.into()),
            ("relam", BTREE.into()),
            ("relfilenode", number.into()),
            ("relpersistence", table.persistence().into()),
            ("relkind", "i".into()),
            ("relnatts", (places.len() as i64).into()),
            ("relispopulated", true.into()),
            ("relreplident", "n".into()),
        ],
    );
    let count = places.len() as i64;
    let kinds: Vec<u32> = places
        .iter()
        .map(|place| match kind(*place) {
            Some(column) if column.enum_type.is_some() => ANYENUM,
            column => column.map_or(0, |column| column.kind),
        })
        .collect();
    rows.add(
        "pg_index",
        &[
            ("indexrelid", number.into()),
            ("indrelid", table_number.into()),
            ("indnatts", count.into()),
            ("indnkeyatts", count.into()),
            ("indisunique", index.is_unique.into()),
            ("indisprimary", index.is_primary.into()),
            ("indimmediate", true.into()),
            ("indisvalid", true.into()),
            ("indisready", true.into()),
            ("indislive", true.into()),
            ("indkey", vector(places.iter().copied())),
            (
                "indcollation",
                vector(kinds.iter().map(|kind| collation(*kind))),
            ),
            (
                "indclass",
                vector(kinds.iter().map(|kind| operator_class(*kind))),
            ),
            (
                "indoption",
                vector(
                    index
                        .columns
                        .iter()
                        .map(|(_, descending)| match descending {
                            true => DESCENDING,
                            false => 0,
                        }),
                ),
            ),
        ],
    );
    for (at, (place, (name, _))) in places.iter().zip(&index.columns).enumerate() {
        let column = kind(*place);
        let type_oid = column.map_or(Type::TEXT.0, |column| column.kind);
        let shape = column.map_or_else(|| Shape::of(type_oid), Column::shape);
        rows.add(
            "pg_attribute",
            &[
                ("attrelid", number.into()),
                (
                    "attname",
                    column.map_or(name.as_str(), |c| c.name.as_str()).into(),
                ),
                ("atttypid", i64::from(type_oid).into()),
                ("attstattarget", (-1_i64).into()),
                ("attlen", shape.length.into()),
                ("attnum", (at as i64 + 1).into()),
                ("attcacheoff", (-1_i64).into()),
                (
                    "atttypmod",
                    column.map_or(-1, |column| column.modifier).into(),
                ),
                ("attbyval", shape.by_value.into()),
                ("attalign", shape.align.into()),
                ("attstorage", shape.storage.into()),
                ("attislocal", true.into()),
                ("attcollation", collation(type_oid).into()),
                ("attoptions", Value::Null),
            ],
        );
    }
}

/// `pg_opclass.oid` of the default class of a type for btree, from `pg_opclass.dat` and
/// what initdb numbers.
fn operator_class(kind: u32) -> i64 {
    pgiris_catalog::default_operator_class(Type(kind), BTREE).unwrap_or(0)
}
