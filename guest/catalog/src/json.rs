//! JSON from and to values, section 9.16 of the manual.

use serde_json::Value as Tree;

use crate::catalog::Scene;
use crate::failure::{Failure, Result};
use crate::plan::Fields;
use crate::text;
use crate::types::Type;
use crate::value::Value;

/// As `to_json` gives it; none is NULL.
pub(crate) fn of_value(
    scene: Scene<'_>,
    kind: Type,
    fields: Option<&Fields>,
    value: &Value,
) -> Option<String> {
    Some(match value {
        Value::Null => return None,
        Value::Bool(flag) => flag.to_string(),
        Value::Int(_) if !kind.is_alias_of_oid() => text::output(scene, kind, value)?,
        Value::Float(number) if number.is_finite() => text::output(scene, kind, value)?,
        Value::Text(shown) if matches!(kind, Type::JSON | Type::JSONB) => shown.to_string(),
        Value::Array(array) => {
            let element = kind.element().unwrap_or(Type::TEXT);
            let mut elements = array.elements.iter();
            dimension(scene, element, &array.dimensions, &mut elements)
        }
        Value::Row(row) => {
            let parts: Vec<String> = row
                .iter()
                .enumerate()
                .map(|(number, value)| {
                    let (name, kind) = match fields.and_then(|fields| fields.get(number)) {
                        Some((name, kind)) => (name.clone(), *kind),
                        None => (format!("f{}", number + 1), text::plain(value)),
                    };
                    let shown = of_value(scene, kind, None, value);
                    format!("{}:{}", quote(&name), shown.as_deref().unwrap_or("null"))
                })
                .collect();
            format!("{{{}}}", parts.join(","))
        }
        _ => quote(&text::output(scene, kind, value)?),
    })
}

fn dimension(
    scene: Scene<'_>,
    element: Type,
    dimensions: &[(usize, i64)],
    elements: &mut std::slice::Iter<'_, Value>,
) -> String {
    let mut parts = Vec::new();
    if let Some(((length, _), inner)) = dimensions.split_first() {
        for _ in 0..*length {
            parts.push(if inner.is_empty() {
                elements
                    .next()
                    .and_then(|value| of_value(scene, element, None, value))
                    .unwrap_or_else(|| "null".to_owned())
            } else {
                dimension(scene, element, inner, elements)
            });
        }
    }
    format!("[{}]", parts.join(","))
}

/// A text as a JSON string.
pub(crate) fn quote(text: &str) -> String {
    Tree::String(text.to_owned()).to_string()
}

pub(crate) fn parse(text: &str) -> Result<Tree> {
    serde_json::from_str(text)
        .map_err(|_| Failure::new("22P02", "invalid input syntax for type json"))
}

/// As `jsonb` shows it: keys by length, then by bytes.
pub(crate) fn normalize(text: &str) -> Result<String> {
    let mut shown = String::new();
    show(&parse(text)?, &mut shown);
    Ok(shown)
}

/// The text of a tree in `jsonb`'s form.
pub(crate) fn show(tree: &Tree, shown: &mut String) {
    match tree {
        Tree::Array(items) => {
            shown.push('[');
            for (number, item) in items.iter().enumerate() {
                if number > 0 {
                    shown.push_str(", ");
                }
                show(item, shown);
            }
            shown.push(']');
        }
        Tree::Object(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_by_key(|(key, _)| (key.len(), key.as_str().to_owned()));
            shown.push('{');
            for (number, (key, item)) in entries.into_iter().enumerate() {
                if number > 0 {
                    shown.push_str(", ");
                }
                shown.push_str(&quote(key));
                shown.push_str(": ");
                show(item, shown);
            }
            shown.push('}');
        }
        other => shown.push_str(&other.to_string()),
    }
}

/// An element as `->>` shows it; none is NULL.
pub(crate) fn as_text(tree: &Tree) -> Option<String> {
    match tree {
        Tree::Null => None,
        Tree::String(text) => Some(text.clone()),
        other => {
            let mut shown = String::new();
            show(other, &mut shown);
            Some(shown)
        }
    }
}

/// What `->` finds by a key or a number.
pub(crate) fn step<'t>(tree: &'t Tree, key: &Value) -> Option<&'t Tree> {
    match (tree, key) {
        (Tree::Object(map), Value::Text(key)) => map.get(&**key),
        (Tree::Array(items), Value::Int(number)) => {
            let place = if *number < 0 {
                items
                    .len()
                    .checked_sub(usize::try_from(number.unsigned_abs()).ok()?)?
            } else {
                usize::try_from(*number).ok()?
            };
            items.get(place)
        }
        _ => None,
    }
}
