//! A broker: its databases, and the clients of one listener.

mod builder;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tracing::Instrument;

use crate::access::Entrance;
use crate::admission::{Admissions, Place};
use crate::cancel::Cancellations;
use crate::config::Config;
use crate::console::{ConsoleAccess, ConsoleDoor, Operator};
use crate::databases::Databases;
use crate::error::Error;
use crate::frontend::transport::Transport;
use crate::keepalive::keep_alive;
use crate::listener::{Incoming, Listener, Socket};
use crate::monitor::Monitor;
use crate::monitor::clients::Clients;
use crate::monitor::traffic::Traffic;
use crate::peers::Peers;
use crate::pools::Pools;
use crate::rules::Library;
use crate::session;
use crate::shadow::Shadow;
use crate::upstream::Connector;

pub use builder::BrokerBuilder;

/// What all sessions of a broker share.
pub(crate) struct Shared {
    pub(crate) config: Arc<Config>,
    pub(crate) pools: Arc<Pools>,
    pub(crate) cancellations: Cancellations,
    pub(crate) peers: Peers,
    pub(crate) entrance: Arc<Entrance>,
    pub(crate) admissions: Admissions,
    pub(crate) clients: Clients,
    pub(crate) traffic: Traffic,
    /// Who may enter the admin console.
    pub(crate) console: ArcSwap<ConsoleAccess>,
    /// When it was made.
    pub(crate) began: Instant,
    /// Whoever can do what the admin console asks of the process.
    pub(crate) operator: Option<Arc<dyn Operator>>,
    /// Where candidates for the rules are tried.
    pub(crate) shadow: Arc<Shadow>,
    phase: watch::Sender<Phase>,
}

impl Shared {
    pub(crate) fn new(config: Config, databases: Arc<Databases>, entrance: Arc<Entrance>) -> Self {
        Self {
            pools: Arc::new(Pools::new(databases)),
            admissions: Admissions::new(&config.client),
            peers: Peers::new(config.peers.clone()),
            console: ArcSwap::from_pointee(config.console.clone()),
            began: Instant::now(),
            config: Arc::new(config),
            cancellations: Cancellations::default(),
            entrance,
            clients: Clients::default(),
            traffic: Traffic::default(),
            operator: None,
            shadow: Arc::default(),
            phase: watch::Sender::new(Phase::Serving),
        }
    }

    /// Whether the broker is on its way down.
    pub(crate) fn is_ending(&self) -> bool {
        *self.phase.borrow() > Phase::Serving
    }
}

/// Accepts PostgreSQL clients and answers them from its databases. Holds no
/// global state: any number may live in one process.
pub struct Broker {
    shared: Arc<Shared>,
}

impl Broker {
    /// Begins to put one together.
    pub fn builder() -> BrokerBuilder {
        BrokerBuilder::default()
    }

    /// A broker that takes its plans from `library` and its rows from
    /// `connector`, whatever database a client asks for. Every client is let in, and none is encrypted: whoever hands over the
    /// listener decides who can reach it.
    pub fn new(config: Config, library: Arc<Library>, connector: Arc<dyn Connector>) -> Self {
        let entrance = Arc::new(Entrance::open_to_all());
        Self::with_entrance(config, library, connector, entrance)
    }

    /// As [`Broker::new`], with a door of its own. It may be shared by several brokers, and
    /// changed while they run.
    pub fn with_entrance(
        config: Config,
        library: Arc<Library>,
        connector: Arc<dyn Connector>,
        entrance: Arc<Entrance>,
    ) -> Self {
        let databases = Databases::one(&config, library, connector);
        Self::with_databases(config, Arc::new(databases), entrance)
    }

    /// As [`Broker::with_entrance`], with several databases, each of which has limits of its own
    /// in the place of [`Config::pool`]. They may be shared by several brokers, and exchanged
    /// while they run.
    pub fn with_databases(
        config: Config,
        databases: Arc<Databases>,
        entrance: Arc<Entrance>,
    ) -> Self {
        Self::of(config, databases, entrance, None, Arc::default())
    }

    /// As [`Broker::with_databases`], with somebody who can do what the admin console asks of
    /// the process.
    pub fn operated(
        config: Config,
        databases: Arc<Databases>,
        entrance: Arc<Entrance>,
        operator: Arc<dyn Operator>,
    ) -> Self {
        Self::of(config, databases, entrance, Some(operator), Arc::default())
    }

    fn of(
        config: Config,
        databases: Arc<Databases>,
        entrance: Arc<Entrance>,
        operator: Option<Arc<dyn Operator>>,
        shadow: Arc<Shadow>,
    ) -> Self {
        let mut shared = Shared::new(config, databases, entrance);
        shared.operator = operator;
        shared.shadow = shadow;
        Self {
            shared: Arc::new(shared),
        }
    }

    /// Looks at what the broker does, also when it runs.
    pub fn monitor(&self) -> Monitor {
        Monitor::new(Arc::clone(&self.shared))
    }

    /// Changes who may enter the console, also while the broker runs.
    pub fn console(&self) -> ConsoleDoor {
        ConsoleDoor::new(Arc::clone(&self.shared))
    }

    /// Serves until `shutdown` is done, then drains: no further client is accepted, those outside a transaction are told
    /// and let go, and the others may end theirs, for at most [`ClientLimits::drain_timeout`]. The caller owns the
    /// listener and the end.
    ///
    /// # Errors
    /// The listener breaks for good.
    ///
    /// [`ClientLimits::drain_timeout`]: crate::ClientLimits::drain_timeout
    pub async fn run(
        self,
        listener: impl Listener,
        shutdown: impl Future<Output = ()>,
    ) -> Result<(), Error> {
        self.run_until(listener, shutdown, std::future::pending())
            .await
    }

    /// As [`Broker::run`], but when `end` is done, transactions are not waited for, or no longer.
    ///
    /// # Errors
    /// The listener breaks for good.
    pub async fn run_until(
        self,
        mut listener: impl Listener,
        shutdown: impl Future<Output = ()>,
        end: impl Future<Output = ()>,
    ) -> Result<(), Error> {
        let phase = &self.shared.phase;
        let watch = phase.subscribe();
        let mut sessions = JoinSet::new();
        let pools = self.shared.pools.tend();
        tokio::pin!(shutdown, end, pools);
        let has_time = loop {
            tokio::select! {
                accepted = listener.accept() => match accepted {
                    Ok(incoming) => {
                        let address = incoming.address;
                        let place = self.shared.admissions.enter(address);
                        let shared = Arc::clone(&self.shared);
                        let session = serve(incoming, place, shared, watch.clone());
                        sessions.spawn(session.instrument(session_span(address)));
                    }
                    Err(error) if is_passing(&error) => {
                        tracing::warn!(%error, "a client could not be accepted");
                        // Descriptors come back when sessions end; trying at
                        // once would only burn the processor.
                        tokio::time::sleep(ACCEPT_PAUSE).await;
                    }
                    Err(error) => return Err(Error::broker(format!("cannot accept clients: {error}"))),
                },
                Some(_) = sessions.join_next(), if !sessions.is_empty() => {}
                () = &mut pools => {}
                () = &mut end => break false,
                () = &mut shutdown => break true,
            }
        };
        drop(listener);
        if has_time {
            phase.send_replace(Phase::Draining);
            let limit = tokio::time::sleep(self.shared.config.client.drain_timeout);
            tokio::select! {
                () = all_of(&mut sessions) => {}
                () = &mut pools => {}
                () = limit => tracing::warn!("{} clients did not end in time", sessions.len()),
                () = end => {}
            }
        }
        phase.send_replace(Phase::Ending);
        self.shared.cancellations.cancel_all();
        if tokio::time::timeout(FAREWELL, all_of(&mut sessions))
            .await
            .is_err()
        {
            tracing::warn!("{} clients could not be told", sessions.len());
            sessions.shutdown().await;
        }
        Ok(())
    }
}

/// How far a broker is on its way down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Phase {
    Serving,
    /// Who is outside a transaction leaves.
    Draining,
    /// Everybody leaves.
    Ending,
}

/// How long sessions may take to be interrupted, and their clients to be told.
const FAREWELL: Duration = Duration::from_secs(5);

async fn all_of(sessions: &mut JoinSet<()>) {
    while sessions.join_next().await.is_some() {}
}

/// How long the listener rests after a client could not be accepted.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Whether accepting can go on after this error: the client left, or the
/// process is out of something that comes back. The others say that the
/// listener is none.
fn is_passing(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{InvalidInput, NotConnected, Unsupported};
    !matches!(error.kind(), InvalidInput | NotConnected | Unsupported)
}

/// What the lines of one session have in common; the rest is known when the client has said it.
/// Its level is the highest, so that it is there whatever is logged.
fn session_span(address: Option<IpAddr>) -> tracing::Span {
    tracing::error_span!(
        "session",
        address = address.map(tracing::field::display),
        process = tracing::field::Empty,
        user = tracing::field::Empty,
        database = tracing::field::Empty,
        application_name = tracing::field::Empty,
    )
}

async fn serve(
    incoming: Incoming,
    mut place: Place,
    shared: Arc<Shared>,
    phase: watch::Receiver<Phase>,
) {
    if let Socket::Tcp(stream) = &incoming.stream {
        // Replies are collected and written at once; the kernel must not hold them.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "no TCP_NODELAY");
        }
        if let Err(error) = keep_alive(stream, shared.config.client.keepalive) {
            tracing::debug!(%error, "no keepalive");
        }
    }
    let Incoming {
        stream,
        address,
        encryption,
    } = incoming;
    let departure = stream.departure();
    let transport = Transport::of(stream, encryption);
    let mut closing = phase.clone();
    let evicted = place.evicted();
    let opened = tokio::select! {
        opened = session::open(transport, address, &mut place, &shared) => opened,
        _ = closing.wait_for(|phase| *phase >= Phase::Draining) => None,
        () = evicted => None,
    };
    // The key is forgotten when the session ends.
    if let Some((session, _key)) = opened {
        session.run(phase, departure).await;
    }
}
