//! LOCK TABLE and UNLOCK: locks of the process, not of its transaction.

use std::time::Duration;

use crate::Connection;
use crate::ast::{LockMode, ObjectName};
use crate::coordinator::{TableMode, Wait};
use crate::error::Result;
use crate::session::Session;

impl From<LockMode> for TableMode {
    fn from(mode: LockMode) -> Self {
        match mode {
            LockMode::Share => Self::Share,
            LockMode::Exclusive => Self::Exclusive,
        }
    }
}

impl Connection {
    /// Waits for everybody who holds some of the table: `seconds`, or the lock timeout; then -110.
    pub(crate) fn lock_table(
        &mut self,
        name: &ObjectName,
        mode: LockMode,
        seconds: Option<u64>,
    ) -> Result<()> {
        let table = self.catalog().table(name)?.full_name();
        let mode = TableMode::from(mode);
        let session = self.session.clone();
        let wait = match seconds {
            Some(seconds) => Wait::new(Duration::from_secs(seconds), &session.interrupted, -110),
            None => session.patience(-110),
        };
        self.alone_with(std::slice::from_ref(&table), mode, &wait)?;
        session
            .coordinator
            .state()
            .locks
            .add_table(&table, mode, session.job);
        self.give_turn();
        Ok(())
    }

    /// Takes one LOCK TABLE back: at once, or at the end of the open transaction.
    pub(crate) fn unlock_table(
        &mut self,
        name: &ObjectName,
        mode: LockMode,
        immediate: bool,
    ) -> Result<()> {
        let table = self.catalog().table(name)?.full_name();
        if self.transaction.open && !immediate {
            self.transaction.unlocks.push((table, mode.into()));
            return Ok(());
        }
        let Session {
            coordinator, job, ..
        } = &*self.session;
        coordinator
            .state()
            .locks
            .remove_table(&table, mode.into(), *job);
        coordinator.wake();
        Ok(())
    }

    /// Gets the right to write when nobody else holds locks on `tables` that exclude `mode`.
    pub(crate) fn alone_with(
        &mut self,
        tables: &[String],
        mode: TableMode,
        wait: &Wait<'_>,
    ) -> Result<()> {
        let session = self.session.clone();
        loop {
            session.coordinator.acquire(session.job, wait)?;
            let free = |state: &mut crate::coordinator::State| {
                let mut stopped = tables.iter();
                let stopped =
                    stopped.any(|table| state.locks.stops_table(table, mode, session.job));
                (!stopped).then_some(())
            };
            if free(&mut session.coordinator.state()).is_some() {
                return Ok(());
            }
            self.publish()?;
            session.coordinator.release(session.job);
            session.coordinator.wait_until(wait, free)?;
        }
    }

    /// Lets others write, unless an open transaction goes on writing.
    pub(crate) fn give_turn(&self) {
        if !self.transaction.writing {
            self.session.coordinator.release(self.session.job);
        }
    }
}
