//! TABLES and COLUMNS.

use super::{Row, World};
use crate::ast::Expr;
use crate::catalog::{Column, Table, same};
use crate::datatype::{Type, UNLIMITED_LENGTH};
use crate::information_schema::Relation;
use crate::information_schema::directory::Item;

pub(super) fn tables(world: &World<'_>, item: &Item, rows: &mut Vec<Row>) {
    let (kind, description, insertable) = match item {
        Item::Table(table) if table.temporary => {
            ("GLOBAL TEMPORARY", table.description.clone(), true)
        }
        Item::Table(table) => ("BASE TABLE", table.description.clone(), true),
        Item::View(view) => ("VIEW", None, super::views::is_updatable(world, view)),
        Item::System(_) => ("SYSTEM TABLE", None, false),
    };
    let owner = match item {
        Item::System(_) => "_PUBLIC",
        _ => world.catalog.owner(item.schema(), item.name()),
    };
    let row = Row::about(item)
        .text("TABLE_TYPE", kind)
        .flag("IS_INSERTABLE_INTO", insertable)
        .flag("IS_TYPED", false)
        .text("CLASSNAME", item.class_name())
        .maybe("DESCRIPTION", description)
        .text("OWNER", owner)
        .flag("IS_SHARDED", false);
    rows.push(row);
}

pub(super) fn columns(world: &World<'_>, item: &Item, rows: &mut Vec<Row>) {
    match item {
        Item::Table(table) => {
            let before = rows.len();
            if table.row_id_public && table.identity().is_none() {
                rows.push(row_id(item, table));
            }
            for column in &table.columns {
                let position = rows.len() - before + 1;
                rows.push(column_row(item, table, column, position));
            }
        }
        Item::View(view) => {
            let Ok((_, columns)) =
                crate::binder::bind_query(&view.query, world.catalog, world.version())
            else {
                return;
            };
            let updatable = super::views::is_updatable(world, view);
            for (position, column) in columns.iter().enumerate() {
                let name = view.columns.get(position).unwrap_or(&column.label);
                let row = plain(item, name, position + 1, &column.ty);
                rows.push(row.flag("IS_UPDATABLE", updatable));
            }
        }
        Item::System(relation) => system_columns(item, relation, rows),
    }
}

fn system_columns(item: &Item, relation: &Relation, rows: &mut Vec<Row>) {
    let shown = relation.columns.iter().filter(|column| !column.private);
    for (position, column) in shown.enumerate() {
        let row = plain(item, column.name, position + 1, &column.ty);
        rows.push(row.flag("IS_UPDATABLE", false));
    }
}

/// A column of which nothing special is known.
fn plain(item: &Item, name: &str, position: usize, ty: &Type) -> Row {
    let row = named(item, name, position)
        .flag("IS_NULLABLE", true)
        .flag("IS_IDENTITY", false)
        .flag("IS_GENERATED", false);
    typed(row, ty)
        .flag("AUTO_INCREMENT", false)
        .flag("UNIQUE_COLUMN", false)
        .flag("PRIMARY_KEY", false)
        .flag("IS_PERSISTED", true)
}

fn named(item: &Item, name: &str, position: usize) -> Row {
    Row::about(item)
        .text("COLUMN_NAME", name)
        .number("ORDINAL_POSITION", position)
        .text("PROPERTY_NAME", super::dictionary::property_name(name))
}

/// The RowID is listed unless it is private.
fn row_id(item: &Item, table: &Table) -> Row {
    let row = named(item, &table.row_id, 1)
        .flag("IS_NULLABLE", false)
        .flag("IS_IDENTITY", true)
        .flag("IS_GENERATED", false)
        .flag("IS_UPDATABLE", false);
    typed(row, &Type::BigInt)
        .flag("AUTO_INCREMENT", true)
        .flag("UNIQUE_COLUMN", true)
        .flag("PRIMARY_KEY", false)
        .flag("IS_PERSISTED", true)
}

fn column_row(item: &Item, table: &Table, column: &Column, position: usize) -> Row {
    let unique = table.keys.iter().any(|key| match key.columns.as_slice() {
        [only] => same(only, &column.name),
        _ => false,
    });
    let primary = table
        .primary_key()
        .is_some_and(|key| key.columns.iter().any(|name| same(name, &column.name)));
    let row = named(item, &column.name, position)
        .maybe("COLUMN_DEFAULT", default_text(column))
        .flag("IS_NULLABLE", !column.required)
        .flag("IS_IDENTITY", column.identity)
        .flag("IS_GENERATED", column.computed.is_some())
        .flag("IS_UPDATABLE", true)
        .maybe("DESCRIPTION", column.description.as_deref())
        .flag("AUTO_INCREMENT", column.identity || column.serial)
        .flag("UNIQUE_COLUMN", unique)
        .flag("PRIMARY_KEY", primary)
        .maybe(
            "COMPUTE_CODE",
            column.computed.as_ref().map(|c| c.code.as_str()),
        )
        .flag("IS_PERSISTED", !column.is_calculated());
    typed(row, &column.ty)
}

/// The length of text and binary values as it is announced.
pub(super) fn text_length(ty: &Type) -> Option<u32> {
    match ty {
        Type::Varchar(None) | Type::Varbinary(None) => Some(UNLIMITED_LENGTH),
        Type::Varchar(_)
        | Type::Vector(..)
        | Type::Varbinary(_)
        | Type::LongVarchar
        | Type::LongVarbinary => Some(ty.describe().precision),
        _ => None,
    }
}

fn typed(row: Row, ty: &Type) -> Row {
    let described = ty.describe();
    let row = row.text("DATA_TYPE", ty.name());
    if let Some(length) = text_length(ty) {
        return row
            .number("CHARACTER_MAXIMUM_LENGTH", length)
            .number("CHARACTER_OCTET_LENGTH", length);
    }
    match ty {
        Type::Bit => row,
        _ if ty.is_number() => row
            .number("NUMERIC_PRECISION", described.precision)
            .number("NUMERIC_PRECISION_RADIX", 10)
            .number("NUMERIC_SCALE", described.scale),
        _ => row,
    }
}

/// In ObjectScript form: strings in double quotes, `''` as `$c(0)`.
pub(super) fn default_text(column: &Column) -> Option<String> {
    let (expr, text) = column.default.as_ref()?;
    Some(match expr {
        Expr::Text(value) if value.is_empty() => "$c(0)".to_owned(),
        Expr::Text(value) => format!("\"{}\"", value.replace('"', "\"\"")),
        Expr::Null => return None,
        Expr::Special(name, digits) => special(name, *digits).unwrap_or_else(|| text.clone()),
        _ => text.clone(),
    })
}

/// The ObjectScript calls behind the functions that DEFAULT knows; the spelling is inferred.
fn special(name: &str, digits: Option<u32>) -> Option<String> {
    let digits = digits.map_or(String::new(), |digits| format!(",{digits}"));
    Some(match name {
        "CURRENT_DATE" | "SYSDATE" => "+$HOROLOG".to_owned(),
        "CURRENT_TIME" => "$PIECE($HOROLOG,\",\",2)".to_owned(),
        "CURRENT_TIMESTAMP" => format!("$ZDATETIME($HOROLOG,3,1{digits})"),
        "USER" | "CURRENT_USER" | "SESSION_USER" | "SYSTEM_USER" => "$USERNAME".to_owned(),
        _ => return None,
    })
}
