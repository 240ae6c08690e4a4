//! Arrays, section 9.19 of the manual.

use std::rc::Rc;

use super::{Function, array, function, int};
use crate::catalog::Scene;
use crate::failure::{Failure, Result};
use crate::types::Type;
use crate::value::{Array, Value};

const ANY: Type = Type::ANYARRAY;
const ELEMENT: Type = Type::ANYELEMENT;
const INT4: Type = Type::INT4;
const TEXTS: Type = Type(1009);

pub(super) const LIST: &[Function] = &[
    function("array_length", &[ANY, INT4], INT4, |_, v| {
        Ok(dimension(v)?.map(|(length, _)| length as i64).into())
    }),
    function("array_lower", &[ANY, INT4], INT4, |_, v| {
        Ok(dimension(v)?.map(|(_, first)| first).into())
    }),
    function("array_upper", &[ANY, INT4], INT4, |_, v| {
        Ok(dimension(v)?
            .map(|(length, first)| first + length as i64 - 1)
            .into())
    }),
    function("array_ndims", &[ANY], INT4, |_, v| {
        let count = array(v, 0)?.dimensions.len() as i64;
        Ok(Some(count).filter(|count| *count > 0).into())
    }),
    function("cardinality", &[ANY], INT4, |_, v| {
        Ok(Value::Int(array(v, 0)?.elements.len() as i64))
    }),
    function("array_position", &[ANY, ELEMENT], INT4, position).with_nulls(),
    function("array_append", &[ANY, ELEMENT], ANY, append).with_nulls(),
    function("array_prepend", &[ELEMENT, ANY], ANY, |scene, v| {
        let (first, rest) = (v.first(), v.get(1));
        prepend(scene, first, rest)
    })
    .with_nulls(),
    function("array_cat", &[ANY, ANY], ANY, concatenate).with_nulls(),
    function("array_remove", &[ANY, ELEMENT], ANY, |_, v| {
        let unwanted = v.get(1).cloned().unwrap_or(Value::Null);
        let kept = array(v, 0)?
            .elements
            .iter()
            .filter(|element| **element != unwanted)
            .cloned()
            .collect();
        Ok(Value::array(kept))
    }),
    function("string_to_array", &[Type::TEXT, Type::TEXT], TEXTS, split).with_nulls(),
    function("array_fill", &[ELEMENT, Type(1007)], ANY, fill).with_nulls(),
];

/// The most elements that a function makes.
const LARGEST: usize = 1 << 20;

fn dimension(values: &[Value]) -> Result<Option<(usize, i64)>> {
    let number = int(values, 1)?;
    let place = usize::try_from(number - 1).ok();
    Ok(place.and_then(|place| array(values, 0).ok()?.dimensions.get(place).copied()))
}

fn position(_: Scene<'_>, values: &[Value]) -> Result<Value> {
    let (Some(Value::Array(array)), Some(wanted)) = (values.first(), values.get(1)) else {
        return Ok(Value::Null);
    };
    let first = array.dimensions.first().map_or(1, |(_, first)| *first);
    Ok(array
        .elements
        .iter()
        .position(|element| element == wanted)
        .map(|place| place as i64 + first)
        .into())
}

pub(super) fn append(_: Scene<'_>, values: &[Value]) -> Result<Value> {
    let mut elements = elements(values.first());
    elements.push(values.get(1).cloned().unwrap_or(Value::Null));
    let first = lower(values.first());
    Ok(Value::Array(Rc::new(Array::from(elements, first))))
}

pub(super) fn prepend(
    _: Scene<'_>,
    element: Option<&Value>,
    array: Option<&Value>,
) -> Result<Value> {
    let mut all = vec![element.cloned().unwrap_or(Value::Null)];
    all.extend(elements(array));
    Ok(Value::array(all))
}

/// Two arrays end to end; NULL counts as an empty one.
pub(super) fn concatenate(_: Scene<'_>, values: &[Value]) -> Result<Value> {
    let (left, right) = (values.first(), values.get(1));
    match (left, right) {
        (Some(Value::Null) | None, Some(other)) | (Some(other), Some(Value::Null) | None) => {
            return Ok(other.clone());
        }
        _ => {}
    }
    let mut all = elements(left);
    all.extend(elements(right));
    let first = if elements(left).is_empty() {
        lower(right)
    } else {
        lower(left)
    };
    Ok(Value::Array(Rc::new(Array::from(all, first))))
}

fn elements(value: Option<&Value>) -> Vec<Value> {
    value
        .and_then(Value::as_array)
        .map(|array| array.elements.clone())
        .unwrap_or_default()
}

fn lower(value: Option<&Value>) -> i64 {
    value
        .and_then(Value::as_array)
        .and_then(|array| array.dimensions.first())
        .map_or(1, |(_, first)| *first)
}

fn split(_: Scene<'_>, values: &[Value]) -> Result<Value> {
    let Some(Value::Text(shown)) = values.first() else {
        return Ok(Value::Null);
    };
    let parts: Vec<Value> = match values.get(1) {
        _ if shown.is_empty() => Vec::new(),
        Some(Value::Text(separator)) if separator.is_empty() => vec![(&**shown).into()],
        Some(Value::Text(separator)) => shown.split(&**separator).map(Value::from).collect(),
        _ => shown.chars().map(|c| Value::from(c.to_string())).collect(),
    };
    Ok(Value::array(parts))
}

fn fill(_: Scene<'_>, values: &[Value]) -> Result<Value> {
    let value = values.first().cloned().unwrap_or(Value::Null);
    let lengths: Vec<usize> = array(values, 1)?
        .elements
        .iter()
        .map(|length| {
            length
                .as_int()
                .and_then(|length| usize::try_from(length).ok())
                .unwrap_or(0)
        })
        .collect();
    let count = lengths
        .iter()
        .fold(1_usize, |all, length| all.saturating_mul(*length));
    if count > LARGEST {
        return Err(Failure::new(
            "54000",
            "array size exceeds the maximum allowed",
        ));
    }
    Ok(Value::Array(Rc::new(Array {
        dimensions: if count == 0 {
            Vec::new()
        } else {
            lengths.iter().map(|length| (*length, 1)).collect()
        },
        elements: vec![value; count],
    })))
}

/// `array_to_string`, whose elements are shown beforehand.
pub(crate) fn to_string(_: Scene<'_>, values: &[Value]) -> Result<Value> {
    let (Some(Value::Array(array)), Some(Value::Text(separator))) = (values.first(), values.get(1))
    else {
        return Ok(Value::Null);
    };
    let null = values.get(2).and_then(Value::as_text);
    let parts: Vec<&str> = array
        .elements
        .iter()
        .filter_map(|element| match element {
            Value::Text(shown) => Some(&**shown),
            _ => null.map(|null| &**null),
        })
        .collect();
    Ok(parts.join(separator).into())
}

/// Whether two arrays share an element.
pub(crate) fn overlap(_: Scene<'_>, values: &[Value]) -> Result<Value> {
    let (left, right) = (array(values, 0)?, array(values, 1)?);
    Ok(left
        .elements
        .iter()
        .any(|element| !element.is_null() && right.elements.contains(element))
        .into())
}

/// Whether the first array has every element of the second.
pub(crate) fn contains(_: Scene<'_>, values: &[Value]) -> Result<Value> {
    let (left, right) = (array(values, 0)?, array(values, 1)?);
    Ok(right
        .elements
        .iter()
        .all(|element| !element.is_null() && left.elements.contains(element))
        .into())
}
