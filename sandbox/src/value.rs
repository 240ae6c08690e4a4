//! Values as they cross the boundary of the stand-in.

use bigdecimal::BigDecimal;
use jiff::civil;
use rusqlite::types::ValueRef;

use crate::datatype::Type;
use crate::functions::Datum;
use crate::{decimal, temporal, vector};

/// A parameter or a value of a result row.
///
/// Vectors cross as text (`1,2,3`), UNIQUEIDENTIFIER as text, as IRIS describes
/// both to clients. A parameter need not have the type that the statement
/// describes; it is converted as IRIS would, or refused with its SQLCODE.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// SQL NULL.
    Null,
    /// BIT (0 and 1), TINYINT, SMALLINT, INTEGER, BIGINT.
    Integer(i64),
    /// NUMERIC, exact.
    Numeric(BigDecimal),
    /// DOUBLE.
    Double(f64),
    /// VARCHAR, LONGVARCHAR, GUID, vectors.
    Varchar(String),
    /// VARBINARY, LONGVARBINARY.
    Varbinary(Vec<u8>),
    /// DATE.
    Date(civil::Date),
    /// TIME.
    Time(civil::Time),
    /// TIMESTAMP and POSIXTIME, without a zone.
    Timestamp(civil::DateTime),
}

impl Value {
    /// As SQLite takes it, before the type of the parameter is considered:
    /// dates and times as ODBC text, decimals as canonical text.
    pub(crate) fn to_datum(&self) -> Datum {
        match self {
            Self::Null => Datum::Null,
            Self::Integer(number) => Datum::Integer(*number),
            Self::Numeric(number) => Datum::Text(decimal::canonical(number)),
            Self::Double(number) => Datum::Real(*number),
            Self::Varchar(text) => Datum::Text(text.clone()),
            Self::Varbinary(bytes) => Datum::Blob(bytes.clone()),
            Self::Date(date) => Datum::Text(temporal::date_text(*date)),
            Self::Time(time) => Datum::Text(temporal::time_text(*time)),
            Self::Timestamp(at) => Datum::Text(temporal::timestamp_text(*at)),
        }
    }

    /// A stored value of type `ty`, as the client sees it.
    pub(crate) fn from_sqlite(value: ValueRef<'_>, ty: &Type) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        match (value, ty) {
            (ValueRef::Null, _) => Self::Null,
            (ValueRef::Integer(days), Type::Date) => {
                temporal::date(days).map_or(Self::Null, Self::Date)
            }
            (ValueRef::Integer(count), Type::Time(_)) => {
                temporal::time(count).map_or(Self::Null, Self::Time)
            }
            (ValueRef::Integer(number), Type::Double) => Self::Double(number as f64),
            (ValueRef::Integer(number), Type::Numeric { .. }) => Self::Numeric(number.into()),
            (ValueRef::Integer(number), Type::Varchar(_)) => Self::Varchar(number.to_string()),
            (ValueRef::Integer(number), _) => Self::Integer(number),
            (ValueRef::Real(number), Type::Numeric { .. }) => {
                Self::Numeric(decimal::from_f64(number))
            }
            (ValueRef::Real(number), ty) if ty.is_integer() => Self::Integer(number as i64),
            (ValueRef::Real(number), _) => Self::Double(number),
            (ValueRef::Text(bytes), Type::Numeric { .. }) => {
                Self::Numeric(decimal::leading(&text(bytes)))
            }
            (ValueRef::Text(bytes), Type::Double) => {
                Self::Double(decimal::to_f64(&decimal::leading(&text(bytes))))
            }
            (ValueRef::Text(bytes), Type::Timestamp | Type::PosixTime) => {
                let text = text(bytes);
                temporal::parse_timestamp(&text).map_or(Self::Varchar(text), Self::Timestamp)
            }
            (ValueRef::Text(bytes), ty) if ty.is_integer() => {
                Self::Integer(decimal::to_i64(&decimal::leading(&text(bytes))))
            }
            (ValueRef::Text(bytes), Type::Varbinary(_) | Type::LongVarbinary) => {
                Self::Varbinary(bytes.to_vec())
            }
            (ValueRef::Text(bytes), _) => Self::Varchar(text(bytes)),
            (ValueRef::Blob(bytes), Type::Vector(element, _)) => {
                Self::Varchar(vector::text(bytes, *element))
            }
            (ValueRef::Blob(bytes), ty) if ty.is_text() => Self::Varchar(text(bytes)),
            (ValueRef::Blob(bytes), _) => Self::Varbinary(bytes.to_vec()),
        }
    }

    /// As the statement log shows it: JSON, where binary is hexadecimal text.
    pub(crate) fn to_json(&self) -> String {
        let quoted = crate::functions::json::quoted;
        match self {
            Self::Null => "null".to_owned(),
            Self::Integer(number) => number.to_string(),
            Self::Numeric(number) => number.to_plain_string(),
            Self::Double(number) => format!("{number:?}"),
            Self::Varchar(text) => quoted(text),
            Self::Varbinary(bytes) => quoted(
                &bytes
                    .iter()
                    .map(|byte| format!("{byte:02x}"))
                    .collect::<String>(),
            ),
            Self::Date(date) => quoted(&temporal::date_text(*date)),
            Self::Time(time) => quoted(&temporal::time_text(*time)),
            Self::Timestamp(at) => quoted(&temporal::timestamp_text(*at)),
        }
    }
}
