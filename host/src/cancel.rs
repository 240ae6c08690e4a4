//! Which process id and secret interrupt which connection.
//!
//! PostgreSQL manual, "Canceling Requests in Progress".

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rand::TryRng;
use rand::rngs::SysRng;

use crate::upstream::Canceller;

/// The sessions of a broker, by process id.
#[derive(Clone, Default)]
pub(crate) struct Cancellations {
    sessions: Arc<Mutex<HashMap<u32, Session>>>,
}

/// Whether a CancelRequest came for the statement that runs, for where the session itself
/// has to look: while a COPY waits for its client nothing runs on the upstream.
#[derive(Clone, Debug, Default)]
pub(crate) struct Interrupted(Arc<AtomicBool>);

impl Interrupted {
    /// Forgets what came for the statement before.
    pub(crate) fn clear(&self) {
        self.0.store(false, Ordering::Relaxed);
    }

    /// Whether one came; asking again says no.
    pub(crate) fn take(&self) -> bool {
        self.0.swap(false, Ordering::Relaxed)
    }
}

struct Session {
    secret: Vec<u8>,
    interrupted: Interrupted,
    canceller: Arc<dyn Canceller>,
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
    pub(crate) fn register(&self, canceller: Arc<dyn Canceller>, secret_length: usize) -> Key {
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
                canceller,
            },
        );
        Key {
            process,
            secret,
            interrupted,
            cancellations: self.clone(),
        }
    }

    /// Interrupts a session if the secret is its own; says nothing either way.
    pub(crate) async fn cancel(&self, process: u32, secret: &[u8]) {
        let canceller = {
            let sessions = self.sessions();
            let session = sessions
                .get(&process)
                .filter(|session| equal(&session.secret, secret));
            session.map(|session| {
                session.interrupted.0.store(true, Ordering::Relaxed);
                Arc::clone(&session.canceller)
            })
        };
        if let Some(canceller) = canceller {
            canceller.cancel().await;
        }
    }

    /// Interrupts all sessions, each for itself: one that hangs holds up no other.
    pub(crate) fn cancel_all(&self) {
        let cancellers: Vec<_> = self
            .sessions()
            .values()
            .map(|session| {
                session.interrupted.0.store(true, Ordering::Relaxed);
                Arc::clone(&session.canceller)
            })
            .collect();
        for canceller in cancellers {
            tokio::spawn(async move { canceller.cancel().await });
        }
    }

    fn sessions(&self) -> std::sync::MutexGuard<'_, HashMap<u32, Session>> {
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
        let key = cancellations.register(Arc::<Counter>::clone(&counter), 4);
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
        drop(key);
        cancellations.cancel(process, &secret).await;
        assert_eq!(counter.0.load(Ordering::Relaxed), 1);
    }
}
