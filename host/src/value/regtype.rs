//! Types by the names that `regtype` shows (`format_type`), of those that the rules announce.

use super::{Oid, array};

const NAMES: &[(&str, Oid)] = &[
    ("boolean", 16),
    ("bytea", 17),
    ("\"char\"", 18),
    ("name", 19),
    ("bigint", 20),
    ("smallint", 21),
    ("integer", 23),
    ("text", 25),
    ("oid", 26),
    ("xid", 28),
    ("cid", 29),
    ("json", 114),
    ("xml", 142),
    ("real", 700),
    ("double precision", 701),
    ("unknown", 705),
    ("character", 1042),
    ("character varying", 1043),
    ("date", 1082),
    ("time without time zone", 1083),
    ("timestamp without time zone", 1114),
    ("timestamp with time zone", 1184),
    ("interval", 1186),
    ("time with time zone", 1266),
    ("bit", 1560),
    ("bit varying", 1562),
    ("numeric", 1700),
    ("regclass", 2205),
    ("regtype", 2206),
    ("record", 2249),
    ("void", 2278),
    ("uuid", 2950),
    ("jsonb", 3802),
    ("vector", 16_385),
    ("halfvec", 16_498),
];

/// The OID of a type; none of one that is not known here.
pub(super) fn oid_of(name: &str) -> Option<Oid> {
    if let Some(element) = name.strip_suffix("[]") {
        return array::array_of(oid_of(element)?);
    }
    let found = NAMES.iter().find(|(known, _)| *known == name);
    found.map(|(_, oid)| *oid)
}
