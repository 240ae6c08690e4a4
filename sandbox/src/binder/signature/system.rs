//! What answers from the process and the instance, and the class methods exposed as procedures.

use super::Returns::{BigInt, Binary, Guid, Integer, Short, Text};
use super::Signature;

pub(super) fn find(name: &str) -> Option<Signature> {
    let (args, returns, sql) = match name {
        "HASHBYTES" => ("tt", Binary, "iris_hashbytes"),
        "LAST_IDENTITY" => ("", BigInt, "iris_last_identity"),
        "DATABASE" => ("", Short(128), "iris_database"),
        "USER" => ("", Short(128), "iris_user"),
        "$TSQL_NEWID" => ("", Guid, "iris_guid"),
        "%SYSTEM.UTIL_CREATEGUID" => ("", Short(36), "iris_guid"),
        "%SYSTEM_SQL.DEFAULTSCHEMA" => ("", Short(128), "iris_default_schema"),
        "%SYSTEM.SQL_ISRESERVEDWORD" => ("t", Integer, "iris_is_reserved"),
        "%SYSTEM.SQL_ISVALIDREGULARIDENTIFIER" => ("t", Integer, "iris_is_identifier"),
        "%SYSTEM_SQL.UTIL_GETOPTION" => ("t", Text, "iris_option"),
        "%SYSTEM.VERSION_GETNUMBER" => ("", Short(32), "iris_version"),
        "%SYSTEM_SQL.FUNCTIONS_SQLCODE" => ("i", Text, "iris_sqlcode_text"),
        _ => return None,
    };
    Some(Signature::new(args, returns, sql))
}
