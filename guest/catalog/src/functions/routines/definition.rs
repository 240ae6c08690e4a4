//! A function or procedure as CREATE would make it: what `ruleutils.c` prints.

use super::{arguments, full_result, procedure};
use crate::catalog::{Catalog, Scene};
use crate::failure::{Failure, Result};
use crate::names::quote_ident;
use crate::value::{Row, Value};

/// `pg_language.oid` of `internal` and `c`, whose functions cost little.
const CHEAP: [i64; 2] = [12, 13];

/// What CREATE FUNCTION takes a set to have of rows.
const ROWS_OF_SET: f64 = 1000.0;

pub(super) fn definition(scene: Scene<'_>, number: i64) -> Result<Option<String>> {
    let Some(row) = procedure(scene, number) else {
        return Ok(None);
    };
    let name = text(row, "proname");
    match text(row, "prokind").as_str() {
        "a" => Err(Failure::new(
            "42809",
            format!("\"{name}\" is an aggregate function"),
        )),
        kind => Ok(written(scene, (number, row), kind == "p")),
    }
}

fn written(scene: Scene<'_>, (number, row): (i64, &Row), is_procedure: bool) -> Option<String> {
    let space = named(
        scene,
        "pg_namespace",
        &field(row, "pronamespace"),
        "nspname",
    )?;
    let language = named(scene, "pg_language", &field(row, "prolang"), "lanname")?;
    let what = if is_procedure {
        "PROCEDURE"
    } else {
        "FUNCTION"
    };
    let mut shown = format!(
        "CREATE OR REPLACE {what} {}.{}({})\n",
        quote_ident(&space),
        quote_ident(&text(row, "proname")),
        arguments(scene, number, super::List::Definition)?
    );
    if !is_procedure {
        shown.push_str(&format!(" RETURNS {}\n", full_result(scene, row)?));
    }
    shown.push_str(&format!(" LANGUAGE {}\n", quote_ident(&language)));
    let options = options(scene, row);
    if !options.is_empty() {
        shown.push_str(&format!(" {}\n", options.join(" ")));
    }
    match field(row, "prosqlbody").as_text() {
        Some(body) => shown.push_str(body),
        None => shown.push_str(&body(row, is_procedure)),
    }
    shown.push('\n');
    Some(shown)
}

/// What differs from CREATE's defaults.
fn options(scene: Scene<'_>, row: &Row) -> Vec<String> {
    let mut options = Vec::new();
    let is = |column: &str| field(row, column).truth() == Some(true);
    let letter = |column: &str| text(row, column);
    let number = |column: &str| match field(row, column) {
        Value::Float(number) => number,
        other => other.as_int().unwrap_or(0) as f64,
    };
    let mut add = |condition: bool, option: &str| {
        if condition {
            options.push(option.to_owned());
        }
    };
    add(letter("prokind") == "w", "WINDOW");
    add(letter("provolatile") == "i", "IMMUTABLE");
    add(letter("provolatile") == "s", "STABLE");
    add(letter("proparallel") == "s", "PARALLEL SAFE");
    add(letter("proparallel") == "r", "PARALLEL RESTRICTED");
    add(is("proisstrict"), "STRICT");
    add(is("prosecdef"), "SECURITY DEFINER");
    add(is("proleakproof"), "LEAKPROOF");
    let language = field(row, "prolang").as_int().unwrap_or(0);
    let usual = if CHEAP.contains(&language) {
        1.0
    } else {
        100.0
    };
    let cost = number("procost");
    add(cost != usual, &format!("COST {cost}"));
    let rows = number("prorows");
    add(rows > 0.0 && rows != ROWS_OF_SET, &format!("ROWS {rows}"));
    if let Some(support) = named(scene, "pg_proc", &field(row, "prosupport"), "proname") {
        options.push(format!("SUPPORT {}", quote_ident(&support)));
    }
    options
}

/// The source between dollars, with a word between them that it does not have.
fn body(row: &Row, is_procedure: bool) -> String {
    let source = text(row, "prosrc");
    let mut quote = if is_procedure {
        "$procedure".to_owned()
    } else {
        "$function".to_owned()
    };
    while source.contains(&quote) {
        quote.push('x');
    }
    let library = match field(row, "probin").as_text() {
        Some(library) => format!("'{}', ", library.replace('\'', "''")),
        None => String::new(),
    };
    format!("AS {library}{quote}${source}{quote}$")
}

fn field(row: &Row, column: &str) -> Value {
    Catalog::field("pg_proc", row, column)
}

fn text(row: &Row, column: &str) -> String {
    let value = field(row, column);
    value
        .as_text()
        .map(|text| text.to_string())
        .unwrap_or_default()
}

/// The name of another object.
fn named(scene: Scene<'_>, relation: &str, number: &Value, column: &str) -> Option<String> {
    let row = scene.catalog.find(relation, "oid", number)?;
    let name = Catalog::field(relation, row, column);
    Some(name.as_text()?.to_string())
}
