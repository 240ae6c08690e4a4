//! The advisory locks that a session has.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::{Locks, Mode, Name, Outcome, Owner, Waiting};

/// How many a session may have: PostgreSQL has room for some thousands in its shared memory, where
/// nothing is set.
const MOST: usize = 10_000;

/// The locks of a session; all are given back when this is dropped.
pub(crate) struct Held {
    pub(super) locks: Arc<Locks>,
    owner: Owner,
    /// How often those of the session have been taken.
    session: HashMap<(Name, Mode), u32>,
    /// Those of the transaction, as they were taken, and how many there were at each savepoint.
    transaction: Vec<(Name, Mode)>,
    savepoints: Vec<usize>,
}

/// How long a lock is had.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Until {
    /// Until it is given back.
    Told,
    /// Until the end of the transaction.
    TransactionEnd,
}

impl Held {
    /// Of a session of its own.
    pub(crate) fn new(locks: Arc<Locks>) -> Self {
        static OWNERS: AtomicU64 = AtomicU64::new(0);
        Self {
            locks,
            owner: OWNERS.fetch_add(1, Ordering::Relaxed),
            session: HashMap::new(),
            transaction: Vec::new(),
            savepoints: Vec::new(),
        }
    }

    /// Whether there are as many as there may be.
    pub(crate) fn is_full(&self) -> bool {
        self.session.len() + self.transaction.len() >= MOST
    }

    /// Takes a lock, or waits for it; once it has come, [`Self::note`] tells of it.
    pub(crate) fn take(&self, name: &Name, mode: Mode) -> Outcome {
        self.locks.take(name, self.owner, mode)
    }

    /// Takes a lock if it is to be had at once; as of [`Self::take`].
    pub(crate) fn try_take(&self, name: &Name, mode: Mode) -> bool {
        self.locks.try_take(name, self.owner, mode)
    }

    /// A lock was taken.
    pub(crate) fn note(&mut self, name: Name, mode: Mode, until: Until) {
        match until {
            Until::Told => *self.session.entry((name, mode)).or_default() += 1,
            Until::TransactionEnd => self.transaction.push((name, mode)),
        }
    }

    /// Waits no more; a lock that came in the meantime goes back.
    pub(crate) fn give_up(&self, waiting: Waiting, name: &Name, mode: Mode) {
        if waiting.give_up() {
            self.locks.give_back(name, self.owner, mode, 1);
        }
    }

    /// Gives a lock of the session back once; whether it had it.
    pub(crate) fn unlock(&mut self, name: Name, mode: Mode) -> bool {
        let held = (name, mode);
        let Some(times) = self.session.get_mut(&held) else {
            return false;
        };
        *times -= 1;
        if *times == 0 {
            self.session.remove(&held);
        }
        self.locks.give_back(&held.0, self.owner, mode, 1);
        true
    }

    /// Gives back all of the session's.
    pub(crate) fn unlock_all(&mut self) {
        for ((name, mode), times) in self.session.drain() {
            self.locks.give_back(&name, self.owner, mode, times);
        }
    }

    /// A savepoint was set.
    pub(crate) fn savepoint(&mut self) {
        self.savepoints.push(self.transaction.len());
    }

    /// "If a lock is acquired after a savepoint, the lock is released immediately if the savepoint
    /// is rolled back to" (manual, "Explicit Locking"). `level`: how many savepoints were before it.
    pub(crate) fn rolled_back_to(&mut self, level: usize) {
        self.savepoints.truncate(level + 1);
        self.aborted();
    }

    /// A savepoint is one no more; `level` as of [`Self::rolled_back_to`].
    pub(crate) fn released(&mut self, level: usize) {
        self.savepoints.truncate(level);
    }

    /// What has come since the last savepoint has failed.
    pub(crate) fn aborted(&mut self) {
        self.keep(self.savepoints.last().copied().unwrap_or(0));
    }

    /// The transaction has ended.
    pub(crate) fn transaction_ended(&mut self) {
        self.savepoints.clear();
        self.keep(0);
    }

    /// Keeps so many of the transaction's locks.
    fn keep(&mut self, count: usize) {
        let count = count.min(self.transaction.len());
        for (name, mode) in self.transaction.drain(count..) {
            self.locks.give_back(&name, self.owner, mode, 1);
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.transaction_ended();
        self.unlock_all();
    }
}
