//! The rows of each relation, made from the catalog.

mod constraints;
mod dictionary;
mod instance;
mod routines;
mod tables;
mod views;

use super::Relation;
use super::directory::{Item, Key};
use crate::Version;
use crate::catalog::Catalog;
use crate::security::{Object, Rights};
use crate::session::Session;

/// A value of a row.
pub(super) enum Cell {
    Text(String),
    Integer(i64),
}

/// One row: named values, the rest NULL.
#[derive(Default)]
pub(super) struct Row(Vec<(&'static str, Cell)>);

impl Row {
    /// A row about a table or view.
    fn about(item: &Item) -> Self {
        Self::default()
            .text("TABLE_SCHEMA", item.schema())
            .text("TABLE_NAME", item.name())
    }

    fn text(mut self, column: &'static str, value: impl Into<String>) -> Self {
        self.0.push((column, Cell::Text(value.into())));
        self
    }

    fn maybe(self, column: &'static str, value: Option<impl Into<String>>) -> Self {
        match value {
            Some(value) => self.text(column, value),
            None => self,
        }
    }

    fn number(mut self, column: &'static str, value: impl TryInto<i64>) -> Self {
        let value = value.try_into().unwrap_or(i64::MAX);
        self.0.push((column, Cell::Integer(value)));
        self
    }

    /// YES or NO.
    fn flag(self, column: &'static str, yes: bool) -> Self {
        self.text(column, if yes { "YES" } else { "NO" })
    }

    /// 1 or 0.
    fn bit(self, column: &'static str, yes: bool) -> Self {
        self.number(column, i64::from(yes))
    }

    pub(super) fn get(&self, column: &str) -> Option<&Cell> {
        let found = self.0.iter().find(|(name, _)| *name == column);
        found.map(|(_, cell)| cell)
    }
}

/// What rows are made from.
pub(super) struct World<'a> {
    pub(super) catalog: &'a Catalog,
    pub(super) session: &'a Session,
}

impl<'a> World<'a> {
    pub(super) fn new(session: &'a Session, catalog: &'a Catalog) -> Self {
        Self { catalog, session }
    }

    fn version(&self) -> Version {
        self.session.version
    }

    /// May the user know of the object?
    pub(super) fn sees(&self, item: &Item, rights: &Rights<'_>) -> bool {
        if rights.has_everything() {
            return true;
        }
        let (schema, name) = (item.schema(), item.name());
        match item {
            Item::System(relation) => relation.is_public(),
            _ => {
                self.catalog.is_owner(schema, name, &self.session.user)
                    || rights.sees(&Object::named(schema, name))
            }
        }
    }
}

/// The rows about one object.
pub(super) fn of_item(relation: &Relation, world: &World<'_>, item: &Item, rows: &mut Vec<Row>) {
    match (relation.schema, relation.name) {
        ("INFORMATION_SCHEMA", "TABLES") => tables::tables(world, item, rows),
        ("INFORMATION_SCHEMA", "COLUMNS") => tables::columns(world, item, rows),
        ("INFORMATION_SCHEMA", "VIEWS") => views::views(world, item, rows),
        ("INFORMATION_SCHEMA", "VIEW_TABLE_USAGE") => views::table_usage(world, item, rows),
        ("INFORMATION_SCHEMA", "VIEW_COLUMN_USAGE") => views::column_usage(world, item, rows),
        ("INFORMATION_SCHEMA", name) => {
            if let Item::Table(table) = item {
                match name {
                    "KEY_COLUMN_USAGE" => constraints::key_columns(world, item, table, rows),
                    "TABLE_CONSTRAINTS" => constraints::constraints(item, table, rows),
                    "CONSTRAINT_COLUMN_USAGE" => {
                        constraints::constraint_columns(item, table, rows);
                    }
                    "CONSTRAINT_TABLE_USAGE" => constraints::constraint_tables(item, table, rows),
                    "REFERENTIAL_CONSTRAINTS" => constraints::referential(world, table, rows),
                    "INDEXES" => constraints::indexes(item, table, rows),
                    "TRIGGERS" => routines::triggers(world, item, table, rows),
                    _ => {}
                }
            }
        }
        (_, "ClassDefinition" | "CompiledClass") => dictionary::classes(world, item, rows),
        (_, name) => {
            if let Item::Table(table) = item {
                match name {
                    "PropertyDefinition" => dictionary::properties(table, false, rows),
                    "CompiledProperty" => dictionary::properties(table, true, rows),
                    "IndexDefinition" | "CompiledIndex" => dictionary::indexes(table, rows),
                    "CompiledForeignKey" => dictionary::foreign_keys(world, table, rows),
                    _ => {}
                }
            }
        }
    }
}

/// All rows of a relation that is not about single objects.
pub(super) fn whole(relation: &Relation, world: &World<'_>) -> Option<Vec<Row>> {
    match relation.name {
        "SCHEMATA" => Some(instance::schemata(world)),
        "ROUTINES" => Some(routines::routines(world)),
        "PARAMETERS" => Some(routines::parameters(world)),
        "Namespace_List" => Some(instance::namespaces(world)),
        // Nothing of this is collected or exists here.
        "CHECK_CONSTRAINTS"
        | "COLUMN_HISTOGRAMS"
        | "CURRENT_STATEMENTS"
        | "FOREIGN_SERVERS"
        | "FOREIGN_TABLES"
        | "USER_DEFINED_AGGREGATES" => Some(Vec::new()),
        name if name.starts_with("ML_") || name.starts_with("STATEMENT") => Some(Vec::new()),
        _ => None,
    }
}

/// What a condition on a column says of the object whose rows these are.
pub(super) fn key(relation: &Relation, column: usize) -> Option<Key> {
    let name = relation.columns.get(column)?.name;
    if relation.schema == "%Dictionary" {
        return match (relation.name, name) {
            ("ClassDefinition" | "CompiledClass", "Name" | "ID") => Some(Key::Class),
            ("CompiledClass", "SqlSchemaName") => Some(Key::Schema),
            ("ClassDefinition" | "CompiledClass", "SqlTableName") => Some(Key::Name),
            ("IndexDefinition" | "CompiledIndex" | "CompiledForeignKey", "SqlName") => {
                Some(Key::Member)
            }
            (_, "parent") => Some(Key::Class),
            _ => None,
        };
    }
    let of_view = relation.name.starts_with("VIEW_");
    match name {
        "VIEW_SCHEMA" => Some(Key::Schema),
        "VIEW_NAME" => Some(Key::Name),
        "TABLE_SCHEMA" | "TABLE_NAME" if of_view => None,
        "TABLE_SCHEMA" | "CONSTRAINT_SCHEMA" | "INDEX_SCHEMA" => Some(Key::Schema),
        "TABLE_NAME" | "CONSTRAINT_TABLE_NAME" => Some(Key::Name),
        "CONSTRAINT_NAME" | "INDEX_NAME" => Some(Key::Member),
        "CLASSNAME" => Some(Key::Class),
        _ => None,
    }
}
