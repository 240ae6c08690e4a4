//! Who has a connection, who waits for one, and which are free. Pure: what is done about it is
//! done by the caller, and what time it is is told.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use super::backoff::Backoff;
use crate::config::PoolLimits;
use crate::upstream::UpstreamError;

/// The account of one pool; `C` is a connection.
pub(super) struct Roster<C> {
    limits: PoolLimits,
    /// The one that was used last is at the back, and is used next: those that are not
    /// needed grow old at the front.
    idle: VecDeque<Idle<C>>,
    /// Connections that are lent, and those that are being opened.
    lent: usize,
    /// First come, first served.
    waiting: VecDeque<Waiting>,
    /// What was given to those who have not come for it yet.
    turns: HashMap<Ticket, Turn<C>>,
    last_ticket: Ticket,
    backoff: Backoff,
    /// Nobody gets anything.
    is_paused: bool,
    /// Connections that are older are not lent again.
    recalled: Option<Instant>,
}

/// A connection, and when it was opened and used.
pub(super) struct Idle<C> {
    pub(super) line: C,
    pub(super) opened: Instant,
    pub(super) since: Instant,
}

struct Waiting {
    ticket: Ticket,
    wake: Arc<Notify>,
    since: Instant,
}

/// Who waits.
pub(super) type Ticket = u64;

/// What somebody gets who asked.
pub(super) enum Turn<C> {
    /// A connection that was free.
    Take(Idle<C>),
    /// A place for one, to be opened.
    Open,
    /// None can be had: the last attempt to open one ended so.
    Refused(UpstreamError),
}

/// What somebody hears who asks.
pub(super) enum Asked<C> {
    Turn(Turn<C>),
    /// It is woken when it is its turn.
    Wait(Ticket, Arc<Notify>),
}

impl<C> Roster<C> {
    pub(super) fn new(limits: PoolLimits) -> Self {
        Self {
            backoff: Backoff::new(limits.connect_retry),
            limits,
            idle: VecDeque::new(),
            lent: 0,
            waiting: VecDeque::new(),
            turns: HashMap::new(),
            last_ticket: 0,
            is_paused: false,
            recalled: None,
        }
    }

    /// Nobody gets anything until [`Roster::resume`]. Gives the connections that are to be
    /// closed; those that are lent follow when they come back.
    pub(super) fn pause(&mut self) -> Vec<C> {
        self.is_paused = true;
        self.idle.drain(..).map(|idle| idle.line).collect()
    }

    pub(super) fn resume(&mut self, now: Instant) {
        self.is_paused = false;
        self.advance(now);
    }

    pub(super) fn is_paused(&self) -> bool {
        self.is_paused
    }

    /// No connection of now is lent again. Gives those that are to be closed.
    pub(super) fn recall(&mut self, now: Instant) -> Vec<C> {
        self.recalled = Some(now);
        let free = self.idle.drain(..).map(|idle| idle.line).collect();
        self.advance(now);
        free
    }

    /// The moment of the last [`Roster::recall`].
    pub(super) fn recalled(&self) -> Option<Instant> {
        self.recalled
    }

    /// Whether a connection is closed as soon as it is free.
    pub(super) fn is_unwanted(&self, opened: Instant) -> bool {
        self.is_paused || self.recalled.is_some_and(|recalled| opened <= recalled)
    }

    /// Somebody wants a connection. Whoever holds a turn that is no refusal gives it back by
    /// [`Roster::give_back`] or [`Roster::lose`].
    pub(super) fn ask(&mut self, now: Instant) -> Asked<C> {
        if self.waiting.is_empty()
            && let Some(turn) = self.next_turn(now)
        {
            return Asked::Turn(turn);
        }
        self.last_ticket += 1;
        let wake = Arc::new(Notify::new());
        self.waiting.push_back(Waiting {
            ticket: self.last_ticket,
            wake: Arc::clone(&wake),
            since: now,
        });
        Asked::Wait(self.last_ticket, wake)
    }

    /// What there is for whoever is first.
    fn next_turn(&mut self, now: Instant) -> Option<Turn<C>> {
        if self.is_paused {
            return None;
        }
        if let Some(idle) = self.idle.pop_back() {
            self.lent += 1;
            return Some(Turn::Take(idle));
        }
        if let Some(error) = self.backoff.reason(now) {
            // Without any connection there is nothing to wait for.
            return (self.lent == 0).then(|| Turn::Refused(error.clone()));
        }
        self.has_room(self.limits.size).then(|| {
            self.lent += 1;
            Turn::Open
        })
    }

    fn has_room(&self, size: usize) -> bool {
        self.limits.size == 0 || self.connections() < size
    }

    /// Gives those who wait what there is.
    pub(super) fn advance(&mut self, now: Instant) {
        while !self.waiting.is_empty()
            && let Some(turn) = self.next_turn(now)
            && let Some(first) = self.waiting.pop_front()
        {
            self.turns.insert(first.ticket, turn);
            first.wake.notify_one();
        }
    }

    /// What somebody gets who was woken.
    pub(super) fn claim(&mut self, ticket: Ticket) -> Option<Turn<C>> {
        self.turns.remove(&ticket)
    }

    /// A place beyond the size, for somebody who has waited long.
    pub(super) fn claim_reserve(&mut self, ticket: Ticket, now: Instant) -> Option<Turn<C>> {
        if let Some(turn) = self.claim(ticket) {
            return Some(turn);
        }
        let most = self.limits.size.saturating_add(self.limits.reserve);
        if self.is_paused || self.backoff.reason(now).is_some() || !self.has_room(most) {
            return None;
        }
        self.waiting.retain(|waiting| waiting.ticket != ticket);
        self.lent += 1;
        Some(Turn::Open)
    }

    /// Somebody waits no longer. What it was given meanwhile goes to the next.
    pub(super) fn leave(&mut self, ticket: Ticket, now: Instant) {
        match self.turns.remove(&ticket) {
            None => self.waiting.retain(|waiting| waiting.ticket != ticket),
            Some(Turn::Refused(_)) => {}
            Some(Turn::Open) => self.lose(now),
            Some(Turn::Take(idle)) => {
                self.lent -= 1;
                self.idle.push_back(idle);
                self.advance(now);
            }
        }
    }

    /// How long whoever is first has waited.
    pub(super) fn longest_wait(&self, now: Instant) -> Duration {
        let first = self.waiting.front();
        first.map_or(Duration::ZERO, |first| now.duration_since(first.since))
    }

    /// Why no connection is opened at the moment, if none is.
    pub(super) fn refusal(&self, now: Instant) -> Option<UpstreamError> {
        self.backoff.reason(now).cloned()
    }

    /// A connection was opened.
    pub(super) fn opened(&mut self) {
        self.backoff.succeeded();
    }

    /// None could be opened. The place for it is given back by [`Roster::lose`].
    pub(super) fn failed(&mut self, error: &UpstreamError, now: Instant) {
        self.backoff.failed(error, now);
    }

    /// A connection is free again. Gives it to be closed, if it is not kept.
    pub(super) fn give_back(&mut self, line: C, opened: Instant, now: Instant) -> Option<C> {
        self.lent = self.lent.saturating_sub(1);
        let is_old = now.duration_since(opened) >= self.limits.lifetime;
        let kept = match self.limits.size {
            0 => self.limits.minimum,
            size => size,
        };
        let is_surplus = self.waiting.is_empty() && self.connections() >= kept;
        if is_old || is_surplus || self.is_unwanted(opened) {
            self.advance(now);
            return Some(line);
        }
        self.idle.push_back(Idle {
            line,
            opened,
            since: now,
        });
        self.advance(now);
        None
    }

    /// A connection is gone, or the place for one is not needed.
    pub(super) fn lose(&mut self, now: Instant) {
        self.lent = self.lent.saturating_sub(1);
        self.advance(now);
    }

    /// What time does: gives the connections that are to be closed.
    pub(super) fn tend(&mut self, has_clients: bool, now: Instant) -> Vec<C> {
        let least = if has_clients { self.limits.minimum } else { 0 };
        let mut gone = Vec::new();
        let mut kept = VecDeque::new();
        while let Some(idle) = self.idle.pop_front() {
            let is_old = now.duration_since(idle.opened) >= self.limits.lifetime;
            let is_unused = now.duration_since(idle.since) >= self.limits.idle_timeout;
            let others = self.lent + self.idle.len() + kept.len();
            if is_old || self.is_unwanted(idle.opened) || (is_unused && others >= least) {
                gone.push(idle.line);
            } else {
                kept.push_back(idle);
            }
        }
        self.idle = kept;
        self.advance(now);
        gone
    }

    /// A place for a connection that is to be there before anybody asks for it.
    pub(super) fn claim_minimum(&mut self, now: Instant) -> bool {
        let wants = !self.is_paused
            && self.connections() < self.limits.minimum
            && self.has_room(self.limits.size)
            && self.backoff.reason(now).is_none();
        self.lent += usize::from(wants);
        wants
    }

    /// How many there are, those included that are being opened.
    pub(super) fn connections(&self) -> usize {
        self.lent + self.idle.len()
    }

    pub(super) fn idle(&self) -> usize {
        self.idle.len()
    }

    pub(super) fn lent(&self) -> usize {
        self.lent
    }

    pub(super) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Whether nobody would miss the pool.
    pub(super) fn is_empty(&self, now: Instant) -> bool {
        self.connections() == 0
            && self.waiting.is_empty()
            && self.turns.is_empty()
            && self.backoff.reason(now).is_none()
    }
}

/// The least that time is looked at.
pub(crate) const LONGEST_INTERVAL: Duration = Duration::from_secs(1);

/// How often time must be looked at, so that what it does is done in time.
pub(crate) fn interval(limits: &PoolLimits) -> Duration {
    const SHORTEST: Duration = Duration::from_millis(20);
    let soonest = limits.idle_timeout.min(limits.lifetime) / 2;
    soonest.clamp(SHORTEST, LONGEST_INTERVAL)
}

#[cfg(test)]
mod tests;
