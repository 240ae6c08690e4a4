//! Reads a client's parameter, by its type and format.

use bytes::Buf;
use jiff::civil::{self, date};
use jiff::{SignedDuration, Timestamp, ToSpan, tz::Offset};
use pgiris_sandbox::Value;
use pgwire::api::Type;
use pgwire::api::results::FieldFormat;
use pgwire::error::PgWireError;

use crate::failure::failed;
use crate::numeric;

/// What PostgreSQL counts days and microseconds from.
pub(crate) const EPOCH: civil::DateTime = date(2000, 1, 1).at(0, 0, 0, 0);

/// The value of a parameter of this type.
pub(crate) fn value(
    ty: &Type,
    format: FieldFormat,
    bytes: Option<&[u8]>,
) -> Result<Value, PgWireError> {
    let Some(bytes) = bytes else {
        return Ok(Value::Null);
    };
    let (value, sqlstate) = match format {
        FieldFormat::Text => (from_text(ty, bytes), "22P02"),
        FieldFormat::Binary => (from_binary(ty, bytes), "22P03"),
    };
    value.ok_or_else(|| {
        failed(
            sqlstate,
            format!("invalid value for a parameter of type {ty}"),
        )
    })
}

fn from_text(ty: &Type, bytes: &[u8]) -> Option<Value> {
    let text = std::str::from_utf8(bytes).ok()?;
    let trimmed = text.trim();
    Some(match *ty {
        Type::BOOL => Value::Integer(i64::from(boolean(trimmed)?)),
        Type::INT2 | Type::INT4 | Type::INT8 | Type::OID => Value::Integer(trimmed.parse().ok()?),
        Type::FLOAT4 | Type::FLOAT8 => Value::Double(trimmed.parse().ok()?),
        Type::NUMERIC => Value::Numeric(trimmed.parse().ok()?),
        Type::BYTEA => Value::Varbinary(hexadecimal(trimmed.strip_prefix("\\x")?)?),
        Type::DATE => Value::Date(trimmed.parse().ok()?),
        Type::TIME => Value::Time(trimmed.parse().ok()?),
        Type::TIMESTAMP => Value::Timestamp(trimmed.parse().ok()?),
        Type::TIMESTAMPTZ => {
            let moment: Timestamp = trimmed.parse().ok()?;
            Value::Timestamp(Offset::UTC.to_datetime(moment))
        }
        _ => Value::Varchar(text.to_owned()),
    })
}

fn boolean(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "t" | "true" | "y" | "yes" | "on" | "1" => Some(true),
        "f" | "false" | "n" | "no" | "off" | "0" => Some(false),
        _ => None,
    }
}

fn hexadecimal(text: &str) -> Option<Vec<u8>> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let byte = |pair: &[u8; 2]| {
        let text = std::str::from_utf8(pair).ok()?;
        u8::from_str_radix(text, 16).ok()
    };
    rest.is_empty().then(|| pairs.iter().map(byte).collect())?
}

fn from_binary(ty: &Type, mut bytes: &[u8]) -> Option<Value> {
    let value = match *ty {
        Type::BOOL => Value::Integer(i64::from(bytes.try_get_u8().ok()? != 0)),
        Type::INT2 => Value::Integer(bytes.try_get_i16().ok()?.into()),
        Type::INT4 => Value::Integer(bytes.try_get_i32().ok()?.into()),
        Type::OID => Value::Integer(bytes.try_get_u32().ok()?.into()),
        Type::INT8 => Value::Integer(bytes.try_get_i64().ok()?),
        Type::FLOAT4 => Value::Double(bytes.try_get_f32().ok()?.into()),
        Type::FLOAT8 => Value::Double(bytes.try_get_f64().ok()?),
        Type::DATE => {
            let days = bytes.try_get_i32().ok()?;
            Value::Date(EPOCH.date().checked_add(days.days()).ok()?)
        }
        Type::TIME => {
            let time = civil::Time::midnight();
            let since = SignedDuration::from_micros(bytes.try_get_i64().ok()?);
            Value::Time(time.checked_add(since).ok()?)
        }
        Type::TIMESTAMP | Type::TIMESTAMPTZ => {
            let since = SignedDuration::from_micros(bytes.try_get_i64().ok()?);
            Value::Timestamp(EPOCH.checked_add(since).ok()?)
        }
        _ => return whole(ty, bytes),
    };
    (!bytes.has_remaining()).then_some(value)
}

/// Values that take all the bytes there are.
fn whole(ty: &Type, bytes: &[u8]) -> Option<Value> {
    match *ty {
        Type::NUMERIC => numeric::decode(bytes).map(Value::Numeric),
        Type::BYTEA => Some(Value::Varbinary(bytes.to_vec())),
        Type::UUID => uuid(bytes.try_into().ok()?),
        Type::TEXT | Type::VARCHAR | Type::BPCHAR | Type::NAME | Type::UNKNOWN | Type::JSON => {
            let text = std::str::from_utf8(bytes).ok()?;
            Some(Value::Varchar(text.to_owned()))
        }
        _ => None,
    }
}

fn uuid(bytes: [u8; 16]) -> Option<Value> {
    let digits: String = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
    let parts = [0..8, 8..12, 12..16, 16..20, 20..32].map(|range| &digits[range]);
    Some(Value::Varchar(parts.join("-")))
}
