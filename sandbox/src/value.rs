//! Values as they cross the boundary of the stand-in.

use bigdecimal::BigDecimal;
use jiff::civil;
use rusqlite::types::ValueRef;

use crate::datatype::Type;
use crate::error::{Result, SqlError};
use crate::functions::Datum;
use crate::{decimal, list, temporal, vector};

/// Characters in the longest string of IRIS; streams hold more.
const LONGEST_STRING: usize = 3_641_144;

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
    /// VARCHAR, LONGVARCHAR, GUID, vectors, lists.
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
    /// As SQLite takes it as a parameter of type `ty`: dates and times as ODBC text,
    /// decimals as canonical text. The one character `$CHAR(0)` is the empty string.
    pub(crate) fn to_datum(&self, ty: &Type) -> Result<Datum> {
        if let (Self::Integer(_) | Self::Numeric(_) | Self::Double(_), Type::Time(_)) = (self, ty) {
            return self.as_seconds();
        }
        Ok(match self {
            Self::Null => Datum::Null,
            Self::Integer(number) => Datum::Integer(*number),
            Self::Numeric(number) => Datum::Text(decimal::canonical(decimal::bounded(number)?)),
            Self::Double(number) if number.is_finite() || infinite(*number, ty) => {
                Datum::Real(*number)
            }
            Self::Double(number) => {
                return Err(SqlError::new(-400, format!("<ILLEGAL VALUE> {number}")));
            }
            Self::Varchar(text) if text == "\0" => Datum::Text(String::new()),
            Self::Varchar(text) if !ty.is_stream() => Datum::Text(limited(text)?.to_owned()),
            Self::Varchar(text) => Datum::Text(text.clone()),
            Self::Varbinary(bytes) => Datum::Blob(bytes.clone()),
            Self::Date(date) => Datum::Text(temporal::date_text(*date)),
            Self::Time(time) => Datum::Text(temporal::time_text(*time)),
            Self::Timestamp(at) => Datum::Text(temporal::timestamp_text(*at)),
        })
    }

    /// A number where a time is wanted counts seconds, as in IRIS's logical form.
    fn as_seconds(&self) -> Result<Datum> {
        let seconds = match self {
            Self::Integer(seconds) => BigDecimal::from(*seconds),
            Self::Numeric(seconds) => decimal::bounded(seconds)?.clone(),
            Self::Double(seconds) if seconds.is_finite() => decimal::from_f64(*seconds),
            Self::Double(seconds) => return Err(SqlError::new(-147, seconds.to_string())),
            _ => return Ok(Datum::Null),
        };
        let time = temporal::time_of_seconds(&seconds)
            .ok_or_else(|| SqlError::new(-147, decimal::canonical(&seconds)))?;
        Ok(Datum::Integer(temporal::nanoseconds(time)))
    }

    /// A stored value of type `ty`, as the client sees it.
    ///
    /// # Errors
    /// It is no value of that type: a day or a time that does not exist, a whole
    /// number beyond 64 bits.
    pub(crate) fn from_sqlite(value: ValueRef<'_>, ty: &Type) -> Result<Self> {
        let text = |bytes: &[u8]| match std::str::from_utf8(bytes) {
            Ok(text) => Ok(text.to_owned()),
            Err(_) => Err(SqlError::new(
                -400,
                "<ILLEGAL VALUE> bytes that are no text",
            )),
        };
        Ok(match (value, ty) {
            (ValueRef::Null, _) => Self::Null,
            (ValueRef::Integer(days), Type::Date) => {
                Self::Date(temporal::date(days).ok_or_else(|| illegal("date", days))?)
            }
            (ValueRef::Integer(count), Type::Time(digits)) => {
                let time = temporal::time(count).ok_or_else(|| illegal("time", count))?;
                Self::Time(temporal::cut_time(time, *digits))
            }
            (ValueRef::Integer(number), Type::Double) => Self::Double(number as f64),
            (ValueRef::Integer(number), Type::Numeric { .. }) => Self::Numeric(number.into()),
            (ValueRef::Integer(number), Type::Varchar(_)) => Self::Varchar(number.to_string()),
            (ValueRef::Integer(number), _) => Self::Integer(number),
            (ValueRef::Real(number), Type::Numeric { .. }) => {
                Self::Numeric(decimal::from_f64(number))
            }
            (ValueRef::Real(number), ty) if ty.is_integer() => {
                let whole = decimal::whole(&decimal::from_f64(number));
                Self::Integer(whole.ok_or_else(too_large)?)
            }
            (ValueRef::Real(number), _) => Self::Double(number),
            (ValueRef::Text(bytes), Type::Numeric { .. }) => {
                Self::Numeric(decimal::leading(&text(bytes)?))
            }
            (ValueRef::Text(bytes), Type::Double) => {
                Self::Double(decimal::to_f64(&decimal::leading(&text(bytes)?)))
            }
            (ValueRef::Text(bytes), Type::Timestamp | Type::PosixTime) => {
                let text = text(bytes)?;
                temporal::parse_timestamp(&text).map_or(Self::Varchar(text), Self::Timestamp)
            }
            (ValueRef::Text(bytes), ty) if ty.is_integer() => {
                let whole = decimal::whole(&decimal::leading(&text(bytes)?));
                Self::Integer(whole.ok_or_else(too_large)?)
            }
            (ValueRef::Text(bytes), Type::Varbinary(_) | Type::LongVarbinary) => {
                Self::Varbinary(bytes.to_vec())
            }
            (ValueRef::Text(bytes), _) => Self::Varchar(text(bytes)?),
            (ValueRef::Blob(bytes), Type::Vector(element, _)) => {
                Self::Varchar(vector::text(bytes, *element))
            }
            (ValueRef::Blob(bytes), Type::List) => Self::Varchar(match list::elements(bytes) {
                Some(elements) => list::joined(&elements, ","),
                None => list::widened(bytes),
            }),
            (ValueRef::Blob(bytes), ty) if ty.is_text() => Self::Varchar(text(bytes)?),
            (ValueRef::Blob(bytes), _) => Self::Varbinary(bytes.to_vec()),
        })
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

/// Infinity is a DOUBLE and nothing else; SQLite would make NULL of what is no number.
fn infinite(number: f64, ty: &Type) -> bool {
    number.is_infinite() && *ty == Type::Double
}

fn illegal(what: &str, count: i64) -> SqlError {
    SqlError::new(-400, format!("<ILLEGAL VALUE> {what} {count}"))
}

fn too_large() -> SqlError {
    SqlError::new(-400, "<MAXNUMBER>")
}

/// A text that an IRIS string can hold.
fn limited(text: &str) -> Result<&str> {
    if text.len() > LONGEST_STRING && text.encode_utf16().count() > LONGEST_STRING {
        return Err(SqlError::new(-400, "<MAXSTRING>"));
    }
    Ok(text)
}
