//! Advisory locks, which applications give a meaning of their own.
//!
//! PostgreSQL manual, "Explicit Locking", "Advisory Locks". IRIS has nothing for them, so the broker keeps
//! those of its own sessions: they are the same in every pool mode, and other brokers know nothing of
//! them.

mod held;
mod queue;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub(crate) use held::{Held, Until};
pub(crate) use queue::Waiting;

use queue::Lock;

/// What is locked: a number, or two smaller ones, of a namespace.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Name {
    pub(crate) namespace: Arc<str>,
    pub(crate) key: Key,
}

/// "These two key spaces do not overlap" (manual, "Advisory Lock Functions").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Key {
    One(i64),
    Two(i32, i32),
}

/// How a lock is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Mode {
    Exclusive,
    Shared,
}

impl Mode {
    /// Whether two sessions may not hold it in these modes at the same time.
    fn conflicts(self, other: Self) -> bool {
        self == Self::Exclusive || other == Self::Exclusive
    }

    /// As PostgreSQL's warnings call it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Exclusive => "ExclusiveLock",
            Self::Shared => "ShareLock",
        }
    }
}

/// A session, by a number that no other has.
type Owner = u64;

/// The locks of a server's namespaces.
#[derive(Default)]
pub(crate) struct Locks {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    locks: HashMap<Name, Lock>,
    /// For which lock an owner waits; for one at a time.
    waits: HashMap<Owner, Name>,
}

/// What came of a request that may wait.
#[derive(Debug)]
pub(crate) enum Outcome {
    Taken,
    Waits(Waiting),
    /// Whoever is waited for waits for the owner itself.
    Deadlock,
}

impl Locks {
    /// Takes the lock, or stands in its queue.
    fn take(self: &Arc<Self>, name: &Name, owner: Owner, mode: Mode) -> Outcome {
        let mut state = self.state();
        let lock = state.locks.entry(name.clone()).or_default();
        if lock.try_take(owner, mode) {
            return Outcome::Taken;
        }
        if state.waits_for(name, owner, mode) {
            return Outcome::Deadlock;
        }
        state.waits.insert(owner, name.clone());
        let granted = state
            .locks
            .entry(name.clone())
            .or_default()
            .wait(owner, mode);
        Outcome::Waits(Waiting::new(Arc::clone(self), name.clone(), owner, granted))
    }

    /// Takes the lock if it is to be had at once.
    fn try_take(&self, name: &Name, owner: Owner, mode: Mode) -> bool {
        let mut state = self.state();
        let lock = state.locks.entry(name.clone()).or_default();
        let taken = lock.try_take(owner, mode);
        state.forget_unused(name);
        taken
    }

    /// Gives the lock back as often as it was taken, so many times.
    fn give_back(&self, name: &Name, owner: Owner, mode: Mode, times: u32) {
        let mut state = self.state();
        if let Some(lock) = state.locks.get_mut(name) {
            lock.give_back(owner, mode, times);
        }
        state.go_on(name);
    }

    /// Nobody waits any more: whether the lock was had already.
    fn leave_queue(&self, name: &Name, owner: Owner) {
        let mut state = self.state();
        state.waits.remove(&owner);
        if let Some(lock) = state.locks.get_mut(name) {
            lock.leave_queue(owner);
        }
        state.go_on(name);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // What is in it is whole at any time.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Whether those for whom the owner would wait wait for the owner, directly or by others.
    fn waits_for(&self, name: &Name, owner: Owner, mode: Mode) -> bool {
        let Some(lock) = self.locks.get(name) else {
            return false;
        };
        let mut ahead: Vec<Owner> = lock.before_newcomer(owner, mode);
        let mut seen = Vec::new();
        while let Some(one) = ahead.pop() {
            if one == owner {
                return true;
            }
            if seen.contains(&one) {
                continue;
            }
            seen.push(one);
            let lock = self.waits.get(&one).and_then(|name| self.locks.get(name));
            ahead.extend(lock.into_iter().flat_map(|lock| lock.before_waiter(one)));
        }
        false
    }

    /// Gives the lock to those in the queue who can have it.
    fn go_on(&mut self, name: &Name) {
        if let Some(lock) = self.locks.get_mut(name) {
            for owner in lock.go_on() {
                self.waits.remove(&owner);
            }
        }
        self.forget_unused(name);
    }

    fn forget_unused(&mut self, name: &Name) {
        if self.locks.get(name).is_some_and(Lock::is_unused) {
            self.locks.remove(name);
        }
    }
}

#[cfg(test)]
mod tests;
