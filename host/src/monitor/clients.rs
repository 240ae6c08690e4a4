//! Who is connected, and what each of them does.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use tokio::sync::Notify;

use crate::cancel::Interrupted;

/// The sessions of a broker, by process id.
#[derive(Clone, Default)]
pub(crate) struct Clients(Arc<Mutex<BTreeMap<u32, Arc<Presence>>>>);

/// What is known of a session from outside.
pub(crate) struct Presence {
    about: About,
    application: Mutex<String>,
    state: AtomicU8,
    /// When that state began, in microseconds after `began`.
    since: AtomicU64,
    began: Instant,
    queries: AtomicU64,
    interrupted: Interrupted,
    is_dismissed: AtomicBool,
    dismissal: Notify,
}

/// What stays as it is while a session lasts.
#[derive(Clone, Debug)]
pub(crate) struct About {
    pub(crate) process: u32,
    pub(crate) user: String,
    pub(crate) database: String,
    pub(crate) address: Option<IpAddr>,
    pub(crate) is_encrypted: bool,
}

/// A session in the list, until it is dropped.
pub(crate) struct Present {
    presence: Arc<Presence>,
    clients: Clients,
}

/// What a session does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClientState {
    /// It waits for its client, outside of a transaction.
    #[default]
    Idle,
    /// It waits for its client, within one.
    IdleInTransaction,
    /// It answers its client.
    Active,
    /// It needs a connection to the upstream, and has none yet.
    Waiting,
}

impl ClientState {
    /// As the console and metrics write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::IdleInTransaction => "idle in transaction",
            Self::Active => "active",
            Self::Waiting => "waiting",
        }
    }

    /// In the order of their numbers.
    pub(crate) const ALL: [Self; 4] = [
        Self::Idle,
        Self::IdleInTransaction,
        Self::Active,
        Self::Waiting,
    ];
}

/// A session, and what it does at the moment.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ClientFigures {
    /// The process id in its BackendKeyData.
    pub process: u32,
    /// Who the client is.
    pub user: String,
    /// The database that it named.
    pub database: String,
    /// The setting `application_name`.
    pub application: String,
    /// Where it comes from.
    pub address: Option<IpAddr>,
    /// Whether its connection is encrypted.
    pub is_encrypted: bool,
    /// When it logged in.
    pub connected: SystemTime,
    /// What it does.
    pub state: ClientState,
    /// For how long.
    pub state_time: Duration,
    /// How often it waited for a ReadyForQuery.
    pub queries: u64,
}

impl Clients {
    /// A session begins.
    pub(crate) fn enter(&self, about: About, interrupted: Interrupted) -> Present {
        let presence = Arc::new(Presence {
            application: Mutex::default(),
            state: AtomicU8::new(0),
            since: AtomicU64::new(0),
            began: Instant::now(),
            queries: AtomicU64::new(0),
            interrupted,
            is_dismissed: AtomicBool::new(false),
            dismissal: Notify::new(),
            about,
        });
        let process = presence.about.process;
        self.all().insert(process, Arc::clone(&presence));
        Present {
            presence,
            clients: self.clone(),
        }
    }

    pub(crate) fn figures(&self) -> Vec<ClientFigures> {
        self.all()
            .values()
            .map(|presence| presence.figures())
            .collect()
    }

    /// Ends the sessions that are meant, whatever they do. How many they are.
    pub(crate) fn dismiss(&self, is_meant: impl Fn(&About) -> bool) -> usize {
        let meant: Vec<_> = self
            .all()
            .values()
            .filter(|presence| is_meant(&presence.about))
            .cloned()
            .collect();
        let count = meant.len();
        for presence in meant {
            presence.is_dismissed.store(true, Ordering::Release);
            presence.dismissal.notify_waiters();
            drop(presence.interrupted.interrupt());
        }
        count
    }

    fn all(&self) -> MutexGuard<'_, BTreeMap<u32, Arc<Presence>>> {
        // A panic elsewhere leaves whole entries.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Presence {
    fn figures(&self) -> ClientFigures {
        let About {
            process,
            user,
            database,
            address,
            is_encrypted,
        } = self.about.clone();
        let state = ClientState::ALL.get(usize::from(self.state.load(Ordering::Relaxed)));
        let since = Duration::from_micros(self.since.load(Ordering::Relaxed));
        let age = self.began.elapsed();
        ClientFigures {
            process,
            user,
            database,
            application: self.application().clone(),
            address,
            is_encrypted,
            connected: SystemTime::now()
                .checked_sub(age)
                .unwrap_or(SystemTime::UNIX_EPOCH),
            state: state.copied().unwrap_or_default(),
            state_time: age.saturating_sub(since),
            queries: self.queries.load(Ordering::Relaxed),
        }
    }

    fn application(&self) -> MutexGuard<'_, String> {
        // As above.
        self.application
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Present {
    /// What the session does from now on.
    pub(crate) fn does(&self, state: ClientState, now: Instant) {
        let since = now.saturating_duration_since(self.presence.began);
        let since = u64::try_from(since.as_micros()).unwrap_or(u64::MAX);
        self.presence.since.store(since, Ordering::Relaxed);
        self.presence.state.store(state as u8, Ordering::Relaxed);
    }

    /// It has answered once more.
    pub(crate) fn answered(&self) {
        self.presence.queries.fetch_add(1, Ordering::Relaxed);
    }

    /// `application_name` has a value.
    pub(crate) fn call(&self, application: &str) {
        let mut known = self.presence.application();
        if *known != application {
            application.clone_into(&mut known);
        }
    }

    /// Whether an operator wants the session to end.
    pub(crate) fn is_dismissed(&self) -> bool {
        self.presence.is_dismissed.load(Ordering::Acquire)
    }

    /// Ends when an operator wants the session to end, also if that was before.
    pub(crate) async fn dismissed(&self) {
        loop {
            // It hears of what happens from here on.
            let dismissal = self.presence.dismissal.notified();
            if self.is_dismissed() {
                return;
            }
            dismissal.await;
        }
    }
}

impl Drop for Present {
    fn drop(&mut self) {
        self.clients.all().remove(&self.presence.about.process);
    }
}

#[cfg(test)]
mod tests {
    use std::task::{Context, Waker};

    use super::*;

    fn about(process: u32, user: &str) -> About {
        About {
            process,
            user: user.into(),
            database: "USER".into(),
            address: None,
            is_encrypted: false,
        }
    }

    #[tokio::test]
    async fn a_session_is_listed_while_it_lasts_and_dismissed_alone() {
        let clients = Clients::default();
        let ann = clients.enter(about(2, "ann"), Interrupted::default());
        let bob = clients.enter(about(1, "bob"), Interrupted::default());
        bob.does(ClientState::Waiting, Instant::now());
        bob.call("psql");
        let listed = clients.figures();
        let told: Vec<_> = listed
            .iter()
            .map(|client| (client.process, client.state, &*client.application))
            .collect();
        let expected = [
            (1, ClientState::Waiting, "psql"),
            (2, ClientState::Idle, ""),
        ];
        assert_eq!(told, expected);
        assert_eq!(clients.dismiss(|about| about.user == "ann"), 1);
        ann.dismissed().await;
        let mut context = Context::from_waker(Waker::noop());
        let staying = std::pin::pin!(bob.dismissed());
        assert!(staying.poll(&mut context).is_pending());
        drop(ann);
        assert_eq!(clients.figures().len(), 1);
    }
}
