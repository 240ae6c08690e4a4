//! Executes DDL: changes the catalog and SQLite together.

mod index;
mod routine;
mod table;
mod view;

use std::sync::Arc;

use crate::Connection;
use crate::ast::{ObjectName, Statement as Syntax};
use crate::catalog::{Catalog, Table, View, same};
use crate::coordinator::TableMode;
use crate::error::{Result, SqlError};
use crate::run::sqlite_error;
use crate::session::lock;

pub(crate) use index::check_indexes;

/// A change that is being made.
pub(crate) struct Change {
    pub(crate) catalog: Catalog,
    /// What SQLite has to do, in order.
    pub(crate) sql: Vec<String>,
}

impl Connection {
    /// Runs a definition. It does not end an open transaction, and a rollback does not undo it.
    pub(crate) fn define(&mut self, statement: &Syntax) -> Result<()> {
        self.require_definition(statement)?;
        self.check_writable()?;
        self.publish()?;
        let session = self.session.clone();
        let tables = affected(statement, &self.catalog());
        self.alone_with(&tables, TableMode::Exclusive, &session.patience(-110))?;
        let result = self.define_alone(statement, &tables);
        session.coordinator.release(session.job);
        result
    }

    fn define_alone(&mut self, statement: &Syntax, tables: &[String]) -> Result<()> {
        self.batch("BEGIN IMMEDIATE")?;
        lock(&self.session.changes).quiet = true;
        let result = self.apply(statement).and_then(|change| {
            if change.is_some() {
                self.forget_records(tables)?;
            }
            Ok(change)
        });
        lock(&self.session.changes).quiet = false;
        match result {
            Ok(Some(change)) => {
                self.batch("COMMIT")?;
                self.namespace.publish(Arc::new(change.catalog));
                self.forget_dropped(statement)
            }
            Ok(None) => self.batch("ROLLBACK"),
            Err(error) => {
                self.batch("ROLLBACK")?;
                Err(error)
            }
        }
    }

    /// What the open transaction did to a table before its definition changed stays.
    fn forget_records(&self, tables: &[String]) -> Result<()> {
        for table in tables {
            lock(&self.session.changes).forget(table);
            self.sqlite
                .execute("DELETE FROM iris_undo WHERE table_name = ?1", [table])
                .map_err(sqlite_error)?;
        }
        Ok(())
    }

    /// The catalog, read again if another process changed the file.
    fn locked_catalog(&self) -> Result<Arc<Catalog>> {
        let catalog = self.catalog();
        let stored = crate::namespace::stored_generation(&self.sqlite).map_err(sqlite_error)?;
        if stored == catalog.generation {
            return Ok(catalog);
        }
        crate::namespace::load_catalog(&self.sqlite, self.namespace.version).map(Arc::new)
    }

    fn apply(&mut self, statement: &Syntax) -> Result<Option<Change>> {
        let current = self.locked_catalog()?;
        let mut change = Change {
            catalog: (*current).clone(),
            sql: Vec::new(),
        };
        if !self.prepare_change(statement, &mut change)? {
            return Ok(None);
        }
        change.catalog.generation += 1;
        change.catalog.settle_owners(&current, &self.session.user);
        for sql in &change.sql {
            self.sqlite
                .execute_batch(sql)
                .map_err(|error| definition_error(error, statement))?;
        }
        crate::catalog::store(&self.sqlite, &current, &change.catalog).map_err(sqlite_error)?;
        Ok(Some(change))
    }

    /// Works out the change; `false` if there is nothing to do.
    fn prepare_change(&mut self, statement: &Syntax, change: &mut Change) -> Result<bool> {
        let version = self.namespace.version;
        match statement {
            Syntax::CreateTable(def) => change.create_table(def, version),
            Syntax::CreateTableAs { .. } => change.create_table_as(statement, version),
            Syntax::DropTable {
                name,
                if_exists,
                behaviour,
            } => change.drop_table(name, *if_exists, *behaviour, self),
            Syntax::AlterTable { table, action } => self.alter(table, action, change),
            Syntax::CreateIndex { table, index } => change.create_index(table, index),
            Syntax::DropIndex {
                name,
                table,
                if_exists,
            } => change.drop_index(name, table.as_ref(), *if_exists),
            Syntax::CreateView(def) => change.create_view(def, version),
            Syntax::AlterView(def) => change.alter_view(def, version),
            Syntax::DropView {
                name,
                if_exists,
                behaviour,
            } => change.drop_view(name, *if_exists, *behaviour, version),
            Syntax::CreateRoutine(routine) => change.create_routine(routine, version),
            Syntax::DropRoutine {
                kind,
                name,
                if_exists,
            } => change.drop_routine(*kind, name, *if_exists),
            Syntax::CreateTrigger(trigger) => change.create_trigger(trigger, version),
            Syntax::DropTrigger {
                name,
                table,
                if_exists,
            } => change.drop_trigger(name, table.as_ref(), *if_exists),
            Syntax::CreateSchema {
                name,
                if_not_exists,
            } => change.create_schema(name, *if_not_exists),
            Syntax::DropSchema {
                name,
                if_exists,
                cascade,
            } => change.drop_schema(name, *if_exists, *cascade, self),
            _ => Err(SqlError::code(-51)),
        }
    }
}

/// The tables whose rows a definition touches.
fn affected(statement: &Syntax, catalog: &Catalog) -> Vec<String> {
    let named = |name: &ObjectName| catalog.find_table(name).map(|table| table.full_name());
    match statement {
        Syntax::DropTable { name, .. } | Syntax::AlterTable { table: name, .. } => {
            named(name).into_iter().collect()
        }
        Syntax::DropSchema { name, .. } => catalog
            .tables()
            .filter(|table| same(&table.schema, name))
            .map(|table| table.full_name())
            .collect(),
        _ => Vec::new(),
    }
}

/// A constraint that the rows that are there already violate.
fn definition_error(error: rusqlite::Error, statement: &Syntax) -> SqlError {
    let converted = sqlite_error(error);
    if converted.message.contains("UNIQUE constraint failed") {
        let code = if matches!(statement, Syntax::CreateIndex { .. }) {
            -400
        } else {
            -125
        };
        return SqlError::new(code, converted.message);
    }
    converted
}

impl Change {
    /// `false` if it exists and may; -476 if it may not.
    fn create_schema(&mut self, name: &str, if_not_exists: bool) -> Result<bool> {
        if !self.catalog.has_schema(name) {
            self.catalog.put_schema(name);
            return Ok(true);
        }
        if if_not_exists {
            Ok(false)
        } else {
            Err(SqlError::new(-476, name))
        }
    }

    fn drop_schema(
        &mut self,
        name: &str,
        if_exists: bool,
        cascade: bool,
        connection: &Connection,
    ) -> Result<bool> {
        if !self.catalog.has_schema(name) {
            return if if_exists {
                Ok(false)
            } else {
                Err(SqlError::new(-473, name))
            };
        }
        let tables: Vec<Arc<Table>> = self
            .catalog
            .tables()
            .filter(|table| same(&table.schema, name))
            .cloned()
            .collect();
        let views: Vec<Arc<View>> = self
            .catalog
            .views()
            .filter(|view| same(&view.schema, name))
            .cloned()
            .collect();
        let routines = self.catalog.routines_of(name);
        let empty = tables.is_empty() && views.is_empty() && routines.is_empty();
        if !cascade && !empty {
            return Err(SqlError::new(-482, name));
        }
        for routine in routines {
            self.catalog.remove_routine(routine.kind, &routine.name)?;
        }
        for view in views {
            self.catalog.remove_view(&view);
        }
        for table in tables {
            self.remove(&table, connection);
        }
        self.catalog.remove_schema(name);
        Ok(true)
    }
}
