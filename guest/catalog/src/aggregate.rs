//! Aggregate functions.

use std::collections::HashSet;

use crate::failure::{Failure, Result};
use crate::json;
use crate::ordering::compare_keys;
use crate::plan::Aggregate;
use crate::run::{Execution, Frame};
use crate::text::range;
use crate::types::Type;
use crate::value::Value;

/// What is made of the values of a group.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Aggregation {
    /// `count(*)`
    CountRows,
    Count,
    Min,
    Max,
    Sum,
    Average,
    All,
    Any,
    Array,
    String,
    BitAnd,
    BitOr,
    /// Arguments are JSON already.
    JsonArray,
    JsonObject,
    JsonbArray,
    JsonbObject,
}

/// By name.
pub(crate) fn named(name: &str) -> Option<Aggregation> {
    Some(match name {
        "count" => Aggregation::Count,
        "min" => Aggregation::Min,
        "max" => Aggregation::Max,
        "sum" => Aggregation::Sum,
        "avg" => Aggregation::Average,
        "bool_and" | "every" => Aggregation::All,
        "bool_or" => Aggregation::Any,
        "array_agg" => Aggregation::Array,
        "string_agg" => Aggregation::String,
        "bit_and" => Aggregation::BitAnd,
        "bit_or" => Aggregation::BitOr,
        "json_agg" => Aggregation::JsonArray,
        "json_object_agg" => Aggregation::JsonObject,
        "jsonb_agg" => Aggregation::JsonbArray,
        "jsonb_object_agg" => Aggregation::JsonbObject,
        _ => return None,
    })
}

/// The type of the result for an argument's.
pub(crate) fn result_type(aggregation: Aggregation, argument: Option<Type>) -> Option<Type> {
    let argument = argument.unwrap_or(Type::UNKNOWN);
    Some(match aggregation {
        Aggregation::CountRows | Aggregation::Count => Type::INT8,
        // There is no min(name): the argument is taken as text.
        Aggregation::Min | Aggregation::Max if argument == Type::NAME => Type::TEXT,
        Aggregation::Min | Aggregation::Max | Aggregation::BitAnd | Aggregation::BitOr => argument,
        Aggregation::Sum => match argument {
            Type::INT2 | Type::INT4 => Type::INT8,
            Type::INT8 => Type::NUMERIC,
            _ => argument,
        },
        Aggregation::Average => match argument {
            Type::FLOAT4 | Type::FLOAT8 => Type::FLOAT8,
            _ => Type::NUMERIC,
        },
        Aggregation::All | Aggregation::Any => Type::BOOL,
        Aggregation::Array if argument.element().is_some() && !argument.is_vector() => argument,
        Aggregation::Array => argument.array()?,
        Aggregation::String => Type::TEXT,
        Aggregation::JsonArray | Aggregation::JsonObject => Type::JSON,
        Aggregation::JsonbArray | Aggregation::JsonbObject => Type::JSONB,
    })
}

/// The result for a group, given the frames of its rows.
pub(crate) fn over<'f, 'o: 'f>(
    execution: &Execution<'_>,
    aggregate: &Aggregate,
    frames: impl Iterator<Item = &'f Frame<'o>>,
) -> Result<Value> {
    let mut rows: Vec<(Vec<Value>, Vec<Value>)> = Vec::new();
    let mut seen = HashSet::new();
    for frame in frames {
        execution.step()?;
        if let Some(filter) = &aggregate.filter
            && !execution.holds(filter, frame)?
        {
            continue;
        }
        let values = execution.all(&aggregate.arguments, frame)?;
        if aggregate.distinct && !seen.insert(values.clone()) {
            continue;
        }
        rows.push((execution.keys(&aggregate.order, frame)?, values));
    }
    if !aggregate.order.is_empty() {
        rows.sort_by(|left, right| compare_keys(&aggregate.order, &left.0, &right.0));
    } else if aggregate.distinct {
        // PostgreSQL removes duplicates by sorting.
        rows.sort_by(|left, right| {
            Value::Row(left.1.clone().into()).order(&Value::Row(right.1.clone().into()))
        });
    }
    finish(
        aggregate.aggregation,
        rows.into_iter().map(|(_, values)| values).collect(),
    )
}

fn finish(aggregation: Aggregation, rows: Vec<Vec<Value>>) -> Result<Value> {
    let first = |row: &Vec<Value>| row.first().cloned().unwrap_or(Value::Null);
    if aggregation == Aggregation::CountRows {
        return Ok(Value::Int(rows.len() as i64));
    }
    if matches!(aggregation, Aggregation::Array) {
        return array(rows.iter().map(first).collect());
    }
    if let Some(value) = json_result(aggregation, &rows) {
        return value;
    }
    let known: Vec<Vec<Value>> = rows
        .into_iter()
        .filter(|row| row.first().is_some_and(|value| !value.is_null()))
        .collect();
    if aggregation == Aggregation::Count {
        return Ok(Value::Int(known.len() as i64));
    }
    if known.is_empty() {
        return Ok(Value::Null);
    }
    let values = known.iter().map(first);
    Ok(match aggregation {
        Aggregation::Min => values.min_by(Value::order).unwrap_or(Value::Null),
        Aggregation::Max => values.max_by(Value::order).unwrap_or(Value::Null),
        Aggregation::Sum => sum(values)?,
        Aggregation::Average => average(values)?,
        Aggregation::All => values
            .into_iter()
            .all(|value| value.truth() == Some(true))
            .into(),
        Aggregation::Any => values
            .into_iter()
            .any(|value| value.truth() == Some(true))
            .into(),
        Aggregation::BitAnd => bits(values, |a, b| a & b),
        Aggregation::BitOr => bits(values, |a, b| a | b),
        _ => joined(&known),
    })
}

/// Of arrays: one dimension more.
fn array(values: Vec<Value>) -> Result<Value> {
    if values.is_empty() {
        return Ok(Value::Null);
    }
    let Some(Value::Array(inner)) = values.first() else {
        return Ok(Value::array(values));
    };
    let mut dimensions = vec![(values.len(), 1)];
    dimensions.extend(inner.dimensions.iter().copied());
    let mut elements = Vec::new();
    for value in &values {
        match value.as_array() {
            Some(array) if array.dimensions == inner.dimensions => {
                elements.extend(array.elements.iter().cloned());
            }
            _ => {
                return Err(Failure::new(
                    "2202E",
                    "cannot accumulate arrays of different dimensionality",
                ));
            }
        }
    }
    Ok(Value::Array(std::rc::Rc::new(crate::value::Array {
        dimensions,
        elements,
    })))
}

fn sum(values: impl Iterator<Item = Value>) -> Result<Value> {
    let mut whole: i64 = 0;
    let mut fraction = 0.0;
    let mut is_whole = true;
    for value in values {
        match value {
            Value::Int(number) => {
                whole = whole
                    .checked_add(number)
                    .ok_or_else(|| Failure::out_of_range("bigint"))?;
            }
            other => {
                is_whole = false;
                fraction += other.as_float().unwrap_or_default();
            }
        }
    }
    Ok(if is_whole {
        Value::Int(whole)
    } else {
        Value::Float(whole as f64 + fraction)
    })
}

fn average(values: impl Iterator<Item = Value>) -> Result<Value> {
    let values: Vec<Value> = values.collect();
    let count = values.len() as f64;
    let total = sum(values.into_iter())?;
    Ok(Value::Float(total.as_float().unwrap_or_default() / count))
}

fn bits(values: impl Iterator<Item = Value>, join: fn(i64, i64) -> i64) -> Value {
    values
        .filter_map(|value| value.as_int())
        .reduce(join)
        .map_or(Value::Null, Value::Int)
}

fn joined(rows: &[Vec<Value>]) -> Value {
    let mut text = String::new();
    for (number, row) in rows.iter().enumerate() {
        if number > 0
            && let Some(separator) = row.get(1).and_then(Value::as_text)
        {
            text.push_str(separator);
        }
        if let Some(part) = row.first().and_then(Value::as_text) {
            text.push_str(part);
        }
    }
    text.into()
}

fn json_result(aggregation: Aggregation, rows: &[Vec<Value>]) -> Option<Result<Value>> {
    let is_jsonb = matches!(
        aggregation,
        Aggregation::JsonbArray | Aggregation::JsonbObject
    );
    let is_object = match aggregation {
        Aggregation::JsonArray | Aggregation::JsonbArray => false,
        Aggregation::JsonObject | Aggregation::JsonbObject => true,
        _ => return None,
    };
    if rows.is_empty() {
        return Some(Ok(Value::Null));
    }
    let part = |value: Option<&Value>| match value {
        Some(Value::Text(text)) => text.to_string(),
        _ => "null".to_owned(),
    };
    let mut parts = Vec::with_capacity(rows.len());
    for row in rows {
        if !is_object {
            parts.push(part(row.first()));
            continue;
        }
        let Some(Value::Text(key)) = row.first() else {
            return Some(Err(Failure::new("22004", "field name must not be null")));
        };
        parts.push(format!("{} : {}", json::quote(key), part(row.get(1))));
    }
    let text = match is_object {
        true => format!("{{ {} }}", parts.join(", ")),
        false => format!("[{}]", parts.join(", ")),
    };
    Some(if is_jsonb {
        json::normalize(&text).map(Value::from)
    } else {
        Ok(text.into())
    })
}

/// Whether a whole number fits its type.
pub(crate) fn fits(kind: Type, number: i64) -> bool {
    let (least, greatest) = range(kind);
    (least..=greatest).contains(&number)
}
