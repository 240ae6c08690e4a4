//! JSON, table 9.47 of the manual. Arguments that may be of any type come as JSON.

use serde_json::Value as Tree;

use super::{Function, function, text};
use crate::failure::{Failure, Result};
use crate::json;
use crate::types::Type;
use crate::value::Value;

const JSON: Type = Type::JSON;
const JSONB: Type = Type::JSONB;

pub(super) const LIST: &[Function] = &[
    function("json_array_length", &[JSON], Type::INT4, |_, v| length(v)),
    function("jsonb_array_length", &[JSONB], Type::INT4, |_, v| length(v)),
    function("json_typeof", &[JSON], Type::TEXT, |_, v| kind(v)),
    function("jsonb_typeof", &[JSONB], Type::TEXT, |_, v| kind(v)),
    function("jsonb_pretty", &[JSONB], Type::TEXT, |_, v| {
        let tree = json::parse(text(v, 0)?)?;
        let shown = serde_json::to_string_pretty(&tree)
            .map_err(|_| Failure::new("XX000", "a JSON value cannot be shown"))?;
        Ok(shown.replace("  ", "    ").into())
    }),
];

fn length(values: &[Value]) -> Result<Value> {
    match json::parse(text(values, 0)?)? {
        Tree::Array(items) => Ok(Value::Int(items.len() as i64)),
        _ => Err(Failure::new(
            "22023",
            "cannot get array length of a non-array",
        )),
    }
}

fn kind(values: &[Value]) -> Result<Value> {
    Ok(match json::parse(text(values, 0)?)? {
        Tree::Null => "null",
        Tree::Bool(_) => "boolean",
        Tree::Number(_) => "number",
        Tree::String(_) => "string",
        Tree::Array(_) => "array",
        Tree::Object(_) => "object",
    }
    .into())
}

/// Builders, which take any number of arguments of any type.
pub(crate) fn builder(name: &str) -> Option<(crate::plan::Call, Type)> {
    Some(match name {
        "json_build_object" => (|_, v| object(v, " : ", ", "), JSON),
        "jsonb_build_object" => (|_, v| normal(object(v, ": ", ", ")?), JSONB),
        "json_build_array" => (|_, v| Ok(list(v).into()), JSON),
        "jsonb_build_array" => (|_, v| normal(list(v).into()), JSONB),
        "to_json" | "row_to_json" | "array_to_json" => (|_, v| single(v), JSON),
        "to_jsonb" => (
            |_, v| match single(v)? {
                Value::Null => Ok(Value::Null),
                shown => normal(shown),
            },
            JSONB,
        ),
        _ => return None,
    })
}

fn normal(value: Value) -> Result<Value> {
    match value {
        Value::Text(shown) => json::normalize(&shown).map(Value::from),
        other => Ok(other),
    }
}

fn single(values: &[Value]) -> Result<Value> {
    Ok(values.first().cloned().unwrap_or(Value::Null))
}

fn shown(value: &Value) -> String {
    match value {
        Value::Text(shown) => shown.to_string(),
        _ => "null".to_owned(),
    }
}

fn list(values: &[Value]) -> String {
    let parts: Vec<String> = values.iter().map(shown).collect();
    format!("[{}]", parts.join(", "))
}

fn object(values: &[Value], colon: &str, comma: &str) -> Result<Value> {
    let mut parts = Vec::new();
    for pair in values.chunks(2) {
        let [key, value] = pair else {
            return Err(Failure::new(
                "22023",
                "argument list must have even number of elements",
            ));
        };
        let key = match key {
            Value::Null => {
                return Err(Failure::new(
                    "22023",
                    "null value not allowed for object key",
                ));
            }
            other => shown(other),
        };
        let key = if key.starts_with('"') {
            key
        } else {
            json::quote(&key)
        };
        parts.push(format!("{key}{colon}{}", shown(value)));
    }
    Ok(format!("{{{}}}", parts.join(comma)).into())
}
