//! The session and the server, tables 9.71, 9.74 and 9.92 of the manual.

use super::{Function, constantly_false, constantly_null, function, int, text};
use crate::catalog::{Catalog, Scene};
use crate::failure::{Failure, Result};
use crate::moment;
use crate::names;
use crate::types::Type;
use crate::value::Value;

const TEXT: Type = Type::TEXT;
const NAME: Type = Type::NAME;
const OID: Type = Type::OID;
const INT4: Type = Type::INT4;
const INT8: Type = Type::INT8;
const BOOL: Type = Type::BOOL;
const TIMESTAMPTZ: Type = Type::TIMESTAMPTZ;

pub(super) const LIST: &[Function] = &[
    function("version", &[], TEXT, |scene, _| {
        Ok(scene.session.version.as_str().into())
    }),
    function("current_database", &[], NAME, database),
    function("current_catalog", &[], NAME, database),
    function("current_schema", &[], NAME, |scene, _| {
        Ok(path(scene, false).next().into())
    }),
    function("current_schemas", &[BOOL], Type(1003), |scene, v| {
        let implicit = v.first().and_then(Value::truth) == Some(true);
        Ok(Value::array(
            path(scene, implicit).map(Value::from).collect(),
        ))
    }),
    function("current_user", &[], NAME, user),
    function("current_role", &[], NAME, user),
    function("session_user", &[], NAME, user),
    function("user", &[], NAME, user),
    function("pg_backend_pid", &[], INT4, |scene, _| {
        Ok(Value::Int(scene.session.process))
    }),
    function("current_setting", &[TEXT], TEXT, |scene, v| {
        setting(scene, text(v, 0)?, false)
    }),
    function("current_setting", &[TEXT, BOOL], TEXT, |scene, v| {
        let missing = v.get(1).and_then(Value::truth) == Some(true);
        setting(scene, text(v, 0)?, missing)
    }),
    function("set_config", &[TEXT, TEXT, BOOL], TEXT, |_, _| {
        Err(Failure::not_supported(
            "set_config for rows of the catalogue",
        ))
    })
    .with_nulls(),
    function("pg_get_userbyid", &[OID], NAME, |scene, v| {
        let number = int(v, 0)?;
        Ok(role(scene, number)
            .unwrap_or_else(|| format!("unknown (OID={number})"))
            .into())
    }),
    function("pg_encoding_to_char", &[INT4], NAME, |_, v| {
        Ok(match int(v, 0)? {
            0 => "SQL_ASCII",
            6 => "UTF8",
            8 => "LATIN1",
            _ => "",
        }
        .into())
    }),
    function("pg_char_to_encoding", &[NAME], INT4, |_, v| {
        Ok(Value::Int(match text(v, 0)?.to_uppercase().as_str() {
            "SQL_ASCII" => 0,
            "UTF8" | "UNICODE" => 6,
            "LATIN1" => 8,
            _ => -1,
        }))
    }),
    function("getdatabaseencoding", &[], NAME, |_, _| Ok("UTF8".into())),
    function("pg_client_encoding", &[], NAME, |_, _| Ok("UTF8".into())),
    function("pg_is_in_recovery", &[], BOOL, constantly_false),
    function("pg_is_wal_replay_paused", &[], BOOL, constantly_false),
    function("pg_my_temp_schema", &[], OID, |scene, _| {
        let own = scene.session.temporary.as_deref();
        let number = own.and_then(|schema| names::namespace(scene.catalog, schema));
        Ok(Value::Int(number.unwrap_or(0)))
    }),
    function("txid_current", &[], INT8, transaction),
    function("pg_current_xact_id", &[], Type::XID8, transaction),
    function("txid_current_if_assigned", &[], INT8, constantly_null),
    function(
        "pg_current_xact_id_if_assigned",
        &[],
        Type::XID8,
        constantly_null,
    ),
    function("now", &[], TIMESTAMPTZ, transaction_start),
    function("current_timestamp", &[], TIMESTAMPTZ, transaction_start),
    function("transaction_timestamp", &[], TIMESTAMPTZ, transaction_start),
    function("statement_timestamp", &[], TIMESTAMPTZ, statement_start),
    function("clock_timestamp", &[], TIMESTAMPTZ, statement_start),
    function("pg_conf_load_time", &[], TIMESTAMPTZ, constantly_null),
    function(
        "pg_postmaster_start_time",
        &[],
        TIMESTAMPTZ,
        constantly_null,
    ),
    function("pg_tablespace_location", &[OID], TEXT, |_, _| Ok("".into())),
    function("pg_blocking_pids", &[INT4], Type(1007), |_, _| {
        Ok(Value::array(Vec::new()))
    }),
    function(
        "pg_sequence_last_value",
        &[Type::REGCLASS],
        INT8,
        constantly_null,
    ),
    function("inet_server_port", &[], INT4, constantly_null),
    function("inet_client_port", &[], INT4, constantly_null),
    function("inet_server_addr", &[], Type::INET, constantly_null),
    function("inet_client_addr", &[], Type::INET, constantly_null),
    function("pg_collation_for", &[TEXT], TEXT, |_, _| {
        Ok("\"default\"".into())
    }),
    function("_pg_truetypid", &[OID], OID, |_, v| {
        Ok(v.first().cloned().unwrap_or(Value::Null))
    }),
];

fn database(scene: Scene<'_>, _: &[Value]) -> Result<Value> {
    Ok(scene.catalog.database.as_str().into())
}

fn user(scene: Scene<'_>, _: &[Value]) -> Result<Value> {
    Ok(scene.catalog.user.as_str().into())
}

fn transaction(scene: Scene<'_>, _: &[Value]) -> Result<Value> {
    Ok(Value::Int(scene.session.transaction()))
}

fn transaction_start(scene: Scene<'_>, _: &[Value]) -> Result<Value> {
    Ok(moment::shown(scene.session.transaction_start).into())
}

fn statement_start(scene: Scene<'_>, _: &[Value]) -> Result<Value> {
    Ok(moment::shown(scene.session.statement_start).into())
}

/// The schemas of the path that exist.
fn path<'a>(scene: Scene<'a>, implicit: bool) -> impl Iterator<Item = &'a str> {
    let skipped = if implicit { 0 } else { scene.session.implicit };
    let path = scene.session.path.iter().skip(skipped);
    path.map(String::as_str)
        .filter(move |schema| names::namespace(scene.catalog, schema).is_some())
}

fn role(scene: Scene<'_>, number: i64) -> Option<String> {
    let row = scene
        .catalog
        .find("pg_authid", "oid", &Value::Int(number))?;
    Some(
        Catalog::field("pg_authid", row, "rolname")
            .as_text()?
            .to_string(),
    )
}

fn setting(scene: Scene<'_>, name: &str, missing: bool) -> Result<Value> {
    match scene.session.setting(name) {
        Some(value) => Ok(value.into()),
        None if missing => Ok(Value::Null),
        None => Err(Failure::new(
            "42704",
            format!("unrecognized configuration parameter \"{name}\""),
        )),
    }
}
