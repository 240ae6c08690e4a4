//! Rules that fail, and when that is too often.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::watch;

use super::generation::Generation;
use crate::config::RulesLimits;

/// What a component has failed on of late. The same statement counts once, however often a client
/// sends it: it says no more of the component.
pub(super) struct Failures {
    /// On how many it may fail; 0: on any number.
    limit: usize,
    /// Within this time; zero: however long ago.
    window: Duration,
    /// When it has failed on each last.
    seen: Mutex<HashMap<u64, Instant>>,
    alarms: Arc<watch::Sender<u64>>,
}

impl Failures {
    /// `alarms`: told when the limit is reached.
    pub(super) fn new(limits: &RulesLimits, alarms: Arc<watch::Sender<u64>>) -> Self {
        Self {
            limit: limits.distrust_after,
            window: limits.distrust_window,
            seen: Mutex::default(),
            alarms,
        }
    }

    /// The component has failed on this.
    pub(super) fn note(&self, what: &str) {
        self.note_at(what, Instant::now());
    }

    fn note_at(&self, what: &str, now: Instant) {
        if self.limit == 0 {
            return;
        }
        let mut hasher = DefaultHasher::new();
        what.hash(&mut hasher);
        let mut seen = self.seen();
        if seen.len() >= self.limit {
            // That has been told, and is so until somebody forgets it.
            return;
        }
        if !self.window.is_zero() {
            seen.retain(|_, then| now.saturating_duration_since(*then) < self.window);
        }
        seen.insert(hasher.finish(), now);
        if seen.len() == self.limit {
            drop(seen);
            self.alarms.send_modify(|number| *number += 1);
        }
    }

    fn are_too_many(&self) -> bool {
        self.limit > 0 && self.seen().len() >= self.limit
    }

    fn forget(&self) {
        self.seen().clear();
    }

    fn seen(&self) -> MutexGuard<'_, HashMap<u64, Instant>> {
        // A panic elsewhere leaves whole entries.
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Generation {
    /// Whether it has failed too often to go on with it.
    pub(super) fn is_distrusted(&self) -> bool {
        self.failures().are_too_many()
    }

    /// It gets another chance.
    pub(super) fn trust_again(&self) {
        self.failures().forget();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failures(limit: usize, window: Duration) -> Failures {
        let limits = RulesLimits {
            distrust_after: limit,
            distrust_window: window,
            ..RulesLimits::default()
        };
        Failures::new(&limits, Arc::default())
    }

    #[test]
    fn failures_count_by_what_they_are_of() {
        let failures = failures(2, Duration::ZERO);
        let alarms = || *failures.alarms.borrow();
        failures.note("a");
        failures.note("a");
        assert!(!failures.are_too_many() && alarms() == 0);
        failures.note("b");
        failures.note("c");
        assert!(failures.are_too_many() && alarms() == 1);
        failures.forget();
        assert!(!failures.are_too_many());
    }

    #[test]
    fn without_a_limit_none_are_too_many() {
        let failures = failures(0, Duration::ZERO);
        failures.note("a");
        assert!(!failures.are_too_many());
    }

    #[test]
    fn failures_of_long_ago_do_not_count() {
        let minute = Duration::from_secs(60);
        let (failures, begun) = (failures(3, minute), Instant::now());
        failures.note_at("a", begun);
        failures.note_at("b", begun + minute / 2);
        // The first is forgotten, and the second not when it comes again.
        failures.note_at("c", begun + minute);
        assert!(!failures.are_too_many());
        failures.note_at("b", begun + minute);
        failures.note_at("d", begun + minute + minute / 2);
        assert!(failures.are_too_many());
    }
}
