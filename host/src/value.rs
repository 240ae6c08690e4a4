//! PostgreSQL values: read from and written to both wire formats.
//!
//! A value is read by the type it was declared to have and written as the type
//! that was announced; where the two differ, it is converted as PostgreSQL's
//! assignment casts would. NULL has no [`Scalar`]: callers keep it as `None`.
//!
//! What PostgreSQL can hold and IRIS cannot (a numeric NaN, infinite dates,
//! dates before the year 1 or after 9999) is refused, never approximated.

pub(crate) mod arranged;
mod array;
mod array_wire;
mod binary;
pub(crate) mod by_value;
mod calendar;
pub(crate) mod computed;
mod convert;
mod decimal;
mod error;
mod float;
mod json;
mod kept;
mod kind;
mod like;
pub(crate) mod numeric;
mod order;
mod regtype;
pub(crate) mod style;
mod text;
mod vector;

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::fmt;

use bigdecimal::BigDecimal;
use bytes::{BufMut, BytesMut};
use jiff::civil;
use pgiris_values::interval::Interval;

use crate::upstream::{Format, Oid};

pub use array::elements;
pub use convert::convert;
pub use error::ValueError;
pub(crate) use float::read_double;
pub use kept::kept_text;
pub use kind::Kind;
pub(crate) use kind::known_to_iris;
use numeric::Shown;
pub(crate) use numeric::modifier_of_scale;
pub(crate) use text::utf8;

/// One value that is not NULL.
#[derive(Clone, Debug, PartialEq)]
pub enum Scalar<'a> {
    /// boolean
    Bool(bool),
    /// smallint, integer, bigint, oid
    Int(i64),
    /// numeric
    Numeric(BigDecimal),
    /// real
    Float(f32),
    /// double precision
    Double(f64),
    /// All string types, json and jsonb, and every type this codec does not
    /// know (arrays …) in its text form.
    Text(Cow<'a, str>),
    /// bytea
    Bytes(Cow<'a, [u8]>),
    /// date
    Date(civil::Date),
    /// time without time zone
    Time(civil::Time),
    /// timestamp without time zone
    Timestamp(civil::DateTime),
    /// timestamp with time zone, in UTC
    Timestamptz(civil::DateTime),
    /// interval
    Interval(Interval),
    /// uuid
    Uuid([u8; 16]),
    /// pgvector's vector and halfvec
    Vector(Vec<f32>),
}

/// The text format.
impl fmt::Display for Scalar<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        text::write(self, Shown::AtLeast(0), f)
    }
}

/// Reads a value of type `type_oid` from its wire format.
///
/// Strings and bytes are borrowed from `bytes` where that can be. A type that
/// is not known is read as text and has no binary form.
///
/// # Errors
/// `bytes` is not such a value, or is one that IRIS cannot hold.
pub fn decode(type_oid: Oid, format: Format, bytes: &[u8]) -> Result<Scalar<'_>, ValueError> {
    let kind = Kind::of(type_oid);
    match format {
        Format::Text => text::read(kind, text::utf8(bytes)?),
        Format::Binary => binary::read(kind, bytes),
    }
}

/// Writes `value` as the announced type, without the length that precedes it.
///
/// A numeric is padded with zeros to the scale of the type modifier, as
/// PostgreSQL prints a `numeric(10,2)`; digits beyond that scale are kept. One that was
/// computed has as many digits as PostgreSQL finds by the value.
///
/// # Errors
/// The value cannot be converted to that type. `buffer` may then hold a part of it.
pub fn encode(
    value: &Scalar<'_>,
    type_oid: Oid,
    type_modifier: i32,
    format: Format,
    buffer: &mut BytesMut,
) -> Result<(), ValueError> {
    let kind = Kind::of(type_oid);
    let converted;
    let value = if kind.holds(value) {
        value
    } else {
        converted = convert(value, kind)?;
        &converted
    };
    let shown = Shown::of_modifier(type_modifier);
    match format {
        Format::Text => {
            text::write(value, shown, buffer).expect("writing to memory does not fail");
            Ok(())
        }
        Format::Binary => {
            if let (Kind::Other, Scalar::Text(text)) = (kind, value)
                && let Some(written) = kept::write_array(type_oid, text, buffer)
            {
                return written;
            }
            binary::write(value, kind, shown, buffer)
        }
    }
}

/// Writes a value that is given in PostgreSQL's text format as the announced type.
///
/// # Errors
/// `value` is not of that type, or the type has no binary form here.
pub fn transcode(
    value: &str,
    type_oid: Oid,
    type_modifier: i32,
    format: Format,
    buffer: &mut BytesMut,
) -> Result<(), ValueError> {
    match format {
        Format::Text => {
            buffer.put_slice(value.as_bytes());
            Ok(())
        }
        Format::Binary => {
            let scalar = text::read(Kind::of(type_oid), value)?;
            encode(&scalar, type_oid, type_modifier, format, buffer)
        }
    }
}
