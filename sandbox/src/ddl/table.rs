//! CREATE TABLE and DROP TABLE.

use super::Change;
use crate::ast::{DropBehaviour, ObjectName, Statement, TableDef};
use crate::catalog::{Column, Table, build_table, not_found, qualified, quoted, same};
use crate::collation::Collation;
use crate::error::{Result, SqlError};
use crate::plan::OutputColumn;
use crate::{Connection, Version, storage};

impl Change {
    /// `false` if it exists and may; -201 if it may not.
    fn check_new(&self, name: &ObjectName, if_not_exists: bool) -> Result<bool> {
        if self.catalog.find_table(name).is_none() && self.catalog.find_view(name).is_none() {
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

    pub(super) fn create_table(&mut self, def: &TableDef, version: Version) -> Result<bool> {
        if !self.check_new(&def.name, def.if_not_exists)? {
            return Ok(false);
        }
        let table = build_table(def, &self.catalog, version)?;
        self.create(table, version)?;
        Ok(true)
    }

    fn create(&mut self, table: Table, version: Version) -> Result<()> {
        self.catalog.put_table(table.clone());
        if table.temporary {
            return Ok(());
        }
        self.sql
            .push(storage::create_table(&table, &table.full_name())?);
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

    /// Names, types and rows are copied; constraints, defaults and indexes are not.
    pub(super) fn create_table_as(
        &mut self,
        statement: &Statement,
        version: Version,
    ) -> Result<bool> {
        let Statement::CreateTableAs {
            name,
            if_not_exists,
            query,
            columnar,
            parameters,
        } = statement
        else {
            return Ok(false);
        };
        if !self.check_new(name, *if_not_exists)? {
            return Ok(false);
        }
        let (sql, columns) = crate::binder::bind_query(query, &self.catalog, version)?;
        let mut table = table_of(name, columns, *columnar)?;
        table.parameters.clone_from(parameters);
        let names: Vec<String> = table
            .columns
            .iter()
            .map(|column| quoted(&column.name))
            .collect();
        let target = quoted(&table.full_name());
        self.create(table, version)?;
        self.sql
            .push(format!("INSERT INTO {target} ({}) {sql}", names.join(",")));
        Ok(true)
    }

    /// -320 while other tables refer to it, even with CASCADE; -321 while views are made of it, which CASCADE drops.
    pub(super) fn drop_table(
        &mut self,
        name: &ObjectName,
        if_exists: bool,
        behaviour: DropBehaviour,
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
        let version = connection.namespace.version;
        self.release_views(&table.full_name(), behaviour, version)?;
        self.remove(&table, connection);
        Ok(true)
    }

    /// Takes a table out, with its keys, triggers and counters.
    pub(super) fn remove(&mut self, table: &Table, connection: &Connection) {
        for foreign in &table.foreign_keys {
            self.sql.extend(storage::drop_triggers(table, foreign));
        }
        self.sql.push(format!(
            "DROP TABLE IF EXISTS {}",
            quoted(&table.full_name())
        ));
        self.catalog.move_triggers(table, None);
        self.catalog.remove_table(table);
        connection.session.counters.forget(&table.full_name());
    }
}

/// The table that CREATE TABLE AS makes: names and types, no constraints.
fn table_of(name: &ObjectName, columns: Vec<OutputColumn>, columnar: bool) -> Result<Table> {
    let (schema, name) = qualified(name);
    let collation = if columnar {
        Collation::Exact
    } else {
        Collation::SqlUpper
    };
    let columns: Vec<Column> = columns
        .into_iter()
        .map(|column| Column::plain(column.label, column.ty, collation))
        .collect();
    for (n, column) in columns.iter().enumerate() {
        if columns[..n]
            .iter()
            .any(|other| same(&other.name, &column.name))
        {
            return Err(SqlError::new(-306, &column.name));
        }
    }
    let taken = columns.iter().any(|column| same(&column.name, "ID"));
    Ok(Table {
        schema: schema.to_owned(),
        name: name.to_owned(),
        temporary: false,
        row_id: if taken { "ID1" } else { "ID" }.to_owned(),
        row_id_public: false,
        columnar,
        columns,
        keys: Vec::new(),
        foreign_keys: Vec::new(),
        indexes: Vec::new(),
        description: None,
        parameters: Vec::new(),
    })
}
