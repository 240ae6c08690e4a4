//! The connections of one user to one namespace, lent to sessions.

mod backoff;
pub(crate) mod figures;
mod roster;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{Notify, watch};
use tokio::time::{sleep_until, timeout_at};

use crate::config::{PoolLimits, PoolMode};
use crate::databases::Database;
use crate::lease::{Lease, Slot};
use crate::line::{Line, Patience};
use crate::monitor::servers::Wires;
use crate::server::Server;
use crate::upstream::{Target, UpstreamError};
use figures::PoolFigures;
use roster::{Asked, Roster, Ticket, Turn};
pub(crate) use roster::{LONGEST_INTERVAL, interval};

/// Connections that may be lent to any session with this target.
pub(crate) struct Pool {
    /// Of the database, as clients call it.
    name: String,
    target: Target,
    database: Arc<Database>,
    roster: Mutex<Roster<Line>>,
    clients: AtomicUsize,
    counts: Counts,
    pinned: Mutex<BTreeMap<String, usize>>,
    /// Grows when connections are to be given up that sessions hold without need.
    recalls: watch::Sender<u64>,
    wires: Arc<Wires>,
}

#[derive(Default)]
struct Counts {
    connecting: AtomicUsize,
    leases: AtomicU64,
    waits: AtomicU64,
    wait_microseconds: AtomicU64,
    timeouts: AtomicU64,
    connects: AtomicU64,
    failures: AtomicU64,
    losses: AtomicU64,
}

/// Why no connection can be had.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// None became free in time.
    Full(Full),
    /// None could be opened.
    Upstream(UpstreamError),
}

/// What a pool looked like when somebody had waited in vain.
#[derive(Debug)]
pub(crate) struct Full {
    pub(crate) pool: String,
    pub(crate) mode: PoolMode,
    pub(crate) connections: usize,
    pub(crate) waiting: usize,
    pub(crate) waited: Duration,
}

impl Pool {
    /// `name`: of the database, as clients call it.
    pub(crate) fn new(
        name: String,
        target: Target,
        database: Arc<Database>,
        wires: Arc<Wires>,
    ) -> Self {
        Self {
            name,
            target,
            roster: Mutex::new(Roster::new(database.limits().clone())),
            database,
            clients: AtomicUsize::new(0),
            counts: Counts::default(),
            pinned: Mutex::default(),
            recalls: watch::Sender::default(),
            wires,
        }
    }

    pub(crate) fn mode(&self) -> PoolMode {
        self.limits().mode
    }

    pub(crate) fn check_delay(&self) -> Duration {
        self.limits().check_delay
    }

    /// How long the server may take for what it does at once if it is well.
    pub(crate) fn patience(&self) -> Patience {
        Patience {
            check: self.limits().check_timeout,
            cancel: self.limits().cancel_timeout,
        }
    }

    pub(crate) fn server(&self) -> &Arc<Server> {
        self.database.server()
    }

    pub(crate) fn database(&self) -> &Arc<Database> {
        &self.database
    }

    /// The IRIS namespace that its connections lead to.
    pub(crate) fn namespace(&self) -> &str {
        &self.target.namespace
    }

    fn limits(&self) -> &PoolLimits {
        self.database.limits()
    }

    /// A connection of this session's own until it gives it back. Not before those who
    /// asked earlier. Cancel-safe: who does not wait any longer holds up nobody.
    pub(crate) async fn lease(self: &Arc<Self>) -> Result<Lease, Refusal> {
        let asked = self.roster().ask(Instant::now());
        let turn = match asked {
            Asked::Turn(turn) => turn,
            Asked::Wait(ticket, wake) => self.wait(ticket, &wake).await?,
        };
        let lease = match turn {
            Turn::Refused(error) => return Err(Refusal::Upstream(error)),
            Turn::Open => return self.opened(Slot::new(self)).await,
            Turn::Take(idle) => {
                let slot = Slot::new(self);
                let mut line = idle.line;
                if self.server().is_outdated(&line) {
                    drop(line);
                    return self.opened(slot).await;
                }
                let asking = idle.since.elapsed() >= self.limits().check_delay;
                if line.is_alive(asking).await {
                    Lease::new(line, idle.opened, slot)
                } else {
                    self.note_loss();
                    if let Some(error) = self.roster().refusal(Instant::now()) {
                        return Err(Refusal::Upstream(error));
                    }
                    return self.opened(slot).await;
                }
            }
        };
        count(&self.counts.leases);
        Ok(lease)
    }

    /// One that is opened for a session.
    async fn opened(&self, slot: Slot) -> Result<Lease, Refusal> {
        let lease = self.open(slot).await?;
        count(&self.counts.leases);
        Ok(lease)
    }

    async fn wait(&self, ticket: Ticket, wake: &Notify) -> Result<Turn<Line>, Refusal> {
        let begun = Instant::now();
        let place = Place { pool: self, ticket };
        count(&self.counts.waits);
        let turn = self.turn_of(&place, wake, begun).await;
        drop(place);
        let waited = begun.elapsed();
        let microseconds = u64::try_from(waited.as_micros()).unwrap_or(u64::MAX);
        self.counts
            .wait_microseconds
            .fetch_add(microseconds, Ordering::Relaxed);
        turn.ok_or_else(|| {
            count(&self.counts.timeouts);
            let roster = self.roster();
            Refusal::Full(Full {
                pool: format!("{}@{}", self.target.user, self.name),
                mode: self.limits().mode,
                connections: roster.connections(),
                waiting: roster.waiting(),
                waited,
            })
        })
    }

    /// `None`: it did not come in time.
    async fn turn_of(
        &self,
        place: &Place<'_>,
        wake: &Notify,
        begun: Instant,
    ) -> Option<Turn<Line>> {
        let mut end = begun + self.limits().wait_timeout;
        if self.limits().reserve > 0 && self.limits().reserve_timeout < self.limits().wait_timeout {
            let patience = begun + self.limits().reserve_timeout;
            if timeout_at(patience.into(), wake.notified()).await.is_ok() {
                return self.roster().claim(place.ticket);
            }
            let claimed = self.roster().claim_reserve(place.ticket, Instant::now());
            if claimed.is_some() {
                return claimed;
            }
        }
        loop {
            tokio::select! {
                biased;
                () = wake.notified() => {}
                () = sleep_until(end.into()) => {}
            }
            let mut roster = self.roster();
            // It may have come in the last moment.
            let claimed = roster.claim(place.ticket);
            // While the pool is paused nobody has waited in vain.
            if claimed.is_some() || !roster.is_paused() {
                return claimed;
            }
            end = Instant::now() + self.limits().wait_timeout;
        }
    }

    /// Opens a connection in a place for one.
    async fn open(&self, slot: Slot) -> Result<Lease, Refusal> {
        let connecting = Connecting::new(&self.counts.connecting);
        let opened = self.server().connect(&self.target, self.patience()).await;
        drop(connecting);
        match opened {
            Ok(mut line) => {
                self.roster().opened();
                count(&self.counts.connects);
                line.list(self.wires.list(&self.target.user, &self.name));
                Ok(Lease::new(line, Instant::now(), slot))
            }
            Err(error) => {
                count(&self.counts.failures);
                tracing::warn!(pool = %self.target, ?error, "no connection to the upstream");
                if !is_personal(&error) {
                    self.roster().failed(&error, Instant::now());
                }
                Err(Refusal::Upstream(error))
            }
        }
    }

    /// Whether the server has let this user in, and a connection is there that shows it.
    pub(crate) fn is_proven(&self) -> bool {
        let connecting = self.counts.connecting.load(Ordering::Relaxed);
        self.roster().connections() > connecting
    }

    /// Lends nothing until [`Pool::resume`], and closes what nobody uses.
    pub(crate) fn pause(&self) {
        let free = self.roster().pause();
        drop(free);
        self.recalls.send_modify(|number| *number += 1);
    }

    /// Lends again.
    pub(crate) fn resume(&self) {
        self.roster().resume(Instant::now());
    }

    /// Lets go of all connections as soon as nobody needs them; others take their place.
    pub(crate) fn reconnect(&self) {
        let free = self.roster().recall(Instant::now());
        drop(free);
        self.recalls.send_modify(|number| *number += 1);
    }

    /// Tells of each time that sessions are to look whether they need their connection.
    pub(crate) fn recalls(&self) -> watch::Receiver<u64> {
        self.recalls.subscribe()
    }

    /// Whether a connection is closed as soon as it is free.
    pub(crate) fn is_unwanted(&self, opened: Instant) -> bool {
        // Each ReadyForQuery asks, and seldom is there anything to ask the account about.
        *self.recalls.borrow() > 0 && self.roster().is_unwanted(opened)
    }

    /// Whether any session has a connection.
    pub(crate) fn has_lent(&self) -> bool {
        self.roster().lent() > 0
    }

    /// The moment before which connections were opened that are not lent again, if there is one.
    pub(crate) fn recalled(&self) -> Option<Instant> {
        self.roster().recalled()
    }

    /// The user whose connections these are.
    pub(crate) fn user(&self) -> &str {
        &self.target.user
    }

    /// The database, as clients call it.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// A lent connection is free again.
    pub(crate) fn take_back(&self, line: Line, opened: Instant) {
        line.note_free();
        if self.server().is_outdated(&line) {
            return self.lose();
        }
        // What is not kept is closed outside of the lock.
        let surplus = self.roster().give_back(line, opened, Instant::now());
        drop(surplus);
    }

    /// A lent connection is gone.
    pub(crate) fn lose(&self) {
        self.roster().lose(Instant::now());
    }

    pub(crate) fn note_loss(&self) {
        count(&self.counts.losses);
    }

    /// A session keeps its connection, or does no longer.
    pub(crate) fn pin(&self, reason: &str) {
        *self.pins().entry(reason.to_owned()).or_default() += 1;
    }

    pub(crate) fn unpin(&self, reason: &str) {
        let mut pins = self.pins();
        if let Some(count) = pins.get_mut(reason) {
            *count -= 1;
            if *count == 0 {
                pins.remove(reason);
            }
        }
    }

    fn pins(&self) -> MutexGuard<'_, BTreeMap<String, usize>> {
        // What is in it is whole at any time.
        self.pinned.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn enter(&self) {
        self.clients.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn leave(&self) {
        self.clients.fetch_sub(1, Ordering::Relaxed);
    }

    /// Whether anybody may ask for its connections.
    pub(crate) fn has_clients(&self) -> bool {
        self.clients.load(Ordering::Relaxed) > 0
    }

    /// Closes what is not needed, opens what is to be there. Whether the pool itself is
    /// needed.
    pub(crate) fn tend(self: &Arc<Self>) -> bool {
        let now = Instant::now();
        let has_clients = self.has_clients();
        let mut roster = self.roster();
        let gone = roster.tend(has_clients, now);
        while has_clients && roster.claim_minimum(now) {
            let (pool, slot) = (Arc::clone(self), Slot::new(self));
            tokio::spawn(async move {
                if let Ok(lease) = pool.open(slot).await {
                    lease.give_back();
                }
            });
        }
        let is_needed = has_clients || !roster.is_empty(now);
        drop(roster);
        drop(gone);
        is_needed
    }

    pub(crate) fn figures(&self) -> PoolFigures {
        let counts = &self.counts;
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        let connecting = counts.connecting.load(Ordering::Relaxed);
        let roster = self.roster();
        let now = Instant::now();
        PoolFigures {
            longest_wait: roster.longest_wait(now),
            is_paused: roster.is_paused(),
            refusal: roster.refusal(now).map(|error| error.message),
            database: self.name.clone(),
            user: self.target.user.clone(),
            namespace: self.target.namespace.clone(),
            mode: self.limits().mode,
            size: self.limits().size,
            clients: self.clients.load(Ordering::Relaxed),
            waiting: roster.waiting(),
            active: roster.lent().saturating_sub(connecting),
            idle: roster.idle(),
            connecting,
            pinned: self.pins().clone(),
            leases: read(&counts.leases),
            waits: read(&counts.waits),
            wait_time: Duration::from_micros(read(&counts.wait_microseconds)),
            timeouts: read(&counts.timeouts),
            connects: read(&counts.connects),
            failures: read(&counts.failures),
            losses: read(&counts.losses),
        }
    }

    fn roster(&self) -> MutexGuard<'_, Roster<Line>> {
        // A panic elsewhere leaves whole entries.
        self.roster.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether the server is there, but will not have this user: others, and the same user with
/// another password, need not wait.
fn is_personal(error: &UpstreamError) -> bool {
    let state = error.sqlstate.as_deref().unwrap_or_default();
    state.starts_with("28") || state == "3D000"
}

fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

/// Somebody's place in the queue.
struct Place<'a> {
    pool: &'a Pool,
    ticket: Ticket,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.pool.roster().leave(self.ticket, Instant::now());
    }
}

/// A connection that is being opened.
struct Connecting<'a>(&'a AtomicUsize);

impl<'a> Connecting<'a> {
    fn new(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Connecting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
