//! Which process id and secret interrupt which connection.
//!
//! PostgreSQL manual, "Canceling Requests in Progress".

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rand::TryRng;
use rand::rngs::SysRng;
use tokio::sync::{Notify, watch};
use tokio::time::Instant;

use crate::upstream::Canceller;

/// The sessions of a broker, by process id.
#[derive(Clone, Default)]
pub(crate) struct Cancellations {
    sessions: Arc<Mutex<HashMap<u32, Session>>>,
}

/// What cancel requests mean for one session: they interrupt the connection that it holds, or
/// its wait for one, and where it looks itself, before whatever it does next, it finds that one
/// came (`session/interruption.rs`).
#[derive(Clone, Default)]
pub(crate) struct Interrupted(Arc<Interruption>);

#[derive(Default)]
struct Interruption {
    is_asked: AtomicBool,
    /// The session is at its end.
    is_leaving: AtomicBool,
    /// Wakes who waits for a connection.
    came: Notify,
    holds: Mutex<Option<Arc<Brake>>>,
}

impl Interrupted {
    /// Forgets what came for the statement before.
    pub(crate) fn clear(&self) {
        self.0.is_asked.store(false, Ordering::Relaxed);
        if let Some(brake) = &*self.holds() {
            brake.forget();
        }
    }

    /// Whether one came.
    pub(crate) fn is_asked(&self) -> bool {
        self.0.is_asked.load(Ordering::Acquire)
    }

    /// Whether one came; asking again says no.
    pub(crate) fn take(&self) -> bool {
        self.0.is_asked.swap(false, Ordering::AcqRel)
    }

    /// The session has this connection from now on, or none.
    pub(crate) fn hold(&self, brake: Option<Arc<Brake>>) {
        if let Some(brake) = &brake
            && self.0.is_leaving.load(Ordering::Relaxed)
        {
            brake.expect_end();
        }
        *self.holds() = brake;
    }

    /// The session ends: what it still does on a connection is to end in time as if it had been interrupted, and is not.
    pub(crate) fn leave(&self) {
        self.0.is_leaving.store(true, Ordering::Relaxed);
        self.0.is_asked.store(false, Ordering::Relaxed);
        if let Some(brake) = &*self.holds() {
            brake.expect_end();
        }
    }

    /// Interrupts whatever the session does at the moment. The server is told on a task of its own: a
    /// request that is on its way is not taken back by whoever waits no longer, and one that hangs holds
    /// up nobody.
    pub(crate) fn interrupt(&self) -> impl Future<Output = ()> + use<> {
        // Under the lock, so that a connection that is given up in this moment has either been
        // given up, or is known to be about to be interrupted; and before the session can see
        // that it is asked, which then waits until its connection is.
        let pulled = self.holds().as_ref().map(Brake::pull);
        self.0.is_asked.store(true, Ordering::Release);
        self.0.came.notify_waiters();
        let told =
            pulled.map(|pulled| tokio::spawn(async move { pulled.brake.canceller.cancel().await }));
        async move {
            if let Some(told) = told {
                // A canceller that panics has told nobody.
                let _ = told.await;
            }
        }
    }

    /// Waits for an answer of the connection that the session holds. A request that found
    /// nothing running there, between two statements that were sent together, or before the
    /// first was begun, is made again until the answer comes.
    pub(crate) async fn insisting<T>(&self, answer: impl Future<Output = T>) -> T {
        tokio::select! {
            biased;
            answer = answer => answer,
            never = self.insist() => match never {},
        }
    }

    async fn insist(&self) -> Infallible {
        loop {
            let came = self.came();
            if !self.is_asked() {
                came.await;
            }
            tokio::time::sleep(INSISTS_AFTER).await;
            let pulled = self.holds().as_ref().map(Brake::pull);
            if let Some(pulled) = pulled.filter(|_| self.is_asked()) {
                // Whoever waits for the answer may leave; the request is on its way until the
                // server has it.
                let asking = tokio::spawn(async move { pulled.brake.canceller.cancel().await });
                let _ = asking.await;
            }
        }
    }

    /// Ends with the next request.
    pub(crate) fn came(&self) -> impl Future<Output = ()> + '_ {
        self.0.came.notified()
    }

    fn holds(&self) -> MutexGuard<'_, Option<Arc<Brake>>> {
        // What is in it is whole at any time.
        self.0.holds.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// So long a server has to answer a request before it is made again: long beside the time that
/// one takes that arrives, short for who waits.
const INSISTS_AFTER: Duration = Duration::from_millis(100);

/// A connection to the upstream as those see it who may want to interrupt it.
///
/// Whether a request to interrupt has reached the server is only known when that has
/// answered; until then nobody else may be given the connection, who would be interrupted
/// instead.
pub(crate) struct Brake {
    canceller: Arc<dyn Canceller>,
    underway: AtomicUsize,
    released: Notify,
    /// When what runs was asked to stop for the first time, if it was.
    asked: watch::Sender<Option<Instant>>,
}

/// A request that is on its way.
struct Pulled {
    brake: Arc<Brake>,
}

impl Brake {
    pub(crate) fn new(canceller: Arc<dyn Canceller>) -> Arc<Self> {
        Arc::new(Self {
            canceller,
            underway: AtomicUsize::new(0),
            released: Notify::new(),
            asked: watch::Sender::default(),
        })
    }

    fn pull(self: &Arc<Self>) -> Pulled {
        self.underway.fetch_add(1, Ordering::AcqRel);
        self.asked.send_if_modified(|asked| {
            let is_first = asked.is_none();
            asked.get_or_insert_with(Instant::now);
            is_first
        });
        Pulled {
            brake: Arc::clone(self),
        }
    }

    /// What runs has from now on as long as if it had been asked to stop.
    fn expect_end(&self) {
        self.asked.send_replace(Some(Instant::now()));
    }

    /// What runs from now on has not been asked to stop.
    pub(crate) fn forget(&self) {
        if self.asked.borrow().is_some() {
            self.asked.send_replace(None);
        }
    }

    /// Ends when what runs was asked to stop so long ago. Cancel-safe.
    pub(crate) async fn overdue(&self, patience: Duration) {
        let mut asked = self.asked.subscribe();
        let since = match asked.wait_for(Option::is_some).await {
            Ok(since) => *since,
            // The sender is this brake's.
            Err(_) => None,
        };
        match since.and_then(|since| since.checked_add(patience)) {
            Some(end) => tokio::time::sleep_until(end).await,
            None => std::future::pending().await,
        }
    }

    /// Whether no request is on its way.
    pub(crate) fn is_free(&self) -> bool {
        self.underway.load(Ordering::Acquire) == 0
    }

    /// Ends when none is.
    pub(crate) async fn freed(&self) {
        loop {
            // It hears of what happens from here on.
            let released = self.released.notified();
            if self.is_free() {
                return;
            }
            released.await;
        }
    }
}

impl Drop for Pulled {
    fn drop(&mut self) {
        self.brake.underway.fetch_sub(1, Ordering::AcqRel);
        self.brake.released.notify_waiters();
    }
}

struct Session {
    secret: Vec<u8>,
    interrupted: Interrupted,
}

/// What BackendKeyData tells a client. The session is forgotten when it drops.
pub(crate) struct Key {
    process: u32,
    secret: Vec<u8>,
    interrupted: Interrupted,
    cancellations: Cancellations,
}

impl Cancellations {
    /// Makes a key for a session: random, so that nobody can guess it.
    pub(crate) fn register(&self, secret_length: usize) -> Key {
        let mut secret = vec![0; secret_length];
        let mut number = [0; 4];
        // Without the system's random numbers a guessable key would be given;
        // a process that has none cannot go on.
        SysRng
            .try_fill_bytes(&mut secret)
            .expect("the system gives random numbers");
        let mut sessions = self.sessions();
        let process = loop {
            SysRng
                .try_fill_bytes(&mut number)
                .expect("the system gives random numbers");
            // Positive, as process ids are: some drivers read it as signed.
            let process = u32::from_be_bytes(number) >> 1;
            if process != 0 && !sessions.contains_key(&process) {
                break process;
            }
        };
        let interrupted = Interrupted::default();
        sessions.insert(
            process,
            Session {
                secret: secret.clone(),
                interrupted: interrupted.clone(),
            },
        );
        Key {
            process,
            secret,
            interrupted,
            cancellations: self.clone(),
        }
    }

    /// Interrupts a session if the secret is its own; whether it is. The client is not told.
    pub(crate) async fn cancel(&self, process: u32, secret: &[u8]) -> bool {
        let interrupted = {
            let sessions = self.sessions();
            let session = sessions
                .get(&process)
                .filter(|session| equal(&session.secret, secret));
            session.map(|session| session.interrupted.clone())
        };
        if let Some(interrupted) = &interrupted {
            interrupted.interrupt().await;
        }
        interrupted.is_some()
    }

    /// Interrupts all sessions, each for itself: one that hangs holds up no other.
    pub(crate) fn cancel_all(&self) {
        let all: Vec<_> = self
            .sessions()
            .values()
            .map(|session| session.interrupted.clone())
            .collect();
        for interrupted in all {
            drop(interrupted.interrupt());
        }
    }

    fn sessions(&self) -> MutexGuard<'_, HashMap<u32, Session>> {
        // The map is whole between any two of its operations.
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Compares in a time that does not tell where the texts differ.
fn equal(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len()
        && a.iter()
            .zip(b)
            .fold(0, |difference, (a, b)| difference | (a ^ b))
            == 0
}

impl Key {
    pub(crate) fn process(&self) -> u32 {
        self.process
    }

    pub(crate) fn interrupted(&self) -> Interrupted {
        self.interrupted.clone()
    }

    pub(crate) fn secret(&self) -> &[u8] {
        &self.secret
    }
}

impl Drop for Key {
    fn drop(&mut self) {
        self.cancellations.sessions().remove(&self.process);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU32;
    use std::task::{Context, Waker};

    use super::*;

    #[derive(Default)]
    struct Counter(AtomicU32);

    #[async_trait::async_trait]
    impl Canceller for Counter {
        async fn cancel(&self) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[tokio::test]
    async fn only_the_right_secret_of_a_living_session_interrupts() {
        let (cancellations, counter) = (Cancellations::default(), Arc::new(Counter::default()));
        let key = cancellations.register(4);
        let brake = Brake::new(Arc::<Counter>::clone(&counter) as Arc<dyn Canceller>);
        key.interrupted().hold(Some(brake));
        let (process, secret) = (key.process(), key.secret().to_vec());
        let mut wrong = secret.clone();
        wrong[0] ^= 1;
        cancellations.cancel(process, &wrong).await;
        cancellations.cancel(process, &secret[..3]).await;
        cancellations.cancel(process ^ 1, &secret).await;
        assert_eq!(counter.0.load(Ordering::Relaxed), 0);
        assert!(!key.interrupted().take());
        cancellations.cancel(process, &secret).await;
        assert_eq!(counter.0.load(Ordering::Relaxed), 1);
        assert!(key.interrupted().take());
        key.interrupted().hold(None);
        cancellations.cancel(process, &secret).await;
        assert_eq!(counter.0.load(Ordering::Relaxed), 1);
        drop(key);
        cancellations.cancel(process, &secret).await;
        assert_eq!(counter.0.load(Ordering::Relaxed), 1);
    }

    /// Answers when it is told to.
    #[derive(Default)]
    struct Slow(Notify);

    #[async_trait::async_trait]
    impl Canceller for Slow {
        async fn cancel(&self) {
            self.0.notified().await;
        }
    }

    #[tokio::test]
    async fn a_connection_is_not_free_while_a_request_is_on_its_way() {
        let (interrupted, slow) = (Interrupted::default(), Arc::new(Slow::default()));
        let brake = Brake::new(Arc::<Slow>::clone(&slow) as Arc<dyn Canceller>);
        interrupted.hold(Some(Arc::clone(&brake)));
        let came = interrupted.clone();
        let asked = tokio::spawn(async move { came.interrupt().await });
        while brake.is_free() {
            tokio::task::yield_now().await;
        }
        interrupted.hold(None);
        let freed = brake.freed();
        tokio::pin!(freed);
        let mut context = Context::from_waker(Waker::noop());
        assert!(freed.as_mut().poll(&mut context).is_pending());
        slow.0.notify_one();
        freed.await;
        asked.await.unwrap();
        assert!(brake.is_free());
    }

    #[tokio::test]
    async fn what_does_not_obey_is_overdue_until_something_else_runs() {
        let interrupted = Interrupted::default();
        let brake = Brake::new(Arc::<Counter>::default() as Arc<dyn Canceller>);
        let is_overdue = |patience| {
            let mut context = Context::from_waker(Waker::noop());
            let overdue = std::pin::pin!(brake.overdue(patience));
            overdue.poll(&mut context).is_ready()
        };
        interrupted.hold(Some(Arc::clone(&brake)));
        assert!(!is_overdue(Duration::ZERO));
        interrupted.interrupt().await;
        assert!(!is_overdue(Duration::from_secs(3600)));
        brake.overdue(Duration::from_millis(1)).await;
        interrupted.clear();
        assert!(!is_overdue(Duration::ZERO));
    }
}
