//! Executes DDL: changes the catalog and SQLite together.

use std::sync::Arc;

use crate::ast::{IndexDef, IndexKind, ObjectName, Statement as Syntax};
use crate::catalog::{
    Catalog, Column, Table, View, build_table, not_found, qualified, quoted, same,
};
use crate::collation::Collation;
use crate::coordinator::TableMode;
use crate::error::{Result, SqlError};
use crate::run::sqlite_error;
use crate::session::lock;
use crate::{Connection, storage};

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
                .map_err(|error| sqlite_error(error, None))?;
        }
        Ok(())
    }

    /// The catalog, read again if another process changed the file.
    fn locked_catalog(&self) -> Result<Arc<Catalog>> {
        let catalog = self.catalog();
        let stored = crate::namespace::stored_generation(&self.sqlite)
            .map_err(|error| sqlite_error(error, None))?;
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
        crate::namespace::store_catalog(&self.sqlite, &change.catalog)
            .map_err(|error| sqlite_error(error, None))?;
        Ok(Some(change))
    }

    /// Works out the change; `false` if there is nothing to do.
    fn prepare_change(&mut self, statement: &Syntax, change: &mut Change) -> Result<bool> {
        let version = self.namespace.version;
        match statement {
            Syntax::CreateTable(def) => {
                if !check_new(&def.name, def.if_not_exists, &change.catalog)? {
                    return Ok(false);
                }
                let table = build_table(def, &change.catalog, version)?;
                change.create(table, version)?;
            }
            Syntax::CreateTableAs {
                name,
                if_not_exists,
                query,
            } => {
                if !check_new(name, *if_not_exists, &change.catalog)? {
                    return Ok(false);
                }
                let (sql, columns) = crate::binder::bind_query(query, &change.catalog, version)?;
                let table = table_of(name, columns);
                let names: Vec<String> = table
                    .columns
                    .iter()
                    .map(|column| quoted(&column.name))
                    .collect();
                let target = quoted(&table.full_name());
                change.create(table, version)?;
                change
                    .sql
                    .push(format!("INSERT INTO {target} ({}) {sql}", names.join(",")));
            }
            Syntax::DropTable { name, if_exists } => {
                return change.drop_table(name, *if_exists, self);
            }
            Syntax::AlterTable { table, action } => return self.alter(table, action, change),
            Syntax::CreateIndex { table, index } => change.create_index(table, index)?,
            Syntax::DropIndex {
                name,
                table,
                if_exists,
            } => {
                return change.drop_index(name, table.as_ref(), *if_exists);
            }
            Syntax::CreateView {
                name,
                columns,
                query,
                text,
                replace,
            } => {
                if change.catalog.find_table(name).is_some()
                    || change.catalog.find_view(name).is_some() && !replace
                {
                    return Err(SqlError::new(-201, &name.name));
                }
                let (_, bound) = crate::binder::bind_query(query, &change.catalog, version)?;
                if !columns.is_empty() && columns.len() != bound.len() {
                    return Err(SqlError::code(-142));
                }
                let (schema, name) = qualified(name);
                let (schema, name) = (schema.to_owned(), name.to_owned());
                let (columns, query, text) = (columns.clone(), query.clone(), text.clone());
                change.catalog.put_view(View {
                    schema,
                    name,
                    columns,
                    query,
                    text,
                });
            }
            Syntax::DropView { name, if_exists } => match change.catalog.find_view(name).cloned() {
                Some(view) => change.catalog.remove_view(&view),
                None if *if_exists => return Ok(false),
                None => return Err(not_found(name)),
            },
            Syntax::CreateSchema {
                name,
                if_not_exists,
            } => {
                if change.catalog.has_schema(name) {
                    return if *if_not_exists {
                        Ok(false)
                    } else {
                        Err(SqlError::new(-476, name))
                    };
                }
                change.catalog.put_schema(name);
            }
            Syntax::DropSchema {
                name,
                if_exists,
                cascade,
            } => {
                return change.drop_schema(name, *if_exists, *cascade, self);
            }
            _ => return Err(SqlError::code(-51)),
        }
        Ok(true)
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

/// `false` if it exists and may; -201 if it may not.
fn check_new(name: &ObjectName, if_not_exists: bool, catalog: &Catalog) -> Result<bool> {
    if catalog.find_table(name).is_none() && catalog.find_view(name).is_none() {
        return Ok(true);
    }
    let (schema, table) = qualified(name);
    if if_not_exists {
        Ok(false)
    } else {
        Err(SqlError::new(
            -201,
            format!("Table '{schema}.{table}' already exists"),
        ))
    }
}

/// The table that CREATE TABLE AS makes: names and types, no constraints.
fn table_of(name: &ObjectName, columns: Vec<crate::plan::OutputColumn>) -> Table {
    let (schema, name) = qualified(name);
    let column = |column: crate::plan::OutputColumn| Column {
        name: column.label,
        ty: column.ty,
        required: false,
        identity: false,
        serial: false,
        row_version: false,
        declared: crate::datatype::Declared::default(),
        default: None,
        collation: Collation::SqlUpper,
        description: None,
    };
    let columns: Vec<Column> = columns.into_iter().map(column).collect();
    let taken = columns.iter().any(|column| same(&column.name, "ID"));
    Table {
        schema: schema.to_owned(),
        name: name.to_owned(),
        temporary: false,
        row_id: if taken { "ID1" } else { "ID" }.to_owned(),
        row_id_public: false,
        columnar: false,
        columns,
        keys: Vec::new(),
        foreign_keys: Vec::new(),
        indexes: Vec::new(),
        description: None,
        parameters: Vec::new(),
    }
}

/// A constraint that the rows that are there already violate.
fn definition_error(error: rusqlite::Error, statement: &Syntax) -> SqlError {
    let converted = sqlite_error(error, None);
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
    pub(crate) fn create(&mut self, table: Table, version: crate::Version) -> Result<()> {
        self.catalog.put_table(table.clone());
        if table.temporary {
            return Ok(());
        }
        self.sql
            .push(storage::create_table(&table, &table.full_name()));
        self.sql.extend(storage::create_indexes(&table));
        for foreign in &table.foreign_keys {
            self.sql.extend(storage::create_triggers(
                &table,
                foreign,
                &self.catalog,
                version,
            )?);
        }
        Ok(())
    }

    fn drop_table(
        &mut self,
        name: &ObjectName,
        if_exists: bool,
        connection: &Connection,
    ) -> Result<bool> {
        let Some(table) = self.catalog.find_table(name).cloned() else {
            return if if_exists {
                Ok(false)
            } else {
                Err(not_found(name))
            };
        };
        let referring = self
            .catalog
            .referencing(&table)
            .find(|(child, _)| child.full_name() != table.full_name());
        if let Some((child, foreign)) = referring {
            return Err(SqlError::new(
                -320,
                format!("{}.{}", child.full_name(), foreign.name),
            ));
        }
        self.remove(&table, connection);
        Ok(true)
    }

    fn remove(&mut self, table: &Table, connection: &Connection) {
        for foreign in &table.foreign_keys {
            self.sql.extend(storage::drop_triggers(table, foreign));
        }
        self.sql.push(format!(
            "DROP TABLE IF EXISTS {}",
            quoted(&table.full_name())
        ));
        self.catalog.remove_table(table);
        connection.session.counters.forget(&table.full_name());
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
        if !cascade && (!tables.is_empty() || !views.is_empty()) {
            return Err(SqlError::new(-482, name));
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

    fn create_index(&mut self, name: &ObjectName, index: &IndexDef) -> Result<()> {
        let mut table = (*self.catalog.table(name)?).clone();
        let taken = table
            .indexes
            .iter()
            .any(|other| same(&other.name, &index.name))
            || table.keys.iter().any(|key| same(&key.name, &index.name));
        if taken {
            return Err(SqlError::new(-324, &index.name));
        }
        let mut index = index.clone();
        for column in index.columns.iter_mut().chain(&mut index.data) {
            let found = table
                .column(column)
                .ok_or_else(|| SqlError::new(-31, &*column))?;
            found.indexable()?;
            *column = found.name.clone();
        }
        if let IndexKind::Hnsw(parameters) = &index.kind {
            crate::hnsw::check(&table, &index.columns, parameters)?;
        }
        if !table.temporary {
            self.sql.extend(storage::create_index(&table, &index));
        }
        table.indexes.push(index);
        self.catalog.put_table(table);
        Ok(())
    }

    fn drop_index(
        &mut self,
        name: &str,
        table: Option<&ObjectName>,
        if_exists: bool,
    ) -> Result<bool> {
        let candidates: Vec<Arc<Table>> = match table {
            Some(table) => vec![self.catalog.table(table)?],
            None => self.catalog.tables().cloned().collect(),
        };
        let has = |table: &Arc<Table>| table.indexes.iter().any(|index| same(&index.name, name));
        let mut owners = candidates.into_iter().filter(has);
        let Some(owner) = owners.next() else {
            return if if_exists {
                Ok(false)
            } else {
                Err(SqlError::new(-333, name))
            };
        };
        if owners.next().is_some() {
            return Err(SqlError::new(-334, name));
        }
        let mut table = (*owner).clone();
        if let Some(index) = table.indexes.iter().find(|index| same(&index.name, name)) {
            self.sql.push(storage::drop_index(&table, &index.name));
        }
        table.indexes.retain(|index| !same(&index.name, name));
        self.catalog.put_table(table);
        Ok(true)
    }
}
