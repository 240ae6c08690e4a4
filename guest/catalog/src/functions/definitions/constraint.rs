//! A constraint as `ALTER TABLE … ADD` would take it.

use super::columns;
use crate::catalog::{Catalog, Scene};
use crate::names;
use crate::types::Type;
use crate::value::Value;

pub(super) fn definition(scene: Scene<'_>, number: i64) -> Option<String> {
    let row = scene
        .catalog
        .find("pg_constraint", "oid", &Value::Int(number))?;
    let field = |column: &str| Catalog::field("pg_constraint", row, column);
    let is = |column| field(column).truth() == Some(true);
    let table = field("conrelid").as_int()?;
    let mut shown = match &**field("contype").as_text()? {
        "p" => format!("PRIMARY KEY {}", columns(scene, table, &field("conkey"))?),
        "u" => {
            let distinct = index_field(scene, &field("conindid"), "indnullsnotdistinct");
            let nulls = match distinct.truth() {
                Some(true) => "NULLS NOT DISTINCT ",
                _ => "",
            };
            format!("UNIQUE {nulls}{}", columns(scene, table, &field("conkey"))?)
        }
        "f" => foreign_key(scene, table, &field)?,
        "c" => format!("CHECK ({})", field("conbin").as_text()?),
        _ => return None,
    };
    if is("condeferrable") {
        shown.push_str(" DEFERRABLE");
    }
    if is("condeferred") {
        shown.push_str(" INITIALLY DEFERRED");
    }
    if field("convalidated").truth() == Some(false) {
        shown.push_str(" NOT VALID");
    }
    Some(shown)
}

fn index_field(scene: Scene<'_>, index: &Value, column: &str) -> Value {
    scene
        .catalog
        .find("pg_index", "indexrelid", index)
        .map_or(Value::Null, |row| Catalog::field("pg_index", row, column))
}

fn foreign_key(scene: Scene<'_>, table: i64, field: &dyn Fn(&str) -> Value) -> Option<String> {
    let other = field("confrelid").as_int()?;
    let mut shown = format!(
        "FOREIGN KEY {} REFERENCES {}{}",
        columns(scene, table, &field("conkey"))?,
        names::output(scene, Type::REGCLASS, other),
        columns(scene, other, &field("confkey"))?
    );
    if field("confmatchtype") == "f".into() {
        shown.push_str(" MATCH FULL");
    }
    for (column, word) in [("confupdtype", "UPDATE"), ("confdeltype", "DELETE")] {
        let action = match field(column)
            .as_text()
            .map(|action| action.to_string())
            .as_deref()
        {
            Some("r") => "RESTRICT",
            Some("c") => "CASCADE",
            Some("n") => "SET NULL",
            Some("d") => "SET DEFAULT",
            _ => continue,
        };
        shown.push_str(&format!(" ON {word} {action}"));
    }
    Some(shown)
}
