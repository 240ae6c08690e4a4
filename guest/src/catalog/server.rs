//! Schemas, the database, roles, extensions, and pgvector's types.

use std::collections::BTreeSet;

use super::rows::{
    DATABASE_OWNER, INFORMATION_SCHEMA, PG_CATALOG, PG_TOAST, PUBLIC, Rows, SUPERUSER,
};
use super::tables::Schema;
use crate::wit::Context;

/// `pg_extension.oid`, by which PostgreSQL 15's rows of `pg_description` know it.
const PLPGSQL: i64 = 13_559;

/// The OID of a schema.
pub(super) fn namespace(rows: &mut Rows, name: &str) -> i64 {
    match name {
        "public" => PUBLIC,
        "pg_catalog" => PG_CATALOG,
        "information_schema" => INFORMATION_SCHEMA,
        _ => rows.numbers.of("namespace", "", name),
    }
}

pub(super) fn add(rows: &mut Rows, context: &Context, schema: &Schema) {
    schemas(rows, schema);
    database(rows, context);
    roles(rows, context);
    extensions(rows);
}

fn schemas(rows: &mut Rows, schema: &Schema) {
    let tables = schema.tables.keys();
    let others = schema.enums.keys().chain(schema.sequences.keys());
    let mut names: BTreeSet<&str> = tables
        .chain(others)
        .map(|(space, _)| space.as_str())
        .collect();
    names.insert("public");
    let own = [
        (PG_CATALOG, "pg_catalog"),
        (PG_TOAST, "pg_toast"),
        (INFORMATION_SCHEMA, "information_schema"),
    ];
    for (number, name) in own {
        space(rows, number, name);
    }
    for name in names {
        let number = namespace(rows, name);
        space(rows, number, name);
    }
}

fn space(rows: &mut Rows, number: i64, name: &str) {
    rows.add(
        "pg_namespace",
        &[
            ("oid", number.into()),
            ("nspname", name.into()),
            (
                "nspowner",
                match number {
                    PUBLIC => DATABASE_OWNER,
                    _ => SUPERUSER,
                }
                .into(),
            ),
        ],
    );
}

fn database(rows: &mut Rows, context: &Context) {
    let number = rows.numbers.of("database", "", &context.database);
    rows.add(
        "pg_database",
        &[
            ("oid", number.into()),
            ("datname", context.database.as_str().into()),
            ("datdba", SUPERUSER.into()),
            ("encoding", 6_i64.into()),
            ("datlocprovider", "c".into()),
            ("datallowconn", true.into()),
            ("datconnlimit", (-1_i64).into()),
            ("dattablespace", 1663_i64.into()),
            ("datcollate", "C".into()),
            ("datctype", "C".into()),
        ],
    );
}

/// The user; IRIS tells of others only to those who may administer it.
fn roles(rows: &mut Rows, context: &Context) {
    rows.add(
        "pg_authid",
        &[
            ("oid", SUPERUSER.into()),
            ("rolname", context.user.as_str().into()),
            ("rolsuper", true.into()),
            ("rolinherit", true.into()),
            ("rolcreaterole", true.into()),
            ("rolcreatedb", true.into()),
            ("rolcanlogin", true.into()),
            ("rolreplication", true.into()),
            ("rolbypassrls", true.into()),
            ("rolconnlimit", (-1_i64).into()),
        ],
    );
    rows.add(
        "pg_authid",
        &[
            ("oid", DATABASE_OWNER.into()),
            ("rolname", "pg_database_owner".into()),
            ("rolinherit", true.into()),
            ("rolconnlimit", (-1_i64).into()),
        ],
    );
}

fn extensions(rows: &mut Rows) {
    // PostgreSQL's own language, which `pg_language` has.
    rows.add(
        "pg_extension",
        &[
            ("oid", PLPGSQL.into()),
            ("extname", "plpgsql".into()),
            ("extowner", SUPERUSER.into()),
            ("extnamespace", PG_CATALOG.into()),
            ("extversion", "1.0".into()),
        ],
    );
    let number = rows.numbers.of("extension", "", "vector");
    rows.add(
        "pg_extension",
        &[
            ("oid", number.into()),
            ("extname", "vector".into()),
            ("extowner", SUPERUSER.into()),
            ("extnamespace", PUBLIC.into()),
            ("extrelocatable", true.into()),
            ("extversion", "0.8.0".into()),
        ],
    );
}
