//! PostgreSQL's types for those that IRIS describes result columns by.
//!
//! InterSystems SQL Reference, "Data Types": integer codes of the ODBC types; the
//! codes above 1000 are those of its Python driver.

use crate::types::{COUNTS_AS_TEXT, Digits, kept, oid};
use crate::wit::{IrisType, PostgresType};

/// One for one.
pub fn map_types(types: &[IrisType]) -> Vec<PostgresType> {
    types.iter().map(map_type).collect()
}

fn map_type(iris: &IrisType) -> PostgresType {
    let (type_oid, type_modifier) = match iris.code {
        -7 => (oid::BOOL, -1),
        -6 | 5 => (oid::INT2, -1),
        4 => (oid::INT4, -1),
        -5 => (oid::INT8, -1),
        2 | 3 => (oid::NUMERIC, decimal(iris.precision, iris.scale)),
        6..=8 => (oid::FLOAT8, -1),
        1 | 12 | -8 | -9 => string(iris.precision),
        -4..=-2 => (oid::BYTEA, -1),
        9 | 91 | 1091 => (oid::DATE, -1),
        10 | 92 | 1092 => (oid::TIME, -1),
        11 | 93 | 1093 => (oid::TIMESTAMP, -1),
        -11 => (oid::UUID, -1),
        // LONGVARCHAR, and whatever a later version may add.
        _ => (oid::TEXT, -1),
    };
    PostgresType {
        type_oid,
        type_modifier,
    }
}

/// `numeric_typmod_in`; a number whose digits PostgreSQL would not limit has none.
fn decimal(precision: u32, scale: u32) -> i32 {
    if (Digits { precision, scale }).is_unconstrained() {
        return -1;
    }
    if (1..=1000).contains(&precision) && scale <= precision {
        i32::try_from((precision << 16 | scale) + 4).unwrap_or(-1)
    } else {
        -1
    }
}

/// `varchartypmodin`; what is as long as a string can be is text, and what is a little
/// shorter one of the types that are kept so.
fn string(length: u32) -> (u32, i32) {
    if let Some(kept) = kept::of_length(length.into()) {
        return (kept, -1);
    }
    match i32::try_from(length) {
        Ok(length @ 1..) if u64::from(length.unsigned_abs()) < COUNTS_AS_TEXT => {
            (oid::VARCHAR, length + 4)
        }
        _ => (oid::TEXT, -1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odbc_codes_have_postgresql_types() {
        for (code, precision, scale, type_oid, type_modifier) in [
            (-7, 1, 0, 16, -1),
            (-6, 3, 0, 21, -1),
            (5, 5, 0, 21, -1),
            (4, 10, 0, 23, -1),
            (-5, 19, 0, 20, -1),
            (2, 10, 2, 1700, (10 << 16 | 2) + 4),
            (2, 0, 0, 1700, -1),
            (12, 3_641_142, 0, 3802, -1),
            (2, 36, 18, 1700, -1),
            (8, 20, 0, 701, -1),
            (12, 50, 0, 1043, 54),
            (12, 32767, 0, 25, -1),
            (12, 0, 0, 25, -1),
            (-1, 0, 0, 25, -1),
            (-3, 10, 0, 17, -1),
            (-4, 0, 0, 17, -1),
            (9, 10, 0, 1082, -1),
            (91, 10, 0, 1082, -1),
            (92, 8, 6, 1083, -1),
            (93, 26, 6, 1114, -1),
            (-11, 36, 0, 2950, -1),
            (4711, 0, 0, 25, -1),
        ] {
            let mapped = map_types(&[IrisType {
                code,
                precision,
                scale,
            }]);
            assert_eq!(
                mapped,
                [PostgresType {
                    type_oid,
                    type_modifier
                }],
                "code {code}"
            );
        }
    }
}
