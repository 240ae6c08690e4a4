//! Functions about values, the server and its files. Those about the session are the
//! work of the rule `session_function`.

use sqlparser::ast::Expr;

use super::{ANY, Call, Entry, Fate, Returns};
use crate::build;
use crate::diagnostic::Diagnosed;
use crate::types::oid;
use crate::wit::Oid;

/// The type of names of types.
const REGTYPE: Oid = 2206;

pub(super) const TABLE: &[Entry] = &[
    Entry::new(
        &["gen_random_uuid", "uuid_generate_v4"],
        (0, 0),
        Returns::Type(oid::UUID),
        Fate::Translated("`LOWER($TSQL_NEWID())`", |_| {
            let uuid = build::call("$TSQL_NEWID", Vec::new());
            Ok(build::call("LOWER", vec![uuid]))
        }),
    ),
    Entry::new(
        &[
            "uuid_generate_v1",
            "uuid_generate_v1mc",
            "uuid_generate_v3",
            "uuid_generate_v5",
        ],
        (0, 2),
        Returns::Type(oid::UUID),
        Fate::Refused("use gen_random_uuid()"),
    ),
    Entry::new(
        &["pg_typeof"],
        (1, 1),
        Returns::Type(REGTYPE),
        Fate::Emulated(
            "the name of the type, where it is known beforehand",
            pg_typeof,
        ),
    )
    .typed(),
    Entry::new(
        &["pg_sleep"],
        (1, 1),
        Returns::Unknown,
        Fate::Refused("ask for it in a SELECT without a table, for a number of seconds"),
    ),
    Entry::new(
        &[
            "pg_sleep_until",
            "pg_cancel_backend",
            "pg_terminate_backend",
            "pg_reload_conf",
        ],
        (0, 1),
        Returns::Unknown,
        Fate::Refused("IRIS is administered by its own tools"),
    ),
    Entry::new(
        &[
            "pg_advisory_lock",
            "pg_advisory_lock_shared",
            "pg_advisory_unlock",
            "pg_advisory_unlock_shared",
            "pg_advisory_xact_lock",
            "pg_advisory_xact_lock_shared",
            "pg_try_advisory_lock",
            "pg_try_advisory_lock_shared",
            "pg_try_advisory_xact_lock",
            "pg_try_advisory_xact_lock_shared",
        ],
        (0, 2),
        Returns::Unknown,
        Fate::Refused("ask for it in a SELECT without a table, for literals or parameters"),
    ),
    Entry::new(
        &[
            "pg_column_size",
            "pg_database_size",
            "pg_relation_size",
            "pg_table_size",
            "pg_total_relation_size",
            "pg_indexes_size",
        ],
        (1, 2),
        Returns::Type(oid::INT8),
        Fate::Refused("IRIS tells of sizes in its Management Portal"),
    ),
    Entry::new(
        &["pg_size_pretty"],
        (1, 1),
        Returns::Type(oid::TEXT),
        Fate::Refused("write the unit in the client"),
    ),
    Entry::new(
        &[
            "pg_read_file",
            "pg_read_binary_file",
            "pg_ls_dir",
            "pg_stat_file",
            "lo_import",
            "lo_export",
        ],
        (1, ANY),
        Returns::Unknown,
        Fate::Refused("the server's files are out of reach of SQL"),
    ),
];

/// The names are those of PostgreSQL's `format_type`. IRIS keeps `text` as VARCHAR,
/// so what a column of strings was is not known.
fn pg_typeof(call: &mut Call<'_, '_, '_>) -> Diagnosed<Expr> {
    let name = match call.type_of(0) {
        Some(oid::BOOL) => "boolean",
        Some(oid::BYTEA) => "bytea",
        Some(oid::INT2) => "smallint",
        Some(oid::INT4) => "integer",
        Some(oid::INT8) => "bigint",
        Some(oid::NUMERIC) => "numeric",
        Some(oid::FLOAT4) => "real",
        Some(oid::FLOAT8) => "double precision",
        Some(oid::TEXT) => "text",
        Some(oid::BPCHAR) => "character",
        Some(oid::DATE) => "date",
        Some(oid::TIME) => "time without time zone",
        Some(oid::TIMESTAMP) => "timestamp without time zone",
        Some(oid::TIMESTAMPTZ) => "timestamp with time zone",
        Some(oid::UUID) => "uuid",
        Some(oid::JSON) => "json",
        Some(oid::JSONB) => "jsonb",
        _ if call.args.first().is_some_and(crate::typing::is_untyped) => "unknown",
        _ => {
            return Err(call.refusal(
                " of an expression whose type only IRIS knows",
                "describe the statement: the client is told of the types of its columns",
            ));
        }
    };
    Ok(build::string(name))
}
