//! Connections to one upstream, lent to sessions.
//!
//! A session keeps its [`Lease`] for its life. Sharing connections between
//! sessions belongs here and is not there yet.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::OnceCell;

use crate::catalog::Snapshots;
use crate::lease::Lease;
use crate::rules::wit::IrisVersion;
use crate::rules::{Generation, Library};
use crate::schema::Schemas;
use crate::upstream::{Connector, Target, UpstreamError};

/// The connections to one upstream.
pub(crate) struct Pool {
    connector: Arc<dyn Connector>,
    library: Arc<Library>,
    rules: OnceCell<Rules>,
    schemas: Arc<Schemas>,
}

/// The rules for a server, and its version as far as it is known.
#[derive(Clone)]
pub(crate) struct Rules {
    pub(crate) generation: Arc<Generation>,
    /// The server's; else the first that the generation serves.
    pub(crate) version: IrisVersion,
    /// What is remembered of the schemas there.
    pub(crate) schemas: Arc<Schemas>,
    /// The snapshots of their catalogues.
    pub(crate) snapshots: Arc<Snapshots>,
}

impl Pool {
    /// `schema_age`: see [`crate::RulesLimits::schema_age`].
    pub(crate) fn new(
        connector: Arc<dyn Connector>,
        library: Arc<Library>,
        schema_age: Duration,
    ) -> Self {
        Self {
            connector,
            schemas: Arc::new(Schemas::new(Arc::clone(&library), schema_age)),
            library,
            rules: OnceCell::new(),
        }
    }

    /// A connection, and the rules for its server's version.
    pub(crate) async fn lease(&self, target: &Target) -> Result<(Lease, Rules), UpstreamError> {
        let mut lease = Lease::new(self.connector.connect(target).await?);
        let rules = self
            .rules
            .get_or_try_init(|| self.choose(&mut lease))
            .await?
            .clone();
        for command in &rules.generation.manifest().housekeeping.connect {
            lease.run(&command.concat()).await?;
        }
        Ok((lease, rules))
    }

    /// Asks the server for its version, in the words of the newest rules.
    async fn choose(&self, lease: &mut Lease) -> Result<Rules, UpstreamError> {
        let upstream = self.connector.name();
        let newest = self.library.choose(None);
        let answer = lease
            .fetch_text(&newest.manifest().housekeeping.version_query)
            .await?;
        let version = answer
            .as_deref()
            .and_then(|answer| newest.server_version(answer));
        let generation = self.library.choose(version);
        match version {
            Some(IrisVersion { year, release }) => {
                tracing::info!(
                    upstream,
                    "IRIS {year}.{release}, rules {}",
                    generation.name()
                );
            }
            None => tracing::warn!(
                upstream,
                ?answer,
                "unknown IRIS version, rules {}",
                generation.name()
            ),
        }
        let version = version.unwrap_or(generation.manifest().serves_from);
        Ok(Rules {
            generation,
            version,
            schemas: Arc::clone(&self.schemas),
            snapshots: Arc::default(),
        })
    }
}
