//! One lock: who holds it, and who waits for it.

use std::collections::VecDeque;
use std::sync::Arc;

use tokio::sync::oneshot;

use super::{Locks, Mode, Name, Owner};

/// A lock that someone holds or waits for.
#[derive(Default)]
pub(super) struct Lock {
    holders: Vec<Holder>,
    /// Who came first is first.
    queue: VecDeque<Waiter>,
}

/// Who holds it in a mode, and how often.
struct Holder {
    owner: Owner,
    mode: Mode,
    times: u32,
}

struct Waiter {
    owner: Owner,
    mode: Mode,
    granted: oneshot::Sender<()>,
}

impl Lock {
    /// Takes the lock, if nobody holds it or waits for it in a way that forbids it; whoever holds it
    /// already in the mode takes it again.
    pub(super) fn try_take(&mut self, owner: Owner, mode: Mode) -> bool {
        let has_it = |holder: &Holder| holder.owner == owner && holder.mode == mode;
        if !self.holders.iter().any(has_it) && !self.before_newcomer(owner, mode).is_empty() {
            return false;
        }
        self.hold(owner, mode);
        true
    }

    fn hold(&mut self, owner: Owner, mode: Mode) {
        let holder = self.holders.iter_mut();
        let mut holder = holder.filter(|holder| holder.owner == owner && holder.mode == mode);
        match holder.next() {
            Some(holder) => holder.times += 1,
            None => self.holders.push(Holder {
                owner,
                mode,
                times: 1,
            }),
        }
    }

    /// Stands in the queue; what is given back tells when the lock is had.
    pub(super) fn wait(&mut self, owner: Owner, mode: Mode) -> oneshot::Receiver<()> {
        let (granted, grant) = oneshot::channel();
        self.queue.push_back(Waiter {
            owner,
            mode,
            granted,
        });
        grant
    }

    pub(super) fn give_back(&mut self, owner: Owner, mode: Mode, times: u32) {
        for holder in &mut self.holders {
            if holder.owner == owner && holder.mode == mode {
                holder.times = holder.times.saturating_sub(times);
            }
        }
        self.holders.retain(|holder| holder.times > 0);
    }

    pub(super) fn leave_queue(&mut self, owner: Owner) {
        self.queue.retain(|waiter| waiter.owner != owner);
    }

    /// Gives the lock to those in the queue who can have it, in their order.
    pub(super) fn go_on(&mut self) -> Vec<Owner> {
        let mut granted = Vec::new();
        let mut place = 0;
        while let Some(waiter) = self.queue.get(place) {
            if !self.before(waiter.owner, waiter.mode, place).is_empty() {
                place += 1;
                continue;
            }
            let Some(waiter) = self.queue.remove(place) else {
                break;
            };
            granted.push(waiter.owner);
            // Of one that waits no more the lock stays free for the next.
            if waiter.granted.send(()).is_ok() {
                self.hold(waiter.owner, waiter.mode);
            }
        }
        granted
    }

    pub(super) fn is_unused(&self) -> bool {
        self.holders.is_empty() && self.queue.is_empty()
    }

    /// For whom someone would wait who is not in the queue yet.
    pub(super) fn before_newcomer(&self, owner: Owner, mode: Mode) -> Vec<Owner> {
        self.before(owner, mode, self.queue.len())
    }

    /// For whom someone in the queue waits.
    pub(super) fn before_waiter(&self, owner: Owner) -> Vec<Owner> {
        let place = self.queue.iter().position(|waiter| waiter.owner == owner);
        let waiter = place.and_then(|place| self.queue.get(place).map(|waiter| (place, waiter)));
        waiter.map_or_else(Vec::new, |(place, waiter)| {
            self.before(owner, waiter.mode, place)
        })
    }

    /// Who holds the lock, or is before this place of the queue, and forbids the mode.
    fn before(&self, owner: Owner, mode: Mode, place: usize) -> Vec<Owner> {
        let held = self
            .holders
            .iter()
            .map(|holder| (holder.owner, holder.mode));
        let waiting = self.queue.iter().take(place);
        held.chain(waiting.map(|waiter| (waiter.owner, waiter.mode)))
            .filter(|(other, held)| *other != owner && held.conflicts(mode))
            .map(|(other, _)| other)
            .collect()
    }
}

/// A place in the queue of a lock; it is left when this is dropped.
pub(crate) struct Waiting {
    locks: Arc<Locks>,
    name: Name,
    owner: Owner,
    granted: oneshot::Receiver<()>,
}

impl Waiting {
    pub(super) fn new(
        locks: Arc<Locks>,
        name: Name,
        owner: Owner,
        granted: oneshot::Receiver<()>,
    ) -> Self {
        Self {
            locks,
            name,
            owner,
            granted,
        }
    }

    /// Ends when the lock is had; may be given up and begun again.
    pub(crate) async fn granted(&mut self) {
        // Whoever would send is in the queue until it has sent.
        let _ = (&mut self.granted).await;
    }

    /// Gives up: whether the lock was had in the meantime.
    pub(super) fn give_up(mut self) -> bool {
        self.granted.close();
        self.granted.try_recv().is_ok()
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.locks.leave_queue(&self.name, self.owner);
    }
}

impl std::fmt::Debug for Waiting {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Waiting")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
