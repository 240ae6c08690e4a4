//! Names of types, and of functions and operators with the types of their arguments.

use super::{PROC, TYPE, first_in_path, in_schema, namespace, oid, parts, qualified};
use crate::catalog::{Catalog, Scene};
use crate::failure::{Failure, Result};
use crate::functions::format_type;
use crate::types::Type;
use crate::value::{Row, Value};

/// The OID of a type by a name as SQL writes it.
pub(crate) fn type_of_text(scene: Scene<'_>, text: &str) -> Result<i64> {
    find_type(scene, text)
        .ok_or_else(|| Failure::new("42704", format!("type \"{}\" does not exist", text.trim())))
}

/// The same; none: there is no such type.
pub(crate) fn find_type(scene: Scene<'_>, text: &str) -> Option<i64> {
    let mut text = text.trim();
    let mut is_array = false;
    while let Some(inner) = text.strip_suffix(']') {
        let open = inner.rfind('[')?;
        text = text.get(..open)?.trim_end();
        is_array = true;
    }
    let element = named(scene, &without_modifier(text))?;
    if !is_array {
        return Some(element);
    }
    let row = scene.catalog.find("pg_type", "oid", &Value::Int(element))?;
    Catalog::field("pg_type", row, "typarray").as_int()
}

/// `numeric(10,2)` and `timestamp(3) with time zone` without the modifier.
fn without_modifier(text: &str) -> String {
    match (text.starts_with('"'), text.find('('), text.find(')')) {
        (false, Some(open), Some(close)) if open < close => {
            let before = text.get(..open).unwrap_or_default().trim_end();
            let after = text.get(close + 1..).unwrap_or_default();
            format!("{before}{after}")
        }
        _ => text.to_owned(),
    }
}

fn named(scene: Scene<'_>, text: &str) -> Option<i64> {
    let folded = text.to_lowercase();
    let spelled = folded
        .split_ascii_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    let is_plain = !text.contains(['"', '.']);
    if is_plain && let Some(kind) = Type::named(&spelled).filter(|_| !spelled.starts_with('_')) {
        let kind = if spelled == "char" {
            Type::BPCHAR
        } else {
            kind
        };
        return Some(i64::from(kind.0));
    }
    match parts(text).ok()?.as_slice() {
        [.., schema, name] => in_schema(
            scene.catalog,
            &TYPE,
            name,
            namespace(scene.catalog, schema)?,
        ),
        [name] => first_in_path(scene, &TYPE, name),
        [] => None,
    }
}

/// `name(type, …)` as the OID of a function.
pub(super) fn procedure(scene: Scene<'_>, text: &str) -> Result<i64> {
    let missing = || Failure::new("42883", format!("function \"{text}\" does not exist"));
    let (name, rest) = text
        .split_once('(')
        .ok_or_else(|| Failure::new("22P02", "expected a left parenthesis"))?;
    let list = rest
        .trim_end()
        .strip_suffix(')')
        .ok_or_else(|| Failure::new("22P02", "expected a right parenthesis"))?;
    let wanted = list
        .split(',')
        .filter(|part| !part.trim().is_empty())
        .map(|part| type_of_text(scene, part).map(Value::Int))
        .collect::<Result<Vec<_>>>()?;
    let names = parts(name)?;
    let name = names.last().ok_or_else(missing)?;
    scene
        .catalog
        .find_all(PROC.relation, PROC.name, &Value::text(name))
        .find(|row| {
            Catalog::field("pg_proc", row, "proargtypes")
                .as_array()
                .is_some_and(|types| types.elements == wanted)
        })
        .and_then(|row| oid("pg_proc", row))
        .ok_or_else(missing)
}

pub(super) fn show_procedure(scene: Scene<'_>, number: i64) -> Option<String> {
    let row = scene.catalog.find("pg_proc", "oid", &Value::Int(number))?;
    let name = qualified(scene, &PROC, number)?;
    Some(format!("{name}({})", argument_types(scene, row)?.join(",")))
}

fn argument_types(scene: Scene<'_>, row: &Row) -> Option<Vec<String>> {
    let types = Catalog::field("pg_proc", row, "proargtypes");
    Some(
        types
            .as_array()?
            .elements
            .iter()
            .filter_map(Value::as_int)
            .map(|kind| format_type(scene, kind, None))
            .collect(),
    )
}

pub(super) fn show_operator(scene: Scene<'_>, number: i64) -> Option<String> {
    let row = scene
        .catalog
        .find("pg_operator", "oid", &Value::Int(number))?;
    let side = |column| match Catalog::field("pg_operator", row, column).as_int() {
        Some(0) | None => "NONE".to_owned(),
        Some(kind) => format_type(scene, kind, None),
    };
    let name = Catalog::field("pg_operator", row, "oprname");
    Some(format!(
        "{}({},{})",
        name.as_text()?,
        side("oprleft"),
        side("oprright")
    ))
}
