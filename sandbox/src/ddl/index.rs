//! CREATE INDEX and DROP INDEX.

use std::sync::Arc;

use super::Change;
use crate::ast::{ComputeTime, IndexDef, IndexKind, ObjectName};
use crate::catalog::{Table, same};
use crate::error::{Result, SqlError};
use crate::storage;

/// The indexes of BUILD INDEX must exist: -151.
pub(crate) fn check_indexes(table: &Table, names: &[String]) -> Result<()> {
    let known = |name: &String| {
        table.indexes.iter().any(|index| same(&index.name, name))
            || table.keys.iter().any(|key| same(&key.name, name))
    };
    match names.iter().find(|name| !known(name)) {
        Some(name) => Err(SqlError::new(-151, name)),
        None => Ok(()),
    }
}

impl Change {
    pub(super) fn create_index(&mut self, name: &ObjectName, index: &IndexDef) -> Result<bool> {
        let mut table = (*self.catalog.table(name)?).clone();
        let taken = table
            .indexes
            .iter()
            .any(|other| same(&other.name, &index.name))
            || table.keys.iter().any(|key| same(&key.name, &index.name));
        if taken {
            return Err(SqlError::new(-324, &index.name));
        }
        table.room_for_index()?;
        let mut index = index.clone();
        for column in index.columns.iter_mut().chain(&mut index.data) {
            let found = table
                .column(column)
                .ok_or_else(|| SqlError::new(-31, &*column))?;
            found.indexable()?;
            *column = found.name.clone();
        }
        let transient = |name: &String| {
            let column = table.column(name);
            column
                .and_then(|c| c.computed.as_ref())
                .is_some_and(|c| c.when == ComputeTime::Transient)
        };
        if let Some(name) = index.columns.iter().find(|name| transient(name)) {
            return Err(SqlError::new(-400, format!("{name} is TRANSIENT")));
        }
        if let IndexKind::Hnsw(parameters) = &index.kind {
            crate::hnsw::check(&table, &index.columns, parameters)?;
        }
        if !table.temporary {
            self.sql.extend(storage::create_index(&table, &index));
        }
        if index.kind == IndexKind::Special("BITMAPEXTENT".to_owned()) {
            // A table has one; another name renames it.
            table.indexes.retain(|other| other.kind != index.kind);
        }
        table.indexes.push(index);
        self.catalog.put_table(table);
        Ok(true)
    }

    pub(super) fn drop_index(
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
