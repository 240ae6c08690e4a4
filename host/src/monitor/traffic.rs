//! What passes through each database.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::diagnostic::Diagnostic;

/// The counters of all databases.
#[derive(Default)]
pub(crate) struct Traffic {
    databases: Mutex<BTreeMap<String, Arc<Database>>>,
}

/// The counters of one database, which its sessions share.
#[derive(Default)]
pub(crate) struct Database {
    received: AtomicU64,
    sent: AtomicU64,
    statements: AtomicU64,
    transactions: AtomicU64,
    transaction_microseconds: AtomicU64,
    queries: Histogram,
    errors: Mutex<BTreeMap<(String, ErrorSource), u64>>,
}

/// Who says that something is wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum ErrorSource {
    /// The broker: the protocol, a value, a limit, the connection to the upstream.
    #[default]
    Broker,
    /// The rules: the statement cannot be read, or IRIS has no such thing.
    Rules,
    /// IRIS.
    Server,
}

impl ErrorSource {
    /// As metrics write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Broker => "broker",
            Self::Rules => "rules",
            Self::Server => "server",
        }
    }
}

/// What has passed through one database.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct DatabaseFigures {
    /// As clients name it.
    pub name: String,
    /// Bytes that came from clients.
    pub received: u64,
    /// Bytes that went to them.
    pub sent: u64,
    /// Statements that were executed, or failed when they were to be.
    pub statements: u64,
    /// Transactions that ended, those of a single statement included.
    pub transactions: u64,
    /// How long they took together: from the first message to the ReadyForQuery outside of
    /// a transaction.
    pub transaction_time: Duration,
    /// How long clients waited for an answer: from the first message after a ReadyForQuery to
    /// the next one.
    pub queries: Durations,
    /// Errors that clients were told, by SQLSTATE and by who found them.
    pub errors: BTreeMap<(String, ErrorSource), u64>,
}

/// How often something took how long.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Durations {
    /// How often it was done.
    pub count: u64,
    /// How long that took together.
    pub sum: Duration,
    /// How many of them took at most so long, and longer than the bound before.
    pub buckets: Vec<(Duration, u64)>,
}

/// Upper bounds, in microseconds: each about twice the one before. What takes longer than the
/// last is counted nowhere but in the whole.
const BOUNDS: [u64; 18] = [
    50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000,
    1_000_000, 2_500_000, 5_000_000, 10_000_000, 60_000_000,
];

/// Counts durations without a lock.
#[derive(Default)]
pub(crate) struct Histogram {
    buckets: [AtomicU64; BOUNDS.len()],
    count: AtomicU64,
    microseconds: AtomicU64,
}

impl Histogram {
    pub(crate) fn note(&self, duration: Duration) {
        let microseconds = microseconds(duration);
        let bucket = BOUNDS.partition_point(|bound| *bound < microseconds);
        if let Some(bucket) = self.buckets.get(bucket) {
            add(bucket, 1);
        }
        add(&self.count, 1);
        add(&self.microseconds, microseconds);
    }

    pub(crate) fn figures(&self) -> Durations {
        let bounds = BOUNDS.iter().map(|bound| Duration::from_micros(*bound));
        Durations {
            count: read(&self.count),
            sum: Duration::from_micros(read(&self.microseconds)),
            buckets: bounds.zip(self.buckets.iter().map(read)).collect(),
        }
    }
}

impl Traffic {
    /// The counters of a database.
    pub(crate) fn of(&self, name: &str) -> Arc<Database> {
        Arc::clone(self.databases().entry(name.to_owned()).or_default())
    }

    /// The databases that clients have been let into.
    pub(crate) fn names(&self) -> Vec<String> {
        self.databases().keys().cloned().collect()
    }

    pub(crate) fn figures(&self) -> Vec<DatabaseFigures> {
        let databases = self.databases();
        databases
            .iter()
            .map(|(name, database)| database.figures(name))
            .collect()
    }

    fn databases(&self) -> MutexGuard<'_, BTreeMap<String, Arc<Database>>> {
        // A panic elsewhere leaves whole entries.
        self.databases
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Database {
    /// Bytes have come and gone.
    pub(crate) fn moved(&self, received: u64, sent: u64) {
        add(&self.received, received);
        add(&self.sent, sent);
    }

    /// A statement has been carried out, or failed.
    pub(crate) fn statement(&self) {
        add(&self.statements, 1);
    }

    /// A client has waited so long for ReadyForQuery.
    pub(crate) fn answered(&self, after: Duration) {
        self.queries.note(after);
    }

    /// A transaction has ended.
    pub(crate) fn transaction(&self, took: Duration) {
        add(&self.transactions, 1);
        add(&self.transaction_microseconds, microseconds(took));
    }

    /// A client has been told of an error.
    pub(crate) fn error(&self, diagnostic: &Diagnostic) {
        let key = (diagnostic.sqlstate.to_string(), diagnostic.source);
        *self.errors().entry(key).or_default() += 1;
    }

    fn figures(&self, name: &str) -> DatabaseFigures {
        DatabaseFigures {
            name: name.to_owned(),
            received: read(&self.received),
            sent: read(&self.sent),
            statements: read(&self.statements),
            transactions: read(&self.transactions),
            transaction_time: Duration::from_micros(read(&self.transaction_microseconds)),
            queries: self.queries.figures(),
            errors: self.errors().clone(),
        }
    }

    fn errors(&self) -> MutexGuard<'_, BTreeMap<(String, ErrorSource), u64>> {
        // As above.
        self.errors.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn microseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

fn add(counter: &AtomicU64, number: u64) {
    counter.fetch_add(number, Ordering::Relaxed);
}

fn read(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_counted_under_their_bound() {
        let histogram = Histogram::default();
        for microseconds in [1, 50, 51, 100, 60_000_000, 60_000_001] {
            histogram.note(Duration::from_micros(microseconds));
        }
        let figures = histogram.figures();
        assert_eq!(figures.count, 6);
        assert_eq!(figures.sum, Duration::from_micros(120_000_203));
        let filled: Vec<_> = figures
            .buckets
            .iter()
            .filter(|(_, count)| *count > 0)
            .map(|(bound, count)| (bound.as_micros(), *count))
            .collect();
        assert_eq!(filled, [(50, 2), (100, 2), (60_000_000, 1)]);
    }
}
