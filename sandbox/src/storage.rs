//! How tables, keys and foreign keys are laid out in SQLite.
//!
//! Columns have no SQLite type, so that nothing is converted behind our back.

mod foreign_key;
mod queue;

use crate::ast::{IndexDef, IndexKind};
use crate::catalog::{Column, Table, quoted};
use crate::datatype::Type;
use crate::error::Result;

pub(crate) use foreign_key::{create_triggers, drop_triggers};
pub(crate) use queue::{create_queue, drop_queue};

/// `CREATE TABLE` under the given name.
pub(crate) fn create_table(table: &Table, name: &str) -> Result<String> {
    let mut columns = Vec::new();
    if table.identity().is_none() {
        columns.push(format!(
            "{} INTEGER PRIMARY KEY AUTOINCREMENT",
            quoted(&table.row_id)
        ));
    }
    for column in &table.columns {
        columns.push(generated(table, column)?);
    }
    let kind = if table.temporary {
        "TEMP TABLE IF NOT EXISTS"
    } else {
        "TABLE"
    };
    Ok(format!(
        "CREATE {kind} {} ({})",
        quoted(name),
        columns.join(", ")
    ))
}

fn column(column: &Column) -> String {
    let name = quoted(&column.name);
    if column.identity {
        return format!("{name} INTEGER PRIMARY KEY AUTOINCREMENT");
    }
    match &column.ty {
        Type::Numeric { .. } => format!("{name} COLLATE IRISNUM"),
        ty if ty.is_text() => format!("{name} COLLATE {}", column.collation.sql()),
        _ => name,
    }
}

/// A column that is computed when it is read is a generated one.
fn generated(table: &Table, column: &Column) -> Result<String> {
    let definition = self::column(column);
    if !column.is_calculated() {
        return Ok(definition);
    }
    let value = crate::binder::computed::value(table, column, &|name| quoted(name))?;
    Ok(format!(
        "{definition} GENERATED ALWAYS AS ({value}) VIRTUAL"
    ))
}

/// The indexes behind keys and CREATE INDEX. HNSW and the bitmap kinds are not built.
pub(crate) fn create_indexes(table: &Table) -> Vec<String> {
    let mut all = Vec::new();
    for key in &table.keys {
        let is_row_id = key.columns.len() == 1
            && table
                .column(&key.columns[0])
                .is_some_and(|column| column.identity);
        if !is_row_id {
            all.push(index(table, &key.name, true, &key.columns));
        }
    }
    for foreign in &table.foreign_keys {
        all.push(index(
            table,
            &format!("{}:fk", foreign.name),
            false,
            &foreign.columns,
        ));
    }
    all.extend(
        table
            .indexes
            .iter()
            .filter_map(|index| create_index(table, index)),
    );
    all.extend(crate::journal::triggers(table));
    all
}

/// One index, if it is built at all.
pub(crate) fn create_index(table: &Table, def: &IndexDef) -> Option<String> {
    match def.kind {
        IndexKind::Plain | IndexKind::Unique => Some(index(
            table,
            &def.name,
            def.kind == IndexKind::Unique,
            &def.columns,
        )),
        IndexKind::Special(_) | IndexKind::Hnsw(_) => None,
    }
}

/// `DROP INDEX`, whether it was built or not.
pub(crate) fn drop_index(table: &Table, name: &str) -> String {
    format!(
        "DROP INDEX IF EXISTS {}",
        quoted(&format!("{}#{name}", table.full_name()))
    )
}

fn index(table: &Table, name: &str, unique: bool, columns: &[String]) -> String {
    let unique = if unique { "UNIQUE " } else { "" };
    let schema = if table.temporary { "temp." } else { "" };
    let columns: Vec<String> = columns.iter().map(|column| quoted(column)).collect();
    let name = quoted(&format!("{}#{name}", table.full_name()));
    format!(
        "CREATE {unique}INDEX IF NOT EXISTS {schema}{name} ON {} ({})",
        quoted(&table.full_name()),
        columns.join(",")
    )
}
