//! The memory that the instances of a component may have together, and who waits for it.
//!
//! A part of it is for instances that stay small, so that those that grow do not keep the others
//! from their work. Whoever grows takes from it as it goes; where nothing is left, the call ends,
//! gives back what it had, and is made anew in its turn, with all that it may need set aside.

use std::collections::VecDeque;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// Instances that stay small have one of so many parts, the others the rest.
const PARTS: usize = 4;

/// The memory of a generation, in bytes.
pub(super) struct Budget {
    /// The key that bounds it.
    key: &'static str,
    /// What an instance may have that is small.
    small_size: usize,
    small: Pool,
    large: Pool,
}

/// A part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Small,
    Large,
}

impl Budget {
    /// `limit`: for all instances together; 0: there is none. `small_size`: what one of them may have
    /// that is small.
    pub(super) fn new(key: &'static str, limit: usize, small_size: usize) -> Arc<Self> {
        let limit = if limit == 0 { usize::MAX } else { limit };
        // Without small instances all is for the others.
        let small = match small_size {
            0 => 0,
            _ => limit / PARTS,
        };
        Arc::new(Self {
            key,
            small_size: small_size.min(small),
            small: Pool::new(small),
            large: Pool::new(limit - small),
        })
    }

    /// The most that one instance can get.
    pub(super) fn largest(&self) -> usize {
        self.large.limit.max(self.small_size)
    }

    /// Waits for the turn of a call that there was no memory for, at most until then, and sets all aside
    /// that an instance of this size, which is the largest that it may have, takes. Blocks.
    pub(super) fn wait(
        self: &Arc<Self>,
        crowded: &Crowded,
        size: usize,
        until: Instant,
    ) -> Option<Share> {
        let size = match crowded.part {
            Part::Small => self.small_size,
            Part::Large => size.min(self.large.limit),
        };
        self.pool(crowded.part).wait(size, until).then(|| Share {
            budget: Arc::clone(self),
            part: crowded.part,
            taken: size,
        })
    }

    fn pool(&self, part: Part) -> &Pool {
        match part {
            Part::Small => &self.small,
            Part::Large => &self.large,
        }
    }
}

/// There is no memory left for an instance, whatever it may have by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Crowded {
    key: &'static str,
    part: Part,
}

impl fmt::Display for Crowded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "other calls have the memory that {} allows", self.key)
    }
}

impl std::error::Error for Crowded {}

/// What one instance has of a budget, which it gives back in the end.
pub(super) struct Share {
    budget: Arc<Budget>,
    part: Part,
    /// Bytes of that part.
    taken: usize,
}

impl Share {
    pub(super) fn of(budget: &Arc<Budget>) -> Self {
        Self {
            budget: Arc::clone(budget),
            part: Part::Small,
            taken: 0,
        }
    }

    /// Takes what an instance of this size needs.
    pub(super) fn grow(&mut self, size: usize) -> Result<(), Crowded> {
        let part = match size > self.budget.small_size {
            true => Part::Large,
            // Once it has grown it is counted there until it is used again.
            false => self.part,
        };
        let has = if part == self.part { self.taken } else { 0 };
        let Some(more) = size.checked_sub(has).filter(|more| *more > 0) else {
            return Ok(());
        };
        if !self.budget.pool(part).take(more) {
            return Err(Crowded {
                key: self.budget.key,
                part,
            });
        }
        if part != self.part {
            self.budget.pool(self.part).give(self.taken);
            self.part = part;
        }
        self.taken = size;
        Ok(())
    }

    /// Gives back what an instance of this size does not need, before it waits for the next call;
    /// false: there is no place for it.
    pub(super) fn settle(&mut self, size: usize) -> bool {
        let budget = Arc::clone(&self.budget);
        // Whoever waits for memory has more need of it.
        if size > budget.small_size || budget.small.has_waiters() {
            return false;
        }
        match self.part {
            Part::Small => budget.small.give(self.taken.saturating_sub(size)),
            Part::Large if budget.small.take(size) => budget.large.give(self.taken),
            Part::Large => return false,
        }
        (self.part, self.taken) = (Part::Small, size);
        true
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.budget.pool(self.part).give(self.taken);
    }
}

/// Memory, taken without a lock as long as there is enough.
struct Pool {
    limit: usize,
    used: AtomicUsize,
    /// How many wait, for whoever has no need of the lock otherwise.
    waiting: AtomicUsize,
    queue: Mutex<Queue>,
    given: Condvar,
}

/// Those who wait, in their order.
#[derive(Default)]
struct Queue {
    next: u64,
    tickets: VecDeque<u64>,
}

impl Pool {
    fn new(limit: usize) -> Self {
        Self {
            limit,
            used: AtomicUsize::new(0),
            waiting: AtomicUsize::new(0),
            queue: Mutex::default(),
            given: Condvar::new(),
        }
    }

    /// Whoever waits goes before those who have just come.
    fn take(&self, bytes: usize) -> bool {
        !self.has_waiters() && self.take_anyway(bytes)
    }

    fn take_anyway(&self, bytes: usize) -> bool {
        let more = |used: usize| used.checked_add(bytes).filter(|sum| *sum <= self.limit);
        self.used
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, more)
            .is_ok()
    }

    fn has_waiters(&self) -> bool {
        self.waiting.load(Ordering::SeqCst) > 0
    }

    fn give(&self, bytes: usize) {
        if bytes == 0 {
            return;
        }
        self.used.fetch_sub(bytes, Ordering::SeqCst);
        if self.has_waiters() {
            // Whoever has looked in vain waits by now.
            drop(self.queue());
            self.given.notify_all();
        }
    }

    /// Takes it in turn; false: not until then.
    fn wait(&self, bytes: usize, until: Instant) -> bool {
        let mut queue = self.queue();
        let ticket = queue.next;
        queue.next += 1;
        queue.tickets.push_back(ticket);
        self.waiting.fetch_add(1, Ordering::SeqCst);
        let is_taken = loop {
            if queue.tickets.front() == Some(&ticket) && self.take_anyway(bytes) {
                break true;
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break false;
            }
            let woken = self.given.wait_timeout(queue, left);
            (queue, _) = woken.unwrap_or_else(PoisonError::into_inner);
        };
        queue.tickets.retain(|waiting| *waiting != ticket);
        self.waiting.fetch_sub(1, Ordering::SeqCst);
        // There may be enough for the next one, too.
        self.given.notify_all();
        is_taken
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        // A panic elsewhere leaves whole entries.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const KEY: &str = "total_memory";

    fn used(budget: &Budget) -> (usize, usize) {
        let used = |pool: &Pool| pool.used.load(Ordering::SeqCst);
        (used(&budget.small), used(&budget.large))
    }

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(60)
    }

    #[test]
    fn an_instance_takes_what_it_grows_by_and_gives_it_back() {
        let budget = Budget::new(KEY, 400, 20);
        let mut share = Share::of(&budget);
        share.grow(10).unwrap();
        share.grow(20).unwrap();
        assert_eq!(used(&budget), (20, 0));
        // It is no small one any more, and all of it counts there.
        share.grow(30).unwrap();
        assert_eq!(used(&budget), (0, 30));
        assert!(!share.settle(30));
        assert!(share.settle(15));
        assert_eq!(used(&budget), (15, 0));
        drop(share);
        assert_eq!(used(&budget), (0, 0));
    }

    #[test]
    fn those_that_grow_leave_a_part_to_the_others() {
        let budget = Budget::new(KEY, 400, 20);
        let (mut large, mut next, mut small) =
            (Share::of(&budget), Share::of(&budget), Share::of(&budget));
        large.grow(300).unwrap();
        let crowded = next.grow(21).unwrap_err();
        assert_eq!(crowded.part, Part::Large);
        small.grow(20).unwrap();
        assert_eq!(used(&budget), (20, 300));
        assert_eq!(budget.largest(), 300);
    }

    #[test]
    fn without_a_limit_there_is_always_enough() {
        let mut share = Share::of(&Budget::new(KEY, 0, 20));
        share.grow(usize::MAX / 2).unwrap();
    }

    #[test]
    fn whoever_waits_comes_in_turn_and_before_those_who_come_later() {
        let budget = Budget::new(KEY, 400, 0);
        let mut holder = Share::of(&budget);
        holder.grow(400).unwrap();
        let crowded = Share::of(&budget).grow(1).unwrap_err();
        let (order, come) = std::sync::mpsc::channel();
        let waiters: Vec<_> = (0..3)
            .map(|number| {
                let (shared, crowded, order) =
                    (Arc::clone(&budget), crowded.clone(), order.clone());
                let waiter = std::thread::spawn(move || {
                    let share = shared.wait(&crowded, 300, soon());
                    order.send(number).unwrap();
                    share.is_some()
                });
                while budget.large.waiting.load(Ordering::SeqCst) <= number {
                    std::thread::yield_now();
                }
                waiter
            })
            .collect();
        drop(holder);
        assert!(waiters.into_iter().all(|waiter| waiter.join().unwrap()));
        assert_eq!(come.try_iter().collect::<Vec<_>>(), [0, 1, 2]);
        assert_eq!(used(&budget), (0, 0));
    }

    #[test]
    fn nobody_waits_for_ever() {
        let budget = Budget::new(KEY, 400, 0);
        let mut holder = Share::of(&budget);
        holder.grow(400).unwrap();
        let crowded = Share::of(&budget).grow(1).unwrap_err();
        assert!(budget.wait(&crowded, 1, Instant::now()).is_none());
        assert_eq!(budget.large.waiting.load(Ordering::SeqCst), 0);
    }
}
