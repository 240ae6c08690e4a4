//! The binary format: what a type's receive and send functions read and write.

use bytes::{BufMut, BytesMut};
use pgiris_values::interval::Interval;
use postgres_protocol::types;

use super::numeric::Shown;
use super::{Kind, Scalar, ValueError, calendar, numeric, regtype, text, vector};

/// The only version of jsonb's binary format.
const JSONB_VERSION: u8 = 1;

pub(super) fn read(kind: Kind, bytes: &[u8]) -> Result<Scalar<'_>, ValueError> {
    if bytes.len() < least(kind) {
        return Err(ValueError::cut_off());
    }
    Ok(match kind {
        Kind::Bool => Scalar::Bool(*one_byte(bytes)? != 0),
        Kind::Int2 => Scalar::Int(primitive(types::int2_from_sql(bytes))?.into()),
        Kind::Int4 => Scalar::Int(primitive(types::int4_from_sql(bytes))?.into()),
        Kind::Int8 => Scalar::Int(primitive(types::int8_from_sql(bytes))?),
        Kind::Oid | Kind::Object | Kind::Regtype => {
            Scalar::Int(primitive(types::oid_from_sql(bytes))?.into())
        }
        Kind::Float4 => Scalar::Float(primitive(types::float4_from_sql(bytes))?),
        Kind::Float8 => Scalar::Double(primitive(types::float8_from_sql(bytes))?),
        Kind::Numeric => Scalar::Numeric(numeric::read_binary(bytes)?),
        Kind::Text => Scalar::Text(text::utf8(bytes)?.into()),
        Kind::Char => match one_byte(bytes)? {
            0 => Scalar::Text("".into()),
            _ => Scalar::Text(text::utf8(bytes)?.into()),
        },
        Kind::Jsonb | Kind::Jsonpath => match bytes.split_first() {
            Some((&JSONB_VERSION, json)) => Scalar::Text(text::utf8(json)?.into()),
            _ => return Err(ValueError::binary()),
        },
        Kind::Bytea => Scalar::Bytes(types::bytea_from_sql(bytes).into()),
        Kind::Date => Scalar::Date(calendar::date_of_days(primitive(types::date_from_sql(
            bytes,
        ))?)?),
        Kind::Time => Scalar::Time(calendar::time_of_micros(primitive(types::time_from_sql(
            bytes,
        ))?)?),
        Kind::Timestamp => Scalar::Timestamp(calendar::timestamp_of_micros(primitive(
            types::timestamp_from_sql(bytes),
        )?)?),
        Kind::Timestamptz => Scalar::Timestamptz(calendar::timestamp_of_micros(primitive(
            types::timestamp_from_sql(bytes),
        )?)?),
        Kind::Interval => Scalar::Interval(interval(bytes)?),
        Kind::Uuid => Scalar::Uuid(primitive(types::uuid_from_sql(bytes))?),
        Kind::Vector | Kind::Halfvec => Scalar::Vector(vector::read_binary(kind, bytes)?),
        Kind::Other => return Err(ValueError::no_binary_input()),
    })
}

/// Bytes that a type's receive function reads before it looks at any of them; what is left behind
/// them is another error.
fn least(kind: Kind) -> usize {
    match kind {
        Kind::Text | Kind::Bytea | Kind::Other => 0,
        Kind::Bool | Kind::Char | Kind::Jsonb | Kind::Jsonpath => 1,
        Kind::Int2 => 2,
        Kind::Int4 | Kind::Oid | Kind::Object | Kind::Regtype | Kind::Float4 | Kind::Date => 4,
        Kind::Vector | Kind::Halfvec => 4,
        Kind::Int8 | Kind::Float8 | Kind::Time | Kind::Timestamp | Kind::Timestamptz => 8,
        Kind::Numeric => 8,
        Kind::Interval | Kind::Uuid => 16,
    }
}

/// Writes a value that `kind` holds.
pub(super) fn write(
    value: &Scalar<'_>,
    kind: Kind,
    shown: Shown,
    buffer: &mut BytesMut,
) -> Result<(), ValueError> {
    match value {
        Scalar::Bool(value) => types::bool_to_sql(*value, buffer),
        Scalar::Int(value) => write_integer(*value, kind, buffer)?,
        Scalar::Numeric(value) => numeric::write_binary(value, shown, buffer)?,
        Scalar::Float(value) => types::float4_to_sql(*value, buffer),
        Scalar::Double(value) => types::float8_to_sql(*value, buffer),
        Scalar::Text(value) => write_string(value, kind, buffer)?,
        Scalar::Bytes(value) => types::bytea_to_sql(value, buffer),
        Scalar::Date(value) => types::date_to_sql(calendar::days_of_date(*value), buffer),
        Scalar::Time(value) => types::time_to_sql(calendar::micros_of_time(*value), buffer),
        Scalar::Timestamp(value) | Scalar::Timestamptz(value) => {
            types::timestamp_to_sql(calendar::micros_of_timestamp(*value), buffer);
        }
        Scalar::Interval(value) => {
            buffer.put_i64(value.micros);
            buffer.put_i32(value.days);
            buffer.put_i32(value.months);
        }
        Scalar::Uuid(value) => types::uuid_to_sql(*value, buffer),
        Scalar::Vector(value) => vector::write_binary(kind, value, buffer)?,
    }
    Ok(())
}

fn write_integer(value: i64, kind: Kind, buffer: &mut BytesMut) -> Result<(), ValueError> {
    let out_of_range = |_| ValueError::range(kind);
    match kind {
        Kind::Int2 => types::int2_to_sql(value.try_into().map_err(out_of_range)?, buffer),
        Kind::Int4 => types::int4_to_sql(value.try_into().map_err(out_of_range)?, buffer),
        Kind::Oid | Kind::Object | Kind::Regtype => {
            types::oid_to_sql(value.try_into().map_err(out_of_range)?, buffer)
        }
        _ => types::int8_to_sql(value, buffer),
    }
    Ok(())
}

fn write_string(value: &str, kind: Kind, buffer: &mut BytesMut) -> Result<(), ValueError> {
    match kind {
        Kind::Regtype => {
            let known = regtype::oid_of(value).ok_or_else(ValueError::no_binary_output)?;
            types::oid_to_sql(known, buffer);
        }
        Kind::Other | Kind::Object => return Err(ValueError::no_binary_output()),
        Kind::Char => buffer.put_u8(value.as_bytes().first().copied().unwrap_or(0)),
        Kind::Jsonb | Kind::Jsonpath => {
            buffer.put_u8(JSONB_VERSION);
            buffer.put_slice(value.as_bytes());
        }
        _ => buffer.put_slice(value.as_bytes()),
    }
    Ok(())
}

/// `interval_recv`
fn interval(bytes: &[u8]) -> Result<Interval, ValueError> {
    let (micros, rest) = bytes.split_first_chunk().ok_or_else(ValueError::binary)?;
    let (days, rest) = rest.split_first_chunk().ok_or_else(ValueError::binary)?;
    let months = rest.try_into().map_err(|_| ValueError::binary())?;
    Ok(Interval {
        months: i32::from_be_bytes(months),
        days: i32::from_be_bytes(*days),
        micros: i64::from_be_bytes(*micros),
    })
}

fn one_byte(bytes: &[u8]) -> Result<&u8, ValueError> {
    match bytes {
        [byte] => Ok(byte),
        _ => Err(ValueError::binary()),
    }
}

/// The primitives of `postgres-protocol` fail on a wrong length and on nothing else.
fn primitive<T, E>(read: Result<T, E>) -> Result<T, ValueError> {
    read.map_err(|_| ValueError::binary())
}
