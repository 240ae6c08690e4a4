//! Elements and slices of arrays, section 8.15.3 of the manual.

use std::rc::Rc;

use crate::catalog::Scene;
use crate::failure::Result;
use crate::value::{Array, Value};

/// PostgreSQL's `NAMEDATALEN`: a name is an array of so many bytes, from 0.
const BYTES_OF_NAME: i64 = 64;

/// One element; NULL outside of the array.
pub(crate) fn one(array: &Value, subscripts: &[Value]) -> Value {
    let Some(array) = array.as_array() else {
        return Value::Null;
    };
    if subscripts.len() != array.dimensions.len() {
        return Value::Null;
    }
    let mut place = 0;
    for (subscript, (length, first)) in subscripts.iter().zip(&array.dimensions) {
        let inside = subscript
            .as_int()
            .and_then(|number| usize::try_from(number.checked_sub(*first)?).ok())
            .filter(|offset| offset < length);
        match inside {
            Some(offset) => place = place * length + offset,
            None => return Value::Null,
        }
    }
    array.elements.get(place).cloned().unwrap_or(Value::Null)
}

/// One byte of a name, as the type `"char"` shows it: nothing behind the end of the text.
pub(crate) fn of_name(_: Scene<'_>, values: &[Value]) -> Result<Value> {
    let [Value::Text(name), Value::Int(place)] = values else {
        return Ok(Value::Null);
    };
    if !(0..BYTES_OF_NAME).contains(place) {
        return Ok(Value::Null);
    }
    let byte = usize::try_from(*place)
        .ok()
        .and_then(|place| name.as_bytes().get(place));
    Ok(match byte {
        None => "".into(),
        Some(byte) if byte.is_ascii() => char::from(*byte).to_string().into(),
        Some(byte) => format!("\\{byte:03o}").into(),
    })
}

/// A part of an array of one dimension, counted from 1 again.
pub(crate) fn range(array: &Value, bounds: &[[Option<Value>; 2]]) -> Value {
    let (Some(array), [[from, to]]) = (array.as_array(), bounds) else {
        return Value::Null;
    };
    let Some((length, first)) = array.dimensions.first().copied() else {
        return Value::array(Vec::new());
    };
    let last = first + length as i64 - 1;
    let bound = |given: &Option<Value>, open: i64| match given {
        None => Some(open),
        Some(value) => value.as_int(),
    };
    let (Some(from), Some(to)) = (bound(from, first), bound(to, last)) else {
        return Value::Null;
    };
    let (from, to) = (from.max(first), to.min(last));
    let elements = (from..=to)
        .filter_map(|number| array.elements.get(usize::try_from(number - first).ok()?))
        .cloned()
        .collect();
    Value::Array(Rc::new(Array::of(elements)))
}
