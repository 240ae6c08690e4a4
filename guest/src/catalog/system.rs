//! The catalogue's own relations, as rows of `pg_class` and `pg_attribute`.

use pgiris_catalog::{Definition, relations};

use super::columns::{Shape, collation};
use super::rows::{INFORMATION_SCHEMA, PG_CATALOG, Rows, SUPERUSER};

pub(super) fn add(rows: &mut Rows) {
    for definition in relations() {
        relation(rows, definition);
        for (place, (name, kind)) in definition.columns.iter().enumerate() {
            let shape = Shape::of(kind.0);
            rows.add(
                "pg_attribute",
                &[
                    ("attrelid", i64::from(definition.oid).into()),
                    ("attname", (*name).into()),
                    ("atttypid", i64::from(kind.0).into()),
                    ("attstattarget", (-1_i64).into()),
                    ("attlen", shape.length.into()),
                    ("attnum", (place as i64 + 1).into()),
                    ("attcacheoff", (-1_i64).into()),
                    ("atttypmod", (-1_i64).into()),
                    ("attbyval", shape.by_value.into()),
                    ("attalign", shape.align.into()),
                    ("attstorage", shape.storage.into()),
                    ("attislocal", true.into()),
                    ("attcollation", collation(kind.0).into()),
                ],
            );
        }
    }
}

fn relation(rows: &mut Rows, definition: &Definition) {
    let space = if definition.schema == "pg_catalog" {
        PG_CATALOG
    } else {
        INFORMATION_SCHEMA
    };
    let is_view = definition.kind == "v";
    rows.add(
        "pg_class",
        &[
            ("oid", i64::from(definition.oid).into()),
            ("relname", definition.name.into()),
            ("relnamespace", space.into()),
            ("relowner", SUPERUSER.into()),
            ("relam", if is_view { 0 } else { 2_i64 }.into()),
            ("relpersistence", "p".into()),
            ("relkind", definition.kind.into()),
            ("relnatts", (definition.columns.len() as i64).into()),
            ("relhasrules", is_view.into()),
            ("relispopulated", true.into()),
            ("relreplident", "n".into()),
        ],
    );
}
