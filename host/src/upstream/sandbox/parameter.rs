//! Makes the stand-in's value of a client's parameter.

use pgiris_sandbox::{SqlType, Value};

use crate::upstream::{Oid, Parameter};
use crate::value::{Kind, Scalar, ValueError, convert, decode};

/// The type of a literal that has none yet.
const UNKNOWN: Oid = 705;

/// The value for a placeholder that the stand-in describes as `described`.
///
/// A value whose type the client left open is read as the described type, as
/// PostgreSQL would have inferred it. A declared type is kept: whether it suits
/// the placeholder is for the stand-in to say, as it is for IRIS.
pub(super) fn bind(parameter: &Parameter, described: &SqlType) -> Result<Value, ValueError> {
    let Some(bytes) = &parameter.value else {
        return Ok(Value::Null);
    };
    let value = decode(parameter.type_oid, parameter.format, bytes)?;
    match parameter.type_oid {
        0 | UNKNOWN => Ok(to_sandbox(&convert(&value, kind_of(described))?)),
        _ => Ok(to_sandbox(&value)),
    }
}

/// The PostgreSQL type that an ODBC type code stands for.
fn kind_of(described: &SqlType) -> Kind {
    match described.code {
        -7 => Kind::Bool,
        -6 | 5 | 4 | -5 => Kind::Int8,
        2 => Kind::Numeric,
        8 => Kind::Float8,
        -3 | -4 => Kind::Bytea,
        9 => Kind::Date,
        10 => Kind::Time,
        11 => Kind::Timestamp,
        _ => Kind::Text,
    }
}

/// IRIS has 0 and 1 for booleans, text for GUIDs, and no time zones.
fn to_sandbox(value: &Scalar<'_>) -> Value {
    match value {
        Scalar::Bool(value) => Value::Integer(i64::from(*value)),
        Scalar::Int(value) => Value::Integer(*value),
        Scalar::Numeric(value) => Value::Numeric(value.clone()),
        Scalar::Float(value) => Value::Double(f64::from(*value)),
        Scalar::Double(value) => Value::Double(*value),
        Scalar::Text(value) => Value::Varchar(value.clone().into_owned()),
        Scalar::Bytes(value) => Value::Varbinary(value.clone().into_owned()),
        Scalar::Date(value) => Value::Date(*value),
        Scalar::Time(value) => Value::Time(*value),
        Scalar::Timestamp(value) | Scalar::Timestamptz(value) => Value::Timestamp(*value),
        Scalar::Interval(_) | Scalar::Uuid(_) | Scalar::Vector(_) => {
            Value::Varchar(value.to_string())
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use jiff::civil::date;

    use super::*;
    use crate::upstream::Format;

    fn bound(
        type_oid: Oid,
        format: Format,
        bytes: &'static [u8],
        code: i32,
    ) -> Result<Value, ValueError> {
        let value = Some(Bytes::from_static(bytes));
        let parameter = Parameter {
            type_oid,
            format,
            value,
        };
        bind(
            &parameter,
            &SqlType {
                code,
                precision: 0,
                scale: 0,
            },
        )
    }

    #[test]
    fn text_without_a_type_is_read_as_the_described_type() {
        for (text, code, expected) in [
            (&b"2024-01-01"[..], 9, Value::Date(date(2024, 1, 1))),
            (b"true", -7, Value::Integer(1)),
            (b"12", 4, Value::Integer(12)),
            (b"1.50", 2, Value::Numeric("1.50".parse().unwrap())),
            (b"0.5", 8, Value::Double(0.5)),
            (b"\\x0102", -3, Value::Varbinary(vec![1, 2])),
            (
                b"2024-01-01 10:00",
                11,
                Value::Timestamp(date(2024, 1, 1).at(10, 0, 0, 0)),
            ),
            (b"12", 12, Value::Varchar("12".to_owned())),
        ] {
            assert_eq!(bound(0, Format::Text, text, code).unwrap(), expected);
        }
        assert_eq!(
            bound(0, Format::Text, b"x", 4).unwrap_err().sqlstate(),
            "22P02"
        );
    }

    #[test]
    fn a_declared_type_decides_over_the_described_one() {
        assert_eq!(
            bound(16, Format::Binary, b"\x01", 12).unwrap(),
            Value::Integer(1)
        );
        assert_eq!(
            bound(25, Format::Text, b"2024-01-01", 9).unwrap(),
            Value::Varchar("2024-01-01".to_owned())
        );
        let moment = bound(1184, Format::Text, b"2024-01-01 10:00+02", 11).unwrap();
        assert_eq!(moment, Value::Timestamp(date(2024, 1, 1).at(8, 0, 0, 0)));
        let uuid = bound(2950, Format::Binary, &[0xab; 16], -11).unwrap();
        assert_eq!(
            uuid,
            Value::Varchar("abababab-abab-abab-abab-abababababab".to_owned())
        );
    }
}
