//! Transactions: levels, savepoints, and what SQLite needs to hear of them.
//!
//! Nothing is begun in SQLite before the first write, so readers never hold a
//! snapshot: IRIS has none. Savepoints set before that are made up for then.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::Connection;
use crate::ast::{Isolation, TransactionModes};
use crate::catalog::key;
use crate::error::{Result, SqlError};
use crate::run::sqlite_error;

/// Most levels that a transaction may have.
const MOST_LEVELS: usize = 255;

/// The open transaction of a connection, if any.
#[derive(Debug, Default)]
pub(crate) struct Transaction {
    pub(crate) open: bool,
    /// SQLite has begun: this connection holds the write lock.
    pub(crate) writing: bool,
    savepoints: Vec<String>,
    /// SQL of the DDL executed so far; a rollback does not undo DDL, so it is run again.
    pub(crate) ddl: Vec<String>,
    read_only: bool,
    /// `%COMMITMODE EXPLICIT`: the first write opens a transaction.
    explicit: bool,
}

impl Transaction {
    fn level(&self) -> u32 {
        if self.open {
            u32::try_from(self.savepoints.len())
                .unwrap_or(u32::MAX)
                .saturating_add(1)
        } else {
            0
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if self.transaction.open {
            // Nobody is left to hear of an error.
            drop(self.rollback());
        }
    }
}

impl Connection {
    fn show_level(&self) {
        self.session
            .level
            .store(self.transaction.level(), Ordering::Relaxed);
    }

    /// START TRANSACTION; within a transaction only the modes change.
    pub(crate) fn start_transaction(&mut self, modes: TransactionModes) {
        self.set_transaction(modes);
        self.transaction.open = true;
        self.show_level();
    }

    pub(crate) fn set_transaction(&mut self, modes: TransactionModes) {
        if let Some(isolation) = modes.isolation {
            let mode = match isolation {
                Isolation::ReadUncommitted => 0,
                Isolation::ReadCommitted => 1,
                Isolation::ReadVerified => 3,
            };
            self.session.isolation.store(mode, Ordering::Relaxed);
        }
        if let Some(read_only) = modes.read_only {
            self.transaction.read_only = read_only;
        }
        if let Some(mode) = modes.commit_mode {
            self.transaction.explicit = mode == 2;
        }
    }

    /// Gets the write lock, -110 after the lock timeout. Outside a transaction
    /// the statement's own commit will do, unless `%COMMITMODE EXPLICIT` opens one.
    pub(crate) fn begin_write(&mut self) -> Result<()> {
        if self.transaction.explicit && !self.transaction.open {
            self.transaction.open = true;
            self.show_level();
        }
        if !self.transaction.open || self.transaction.writing {
            return Ok(());
        }
        self.batch("BEGIN IMMEDIATE")?;
        self.transaction.writing = true;
        for n in 0..self.transaction.savepoints.len() {
            self.batch(&format!("SAVEPOINT s{n}"))?;
        }
        Ok(())
    }

    pub(crate) fn commit(&mut self) -> Result<()> {
        if self.transaction.writing {
            self.batch("COMMIT")?;
        }
        self.finish()
    }

    pub(crate) fn rollback(&mut self) -> Result<()> {
        if self.transaction.writing {
            self.batch("ROLLBACK")?;
            self.replay_ddl()?;
        }
        self.finish()
    }

    fn finish(&mut self) -> Result<()> {
        if let Some(catalog) = self.changed_catalog.take() {
            self.namespace.publish(catalog);
        }
        self.transaction.open = false;
        self.transaction.writing = false;
        self.transaction.savepoints.clear();
        self.transaction.ddl.clear();
        self.show_level();
        Ok(())
    }

    /// Runs the transaction's DDL again after a rollback took it back.
    fn replay_ddl(&mut self) -> Result<()> {
        if self.transaction.ddl.is_empty() {
            return Ok(());
        }
        self.batch("BEGIN IMMEDIATE")?;
        self.replay_statements()?;
        self.batch("COMMIT")
    }

    fn replay_statements(&mut self) -> Result<()> {
        for sql in &self.transaction.ddl {
            // What depended on rows that are gone again may fail, and then there is nothing to keep.
            drop(self.sqlite.execute_batch(sql));
        }
        if let Some(catalog) = &self.changed_catalog {
            crate::namespace::store_catalog(&self.sqlite, catalog)
                .map_err(|error| sqlite_error(error, None))?;
        }
        Ok(())
    }

    /// SAVEPOINT: one level more; outside a transaction it opens one.
    pub(crate) fn savepoint(&mut self, name: &str) -> Result<()> {
        self.transaction.open = true;
        if self.transaction.savepoints.len() + 1 >= MOST_LEVELS {
            return Err(SqlError::new(-400, "<TRANSACTION LEVEL>"));
        }
        if self.transaction.writing {
            self.batch(&format!("SAVEPOINT s{}", self.transaction.savepoints.len()))?;
        }
        self.transaction.savepoints.push(key(name));
        self.show_level();
        Ok(())
    }

    /// ROLLBACK TO SAVEPOINT: undoes and removes it and what came after. An
    /// unknown name rolls everything back and is -375.
    pub(crate) fn rollback_to(&mut self, name: &str) -> Result<()> {
        let wanted = key(name);
        let Some(position) = self
            .transaction
            .savepoints
            .iter()
            .rposition(|savepoint| *savepoint == wanted)
        else {
            self.rollback()?;
            return Err(SqlError::new(-375, name));
        };
        if self.transaction.writing {
            self.batch(&format!("ROLLBACK TO s{position}; RELEASE s{position}"))?;
            if !self.transaction.ddl.is_empty() {
                self.replay_statements()?;
            }
        }
        self.transaction.savepoints.truncate(position);
        self.show_level();
        Ok(())
    }

    /// Writes in a READ ONLY transaction are refused.
    pub(crate) fn check_writable(&self) -> Result<()> {
        if self.transaction.open && self.transaction.read_only {
            return Err(SqlError::new(-115, "transaction is READ ONLY"));
        }
        Ok(())
    }

    /// Runs SQL that yields nothing.
    pub(crate) fn batch(&self, sql: &str) -> Result<()> {
        self.sqlite
            .execute_batch(sql)
            .map_err(|error| sqlite_error(error, None))
    }

    /// A changed catalog for this connection, shared when the transaction ends.
    pub(crate) fn adopt(&mut self, catalog: crate::catalog::Catalog) {
        let catalog = Arc::new(catalog);
        if self.transaction.open {
            self.changed_catalog = Some(catalog);
        } else {
            self.namespace.publish(catalog);
        }
    }
}
