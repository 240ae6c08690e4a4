//! Functions and procedures in SQL's words, table 9.74 of the manual.

use super::{Function, format_type, function, int};
use crate::catalog::{Catalog, Scene};
use crate::names;
use crate::types::Type;
use crate::value::{Row, Value};

mod definition;

/// What a list of arguments is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum List {
    /// To know the function from others of its name.
    Identity,
    /// To make it: with defaults.
    Definition,
}

const OID: Type = Type::OID;
const TEXT: Type = Type::TEXT;

pub(super) const LIST: &[Function] = &[
    function("pg_get_function_arguments", &[OID], TEXT, |scene, v| {
        Ok(arguments(scene, int(v, 0)?, List::Definition).into())
    }),
    function(
        "pg_get_function_identity_arguments",
        &[OID],
        TEXT,
        |scene, v| Ok(arguments(scene, int(v, 0)?, List::Identity).into()),
    ),
    function("pg_get_function_result", &[OID], TEXT, |scene, v| {
        Ok(result(scene, int(v, 0)?).into())
    }),
    function("pg_get_functiondef", &[OID], TEXT, |scene, v| {
        Ok(definition::definition(scene, int(v, 0)?)?.into())
    }),
    function("pg_get_function_sqlbody", &[OID], TEXT, |scene, v| {
        let row = procedure(scene, int(v, 0)?);
        Ok(row.map_or(Value::Null, |row| {
            Catalog::field("pg_proc", row, "prosqlbody")
        }))
    }),
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

/// `name type, …`
fn arguments(scene: Scene<'_>, number: i64, list: List) -> Option<String> {
    let row = procedure(scene, number)?;
    let field = |column| Catalog::field("pg_proc", row, column);
    let mut types = ints(&field("proallargtypes"));
    if types.is_empty() {
        types = ints(&field("proargtypes"));
    }
    let (modes, names) = (texts(&field("proargmodes")), texts(&field("proargnames")));
    let mut shown = Vec::new();
    let is_taken = |place: usize| {
        matches!(
            modes.get(place).map_or("i", String::as_str),
            "i" | "b" | "v"
        )
    };
    let taken = (0..types.len()).filter(|place| is_taken(*place)).count();
    let defaults = field("proargdefaults");
    let defaults = defaults.as_text().map_or(Vec::new(), |text| split(text));
    // The last that are taken have defaults.
    let mut without = taken.saturating_sub(defaults.len());
    let mut defaults = defaults.into_iter();
    for (place, kind) in types.iter().enumerate() {
        let mode = modes.get(place).map_or("i", String::as_str);
        let word = match mode {
            "i" => "",
            "o" => "OUT ",
            "b" => "INOUT ",
            "v" => "VARIADIC ",
            _ => continue,
        };
        let name = names.get(place).filter(|name| !name.is_empty());
        let name = name.map(|name| format!("{} ", names::quote_ident(name)));
        let kind = format_type(scene, *kind, None);
        let mut argument = format!("{word}{}{kind}", name.unwrap_or_default());
        if is_taken(place) {
            let default = match without {
                0 => defaults.next(),
                _ => None,
            };
            without = without.saturating_sub(1);
            if let Some(default) = default.filter(|_| list == List::Definition) {
                argument.push_str(&format!(" DEFAULT {default}"));
            }
        }
        shown.push(argument);
    }
    if let Some(direct) = ordered_set(scene, number).filter(|direct| *direct <= shown.len()) {
        // What is sorted by any values is sorted by those that it is given.
        if direct == shown.len() {
            shown.extend(shown.last().cloned());
        }
        let (direct, sorted) = shown.split_at(direct);
        let comma = if direct.is_empty() { "" } else { " " };
        let direct = direct.join(", ");
        return Some(format!("{direct}{comma}ORDER BY {}", sorted.join(", ")));
    }
    Some(shown.join(", "))
}

/// The expressions of a list, which commas part that are in no brackets and no string.
fn split(list: &str) -> Vec<&str> {
    let (mut depth, mut quoted, mut start) = (0_usize, false, 0);
    let mut parts = Vec::new();
    for (place, c) in list.char_indices() {
        match c {
            '\'' => quoted = !quoted,
            '(' | '[' if !quoted => depth += 1,
            ')' | ']' if !quoted => depth = depth.saturating_sub(1),
            ',' if !quoted && depth == 0 => {
                parts.push(list.get(start..place).unwrap_or_default().trim());
                start = place + 1;
            }
            _ => {}
        }
    }
    parts.push(list.get(start..).unwrap_or_default().trim());
    parts
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
    if Catalog::field("pg_proc", row, "prokind") == "p".into() {
        return None;
    }
    full_result(scene, row)
}

fn full_result(scene: Scene<'_>, row: &Row) -> Option<String> {
    let field = |column| Catalog::field("pg_proc", row, column);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_parted_by_commas() {
        assert_eq!(split("'{}'::jsonb, false"), ["'{}'::jsonb", "false"]);
        assert_eq!(split("f(1, 2), 'a,b'::text"), ["f(1, 2)", "'a,b'::text"]);
    }
}
