//! READ COMMITTED: a query waits for the rows that others have changed and not committed.
//!
//! There are no snapshots to read older rows from. The query runs twice on one SQLite
//! snapshot: first only to see whether it meets a locked row, then for its rows.

use std::ops::ControlFlow;
use std::sync::atomic::Ordering;

use rusqlite::OptionalExtension as _;

use crate::coordinator::Wait;
use crate::error::{Result, SqlError};
use crate::functions::Datum;
use crate::journal::Blocked;
use crate::plan::OutputColumn;
use crate::run::sqlite_error;
use crate::session::{Session, lock};
use crate::{Completion, Connection, Value};

/// May a READ COMMITTED query see this row? What is locked is noted for the wait.
pub(crate) fn is_visible(session: &Session, table: &str, row: i64) -> bool {
    let stopped = session
        .coordinator
        .state()
        .locks
        .stops_read(table, row, session.job);
    if stopped {
        lock(&session.changes).blocked = Some(Blocked::Row(table.to_owned(), row));
    }
    !stopped
}

impl Connection {
    pub(crate) fn reads_committed(&self) -> bool {
        let fired = self.session.trigger_depth.load(Ordering::Relaxed) > 0;
        !fired && self.session.isolation.load(Ordering::Relaxed) != 0
    }

    /// Runs `sql` once `checked`, the same with a test of each row, meets no lock; -114 after the lock timeout.
    pub(crate) fn committed_query(
        &mut self,
        (sql, checked): (&str, &str),
        parameters: &[Datum],
        columns: &[OutputColumn],
        row: &mut dyn FnMut(&[Value]) -> ControlFlow<()>,
    ) -> Result<Completion> {
        // A snapshot cannot be taken while this transaction writes.
        self.publish()?;
        let session = self.session.clone();
        let wait = session.patience(-114);
        loop {
            let patient = Wait::patient(&session.interrupted);
            session.coordinator.settle(session.job, &patient)?;
            let before = session.coordinator.state().endings;
            self.batch("BEGIN")?;
            let result = match self.meets_lock(checked, parameters) {
                Ok(None) if session.coordinator.state().endings == before => {
                    Some(self.query(sql, parameters, columns, row))
                }
                Ok(None) => None,
                Ok(Some(blocked)) => {
                    self.batch("ROLLBACK")?;
                    self.wait_to_read(&blocked, &wait)?;
                    continue;
                }
                Err(error) => Some(Err(error)),
            };
            self.batch("ROLLBACK")?;
            if let Some(result) = result {
                return result;
            }
        }
    }

    /// The first locked row on the way of the query, if any.
    fn meets_lock(&self, checked: &str, parameters: &[Datum]) -> Result<Option<Blocked>> {
        let failed = |error| sqlite_error(error);
        // Takes the snapshot, so that no lock is looked for before it.
        self.sqlite
            .query_row("SELECT 1 FROM iris_generation", [], |_| Ok(()))
            .optional()
            .map_err(failed)?;
        if !self
            .session
            .coordinator
            .state()
            .locks
            .contended(self.session.job)
        {
            return Ok(None);
        }
        lock(&self.session.changes).blocked = None;
        let mut statement = self.sqlite.prepare_cached(checked).map_err(failed)?;
        crate::run::bind(&mut statement, parameters).map_err(failed)?;
        let mut rows = statement.raw_query();
        loop {
            match rows.next() {
                Ok(Some(_)) => {}
                Ok(None) => return Ok(None),
                Err(error) => {
                    let blocked = lock(&self.session.changes).blocked.take();
                    return match blocked {
                        Some(blocked) => Ok(Some(blocked)),
                        None => Err(failed(error)),
                    };
                }
            }
        }
    }

    fn wait_to_read(&self, blocked: &Blocked, wait: &Wait<'_>) -> Result<()> {
        let session = &self.session;
        let Blocked::Row(table, row) = blocked else {
            return Err(SqlError::code(-114));
        };
        session.coordinator.wait_until(wait, |state| {
            let stopped = state.locks.stops_read(table, *row, session.job);
            (!stopped).then_some(())
        })
    }
}
