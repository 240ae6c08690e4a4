//! An index as CREATE INDEX would make it.

use super::{column_name, full_name};
use crate::catalog::{Catalog, Scene};
use crate::names::{self, quote_ident};
use crate::types::Type;
use crate::value::{Row, Value};

/// `indoption`: descending, and NULLs first.
const DESCENDING: i64 = 1;
const NULLS_FIRST: i64 = 2;

fn number_at(list: &Value, place: usize) -> Option<i64> {
    list.as_array()?.elements.get(place)?.as_int()
}

pub(super) fn definition(scene: Scene<'_>, number: i64, pretty: bool) -> Option<String> {
    let row = scene
        .catalog
        .find("pg_index", "indexrelid", &Value::Int(number))?;
    let field = |column| Catalog::field("pg_index", row, column);
    let class = scene.catalog.find("pg_class", "oid", &Value::Int(number))?;
    let name = Catalog::field("pg_class", class, "relname");
    let method = Catalog::field("pg_class", class, "relam");
    let method = scene.catalog.find("pg_am", "oid", &method)?;
    let method = Catalog::field("pg_am", method, "amname");
    let table = field("indrelid").as_int()?;
    let table = match pretty {
        true => names::output(scene, Type::REGCLASS, table),
        false => full_name(scene, table)?,
    };
    let unique = match field("indisunique").truth() {
        Some(true) => "UNIQUE ",
        _ => "",
    };
    let keys = usize::try_from(field("indnkeyatts").as_int()?).ok()?;
    let all = usize::try_from(field("indnatts").as_int()?).ok()?;
    let keyed: Option<Vec<String>> = (0..keys).map(|place| key(scene, row, place)).collect();
    let included: Option<Vec<String>> = (keys..all).map(|place| plain(scene, row, place)).collect();
    let mut shown = format!(
        "CREATE {unique}INDEX {} ON {table} USING {} ({})",
        quote_ident(name.as_text()?),
        method.as_text()?,
        keyed?.join(", ")
    );
    let included = included?;
    if !included.is_empty() {
        shown.push_str(&format!(" INCLUDE ({})", included.join(", ")));
    }
    if field("indnullsnotdistinct").truth() == Some(true) {
        shown.push_str(" NULLS NOT DISTINCT");
    }
    options(class, &mut shown);
    if let Some(predicate) = field("indpred").as_text() {
        shown.push_str(&format!(" WHERE {predicate}"));
    }
    Some(shown)
}

fn options(class: &Row, shown: &mut String) {
    let options = Catalog::field("pg_class", class, "reloptions");
    let Some(options) = options.as_array() else {
        return;
    };
    let parts: Vec<String> = options
        .elements
        .iter()
        .filter_map(|option| {
            let (name, value) = option.as_text()?.split_once('=')?;
            Some(format!("{name}='{value}'"))
        })
        .collect();
    if !parts.is_empty() {
        shown.push_str(&format!(" WITH ({})", parts.join(", ")));
    }
}

/// One column alone, counted from 1.
pub(super) fn column(scene: Scene<'_>, number: i64, column: i64) -> Option<String> {
    let row = scene
        .catalog
        .find("pg_index", "indexrelid", &Value::Int(number))?;
    plain(scene, row, usize::try_from(column - 1).ok()?)
}

fn plain(scene: Scene<'_>, row: &Row, place: usize) -> Option<String> {
    let field = |column| Catalog::field("pg_index", row, column);
    match number_at(&field("indkey"), place)? {
        0 => Some(field("indexprs").as_text()?.to_string()),
        number => column_name(scene, field("indrelid").as_int()?, number),
    }
}

/// A column with what differs from the defaults.
fn key(scene: Scene<'_>, row: &Row, place: usize) -> Option<String> {
    let mut shown = plain(scene, row, place)?;
    if let Some(class) = number_at(&Catalog::field("pg_index", row, "indclass"), place) {
        let class = scene.catalog.find("pg_opclass", "oid", &Value::Int(class));
        if let Some(class) = class
            && Catalog::field("pg_opclass", class, "opcdefault").truth() == Some(false)
        {
            let name = Catalog::field("pg_opclass", class, "opcname");
            shown.push_str(&format!(" {}", quote_ident(name.as_text()?)));
        }
    }
    let option = number_at(&Catalog::field("pg_index", row, "indoption"), place).unwrap_or(0);
    match (option & DESCENDING != 0, option & NULLS_FIRST != 0) {
        (false, false) => {}
        (false, true) => shown.push_str(" NULLS FIRST"),
        (true, true) => shown.push_str(" DESC"),
        (true, false) => shown.push_str(" DESC NULLS LAST"),
    }
    Some(shown)
}
