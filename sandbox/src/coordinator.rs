//! Who may write now, who holds which rows, and who waits for whom.
//!
//! SQLite knows one writer; IRIS has many. So a transaction keeps SQLite's write
//! transaction only while nobody else needs it: between two statements it is
//! *parked* here, and whoever comes next *publishes* it, which is to commit it in
//! SQLite. What has to be undone later stands in the journal.

mod locks;
mod wait;

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

pub(crate) use locks::{Locks, TableMode};
pub(crate) use wait::Wait;

use crate::error::{Result, SqlError};
use crate::session::{Session, lock};

/// What a connection leaves here between two statements of its transaction.
pub(crate) struct Parked {
    pub(crate) sqlite: rusqlite::Connection,
    pub(crate) session: Arc<Session>,
}

/// The holder of SQLite's write transaction.
struct Writer {
    job: i64,
    /// Its earlier statements are not published yet.
    unpublished: bool,
    /// `None` while it works.
    parked: Option<Box<Parked>>,
}

/// What the mutex guards.
#[derive(Default)]
pub(crate) struct State {
    connections: usize,
    writer: Option<Writer>,
    /// Who wants to write next, in the order of coming.
    queue: VecDeque<i64>,
    /// Connections whose transaction somebody else published.
    returned: HashMap<i64, rusqlite::Connection>,
    pub(crate) locks: Locks,
    /// Grows with every transaction that ends and everything that is taken back: a snapshot from
    /// before may show half of what the locks of now no longer guard.
    pub(crate) endings: u64,
}

/// Shared by all connections of a namespace.
#[derive(Default)]
pub(crate) struct Coordinator {
    state: Mutex<State>,
    changed: Condvar,
}

impl std::fmt::Debug for Coordinator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Coordinator").finish_non_exhaustive()
    }
}

impl Coordinator {
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    /// Wakes everybody who waits, to look again.
    pub(crate) fn wake(&self) {
        drop(self.state());
        self.changed.notify_all();
    }

    pub(crate) fn join(&self) {
        self.state().connections += 1;
    }

    /// A connection is gone: its table locks go too.
    pub(crate) fn part(&self, job: i64) {
        let mut state = self.state();
        state.connections = state.connections.saturating_sub(1);
        state.locks.release_process(job);
        drop(state);
        self.changed.notify_all();
    }

    /// Is there anybody else?
    pub(crate) fn has_company(&self) -> bool {
        self.state().connections > 1
    }

    /// Waits until `ready` yields something: -110 or -114 when the time is up, -456 when interrupted.
    pub(crate) fn wait_until<T>(
        &self,
        wait: &Wait<'_>,
        mut ready: impl FnMut(&mut State) -> Option<T>,
    ) -> Result<T> {
        let mut state = self.state();
        loop {
            if let Some(found) = ready(&mut state) {
                return Ok(found);
            }
            let left = wait.left()?;
            state = match left {
                Some(left) => {
                    self.changed
                        .wait_timeout(state, left)
                        .unwrap_or_else(PoisonError::into_inner)
                        .0
                }
                None => self
                    .changed
                    .wait(state)
                    .unwrap_or_else(PoisonError::into_inner),
            };
        }
    }

    /// Gets the right to write; what another transaction left pending is published first.
    pub(crate) fn acquire(&self, job: i64, wait: &Wait<'_>) -> Result<()> {
        let state = self.state();
        if state
            .writer
            .as_ref()
            .is_some_and(|writer| writer.job == job)
        {
            return Ok(());
        }
        drop(state);
        self.state().queue.push_back(job);
        let result = self.acquire_in_turn(job, wait);
        self.state().queue.retain(|&other| other != job);
        if result.is_err() {
            self.changed.notify_all();
        }
        result
    }

    fn acquire_in_turn(&self, job: i64, wait: &Wait<'_>) -> Result<()> {
        loop {
            let parked = self.wait_until(wait, |state| {
                if state.queue.front() != Some(&job) {
                    return None;
                }
                match &mut state.writer {
                    None => {
                        state.writer = Some(Writer {
                            job,
                            unpublished: false,
                            parked: None,
                        });
                        Some(None)
                    }
                    Some(writer) => writer.parked.take().map(Some),
                }
            })?;
            match parked {
                Some(parked) => self.publish(*parked)?,
                None => return Ok(()),
            }
        }
    }

    /// Makes what others did in their earlier statements visible, for a reader.
    pub(crate) fn settle(&self, job: i64, wait: &Wait<'_>) -> Result<()> {
        loop {
            let parked = self.wait_until(wait, |state| match &mut state.writer {
                Some(writer) if writer.job != job && writer.unpublished => {
                    writer.parked.take().map(Some)
                }
                _ => Some(None),
            })?;
            match parked {
                Some(parked) => self.publish(*parked)?,
                None => return Ok(()),
            }
        }
    }

    /// Commits a parked transaction in SQLite and gives the connection back.
    fn publish(&self, parked: Parked) -> Result<()> {
        let result = crate::journal::commit(&parked.sqlite, &parked.session);
        let mut state = self.state();
        match &result {
            Ok(()) => {
                state.writer = None;
                state.returned.insert(parked.session.job, parked.sqlite);
            }
            Err(_) => {
                if let Some(writer) = &mut state.writer {
                    writer.parked = Some(Box::new(parked));
                }
            }
        }
        drop(state);
        self.changed.notify_all();
        result.map_err(|error| SqlError::new(-400, error.to_string()))
    }

    /// Leaves an open write transaction to whoever needs it published.
    pub(crate) fn park(&self, parked: Parked) {
        let mut state = self.state();
        if let Some(writer) = &mut state.writer {
            writer.unpublished = true;
            writer.parked = Some(Box::new(parked));
        }
        let waited_for = state.connections > 1;
        drop(state);
        if waited_for {
            self.changed.notify_all();
        }
    }

    /// Takes the connection back; `true` if its write transaction is still open.
    pub(crate) fn reclaim(&self, job: i64) -> Result<(rusqlite::Connection, bool)> {
        self.wait_until(&Wait::forever(), |state| {
            if let Some(sqlite) = state.returned.remove(&job) {
                return Some((sqlite, false));
            }
            let writer = state.writer.as_mut().filter(|writer| writer.job == job)?;
            writer.parked.take().map(|parked| (parked.sqlite, true))
        })
    }

    /// SQLite's write transaction is over.
    pub(crate) fn release(&self, job: i64) {
        let mut state = self.state();
        if state
            .writer
            .as_ref()
            .is_some_and(|writer| writer.job == job)
        {
            state.writer = None;
        }
        let waited_for = state.connections > 1;
        drop(state);
        if waited_for {
            self.changed.notify_all();
        }
    }

    /// The locks of a transaction that ended, and the right to write.
    pub(crate) fn end(&self, job: i64) {
        let mut state = self.state();
        state.endings += 1;
        state.locks.release_transaction(job);
        drop(state);
        self.release(job);
    }
}
