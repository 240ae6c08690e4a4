//! A unique value that is taken: for good, or by a transaction that may yet give it back.

use rusqlite::ffi::ErrorCode;

use crate::Connection;
use crate::catalog::Table;
use crate::coordinator::TableMode;
use crate::error::{Result, SqlError};
use crate::functions::Datum;
use crate::journal::Blocked;
use crate::plan::Write;
use crate::session::lock;

/// A unique key failed.
pub(crate) fn is_unique(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation)
        && error.to_string().contains("UNIQUE")
}

impl Connection {
    /// Is the row that a failed statement clashed with locked? Found out by replacing it,
    /// which is taken back: the journal's trigger tells whose row it is.
    pub(crate) fn clashes_with_lock(&self, write: &Write, parameters: &[Datum]) -> bool {
        if !lock(&self.session.changes).contended {
            return false;
        }
        let replaced = ["INSERT", "UPDATE"].iter().find_map(|word| {
            let rest = write.sql.strip_prefix(word)?;
            Some(format!("{word} OR REPLACE{rest}"))
        });
        let Some(sql) = replaced else { return false };
        if self.batch("SAVEPOINT clash").is_err() {
            return false;
        }
        // Only what it met is of interest.
        drop(self.change(&sql, parameters));
        drop(self.batch("ROLLBACK TO clash; RELEASE clash"));
        lock(&self.session.changes).blocked.is_some()
    }

    /// TRUNCATE wants the table for itself.
    pub(crate) fn refuse_shared(&self, table: &Table) -> Result<()> {
        let (name, mode) = (table.full_name(), TableMode::Exclusive);
        let state = self.session.coordinator.state();
        let stopped = state.locks.stops_table(&name, mode, self.session.job);
        drop(state);
        if !stopped {
            return Ok(());
        }
        lock(&self.session.changes).blocked = Some(Blocked::Table(name, mode));
        Err(SqlError::code(-110))
    }

    /// Before what may last: others shall not wait for it to read what was done before.
    pub(crate) fn begin_change(&mut self, write: &Write) -> Result<()> {
        let short = write.sql.starts_with("INSERT") && !write.sql.contains("SELECT");
        if !short && self.transaction.writing && self.session.coordinator.has_company() {
            self.publish()?;
        }
        Ok(())
    }
}
