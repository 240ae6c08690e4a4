//! Functions and procedures in SQL's words, table 9.74 of the manual.

use super::{Function, constantly_null, format_type, function, int};
use crate::catalog::{Catalog, Scene};
use crate::names;
use crate::types::Type;
use crate::value::{Row, Value};

const OID: Type = Type::OID;
const TEXT: Type = Type::TEXT;

pub(super) const LIST: &[Function] = &[
    function("pg_get_function_arguments", &[OID], TEXT, |scene, v| {
        Ok(arguments(scene, int(v, 0)?, true).into())
    }),
    function(
        "pg_get_function_identity_arguments",
        &[OID],
        TEXT,
        |scene, v| Ok(arguments(scene, int(v, 0)?, false).into()),
    ),
    function("pg_get_function_result", &[OID], TEXT, |scene, v| {
        Ok(result(scene, int(v, 0)?).into())
    }),
    function("pg_get_functiondef", &[OID], TEXT, |scene, v| {
        Ok(procedure(scene, int(v, 0)?)
            .map(|row| Catalog::field("pg_proc", row, "prosrc"))
            .unwrap_or(Value::Null))
    }),
    function("pg_get_function_sqlbody", &[OID], TEXT, constantly_null),
];

fn procedure(scene: Scene<'_>, number: i64) -> Option<&Row> {
    scene.catalog.find("pg_proc", "oid", &Value::Int(number))
}

fn ints(value: &Value) -> Vec<i64> {
    value
        .as_array()
        .map(|array| array.elements.iter().filter_map(Value::as_int).collect())
        .unwrap_or_default()
}

fn texts(value: &Value) -> Vec<String> {
    value
        .as_array()
        .map(|array| {
            array
                .elements
                .iter()
                .map(|element| {
                    element
                        .as_text()
                        .map(|text| text.to_string())
                        .unwrap_or_default()
                })
                .collect()
        })
        .unwrap_or_default()
}

/// `name type, …`; with the outgoing ones if the list is not for identification.
fn arguments(scene: Scene<'_>, number: i64, all: bool) -> Option<String> {
    let row = procedure(scene, number)?;
    let field = |column| Catalog::field("pg_proc", row, column);
    let mut types = ints(&field("proallargtypes"));
    if types.is_empty() {
        types = ints(&field("proargtypes"));
    }
    let (modes, names) = (texts(&field("proargmodes")), texts(&field("proargnames")));
    let mut shown = Vec::new();
    for (place, kind) in types.iter().enumerate() {
        let mode = modes.get(place).map_or("i", String::as_str);
        let word = match mode {
            "i" => "",
            "o" if all => "OUT ",
            "b" => "INOUT ",
            "v" => "VARIADIC ",
            _ => continue,
        };
        let name = names.get(place).filter(|name| !name.is_empty());
        let name = name.map(|name| format!("{} ", names::quote_ident(name)));
        let kind = format_type(scene, *kind, None);
        shown.push(format!("{word}{}{kind}", name.unwrap_or_default()));
    }
    if let Some(direct) = ordered_set(scene, number).filter(|direct| *direct < shown.len()) {
        let (direct, sorted) = shown.split_at(direct);
        let comma = if direct.is_empty() { "" } else { " " };
        let direct = direct.join(", ");
        return Some(format!("{direct}{comma}ORDER BY {}", sorted.join(", ")));
    }
    Some(shown.join(", "))
}

/// How many arguments of an ordered-set aggregate come before its ORDER BY.
fn ordered_set(scene: Scene<'_>, number: i64) -> Option<usize> {
    let row = scene
        .catalog
        .find("pg_aggregate", "aggfnoid", &Value::Int(number))?;
    let field = |column| Catalog::field("pg_aggregate", row, column);
    if field("aggkind") == "n".into() {
        return None;
    }
    usize::try_from(field("aggnumdirectargs").as_int()?).ok()
}

fn result(scene: Scene<'_>, number: i64) -> Option<String> {
    let row = procedure(scene, number)?;
    let field = |column| Catalog::field("pg_proc", row, column);
    if field("prokind") == "p".into() {
        return None;
    }
    let modes = texts(&field("proargmodes"));
    if modes.iter().any(|mode| mode == "t") {
        return Some(table(scene, row, &modes));
    }
    let kind = format_type(scene, field("prorettype").as_int()?, None);
    let is_set = field("proretset").truth() == Some(true);
    Some(if is_set {
        format!("SETOF {kind}")
    } else {
        kind
    })
}

fn table(scene: Scene<'_>, row: &Row, modes: &[String]) -> String {
    let types = ints(&Catalog::field("pg_proc", row, "proallargtypes"));
    let names = texts(&Catalog::field("pg_proc", row, "proargnames"));
    let columns: Vec<String> = modes
        .iter()
        .zip(types.iter().zip(&names))
        .filter(|(mode, _)| *mode == "t")
        .map(|(_, (kind, name))| {
            format!(
                "{} {}",
                names::quote_ident(name),
                format_type(scene, *kind, None)
            )
        })
        .collect();
    format!("TABLE({})", columns.join(", "))
}
