//! Casts between types.

use std::rc::Rc;

use crate::aggregate::fits;
use crate::catalog::Scene;
use crate::failure::{Failure, Result};
use crate::text;
use crate::types::{Category, Type};
use crate::value::{Array, Value};

/// The value as one of another type, as an explicit cast makes it.
pub(crate) fn cast(scene: Scene<'_>, value: Value, from: Type, to: Type) -> Result<Value> {
    if value.is_null() || from == to {
        return Ok(value);
    }
    if let (Value::Array(array), Some(element)) = (&value, to.element()) {
        return elements(scene, array, from, element);
    }
    if to.is_string() {
        return Ok(to_string(scene, &value, from, to));
    }
    match value {
        Value::Text(shown) if from != to && !is_text_alike(from, to) => {
            text::input(scene, to, &shown)
        }
        Value::Text(_) => Ok(value),
        Value::Bool(flag) if to.is_integer() => Ok(Value::Int(i64::from(flag))),
        Value::Int(number) if to == Type::BOOL => Ok((number != 0).into()),
        Value::Int(number) if to.is_integer() => {
            // An OID holds 32 bits without a sign.
            let number = match to {
                Type::OID if fits(Type::INT4, number) => i64::from(number as i32 as u32),
                _ => number,
            };
            whole(number, to)
        }
        Value::Float(number) if to.is_integer() => whole(number.round_ties_even() as i64, to),
        Value::Int(number) if matches!(to, Type::FLOAT4 | Type::FLOAT8) => {
            Ok(Value::Float(number as f64))
        }
        Value::Int(_) | Value::Float(_) if to.category() == Category::Numeric => Ok(value),
        other if is_json(to) => crate::json::of_value(scene, from, None, &other)
            .map_or(Ok(Value::Null), |shown| Ok(shown.into())),
        _ => Err(Failure::new(
            "42846",
            format!("cannot cast type {} to {}", from.display(), to.display()),
        )),
    }
}

fn is_json(kind: Type) -> bool {
    matches!(kind, Type::JSON | Type::JSONB)
}

/// Types that are shown as texts and never computed with.
fn is_text_alike(from: Type, to: Type) -> bool {
    let opaque = |kind: Type| {
        !kind.is_integer()
            && kind.element().is_none()
            && !matches!(
                kind,
                Type::BOOL | Type::FLOAT4 | Type::FLOAT8 | Type::NUMERIC | Type::CHAR | Type::NAME
            )
    };
    from != Type::UNKNOWN && opaque(from) && opaque(to)
}

fn whole(number: i64, to: Type) -> Result<Value> {
    if fits(to, number) {
        Ok(Value::Int(number))
    } else {
        Err(Failure::out_of_range(&to.display()))
    }
}

fn to_string(scene: Scene<'_>, value: &Value, from: Type, to: Type) -> Value {
    let shown = match value {
        Value::Bool(flag) => flag.to_string(),
        _ => text::output(scene, from, value).unwrap_or_default(),
    };
    match to {
        Type::NAME => Value::text(text::truncated(&shown)),
        Type::CHAR => Value::text(text::first_byte(&shown)),
        _ => shown.into(),
    }
}

fn elements(scene: Scene<'_>, array: &Rc<Array>, from: Type, to: Type) -> Result<Value> {
    let from = from.element().unwrap_or(Type::UNKNOWN);
    if from == to {
        return Ok(Value::Array(Rc::clone(array)));
    }
    let elements = array
        .elements
        .iter()
        .map(|element| cast(scene, element.clone(), from, to))
        .collect::<Result<_>>()?;
    Ok(Value::Array(Rc::new(Array {
        dimensions: array.dimensions.clone(),
        elements,
    })))
}
