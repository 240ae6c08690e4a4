//! `%Dictionary`: the classes behind tables and views.
//!
//! Which of their columns exist is documented; what DDL fills in is inferred
//! from how classes are written by hand.

use super::tables::default_text;
use super::{Row, World, constraints};
use crate::ast::{ComputeTime, IndexKind, ReferenceAction};
use crate::catalog::{Column, Table};
use crate::datatype::Type;
use crate::information_schema::directory::Item;

/// The property of a column: its letters and digits.
pub(super) fn property_name(column: &str) -> String {
    column
        .chars()
        .filter(|c| c.is_alphanumeric() || *c == '%')
        .collect()
}

pub(super) fn classes(world: &World<'_>, item: &Item, rows: &mut Vec<Row>) {
    let name = item.class_name();
    let row = Row::default()
        .text("ID", &name)
        .text("Name", &name)
        .bit("Abstract", false)
        .bit("DdlAllowed", !matches!(item, Item::System(_)))
        .bit("Final", true)
        .text("SqlTableName", item.name())
        .text("SqlSchemaName", item.schema());
    let owner = world.catalog.owner(item.schema(), item.name());
    rows.push(match item {
        Item::Table(table) => row
            .text("ClassType", "persistent")
            .maybe("Description", table.description.as_deref())
            .text("Owner", owner)
            .text("SqlRowIdName", &table.row_id)
            .bit("SqlRowIdPrivate", !table.row_id_public)
            .text("StorageStrategy", "Default")
            .text("Super", "%Library.Persistent")
            .number("System", 0),
        Item::View(view) => row
            .text("ClassType", "view")
            .text("Owner", owner)
            .bit("SqlRowIdPrivate", false)
            .number("System", 0)
            .text("ViewQuery", &view.text),
        Item::System(_) => row
            .text("ClassType", "persistent")
            .text("Owner", "_PUBLIC")
            .bit("SqlRowIdPrivate", true)
            .text("StorageStrategy", "SQLStorage")
            .text("Super", "%Library.Persistent")
            .number("System", 4),
    });
}

pub(super) fn properties(table: &Table, compiled: bool, rows: &mut Vec<Row>) {
    let class = table.class_name();
    for (position, column) in table.columns.iter().enumerate() {
        let name = property_name(&column.name);
        let field = (compiled || name != column.name).then_some(column.name.as_str());
        let computed = column.computed.as_ref();
        let when = computed.map(|c| &c.when);
        let on_change = match when {
            Some(ComputeTime::Change(columns)) => Some(columns.join(",")),
            _ => None,
        };
        let row = member(&class, &name)
            .bit("Calculated", when == Some(&ComputeTime::Calculated))
            .maybe("Description", column.description.as_deref())
            .bit("Identity", column.identity)
            .maybe("InitialExpression", default_text(column))
            .maybe("Parameters", parameters(column))
            .bit("Private", column.private)
            .bit("ReadOnly", column.row_version)
            .bit("Relationship", false)
            .bit("Required", column.required)
            .text("SqlColumnNumber", (position + 2).to_string())
            .maybe("SqlComputeCode", computed.map(|c| c.code.as_str()))
            .maybe("SqlComputeOnChange", on_change)
            .bit("SqlComputed", computed.is_some())
            .maybe("SqlFieldName", field)
            .bit("Transient", when == Some(&ComputeTime::Transient))
            .text("Type", class_of(column));
        let collation = compiled && column.ty.is_text();
        rows.push(row.maybe("Collation", collation.then(|| collation_name(column))));
    }
}

fn member(class: &str, name: &str) -> Row {
    Row::default()
        .text("ID", format!("{class}||{name}"))
        .text("parent", class)
        .text("Name", name)
}

fn collation_name(column: &Column) -> &str {
    column.collation.ddl().trim_start_matches('%')
}

/// `MAXLEN=40,COLLATION=EXACT`
fn parameters(column: &Column) -> Option<String> {
    let mut all = Vec::new();
    match &column.ty {
        Type::Varchar(length) | Type::Varbinary(length) => {
            let length = length.map_or(String::new(), |length| length.to_string());
            all.push(format!("MAXLEN={length}"));
        }
        Type::Numeric { scale, .. } => all.push(format!("SCALE={scale}")),
        Type::Time(digits) => all.push(format!("PRECISION={digits}")),
        Type::Vector(element, length) => {
            all.push(format!("DATATYPE={}", element.keyword()));
            all.extend(length.map(|length| format!("LEN={length}")));
        }
        _ => {}
    }
    if column.ty.is_text() && collation_name(column) != "SQLUPPER" {
        all.push(format!("COLLATION={}", collation_name(column)));
    }
    (!all.is_empty()).then(|| all.join(","))
}

fn class_of(column: &Column) -> &'static str {
    if column.serial {
        return "%Library.Counter";
    }
    if column.row_version {
        return "%Library.RowVersion";
    }
    match &column.ty {
        Type::Bit => "%Library.Boolean",
        Type::TinyInt => "%Library.TinyInt",
        Type::SmallInt => "%Library.SmallInt",
        Type::MediumInt | Type::Integer => "%Library.Integer",
        Type::BigInt => "%Library.BigInt",
        Type::Numeric { .. } => "%Library.Numeric",
        Type::Double => "%Library.Double",
        Type::Varchar(_) => "%Library.String",
        Type::LongVarchar => "%Stream.GlobalCharacter",
        Type::Varbinary(_) => "%Library.Binary",
        Type::LongVarbinary => "%Stream.GlobalBinary",
        Type::Date => "%Library.Date",
        Type::Time(_) => "%Library.Time",
        Type::Timestamp => "%Library.TimeStamp",
        Type::PosixTime => "%Library.PosixTime",
        Type::Guid => "%Library.UniqueIdentifier",
        Type::Vector(..) => "%Library.Vector",
        Type::List => "%Library.List",
    }
}

pub(super) fn indexes(table: &Table, rows: &mut Vec<Row>) {
    let class = table.class_name();
    let properties = |columns: &[String]| -> String {
        let names: Vec<String> = columns.iter().map(|name| property_name(name)).collect();
        names.join(",")
    };
    let row = |name: &str| {
        member(&class, &property_name(name))
            .text("SqlName", name)
            .bit("IdKey", false)
    };
    for key in &table.keys {
        rows.push(
            row(&key.name)
                .bit("PrimaryKey", key.primary)
                .text("Properties", properties(&key.columns))
                .text("Type", "index")
                .bit("Unique", true),
        );
    }
    for index in &table.indexes {
        let (kind, class) = match &index.kind {
            IndexKind::Plain | IndexKind::Unique => ("index".to_owned(), None),
            IndexKind::Special(word) => (word.to_lowercase(), None),
            IndexKind::Hnsw(_) => ("index".to_owned(), Some("%SQL.Index.HNSW")),
        };
        let data = (!index.data.is_empty()).then(|| properties(&index.data));
        rows.push(
            row(&index.name)
                .maybe("Data", data)
                .bit("PrimaryKey", false)
                .text("Properties", properties(&index.columns))
                .text("Type", kind)
                .maybe("TypeClass", class)
                .bit("Unique", index.kind == IndexKind::Unique),
        );
    }
}

pub(super) fn foreign_keys(world: &World<'_>, table: &Table, rows: &mut Vec<Row>) {
    let class = table.class_name();
    for foreign in &table.foreign_keys {
        let target = constraints::target(world.catalog, foreign);
        let key = constraints::target_key(world.catalog, foreign);
        let columns: Vec<String> = foreign
            .columns
            .iter()
            .map(|name| property_name(name))
            .collect();
        let row = member(&class, &property_name(&foreign.name))
            .bit("NoCheck", foreign.no_check)
            .text("OnDelete", action(foreign.on_delete))
            .text("OnUpdate", action(foreign.on_update))
            .text("Properties", columns.join(","))
            .maybe("ReferencedClass", target.map(|table| table.class_name()))
            .maybe("ReferencedKey", key.map(|key| property_name(&key.name)))
            .text("SqlName", &foreign.name);
        rows.push(row);
    }
}

fn action(action: ReferenceAction) -> &'static str {
    match action {
        ReferenceAction::NoAction => "noaction",
        ReferenceAction::SetDefault => "setdefault",
        ReferenceAction::SetNull => "setnull",
        ReferenceAction::Cascade => "cascade",
    }
}
