//! A statement among those of other processes: it gets its turn, is taken back and
//! tried again when it meets a lock, and leaves its transaction to be published.

use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::Connection;
use crate::coordinator::{Parked, Wait};
use crate::error::{Result, SqlError};
use crate::journal::Blocked;
use crate::run::sqlite_error;
use crate::session::{Session, lock};

impl Session {
    /// How long this process waits for a lock.
    pub(crate) fn patience(&self, code: i32) -> Wait<'_> {
        let timeout = Duration::from_millis(self.patience.load(Ordering::Relaxed));
        Wait::new(timeout, &self.interrupted, code)
    }

    /// Waits until nobody else holds what stopped a statement.
    fn wait_for(&self, blocked: &Blocked, wait: &Wait<'_>) -> Result<()> {
        self.coordinator.wait_until(wait, |state| {
            let stopped = match blocked {
                Blocked::Row(table, row) => state.locks.stops_change(table, *row, self.job),
                Blocked::Table(table, mode) => state.locks.stops_table(table, *mode, self.job),
            };
            (!stopped).then_some(())
        })
    }
}

impl Connection {
    /// A call begins: the connection is taken back from whoever may have published it.
    pub(crate) fn resume(&mut self) -> Result<()> {
        self.session.interrupted.store(false, Ordering::SeqCst);
        if self.sqlite.is_away() {
            let (sqlite, writing) = self.session.coordinator.reclaim(self.session.job)?;
            self.sqlite.put(sqlite);
            if !writing {
                self.transaction.writing = false;
                self.transaction.published = true;
            }
        }
        Ok(())
    }

    /// The call is over: an open write transaction may be published from now on.
    pub(crate) fn leave(&mut self) {
        if self.transaction.writing
            && let Some(sqlite) = self.sqlite.take()
        {
            let session = self.session.clone();
            self.session.coordinator.park(Parked { sqlite, session });
        }
    }

    /// Lets others see what this transaction did so far, and write.
    pub(crate) fn publish(&mut self) -> Result<()> {
        if !self.transaction.writing {
            return Ok(());
        }
        crate::journal::commit(&self.sqlite, &self.session).map_err(sqlite_error)?;
        self.transaction.writing = false;
        self.transaction.published = true;
        self.session.coordinator.release(self.session.job);
        Ok(())
    }

    /// Before rows are read: what others did is published, and what was done here too,
    /// so that nobody waits for a slow reader.
    pub(crate) fn begin_read(&mut self) -> Result<()> {
        let session = self.session.clone();
        // A trigger reads within the statement that fired it.
        if session.trigger_depth.load(Ordering::Relaxed) > 0 {
            return Ok(());
        }
        if self.transaction.writing && session.coordinator.has_company() {
            self.publish()?;
        }
        let patient = Wait::patient(&session.interrupted);
        session.coordinator.settle(session.job, &patient)
    }

    /// Runs a change in its turn. If it meets a lock it is undone, waits, and is tried
    /// again; -110 after the lock timeout.
    pub(crate) fn in_turn<T>(
        &mut self,
        mut change: impl FnMut(&mut Self) -> Result<T>,
    ) -> Result<T> {
        let session = self.session.clone();
        let wait = session.patience(-110);
        loop {
            self.begin_write(&wait)?;
            let result = self.guarded(&mut change);
            if self.transaction.writing && self.sqlite.is_autocommit() {
                return self.lost(result.err());
            }
            if !self.transaction.writing {
                session.coordinator.release(session.job);
            }
            let blocked = lock(&session.changes).blocked.take();
            match (result, blocked) {
                (Err(error), Some(blocked)) if error.sqlcode == -110 => {
                    self.publish()?;
                    session.wait_for(&blocked, &wait)?;
                }
                (result, _) => return result,
            }
        }
    }

    /// SQLite gave its whole transaction up, as it does when memory or the disk is full:
    /// the rest of it goes too.
    fn lost<T>(&mut self, error: Option<SqlError>) -> Result<T> {
        self.transaction.writing = false;
        self.transaction.published = true;
        self.rollback()?;
        let detail = "the transaction was rolled back";
        Err(error.unwrap_or_else(|| SqlError::new(-400, detail)))
    }

    /// One try. Where others hold locks, a savepoint takes back what turns out to be locked.
    fn guarded<T>(&mut self, change: &mut impl FnMut(&mut Self) -> Result<T>) -> Result<T> {
        let session = self.session.clone();
        let contended = session.coordinator.state().locks.contended(session.job);
        lock(&session.changes).begin(self.transaction.open, contended);
        let fenced = contended || session.fenced.load(Ordering::SeqCst);
        if fenced {
            self.batch("SAVEPOINT statement")?;
        }
        let fragile = fenced || self.transaction.writing;
        session.fragile.store(fragile, Ordering::SeqCst);
        let mut result = change(self);
        session.fragile.store(false, Ordering::SeqCst);
        if fenced {
            if contended
                && result.is_ok()
                && let Err(error) = self.check_locks()
            {
                result = Err(error);
            }
            let end = match result {
                Ok(_) => "RELEASE statement",
                Err(_) => "ROLLBACK TO statement; RELEASE statement",
            };
            if let Err(error) = self.batch(end) {
                result = result.and(Err(error));
            }
        }
        self.settle_changes(result.is_ok());
        result
    }

    /// What the statement did is the transaction's, with its locks, or never was.
    fn settle_changes(&self, succeeded: bool) {
        let mut changes = lock(&self.session.changes);
        if succeeded && changes.in_transaction {
            let coordinator = &self.session.coordinator;
            let threshold = self.session.instance.settings().lock_threshold;
            let mut state = coordinator.state();
            for range in changes.new.iter().chain(&changes.touched) {
                let rows = range.first..=range.last;
                state
                    .locks
                    .add_rows(&range.table, rows, self.session.job, threshold);
            }
            drop(state);
            changes.keep();
        } else {
            changes.discard();
        }
    }

    /// Rows that the statement inserted where somebody else deleted one, or with a unique
    /// value that somebody else freed and may want back, are locked.
    fn check_locks(&self) -> Result<()> {
        let job = self.session.job;
        let (new, touched) = {
            let changes = lock(&self.session.changes);
            (changes.new.clone(), changes.touched.clone())
        };
        let find = || {
            let state = self.session.coordinator.state();
            new.iter().find_map(|range| {
                (range.first..=range.last)
                    .find(|&row| state.locks.stops_change(&range.table, row, job))
                    .map(|row| Blocked::Row(range.table.to_string(), row))
            })
        };
        let blocked = match find() {
            Some(blocked) => Some(blocked),
            None => self.taken_key(new.iter().chain(&touched))?,
        };
        match blocked {
            Some(blocked) => {
                lock(&self.session.changes).blocked = Some(blocked);
                Err(SqlError::code(-110))
            }
            None => Ok(()),
        }
    }
}
