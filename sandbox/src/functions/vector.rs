//! TO_VECTOR and the two distances.

use rusqlite::Connection;
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::ValueRef;

use super::{Datum, text_of, user_error};
use crate::error::{Result, SqlError};
use crate::vector::{self, Element};

/// Registers the vector functions.
pub(super) fn register(connection: &Connection) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection.create_scalar_function("iris_to_vector", 3, flags, |c| {
        to_vector(c).map_err(user_error)
    })?;
    connection.create_scalar_function("iris_vector_text", 2, flags, |c| {
        let element = element(c, 1);
        Ok(blob(c, 0).map_or(Datum::Null, |bytes| {
            Datum::Text(vector::text(bytes, element))
        }))
    })?;
    connection.create_scalar_function("iris_cosine", 3, flags, |c| {
        let distance = |a: &[u8], b: &[u8], element| vector::cosine(a, b, element);
        measure(c, distance).map_err(user_error)
    })?;
    connection.create_scalar_function("iris_dot_product", 3, flags, |c| {
        let distance = |a: &[u8], b: &[u8], element| Some(vector::dot_product(a, b, element));
        measure(c, distance).map_err(user_error)
    })
}

fn blob<'a>(context: &'a Context<'_>, n: usize) -> Option<&'a [u8]> {
    match context.get_raw(n) {
        ValueRef::Blob(bytes) => Some(bytes),
        _ => None,
    }
}

fn element(context: &Context<'_>, n: usize) -> Element {
    let keyword = match context.get_raw(n) {
        ValueRef::Text(bytes) => std::str::from_utf8(bytes).unwrap_or(""),
        _ => "",
    };
    Element::of_keyword(keyword).unwrap_or(Element::Double)
}

fn to_vector(context: &Context<'_>) -> Result<Datum> {
    if matches!(context.get_raw(0), ValueRef::Null) {
        return Ok(Datum::Null);
    }
    let length = match context.get_raw(2) {
        ValueRef::Integer(length) => {
            let fits = usize::try_from(length).ok().filter(|n| *n <= 65_536);
            Some(fits.ok_or_else(|| SqlError::new(-400, "vector length out of range"))?)
        }
        _ => None,
    };
    let text = text_of(context.get_raw(0));
    let parsed = vector::parse(&text, element(context, 1), length);
    let shown: String = text.chars().take(60).collect();
    parsed
        .map(Datum::Blob)
        .ok_or_else(|| SqlError::new(-1, format!("invalid vector data '{shown}'")))
}

fn measure(
    context: &Context<'_>,
    distance: impl Fn(&[u8], &[u8], Element) -> Option<f64>,
) -> Result<Datum> {
    let (Some(a), Some(b)) = (blob(context, 0), blob(context, 1)) else {
        return Ok(Datum::Null);
    };
    if a.len() != b.len() {
        return Err(SqlError::code(-257));
    }
    Ok(distance(a, b, element(context, 2)).map_or(Datum::Null, Datum::Real))
}
