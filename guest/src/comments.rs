//! What COMMENT ON keeps: a table of texts, because IRIS takes a description when a table
//! or a column is made, and none later.

use sqlparser::ast::{
    AlterTableOperation as Action, Ident, ObjectName, ObjectType, RenameTableNameKind, Statement,
};

use crate::definition::last;
use crate::labels;
use crate::naming::literal;
use crate::relations::{DEFAULT_SCHEMA, TableName};
use crate::steps;
use crate::wit::Step;

/// "Table or view not found": nothing was ever commented on.
const NO_TABLE: i32 = -30;

/// In place of a column: the text is about the table.
pub(crate) const OF_TABLE: &str = "*";

pub(crate) const TABLE: &str = "pgiris_catalog.description";

/// The schema of it.
pub(crate) const SCHEMA: &str = "pgiris_catalog";

/// The statement that makes the table.
pub(crate) fn made() -> String {
    let name = |column: &str| format!("{column} VARCHAR(128) COLLATE %EXACT");
    format!(
        "CREATE TABLE {TABLE} ({}, {}, {}, description VARCHAR(32767) COLLATE %EXACT)",
        name("table_schema"),
        name("table_name"),
        name("column_name"),
    )
}

/// The statement that forgets a text; `column` in capitals, as the names of tables.
pub(crate) fn forgotten(table: &TableName, column: &str) -> String {
    format!(
        "DELETE FROM {TABLE} WHERE {} AND column_name = {}",
        is_of(table),
        literal(column)
    )
}

/// The statement that keeps one.
pub(crate) fn kept(table: &TableName, column: &str, text: &str) -> String {
    format!(
        "INSERT INTO {TABLE} (table_schema, table_name, column_name, description) \
         VALUES ({}, {}, {}, {})",
        literal(&table.schema),
        literal(&table.table),
        literal(column),
        literal(text)
    )
}

/// Whether a statement may take away or rename what there is a text about.
pub(crate) fn may_follow(tree: &Statement) -> bool {
    match tree {
        Statement::Drop { object_type, .. } => matches!(
            object_type,
            ObjectType::Table | ObjectType::View | ObjectType::Schema
        ),
        Statement::AlterTable(table) => table.operations.iter().any(|action| {
            matches!(
                action,
                Action::DropColumn { .. }
                    | Action::RenameColumn { .. }
                    | Action::RenameTable { .. }
            )
        }),
        _ => false,
    }
}

/// What is to be done behind such a statement, if there are texts about these tables.
pub(crate) fn following(tree: &Statement, about: &[TableName]) -> Vec<Step> {
    let known = |table: &TableName| about.contains(table);
    let texts: Vec<String> = match tree {
        Statement::Drop {
            object_type: ObjectType::Schema,
            names,
            ..
        } => schemas(names)
            .filter(|schema| about.iter().any(|table| table.schema == *schema))
            .map(|schema| {
                format!(
                    "DELETE FROM {TABLE} WHERE table_schema = {}",
                    literal(&schema)
                )
            })
            .collect(),
        Statement::Drop { names, .. } => names
            .iter()
            .filter_map(TableName::of)
            .filter(known)
            .map(|table| format!("DELETE FROM {TABLE} WHERE {}", is_of(&table)))
            .collect(),
        Statement::AlterTable(table) => {
            let Some(name) = TableName::of(&table.name).filter(known) else {
                return Vec::new();
            };
            let actions = table.operations.iter();
            actions.flat_map(|action| behind(action, &name)).collect()
        }
        _ => Vec::new(),
    };
    let step = |text| Step {
        tolerated: vec![NO_TABLE],
        ..steps::step(text)
    };
    texts.into_iter().map(step).collect()
}

/// The statements about the texts of a table that is changed so.
fn behind(action: &Action, table: &TableName) -> Vec<String> {
    let column = |name: &Ident| literal(&labels::folded(name).to_uppercase());
    let set = |what: &str, new: &Ident, which: String| {
        vec![format!(
            "UPDATE {TABLE} SET {what} = {} WHERE {which}",
            column(new)
        )]
    };
    match action {
        Action::DropColumn { column_names, .. } => column_names
            .iter()
            .map(|name| forgotten(table, &labels::folded(name).to_uppercase()))
            .collect(),
        Action::RenameColumn {
            old_column_name,
            new_column_name,
        } => set(
            "column_name",
            new_column_name,
            format!(
                "{} AND column_name = {}",
                is_of(table),
                column(old_column_name)
            ),
        ),
        Action::RenameTable {
            table_name: RenameTableNameKind::To(new) | RenameTableNameKind::As(new),
        } => last(new).map_or_else(Vec::new, |new| set("table_name", new, is_of(table))),
        _ => Vec::new(),
    }
}

fn is_of(table: &TableName) -> String {
    format!(
        "table_schema = {} AND table_name = {}",
        literal(&table.schema),
        literal(&table.table)
    )
}

/// As the texts name them.
fn schemas(names: &[ObjectName]) -> impl Iterator<Item = String> {
    names.iter().filter_map(|name| {
        let name = labels::folded(last(name)?);
        Some(match name.as_str() {
            "public" => DEFAULT_SCHEMA.to_uppercase(),
            _ => name.to_uppercase(),
        })
    })
}

/// The query for all of them.
pub(crate) fn query() -> String {
    format!("SELECT table_schema, table_name, column_name, description FROM {TABLE}")
}
