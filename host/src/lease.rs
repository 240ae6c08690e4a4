//! A connection to the upstream in the hands of one session.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::time::Instant;

use crate::line::Line;
use crate::pool::Pool;

/// A lent connection. Dropped, it is closed; [`Lease::give_back`] makes it another session's.
pub(crate) struct Lease {
    line: Line,
    opened: Instant,
    /// What keeps it from being another session's, if anything does.
    pinned: Option<Pin>,
    slot: Slot,
}

/// The place of a lent connection in its pool.
pub(crate) struct Slot {
    pool: Arc<Pool>,
    is_used: bool,
}

struct Pin {
    pool: Arc<Pool>,
    reason: String,
}

impl Lease {
    pub(crate) fn new(line: Line, opened: Instant, slot: Slot) -> Self {
        Self {
            line,
            opened,
            pinned: None,
            slot,
        }
    }

    /// A command has left something on the connection that belongs to the session: it is
    /// nobody else's from now on.
    pub(crate) fn pin(&mut self, reason: &str) {
        if self.pinned.is_none() {
            let pool = Arc::clone(&self.slot.pool);
            tracing::debug!(reason, "the session keeps its connection");
            pool.pin(reason);
            self.line.note_pinned();
            self.pinned = Some(Pin {
                pool,
                reason: reason.to_owned(),
            });
        }
    }

    /// Whether it is closed as soon as nobody needs it.
    pub(crate) fn is_unwanted(&self) -> bool {
        self.slot.pool.is_unwanted(self.opened) || self.is_outdated()
    }

    /// Whether it leads to a server of another version than the one that has been met since.
    pub(crate) fn is_outdated(&self) -> bool {
        self.slot.pool.server().is_outdated(&self.line)
    }

    pub(crate) fn is_pinned(&self) -> bool {
        self.pinned.is_some()
    }

    /// Makes it free for others, if nothing of the session's is left on it. A request to
    /// interrupt that is still on its way is waited for.
    pub(crate) fn give_back(self) {
        if self.is_pinned() || !self.line.is_quiet() {
            return;
        }
        if self.line.brake().is_free() {
            return self.put_back();
        }
        let brake = Arc::clone(self.line.brake());
        tokio::spawn(async move {
            brake.freed().await;
            self.put_back();
        });
    }

    fn put_back(mut self) {
        self.line.brake().forget();
        self.slot.is_used = true;
        self.slot.pool.take_back(self.line, self.opened);
    }

    /// Notes that the connection was lost while the session had it.
    pub(crate) fn note_loss(&self) {
        self.slot.pool.note_loss();
    }
}

impl Slot {
    /// For a connection that the account of the pool has as lent.
    pub(crate) fn new(pool: &Arc<Pool>) -> Self {
        Self {
            pool: Arc::clone(pool),
            is_used: false,
        }
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        if !self.is_used {
            self.pool.lose();
        }
    }
}

impl Drop for Pin {
    fn drop(&mut self) {
        self.pool.unpin(&self.reason);
    }
}

impl Deref for Lease {
    type Target = Line;

    fn deref(&self) -> &Line {
        &self.line
    }
}

impl DerefMut for Lease {
    fn deref_mut(&mut self) -> &mut Line {
        &mut self.line
    }
}
