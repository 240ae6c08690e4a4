//! A broker: one upstream, its rules, and the clients of one listener.

use std::net::IpAddr;
use std::sync::Arc;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::access::Entrance;
use crate::cancel::Cancellations;
use crate::config::Config;
use crate::error::Error;
use crate::pool::Pool;
use crate::rules::Library;
use crate::session;
use crate::upstream::Connector;

/// What all sessions of a broker share.
pub(crate) struct Shared {
    pub(crate) config: Arc<Config>,
    pub(crate) pool: Pool,
    pub(crate) cancellations: Cancellations,
    pub(crate) entrance: Arc<Entrance>,
}

/// Accepts PostgreSQL clients and answers them from one upstream. Holds no
/// global state: any number may live in one process.
pub struct Broker {
    shared: Arc<Shared>,
}

impl Broker {
    /// A broker that takes its plans from `library` and its rows from
    /// `connector`. Every client is let in, and none is encrypted: whoever hands over the
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
        let pool = Pool::new(connector, library, config.rules.schema_age);
        let shared = Shared {
            config: Arc::new(config),
            pool,
            cancellations: Cancellations::default(),
            entrance,
        };
        Self {
            shared: Arc::new(shared),
        }
    }

    /// Serves until `shutdown` is done; then tells the clients and returns when
    /// the last has been told. The caller owns the listener and the end.
    ///
    /// # Errors
    /// The listener breaks for good.
    pub async fn run(
        self,
        listener: TcpListener,
        shutdown: impl Future<Output = ()>,
    ) -> Result<(), Error> {
        let (down, watch) = watch::channel(false);
        let mut sessions = JoinSet::new();
        tokio::pin!(shutdown);
        loop {
            tokio::select! {
                accepted = listener.accept() => match accepted {
                    Ok((stream, address)) => {
                        let address = Some(address.ip());
                        sessions.spawn(serve(stream, address, Arc::clone(&self.shared), watch.clone()));
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
                () = &mut shutdown => break,
            }
        }
        drop(listener);
        down.send_replace(true);
        while sessions.join_next().await.is_some() {}
        Ok(())
    }
}

/// How long the listener rests after a client could not be accepted.
const ACCEPT_PAUSE: std::time::Duration = std::time::Duration::from_millis(50);

/// Whether accepting can go on after this error: the client left, or the
/// process is out of something that comes back. The others say that the
/// listener is none.
fn is_passing(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{InvalidInput, NotConnected, Unsupported};
    !matches!(error.kind(), InvalidInput | NotConnected | Unsupported)
}

async fn serve(
    stream: TcpStream,
    address: Option<IpAddr>,
    shared: Arc<Shared>,
    shutdown: watch::Receiver<bool>,
) {
    // Replies are collected and written at once; the kernel must not hold them.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "no TCP_NODELAY");
    }
    let mut closing = shutdown.clone();
    let opened = tokio::select! {
        opened = session::open(stream, address, &shared) => opened,
        _ = closing.wait_for(|down| *down) => None,
    };
    // The key is forgotten when the session ends.
    if let Some((session, _key)) = opened {
        session.run(shutdown).await;
    }
}
