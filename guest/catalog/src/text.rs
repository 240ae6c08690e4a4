//! Values from and to PostgreSQL's text format.

use std::fmt::Write;

use crate::catalog::Scene;
use crate::failure::{Failure, Result};
use crate::names;
use crate::types::Type;
use crate::value::{Array, Value};

mod array;

/// A text as a value of the type.
pub(crate) fn input(scene: Scene<'_>, kind: Type, text: &str) -> Result<Value> {
    if kind.is_alias_of_oid() {
        return names::input(scene, kind, text).map(Value::Int);
    }
    if kind.is_vector() {
        return vector(kind, text);
    }
    if let Some(element) = kind.element() {
        return array::input(text, &mut |part| input(scene, element, part));
    }
    scalar(kind, text)
}

/// The same without a catalogue; none: the type needs one.
pub(crate) fn constant(kind: Type, text: &str) -> Option<Result<Value>> {
    if kind.is_alias_of_oid() {
        return None;
    }
    if kind.is_vector() {
        return Some(vector(kind, text));
    }
    match kind.element() {
        Some(element) if element.is_alias_of_oid() => None,
        Some(element) => Some(array::input(text, &mut |part| scalar(element, part))),
        None => Some(scalar(kind, text)),
    }
}

fn scalar(kind: Type, text: &str) -> Result<Value> {
    match kind {
        Type::BOOL => boolean(text).map(Value::Bool),
        Type::FLOAT4 | Type::FLOAT8 => float(kind, text),
        Type::NUMERIC => number(text),
        Type::CHAR => Ok(Value::text(first_byte(text))),
        Type::NAME => Ok(Value::text(truncated(text))),
        _ if kind.is_integer() => integer(kind, text).map(Value::Int),
        _ => Ok(Value::text(text)),
    }
}

/// A type `name` holds 63 bytes.
pub(crate) fn truncated(text: &str) -> &str {
    let end = (0..=63)
        .rev()
        .find(|end| text.is_char_boundary(*end))
        .unwrap_or(0);
    if text.len() <= 63 {
        text
    } else {
        text.get(..end).unwrap_or("")
    }
}

/// A type `"char"` holds one byte.
pub(crate) fn first_byte(text: &str) -> &str {
    text.char_indices()
        .nth(1)
        .map_or(text, |(end, _)| text.get(..end).unwrap_or(text))
}

/// Every prefix of the words that the manual names in section 8.6.
pub(crate) fn boolean(text: &str) -> Result<bool> {
    let word = text.trim().to_ascii_lowercase();
    let begins = |full: &str| !word.is_empty() && full.starts_with(word.as_str());
    if begins("true") || begins("yes") || word == "on" || word == "1" {
        Ok(true)
    } else if begins("false") || begins("no") || word == "off" || word == "of" || word == "0" {
        Ok(false)
    } else {
        Err(Failure::bad_input("boolean", text))
    }
}

/// The least and greatest value of a whole-number type.
pub(crate) fn range(kind: Type) -> (i64, i64) {
    match kind {
        Type::INT2 => (i64::from(i16::MIN), i64::from(i16::MAX)),
        Type::INT4 => (i64::from(i32::MIN), i64::from(i32::MAX)),
        Type::INT8 | Type::XID8 => (i64::MIN, i64::MAX),
        _ => (0, i64::from(u32::MAX)),
    }
}

fn integer(kind: Type, text: &str) -> Result<i64> {
    let number: i128 = text
        .trim()
        .parse()
        .map_err(|_| Failure::bad_input(&kind.display(), text))?;
    let (least, greatest) = range(kind);
    i64::try_from(number)
        .ok()
        .filter(|number| (least..=greatest).contains(number))
        .ok_or_else(|| {
            Failure::new(
                "22003",
                format!(
                    "value \"{text}\" is out of range for type {}",
                    kind.display()
                ),
            )
        })
}

fn float(kind: Type, text: &str) -> Result<Value> {
    text.trim()
        .parse()
        .map(Value::Float)
        .map_err(|_| Failure::bad_input(&kind.display(), text))
}

fn number(text: &str) -> Result<Value> {
    if let Ok(whole) = text.trim().parse() {
        return Ok(Value::Int(whole));
    }
    float(Type::NUMERIC, text)
}

fn vector(kind: Type, text: &str) -> Result<Value> {
    let element = kind.element().unwrap_or(Type::INT2);
    let elements = text
        .split_ascii_whitespace()
        .map(|part| integer(element, part).map(Value::Int))
        .collect::<Result<_>>()?;
    Ok(Value::Array(Array::from(elements, 0).into()))
}

/// A value as a text; none is NULL.
pub(crate) fn output(scene: Scene<'_>, kind: Type, value: &Value) -> Option<String> {
    Some(match value {
        Value::Null => return None,
        Value::Bool(flag) => if *flag { "t" } else { "f" }.to_owned(),
        Value::Int(number) if kind.is_alias_of_oid() => names::output(scene, kind, *number),
        Value::Int(number) => number.to_string(),
        Value::Float(number) => show_float(*number),
        Value::Text(text) => text.to_string(),
        Value::Array(array) if kind.is_vector() => show_vector(array),
        Value::Array(array) => {
            let element = kind.element().unwrap_or(Type::TEXT);
            array::output(array, &mut |value| output(scene, element, value))
        }
        Value::Row(row) => show_row(scene, row),
    })
}

fn show_float(number: f64) -> String {
    if number.is_nan() {
        "NaN".to_owned()
    } else if number.is_infinite() {
        if number > 0.0 {
            "Infinity"
        } else {
            "-Infinity"
        }
        .to_owned()
    } else if number != 0.0 && !(1e-4..1e15).contains(&number.abs()) {
        let text = format!("{number:e}");
        match text.split_once('e') {
            Some((digits, power)) if power.starts_with('-') => {
                format!("{digits}e-{:0>2}", power.trim_start_matches('-'))
            }
            Some((digits, power)) => format!("{digits}e+{power:0>2}"),
            None => text,
        }
    } else {
        number.to_string()
    }
}

fn show_vector(array: &Array) -> String {
    let mut text = String::new();
    for (number, element) in array.elements.iter().enumerate() {
        if number > 0 {
            text.push(' ');
        }
        let _ = write!(text, "{}", element.as_int().unwrap_or_default());
    }
    text
}

/// The text form of a composite value, section 8.16.6 of the manual.
fn show_row(scene: Scene<'_>, row: &[Value]) -> String {
    let mut text = String::from("(");
    for (number, value) in row.iter().enumerate() {
        if number > 0 {
            text.push(',');
        }
        let Some(field) = output(scene, plain(value), value) else {
            continue;
        };
        let quoted = field.is_empty()
            || field
                .chars()
                .any(|c| c.is_whitespace() || matches!(c, '"' | '\\' | '(' | ')' | ','));
        if quoted {
            let inner = field.replace('\\', "\\\\").replace('"', "\"\"");
            let _ = write!(text, "\"{inner}\"");
        } else {
            text.push_str(&field);
        }
    }
    text.push(')');
    text
}

/// The type that a value shows by itself.
pub(crate) fn plain(value: &Value) -> Type {
    match value {
        Value::Bool(_) => Type::BOOL,
        Value::Int(_) => Type::INT8,
        Value::Float(_) => Type::FLOAT8,
        Value::Array(array) => array
            .elements
            .iter()
            .find(|element| !element.is_null())
            .and_then(|element| plain(element).array())
            .unwrap_or(Type(1009)),
        Value::Row(_) => Type::RECORD,
        Value::Null | Value::Text(_) => Type::TEXT,
    }
}
