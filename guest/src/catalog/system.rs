//! The catalogue's own relations, as rows of `pg_class` and `pg_attribute`.

use pgiris_catalog::{Definition, relations};

use super::columns::{Shape, any_attribute, collation};
use super::rows::{INFORMATION_SCHEMA, PG_CATALOG, Rows, SUPERUSER};

pub(super) fn add(rows: &mut Rows) {
    for definition in relations() {
        relation(rows, definition);
        for (place, (name, kind)) in definition.columns.iter().enumerate() {
            let at = (definition.oid.into(), place as i64 + 1);
            let mut values = any_attribute(at, name, kind.0, &Shape::of(kind.0));
            values.extend([
                ("atttypmod", (-1_i64).into()),
                ("attcollation", collation(kind.0).into()),
            ]);
            rows.add("pg_attribute", &values);
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
