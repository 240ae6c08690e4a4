//! What one connection knows that its SQL functions ask for.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU8, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::types::Value;

use crate::Version;
use crate::catalog::Catalog;
use crate::coordinator::Coordinator;
use crate::instance::{Instance, State};
use crate::journal::Changes;
use crate::namespace::Namespace;
use crate::security::Rights;

/// The counters behind RowID, IDENTITY, SERIAL and ROWVERSION. They belong to the
/// namespace and are never rolled back.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    last: Mutex<HashMap<String, i64>>,
}

impl Counters {
    /// Knows the counter already?
    pub(crate) fn knows(&self, name: &str) -> bool {
        lock(&self.last).contains_key(name)
    }

    /// Starts a counter after `last`, unless it is running.
    pub(crate) fn start(&self, name: &str, last: i64) {
        lock(&self.last).entry(name.to_owned()).or_insert(last);
    }

    pub(crate) fn next(&self, name: &str) -> i64 {
        let mut counters = lock(&self.last);
        let last = match counters.get_mut(name) {
            Some(last) => last,
            None => counters.entry(name.to_owned()).or_insert(0),
        };
        *last += 1;
        *last
    }

    /// The value that was given last.
    pub(crate) fn last(&self, name: &str) -> i64 {
        lock(&self.last).get(name).copied().unwrap_or(0)
    }

    /// A value given by the user: the counter goes on after it.
    pub(crate) fn claim(&self, name: &str, value: i64) {
        let mut counters = lock(&self.last);
        let last = counters.entry(name.to_owned()).or_insert(0);
        *last = value.max(*last);
    }

    /// Forgets the counters of a table.
    pub(crate) fn forget(&self, table: &str) {
        let prefix = format!("{table}#");
        lock(&self.last).retain(|name, _| !name.starts_with(&prefix));
    }

    /// Sets the counters of a table back to their beginning.
    pub(crate) fn reset(&self, table: &str) {
        let prefix = format!("{table}#");
        for (_, last) in lock(&self.last)
            .iter_mut()
            .filter(|(name, _)| name.starts_with(&prefix))
        {
            *last = 0;
        }
    }
}

/// A row that was changed: stored values in the order of the columns, the RowID first.
#[derive(Debug)]
pub(crate) struct Fired {
    pub(crate) table: String,
    pub(crate) event: String,
    pub(crate) old: Vec<Value>,
    pub(crate) new: Vec<Value>,
}

/// The state of one IRIS process.
pub(crate) struct Session {
    pub(crate) user: String,
    /// The user was known when it connected: it does not gain by being dropped.
    pub(crate) known: bool,
    /// The name of the namespace, upper case.
    pub(crate) namespace: String,
    pub(crate) instance: Arc<Instance>,
    pub(crate) version: Version,
    pub(crate) job: i64,
    pub(crate) counters: Arc<Counters>,
    /// Of the last INSERT; `i64::MIN` before the first.
    pub(crate) last_identity: AtomicI64,
    pub(crate) level: AtomicU32,
    /// 0 READ UNCOMMITTED, 1 READ COMMITTED, 3 READ VERIFIED.
    pub(crate) isolation: AtomicU8,
    /// The running statement may fail half done: a savepoint takes it back.
    pub(crate) fenced: AtomicBool,
    /// How many routines are being called within each other.
    pub(crate) call_depth: AtomicU32,
    /// Rows changed by the running statement that triggers wait for.
    pub(crate) fired: Mutex<Vec<Fired>>,
    /// Rows are being changed.
    pub(crate) filing: AtomicBool,
    /// Triggers do not fire during this statement.
    pub(crate) no_trigger: AtomicBool,
    /// How many triggers are being carried out within each other.
    pub(crate) trigger_depth: AtomicU32,
    /// Foreign keys are not checked during this statement.
    pub(crate) no_check: AtomicBool,
    /// A statement that failed is tried once more, only to see the values it failed with:
    /// those of the last row that came by.
    pub(crate) tried: Mutex<Option<Vec<Value>>>,
    /// Digits of NOW() and other clocks that are asked for none.
    pub(crate) time_precision: AtomicU32,
    /// Seconds, for whoever asks.
    pub(crate) lock_timeout: AtomicU64,
    /// `%COMMITMODE`: 0 NONE, 1 IMPLICIT, 2 EXPLICIT.
    pub(crate) commit_mode: AtomicU8,
    /// Milliseconds that a lock is waited for.
    pub(crate) patience: AtomicU64,
    /// Somebody wants the running statement to end.
    pub(crate) interrupted: AtomicBool,
    /// To interrupt SQLite now would take back more than the running statement.
    pub(crate) fragile: AtomicBool,
    /// The namespace outlives its processes.
    pub(crate) durable: bool,
    /// Whose records in the journal are this process's, in a file that others may have open.
    pub(crate) owner: i64,
    pub(crate) coordinator: Arc<Coordinator>,
    pub(crate) changes: Mutex<Changes>,
    /// The catalog that the running statement was planned with.
    pub(crate) catalog: Mutex<Arc<Catalog>>,
}

impl Session {
    /// Does the user have only what was granted to it?
    pub(crate) fn is_restricted(&self, state: &State) -> bool {
        self.known || state.security.is_restricted(&self.user)
    }

    /// What the user may do here.
    pub(crate) fn rights<'a>(&self, state: &'a State) -> Rights<'a> {
        let restricted = self.is_restricted(state);
        state
            .security
            .rights(&self.user, &self.namespace, restricted)
    }

    /// The same process in another namespace.
    pub(crate) fn in_namespace(&self, namespace: &Namespace, name: &str) -> Self {
        Self {
            user: self.user.clone(),
            known: self.known,
            namespace: name.to_uppercase(),
            instance: Arc::clone(&self.instance),
            version: self.version,
            job: self.job,
            counters: Arc::clone(&namespace.counters),
            last_identity: AtomicI64::new(self.last_identity.load(Ordering::Relaxed)),
            level: AtomicU32::new(0),
            isolation: AtomicU8::new(self.isolation.load(Ordering::Relaxed)),
            fenced: AtomicBool::new(false),
            call_depth: AtomicU32::new(0),
            fired: Mutex::default(),
            filing: AtomicBool::new(false),
            no_trigger: AtomicBool::new(false),
            trigger_depth: AtomicU32::new(0),
            no_check: AtomicBool::new(false),
            tried: Mutex::default(),
            time_precision: AtomicU32::new(self.time_precision.load(Ordering::Relaxed)),
            lock_timeout: AtomicU64::new(self.lock_timeout.load(Ordering::Relaxed)),
            commit_mode: AtomicU8::new(self.commit_mode.load(Ordering::Relaxed)),
            patience: AtomicU64::new(self.patience.load(Ordering::Relaxed)),
            interrupted: AtomicBool::new(false),
            fragile: AtomicBool::new(false),
            durable: namespace.durable,
            owner: self.owner,
            coordinator: Arc::clone(&namespace.coordinator),
            changes: Mutex::default(),
            catalog: Mutex::new(namespace.catalog()),
        }
    }
}

/// A lock that outlives a panic of its last holder: the data are whole at any time.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
