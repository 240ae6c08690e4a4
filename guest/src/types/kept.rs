//! Types that IRIS keeps as strings, and how their columns are recognized again.
//!
//! IRIS tells of a column that it is VARCHAR and how long. Nothing is as long as a
//! string of IRIS can be: a column that is a few characters shorter keeps every value
//! as well, and by how many tells which type it was made with.

use super::{LONGEST_STRING, oid};
use crate::wit::Oid;

/// In order: the first one's columns are one character shorter than the longest string.
/// New ones go to the end, since columns are there already.
const KEPT: &[Oid] = &[
    oid::JSON,
    oid::JSONB,
    oid::XML,
    oid::INET,
    oid::CIDR,
    oid::MACADDR,
    oid::MACADDR8,
    1000, // bool[]
    1005, // int2[]
    1007, // int4[]
    1016, // int8[]
    1009, // text[]
    1015, // varchar[]
    1021, // float4[]
    1022, // float8[]
    1231, // numeric[]
    2951, // uuid[]
    1182, // date[]
    1183, // time[]
    1115, // timestamp[]
    199,  // json[]
    3807, // jsonb[]
    1041, // inet[]
    oid::INTERVAL,
];

/// The length of the columns of a type that is kept so.
pub(crate) fn length_of(type_oid: Oid) -> Option<u64> {
    let index = KEPT.iter().position(|known| *known == type_oid)?;
    Some(LONGEST_STRING - 1 - index as u64)
}

/// The type whose columns have that length.
pub(crate) fn of_length(length: u64) -> Option<Oid> {
    let index = LONGEST_STRING.checked_sub(length.checked_add(1)?)?;
    KEPT.get(usize::try_from(index).ok()?).copied()
}

/// The arrays of a type.
pub(crate) fn array_of(element: Oid) -> Oid {
    match element {
        oid::BOOL => 1000,
        oid::INT2 => 1005,
        oid::INT4 => 1007,
        oid::INT8 => 1016,
        oid::TEXT => 1009,
        oid::VARCHAR => 1015,
        oid::FLOAT4 => 1021,
        oid::FLOAT8 => 1022,
        oid::NUMERIC => 1231,
        oid::UUID => 2951,
        oid::DATE => 1182,
        oid::TIME => 1183,
        oid::TIMESTAMP => 1115,
        oid::JSON => 199,
        oid::JSONB => 3807,
        oid::INET => 1041,
        _ => 0,
    }
}

/// The type of an array's elements; none if it is no array's.
pub(crate) fn element_of(array: Oid) -> Option<Oid> {
    const ELEMENTS: &[Oid] = &[
        oid::BOOL,
        oid::INT2,
        oid::INT4,
        oid::INT8,
        oid::TEXT,
        oid::VARCHAR,
        oid::FLOAT4,
        oid::FLOAT8,
        oid::NUMERIC,
        oid::UUID,
        oid::DATE,
        oid::TIME,
        oid::TIMESTAMP,
        oid::JSON,
        oid::JSONB,
        oid::INET,
    ];
    let mut elements = ELEMENTS.iter().copied();
    elements.find(|element| array_of(*element) == array)
}

/// Whether every array of a type is one of another type, with the same text.
pub(crate) fn is_array_like(from: Oid, to: Oid) -> bool {
    const WIDER: [Oid; 4] = [oid::INT2, oid::INT4, oid::INT8, oid::NUMERIC];
    let (Some(from), Some(to)) = (element_of(from), element_of(to)) else {
        return false;
    };
    let rank = |element| WIDER.iter().position(|known| *known == element);
    let is_string = |element| matches!(element, oid::TEXT | oid::VARCHAR);
    match (rank(from), rank(to)) {
        (Some(from), Some(to)) => from <= to,
        _ => from == to || is_string(from) && is_string(to),
    }
}

/// Whether a type is that of arrays.
pub(crate) fn is_array(type_oid: Oid) -> bool {
    element_of(type_oid).is_some()
}

/// Whether the values are compared and printed as they are written, where PostgreSQL
/// would read them first.
pub(crate) fn is_as_written(type_oid: Oid) -> bool {
    length_of(type_oid).is_some()
        && !matches!(type_oid, oid::JSON | oid::JSONB | oid::XML | oid::INTERVAL)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_leads_back_to_its_type() {
        for type_oid in KEPT {
            let length = length_of(*type_oid).unwrap();
            assert_eq!(of_length(length), Some(*type_oid));
            assert!(length > 3_600_000);
        }
        assert_eq!(of_length(LONGEST_STRING), None);
        assert_eq!(of_length(32_767), None);
        assert_eq!(of_length(u64::MAX), None);
    }
}
