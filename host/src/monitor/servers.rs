//! The connections to the upstream, and who has them.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// All connections of a broker, in the order in which they were opened.
#[derive(Default)]
pub(crate) struct Wires {
    last: AtomicU64,
    all: Mutex<BTreeMap<u64, Arc<Wire>>>,
}

/// What is known of a connection from outside.
struct Wire {
    user: String,
    database: String,
    opened: Instant,
    /// The process id of the session that has it; 0: none.
    holder: AtomicU32,
    is_pinned: AtomicBool,
    leases: AtomicU64,
}

/// A connection in the list, until it is dropped.
pub(crate) struct Listed {
    number: u64,
    wire: Arc<Wire>,
    wires: Arc<Wires>,
}

/// A connection to the upstream.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ServerFigures {
    /// Counted from the start of the broker.
    pub number: u64,
    /// The user that it is logged in as.
    pub user: String,
    /// The database that it leads to, as clients call it.
    pub database: String,
    /// How long ago it was opened.
    pub age: Duration,
    /// The process id of the session that has it, as its client knows it.
    pub client: Option<u32>,
    /// Whether that session keeps it beyond its transaction.
    pub is_pinned: bool,
    /// How often a session was lent it.
    pub leases: u64,
}

impl Wires {
    /// A connection was opened.
    pub(crate) fn list(self: &Arc<Self>, user: &str, database: &str) -> Listed {
        let number = self.last.fetch_add(1, Ordering::Relaxed) + 1;
        let wire = Arc::new(Wire {
            user: user.to_owned(),
            database: database.to_owned(),
            opened: Instant::now(),
            holder: AtomicU32::new(0),
            is_pinned: AtomicBool::new(false),
            leases: AtomicU64::new(0),
        });
        self.all().insert(number, Arc::clone(&wire));
        Listed {
            number,
            wire,
            wires: Arc::clone(self),
        }
    }

    /// Whether there is a connection of that user to that database from before a moment.
    pub(crate) fn has_older(&self, user: &str, database: &str, moment: Instant) -> bool {
        let is_older = |wire: &Arc<Wire>| {
            wire.user == user && wire.database == database && wire.opened <= moment
        };
        self.all().values().any(is_older)
    }

    pub(crate) fn figures(&self) -> Vec<ServerFigures> {
        let all = self.all();
        let figures = |(number, wire): (&u64, &Arc<Wire>)| ServerFigures {
            number: *number,
            user: wire.user.clone(),
            database: wire.database.clone(),
            age: wire.opened.elapsed(),
            client: Some(wire.holder.load(Ordering::Relaxed)).filter(|process| *process != 0),
            is_pinned: wire.is_pinned.load(Ordering::Relaxed),
            leases: wire.leases.load(Ordering::Relaxed),
        };
        all.iter().map(figures).collect()
    }

    fn all(&self) -> MutexGuard<'_, BTreeMap<u64, Arc<Wire>>> {
        // A panic elsewhere leaves whole entries.
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Listed {
    /// A session has it.
    pub(crate) fn lent_to(&self, process: u32) {
        self.wire.holder.store(process, Ordering::Relaxed);
        self.wire.leases.fetch_add(1, Ordering::Relaxed);
    }

    /// The session keeps it.
    pub(crate) fn pinned(&self) {
        self.wire.is_pinned.store(true, Ordering::Relaxed);
    }

    /// Nobody has it any more.
    pub(crate) fn free(&self) {
        self.wire.holder.store(0, Ordering::Relaxed);
    }
}

impl Drop for Listed {
    fn drop(&mut self) {
        self.wires.all().remove(&self.number);
    }
}
