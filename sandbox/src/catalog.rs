//! What exists in the namespace: tables, views, schemas.
//!
//! A catalog is immutable; DDL makes a changed copy. It is stored as DDL text,
//! which [`render`] writes and the parser reads back.

mod build;
mod limits;
mod owner;
mod render;
mod routine;
mod store;
mod table;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::Version;
use crate::ast::{ObjectName, RoutineDef, Statement, TriggerDef, ViewDef, ViewOption};
use crate::error::{Result, SqlError};

pub(crate) use build::{add_columns, add_foreign_key, add_key, build_table, check_compute_code};
pub(crate) use owner::load as load_owners;
pub(crate) use render::{index_ddl, quoted, table_ddl};
pub(crate) use store::{SCHEMA, convert_list, load as load_definitions, store};
pub(crate) use table::{Column, Foreign, Key, Table, class_name};

/// Where unqualified names live.
pub(crate) const DEFAULT_SCHEMA: &str = "SQLUser";

/// A view: expanded wherever it is named.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct View {
    pub(crate) schema: String,
    pub(crate) name: String,
    pub(crate) columns: Vec<String>,
    pub(crate) query: crate::ast::Query,
    pub(crate) text: String,
    pub(crate) option: ViewOption,
}

impl From<ViewDef> for View {
    fn from(def: ViewDef) -> Self {
        let (schema, name) = qualified(&def.name);
        Self {
            schema: schema.to_owned(),
            name: name.to_owned(),
            columns: def.columns,
            query: def.query,
            text: def.text,
            option: def.option,
        }
    }
}

/// Everything that DDL made.
#[derive(Clone, Debug, Default)]
pub(crate) struct Catalog {
    /// Increases with every change; plans of another generation are made anew.
    pub(crate) generation: u64,
    tables: BTreeMap<String, Arc<Table>>,
    views: BTreeMap<String, Arc<View>>,
    schemas: BTreeSet<String>,
    /// By schema and name, as [`object_key`] writes them.
    owners: BTreeMap<String, String>,
    routines: BTreeMap<String, Arc<RoutineDef>>,
    triggers: BTreeMap<String, Arc<TriggerDef>>,
}

/// Names are compared in upper case, delimited ones too.
pub(crate) fn key(name: &str) -> String {
    name.to_uppercase()
}

/// Are these the same name?
pub(crate) fn same(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b) || a.to_uppercase() == b.to_uppercase()
}

fn object_key(schema: &str, name: &str) -> String {
    format!("{}.{}", key(schema), key(name))
}

/// The schema and name of an object, the default schema filled in.
pub(crate) fn qualified(name: &ObjectName) -> (&str, &str) {
    (name.schema.as_deref().unwrap_or(DEFAULT_SCHEMA), &name.name)
}

impl Catalog {
    /// Reads stored definitions; foreign keys last, when every table is there.
    pub(crate) fn load(definitions: &[String], version: Version) -> Result<Self> {
        let mut catalog = Self::default();
        let mut foreign_keys = Vec::new();
        for text in definitions {
            match crate::parser::parse(text, version)?.0 {
                Statement::CreateTable(mut def) => {
                    let deferred = std::mem::take(&mut def.foreign_keys);
                    foreign_keys.push((def.name.clone(), deferred));
                    let table = build_table(&def, &catalog, version)?;
                    catalog.put_table(table);
                }
                Statement::CreateIndex { table, index } => {
                    let mut changed = (*catalog.table(&table)?).clone();
                    changed.indexes.push(index);
                    catalog.put_table(changed);
                }
                Statement::CreateView(def) => catalog.put_view(def.into()),
                Statement::CreateRoutine(mut routine) => {
                    routine.replace = true;
                    catalog.put_routine(*routine)?;
                }
                Statement::CreateTrigger(trigger) => drop(catalog.put_trigger(*trigger)?),
                Statement::CreateSchema { name, .. } => catalog.put_schema(&name),
                _ => {
                    return Err(SqlError::new(
                        -400,
                        "the sandbox file holds an unknown definition",
                    ));
                }
            }
        }
        for (name, deferred) in foreign_keys {
            let mut table = (*catalog.table(&name)?).clone();
            for foreign in &deferred {
                add_foreign_key(&mut table, foreign, &catalog)?;
            }
            catalog.put_table(table);
        }
        Ok(catalog)
    }

    pub(crate) fn put_owners(&mut self, owners: BTreeMap<String, String>) {
        self.owners = owners;
    }

    pub(crate) fn find_table(&self, name: &ObjectName) -> Option<&Arc<Table>> {
        let (schema, name) = qualified(name);
        self.tables.get(&object_key(schema, name))
    }

    /// The table, or -30.
    pub(crate) fn table(&self, name: &ObjectName) -> Result<Arc<Table>> {
        self.find_table(name)
            .cloned()
            .ok_or_else(|| not_found(name))
    }

    pub(crate) fn find_view(&self, name: &ObjectName) -> Option<&Arc<View>> {
        let (schema, name) = qualified(name);
        self.views.get(&object_key(schema, name))
    }

    pub(crate) fn tables(&self) -> impl Iterator<Item = &Arc<Table>> {
        self.tables.values()
    }

    pub(crate) fn views(&self) -> impl Iterator<Item = &Arc<View>> {
        self.views.values()
    }

    /// Foreign keys that point to this table, with the tables they belong to.
    pub(crate) fn referencing<'a>(
        &'a self,
        target: &'a Table,
    ) -> impl Iterator<Item = (&'a Arc<Table>, &'a Foreign)> {
        self.tables().flat_map(move |table| {
            let keys = table
                .foreign_keys
                .iter()
                .filter(|foreign| foreign.points_to(target));
            keys.map(move |foreign| (table, foreign))
        })
    }

    /// Schemas that own a table or view, in the case of the first object found.
    pub(crate) fn visible_schemas(&self) -> Vec<String> {
        let mut schemas: BTreeMap<String, String> = BTreeMap::new();
        let names = self
            .tables()
            .map(|t| &t.schema)
            .chain(self.views().map(|v| &v.schema));
        for name in names {
            schemas.entry(key(name)).or_insert_with(|| name.clone());
        }
        schemas.into_values().collect()
    }

    /// Was it created, or does it own something?
    pub(crate) fn has_schema(&self, name: &str) -> bool {
        self.schemas.contains(&key(name))
            || self
                .visible_schemas()
                .iter()
                .any(|schema| same(schema, name))
    }

    pub(crate) fn put_schema(&mut self, name: &str) {
        self.schemas.insert(key(name));
    }

    pub(crate) fn remove_schema(&mut self, name: &str) {
        self.schemas.remove(&key(name));
    }

    pub(crate) fn put_table(&mut self, table: Table) {
        self.tables
            .insert(object_key(&table.schema, &table.name), Arc::new(table));
    }

    /// Its triggers stay; [`Catalog::move_triggers`] takes them along.
    pub(crate) fn remove_table(&mut self, table: &Table) {
        self.tables.remove(&object_key(&table.schema, &table.name));
    }

    pub(crate) fn put_view(&mut self, view: View) {
        self.views
            .insert(object_key(&view.schema, &view.name), Arc::new(view));
    }

    /// Leaves out the table or view of this full name.
    pub(crate) fn forget(&mut self, full_name: &str) {
        let key = key(full_name);
        self.tables.remove(&key);
        self.views.remove(&key);
    }

    pub(crate) fn remove_view(&mut self, view: &View) {
        self.views.remove(&object_key(&view.schema, &view.name));
    }
}

/// -30, with IRIS's `%msg`.
pub(crate) fn not_found(name: &ObjectName) -> SqlError {
    let (schema, name) = qualified(name);
    SqlError::new(
        -30,
        format!(
            "Table '{}.{}' not found",
            schema.to_uppercase(),
            name.to_uppercase()
        ),
    )
}
