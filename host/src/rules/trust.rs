//! Rules that fail, and how a broker leaves them: for those that were there before.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use super::generation::Generation;
use super::library::Library;

/// What a component has failed on. The same statement counts once, however often a client
/// sends it: it says no more of the component.
pub(super) struct Failures {
    /// On how many it may fail; 0: on any number.
    limit: usize,
    seen: Mutex<HashSet<u64>>,
    alarms: Arc<watch::Sender<u64>>,
}

impl Failures {
    /// `alarms`: told when the limit is reached.
    pub(super) fn new(limit: usize, alarms: Arc<watch::Sender<u64>>) -> Self {
        Self {
            limit,
            seen: Mutex::default(),
            alarms,
        }
    }

    /// The component has failed on this.
    pub(super) fn note(&self, what: &str) {
        if self.limit == 0 {
            return;
        }
        let mut hasher = DefaultHasher::new();
        what.hash(&mut hasher);
        let mut seen = self.seen();
        let is_new = seen.len() < self.limit && seen.insert(hasher.finish());
        if is_new && seen.len() == self.limit {
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

    fn seen(&self) -> MutexGuard<'_, HashSet<u64>> {
        // A panic elsewhere leaves whole entries.
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Generation {
    /// Whether it has failed too often to go on with it.
    fn is_distrusted(&self) -> bool {
        self.failures().are_too_many()
    }

    /// It gets another chance.
    pub(super) fn trust_again(&self) {
        self.failures().forget();
    }
}

impl Library {
    /// Puts those that were there before in the place of generations that fail too often.
    /// Their files are not taken up again, unless somebody asks for it, or they change.
    pub(super) fn leave_distrusted(&self) {
        let before = self.generations_before();
        let mut left = false;
        let generations = self.generations().into_iter().map(|one| {
            if !one.is_distrusted() {
                return one;
            }
            let known = before.iter().find(|known| known.name() == one.name());
            match known.filter(|known| !known.is_distrusted()) {
                Some(known) => {
                    tracing::error!(
                        rules = one.name(),
                        "they fail too often; those from before are used again"
                    );
                    self.distrust(*one.digest());
                    left = true;
                    Arc::clone(known)
                }
                None => {
                    tracing::error!(
                        rules = one.name(),
                        "they fail too often, and there are none from before"
                    );
                    one.trust_again();
                    one
                }
            }
        });
        let generations: Vec<_> = generations.collect();
        if left {
            self.history().distrusted.fetch_add(1, Ordering::Relaxed);
            self.replace(generations);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_count_by_what_they_are_of() {
        let alarms = Arc::new(watch::Sender::new(0));
        let failures = Failures::new(2, Arc::clone(&alarms));
        failures.note("a");
        failures.note("a");
        assert!(!failures.are_too_many() && *alarms.borrow() == 0);
        failures.note("b");
        failures.note("c");
        assert!(failures.are_too_many() && *alarms.borrow() == 1);
        failures.forget();
        assert!(!failures.are_too_many());
        let failures = Failures::new(0, alarms);
        failures.note("a");
        assert!(!failures.are_too_many());
    }
}
