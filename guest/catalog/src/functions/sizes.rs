//! Sizes and statistics, section 9.27.7 of the manual and chapter 28. IRIS tells
//! neither by SQL: sizes are 0.

use super::{Function, constantly_null, constantly_zero, function};
use crate::catalog::Scene;
use crate::failure::Result;
use crate::types::Type;
use crate::value::Value;

const OID: Type = Type::OID;
const INT8: Type = Type::INT8;
const REGCLASS: Type = Type::REGCLASS;

pub(super) const LIST: &[Function] = &[
    function("pg_relation_size", &[REGCLASS], INT8, constantly_zero),
    function(
        "pg_relation_size",
        &[REGCLASS, Type::TEXT],
        INT8,
        constantly_zero,
    ),
    function("pg_table_size", &[REGCLASS], INT8, constantly_zero),
    function("pg_indexes_size", &[REGCLASS], INT8, constantly_zero),
    function("pg_total_relation_size", &[REGCLASS], INT8, constantly_zero),
    function("pg_database_size", &[OID], INT8, constantly_zero),
    function("pg_database_size", &[Type::NAME], INT8, constantly_zero),
    function("pg_tablespace_size", &[OID], INT8, constantly_zero),
    function("pg_tablespace_size", &[Type::NAME], INT8, constantly_zero),
    function("pg_size_pretty", &[INT8], Type::TEXT, pretty),
    function("pg_relation_filenode", &[REGCLASS], OID, constantly_null),
    function(
        "pg_relation_filepath",
        &[REGCLASS],
        Type::TEXT,
        constantly_null,
    ),
    function("pg_stat_get_numscans", &[OID], INT8, constantly_zero),
    function("pg_stat_get_live_tuples", &[OID], INT8, constantly_zero),
    function("pg_stat_get_dead_tuples", &[OID], INT8, constantly_zero),
    function("pg_stat_get_tuples_inserted", &[OID], INT8, constantly_zero),
    function("pg_stat_get_tuples_updated", &[OID], INT8, constantly_zero),
    function("pg_stat_get_tuples_deleted", &[OID], INT8, constantly_zero),
    function(
        "pg_stat_get_last_vacuum_time",
        &[OID],
        Type::TIMESTAMPTZ,
        constantly_null,
    ),
    function(
        "pg_stat_get_last_analyze_time",
        &[OID],
        Type::TIMESTAMPTZ,
        constantly_null,
    ),
];

/// The largest unit in which the number still has two digits.
fn pretty(_: Scene<'_>, values: &[Value]) -> Result<Value> {
    let mut size = super::int(values, 0)?;
    let mut unit = "bytes";
    for next in ["kB", "MB", "GB", "TB", "PB"] {
        if size.abs() < 10 * 1024 {
            break;
        }
        size = (size / 512 + size.signum()) / 2;
        unit = next;
    }
    Ok(format!("{size} {unit}").into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Catalog;
    use crate::session::Session;

    #[test]
    fn sizes_have_units() {
        let catalog = Catalog::new("u", "d");
        let session = Session::plain();
        let scene = Scene {
            catalog: &catalog,
            session: &session,
        };
        let shown = |size| pretty(scene, &[Value::Int(size)]).unwrap();
        assert_eq!(shown(0), "0 bytes".into());
        assert_eq!(shown(10 * 1024 - 1), "10239 bytes".into());
        assert_eq!(shown(10 * 1024), "10 kB".into());
        assert_eq!(shown(123_456_789), "118 MB".into());
    }
}
