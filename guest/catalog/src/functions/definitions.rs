//! Objects in SQL's words, table 9.74 of the manual.

use super::{Function, constantly_null, function, int, text};
use crate::catalog::{Catalog, Scene};
use crate::failure::{Failure, Result};
use crate::names::{self, quote_ident};
use crate::types::Type;
use crate::value::{Row, Value};

mod constraint;
mod index;

const OID: Type = Type::OID;
const TEXT: Type = Type::TEXT;
const BOOL: Type = Type::BOOL;
const TREE: Type = Type::PG_NODE_TREE;

pub(super) const LIST: &[Function] = &[
    function("pg_get_expr", &[TREE, OID], TEXT, expression),
    function("pg_get_expr", &[TREE, OID, BOOL], TEXT, expression),
    function("pg_get_constraintdef", &[OID], TEXT, |scene, v| {
        Ok(constraint::definition(scene, int(v, 0)?).into())
    }),
    function("pg_get_constraintdef", &[OID, BOOL], TEXT, |scene, v| {
        Ok(constraint::definition(scene, int(v, 0)?).into())
    }),
    function("pg_get_indexdef", &[OID], TEXT, |scene, v| {
        Ok(index::definition(scene, int(v, 0)?, false).into())
    }),
    function(
        "pg_get_indexdef",
        &[OID, Type::INT4, BOOL],
        TEXT,
        |scene, v| {
            Ok(match int(v, 1)? {
                0 => {
                    let pretty = v.get(2).and_then(Value::truth) == Some(true);
                    index::definition(scene, int(v, 0)?, pretty)
                }
                column => index::column(scene, int(v, 0)?, column),
            }
            .into())
        },
    ),
    function("pg_get_viewdef", &[OID], TEXT, view),
    function("pg_get_viewdef", &[OID, BOOL], TEXT, view),
    function("pg_get_viewdef", &[OID, Type::INT4], TEXT, view),
    function("pg_get_ruledef", &[OID], TEXT, constantly_null),
    function("pg_get_ruledef", &[OID, BOOL], TEXT, constantly_null),
    function("pg_get_triggerdef", &[OID], TEXT, constantly_null),
    function("pg_get_triggerdef", &[OID, BOOL], TEXT, constantly_null),
    function("pg_get_partkeydef", &[OID], TEXT, constantly_null),
    function(
        "pg_get_partition_constraintdef",
        &[OID],
        TEXT,
        constantly_null,
    ),
    function("pg_get_statisticsobjdef", &[OID], TEXT, constantly_null),
    function(
        "pg_get_statisticsobjdef_columns",
        &[OID],
        TEXT,
        constantly_null,
    ),
    function(
        "pg_get_serial_sequence",
        &[TEXT, TEXT],
        TEXT,
        serial_sequence,
    ),
];

/// Expressions are kept as texts.
fn expression(_: Scene<'_>, values: &[Value]) -> Result<Value> {
    Ok(values.first().cloned().unwrap_or(Value::Null))
}

/// The text of a view stands in its rule.
fn view(scene: Scene<'_>, values: &[Value]) -> Result<Value> {
    Ok(scene
        .catalog
        .find("pg_rewrite", "ev_class", &Value::Int(int(values, 0)?))
        .map_or(Value::Null, |row| {
            Catalog::field("pg_rewrite", row, "ev_action")
        }))
}

/// The sequence that a column owns: `pg_depend` says so.
fn serial_sequence(scene: Scene<'_>, values: &[Value]) -> Result<Value> {
    let table = names::input(scene, Type::REGCLASS, text(values, 0)?)?;
    let column = text(values, 1)?;
    let number = attribute(scene, table, |row| {
        Catalog::field("pg_attribute", row, "attname") == column.into()
    })
    .and_then(|row| Catalog::field("pg_attribute", row, "attnum").as_int())
    .ok_or_else(|| {
        let table = names::output(scene, Type::REGCLASS, table);
        Failure::new(
            "42703",
            format!("column \"{column}\" of relation \"{table}\" does not exist"),
        )
    })?;
    let owned = scene
        .catalog
        .find_all("pg_depend", "refobjid", &Value::Int(table))
        .find(|row| {
            let field = |column| Catalog::field("pg_depend", row, column);
            field("refobjsubid").as_int() == Some(number)
                && matches!(
                    field("deptype").as_text().map(|kind| &**kind),
                    Some("a" | "i")
                )
                && is_sequence(scene, field("objid").as_int())
        })
        .and_then(|row| Catalog::field("pg_depend", row, "objid").as_int());
    Ok(owned.and_then(|number| full_name(scene, number)).into())
}

fn is_sequence(scene: Scene<'_>, number: Option<i64>) -> bool {
    number
        .and_then(|number| scene.catalog.find("pg_class", "oid", &Value::Int(number)))
        .is_some_and(|row| Catalog::field("pg_class", row, "relkind") == "S".into())
}

/// `schema.name`, quoted.
fn full_name(scene: Scene<'_>, number: i64) -> Option<String> {
    let row = scene.catalog.find("pg_class", "oid", &Value::Int(number))?;
    let space = Catalog::field("pg_class", row, "relnamespace");
    let space = scene.catalog.find("pg_namespace", "oid", &space)?;
    let schema = Catalog::field("pg_namespace", space, "nspname");
    let name = Catalog::field("pg_class", row, "relname");
    Some(format!(
        "{}.{}",
        quote_ident(schema.as_text()?),
        quote_ident(name.as_text()?)
    ))
}

/// A column of a relation.
fn attribute<'a>(
    scene: Scene<'a>,
    relation: i64,
    wanted: impl Fn(&Row) -> bool,
) -> Option<&'a Row> {
    scene
        .catalog
        .find_all("pg_attribute", "attrelid", &Value::Int(relation))
        .find(|row| wanted(row))
}

/// The quoted name of a column by its number.
fn column_name(scene: Scene<'_>, relation: i64, number: i64) -> Option<String> {
    let row = attribute(scene, relation, |row| {
        Catalog::field("pg_attribute", row, "attnum").as_int() == Some(number)
    })?;
    Some(quote_ident(
        Catalog::field("pg_attribute", row, "attname").as_text()?,
    ))
}

/// The quoted names of columns by their numbers, in brackets.
fn columns(scene: Scene<'_>, relation: i64, numbers: &Value) -> Option<String> {
    let names: Option<Vec<String>> = numbers
        .as_array()?
        .elements
        .iter()
        .map(|number| column_name(scene, relation, number.as_int()?))
        .collect();
    Some(format!("({})", names?.join(", ")))
}
