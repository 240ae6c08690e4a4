//! Which PostgreSQL type stands for what IRIS describes.

use pgiris_sandbox::SqlType;
use pgwire::api::Type;

/// The type for an ODBC type code.
pub(crate) fn postgres_type(described: &SqlType) -> Type {
    match described.code {
        -7 => Type::BOOL,
        -6 | 5 => Type::INT2,
        4 => Type::INT4,
        -5 => Type::INT8,
        2 => Type::NUMERIC,
        8 => Type::FLOAT8,
        -1 => Type::TEXT,
        -3 | -4 => Type::BYTEA,
        9 => Type::DATE,
        10 => Type::TIME,
        11 => Type::TIMESTAMP,
        -11 => Type::UUID,
        _ => Type::VARCHAR,
    }
}

/// `pg_type.typlen`.
pub(crate) fn size(ty: &Type) -> i16 {
    match *ty {
        Type::BOOL => 1,
        Type::INT2 => 2,
        Type::INT4 | Type::DATE => 4,
        Type::INT8 | Type::FLOAT8 | Type::TIME | Type::TIMESTAMP => 8,
        Type::UUID => 16,
        _ => -1,
    }
}

/// `pg_attribute.atttypmod`: the length of strings, precision and scale of numbers, each with four
/// added; -1 for none.
pub(crate) fn modifier(ty: &Type, described: &SqlType) -> i32 {
    let modifier = match *ty {
        Type::VARCHAR => Some(described.precision),
        Type::NUMERIC => Some(described.precision << 16 | described.scale),
        _ => None,
    };
    modifier
        .and_then(|modifier| i32::try_from(modifier).ok()?.checked_add(4))
        .unwrap_or(-1)
}

/// The digits after the point that a modifier of NUMERIC asks for.
pub(crate) fn scale(modifier: i32) -> Option<i64> {
    let packed = modifier.checked_sub(4).filter(|packed| *packed >= 0)?;
    Some(i64::from(packed & 0x7ff))
}
