//! Transactions: levels, savepoints, commit and rollback.
//!
//! Nothing is begun in SQLite before the first write, so readers never hold a
//! snapshot: IRIS has none. What is taken back is taken back by the journal.

use std::sync::atomic::Ordering;

use crate::Connection;
use crate::ast::{Isolation, TransactionModes};
use crate::catalog::key;
use crate::coordinator::{TableMode, Wait};
use crate::error::{Result, SqlError};
use crate::run::sqlite_error;
use crate::session::lock;

/// `%COMMITMODE EXPLICIT`: the first write opens a transaction.
const EXPLICIT: u8 = 2;

/// Most levels that a transaction may have.
const MOST_LEVELS: usize = 255;

/// The open transaction of a connection, if any.
#[derive(Debug, Default)]
pub(crate) struct Transaction {
    pub(crate) open: bool,
    /// By START TRANSACTION, which counts as a level; SAVEPOINT alone does not.
    started: bool,
    /// SQLite has begun: this connection holds the write lock.
    pub(crate) writing: bool,
    /// Part of it is committed in SQLite: only the journal can take it back.
    pub(crate) published: bool,
    /// Names, and where the journal was.
    savepoints: Vec<(String, i64)>,
    /// UNLOCK without IMMEDIATE waits for the end.
    pub(crate) unlocks: Vec<(String, TableMode)>,
    read_only: bool,
}

impl Transaction {
    fn level(&self) -> u32 {
        let savepoints = u32::try_from(self.savepoints.len()).unwrap_or(u32::MAX);
        if self.open {
            savepoints.saturating_add(self.started.into())
        } else {
            0
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        // Nobody is left to hear of an error.
        if self.resume().is_ok() && self.transaction.open {
            drop(self.rollback());
        }
        self.session.coordinator.part(self.session.job);
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
        self.transaction.started |= !self.transaction.open;
        self.transaction.open = true;
        self.show_level();
    }

    pub(crate) fn set_transaction(&mut self, modes: TransactionModes) {
        if let Some(isolation) = modes.isolation {
            let mode = match isolation {
                Isolation::Uncommitted => 0,
                Isolation::Committed => 1,
                Isolation::Verified => 3,
            };
            self.session.isolation.store(mode, Ordering::Relaxed);
        }
        if let Some(read_only) = modes.read_only {
            self.transaction.read_only = read_only;
        }
        if let Some(mode) = modes.commit_mode {
            self.session.commit_mode.store(mode, Ordering::Relaxed);
        }
    }

    /// Gets the right to write, -110 after the lock timeout. Outside a transaction
    /// the statement's own commit will do, unless `%COMMITMODE EXPLICIT` opens one.
    pub(crate) fn begin_write(&mut self, wait: &Wait<'_>) -> Result<()> {
        let explicit = self.session.commit_mode.load(Ordering::Relaxed) == EXPLICIT;
        if explicit && !self.transaction.open {
            self.transaction.started = true;
            self.transaction.open = true;
            self.show_level();
        }
        self.session.coordinator.acquire(self.session.job, wait)?;
        if self.transaction.open {
            self.begin_sqlite()?;
        }
        Ok(())
    }

    fn begin_sqlite(&mut self) -> Result<()> {
        if !self.transaction.writing {
            if let Err(error) = self.batch("BEGIN IMMEDIATE") {
                self.session.coordinator.release(self.session.job);
                return Err(error);
            }
            self.transaction.writing = true;
        }
        Ok(())
    }

    pub(crate) fn commit(&mut self) -> Result<()> {
        let recorded = lock(&self.session.changes).recorded;
        if recorded {
            self.begin_end()?;
            self.sqlite
                .execute(
                    "DELETE FROM iris_undo WHERE owner = ?1",
                    [self.session.owner],
                )
                .map_err(sqlite_error)?;
        }
        if self.transaction.writing {
            self.batch("COMMIT")?;
            self.transaction.writing = false;
        }
        self.finish();
        Ok(())
    }

    pub(crate) fn rollback(&mut self) -> Result<()> {
        let (position, temporary) = {
            let changes = lock(&self.session.changes);
            (changes.position, changes.temporary)
        };
        if self.transaction.published && position > 0 || temporary {
            self.undo_after(0)?;
            self.batch("COMMIT")?;
            self.transaction.writing = false;
        } else if self.transaction.writing {
            self.batch("ROLLBACK")?;
            self.transaction.writing = false;
            self.forget_truncated();
        }
        self.finish();
        Ok(())
    }

    /// The right to write, however long it takes: a transaction must end.
    fn begin_end(&mut self) -> Result<()> {
        self.session
            .coordinator
            .acquire(self.session.job, &Wait::forever())?;
        self.begin_sqlite()
    }

    /// Takes back what the journal has after `position`.
    fn undo_after(&mut self, position: i64) -> Result<()> {
        self.begin_end()?;
        let session = self.session.clone();
        let ranges = {
            let mut changes = lock(&session.changes);
            changes.quiet = true;
            changes.take_after(position)
        };
        session.no_check.store(true, Ordering::Relaxed);
        session.no_trigger.store(true, Ordering::Relaxed);
        let catalog = self.catalog();
        let result = crate::journal::undo(&self.sqlite, &catalog, session.owner, position, ranges);
        session.no_check.store(false, Ordering::Relaxed);
        session.no_trigger.store(false, Ordering::Relaxed);
        lock(&session.changes).quiet = false;
        self.forget_truncated();
        result.map_err(sqlite_error)
    }

    /// Rows are back: their counters go on where they end.
    fn forget_truncated(&self) {
        let truncated = std::mem::take(&mut lock(&self.session.changes).truncated);
        for table in truncated {
            self.session.counters.forget(&table);
        }
    }

    fn finish(&mut self) {
        lock(&self.session.changes).reset();
        let coordinator = &self.session.coordinator;
        coordinator.end(self.session.job);
        for (table, mode) in self.transaction.unlocks.drain(..) {
            coordinator
                .state()
                .locks
                .remove_table(&table, mode, self.session.job);
        }
        coordinator.wake();
        self.transaction.open = false;
        self.transaction.started = false;
        self.transaction.published = false;
        self.transaction.savepoints.clear();
        self.show_level();
    }

    /// SAVEPOINT: one level more; outside a transaction it opens one.
    pub(crate) fn savepoint(&mut self, name: &str) -> Result<()> {
        self.transaction.open = true;
        if self.transaction.savepoints.len() + 1 >= MOST_LEVELS {
            return Err(SqlError::new(-400, "<TRANSACTION LEVEL>"));
        }
        let position = lock(&self.session.changes).close();
        self.transaction.savepoints.push((key(name), position));
        self.show_level();
        Ok(())
    }

    /// ROLLBACK TO SAVEPOINT: undoes and removes it and what came after. An
    /// unknown name rolls everything back and is -375.
    pub(crate) fn rollback_to(&mut self, name: &str) -> Result<()> {
        let wanted = key(name);
        let savepoints = &self.transaction.savepoints;
        let Some(found) = savepoints.iter().rposition(|(name, _)| *name == wanted) else {
            self.rollback()?;
            return Err(SqlError::new(-375, name));
        };
        let position = savepoints[found].1;
        if lock(&self.session.changes).position > position {
            self.undo_after(position)?;
            self.session.coordinator.state().endings += 1;
        }
        self.transaction.savepoints.truncate(found);
        self.show_level();
        if self.transaction.level() == 0 {
            self.rollback()
        } else {
            Ok(())
        }
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
        self.sqlite.execute_batch(sql).map_err(sqlite_error)
    }
}
