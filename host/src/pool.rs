//! Connections to one upstream, lent to sessions.
//!
//! A session keeps its [`Lease`] for its life. Sharing connections between
//! sessions belongs here and is not there yet.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OnceCell, watch};

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
    /// What the server answered; `None`: an answer that says nothing.
    version: OnceCell<Option<IrisVersion>>,
    /// Those of the edition that was asked for last.
    rules: Mutex<Option<(u64, Rules)>>,
    schemas: Arc<Schemas>,
}

/// The rules for a server, and its version as far as it is known.
#[derive(Clone)]
pub(crate) struct Rules {
    pub(crate) generation: Arc<Generation>,
    /// The server's; else the first that the generation serves.
    pub(crate) version: IrisVersion,
    /// Whether the server has told a version: what tells none may be no IRIS.
    pub(crate) is_known: bool,
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
            version: OnceCell::new(),
            rules: Mutex::default(),
        }
    }

    /// A connection, and the rules for its server's version.
    pub(crate) async fn lease(&self, target: &Target) -> Result<(Lease, Rules), UpstreamError> {
        let mut lease = Lease::new(self.connector.connect(target).await?);
        self.version
            .get_or_try_init(|| self.ask_version(&mut lease))
            .await?;
        let rules = self.rules();
        for command in &rules.generation.manifest().housekeeping.connect {
            lease.run(&command.concat()).await?;
        }
        Ok((lease, rules))
    }

    /// Tells of each edition of the rules.
    pub(crate) fn editions(&self) -> watch::Receiver<u64> {
        self.library.editions()
    }

    /// The rules for the server as they are published now.
    pub(crate) fn rules(&self) -> Rules {
        let mut known = self.rules.lock().unwrap_or_else(PoisonError::into_inner);
        let edition = self.library.edition();
        match &*known {
            Some((of, rules)) if *of == edition => rules.clone(),
            _ => {
                let generation = self.library.choose(self.server_version());
                let rules = match &*known {
                    Some((_, rules)) if Arc::ptr_eq(&rules.generation, &generation) => {
                        rules.clone()
                    }
                    _ => self.begin(generation),
                };
                *known = Some((edition, rules.clone()));
                rules
            }
        }
    }

    fn server_version(&self) -> Option<IrisVersion> {
        self.version.get().copied().flatten()
    }

    fn begin(&self, generation: Arc<Generation>) -> Rules {
        let upstream = self.connector.name();
        match self.server_version() {
            Some(IrisVersion { year, release }) => {
                tracing::info!(
                    upstream,
                    "IRIS {year}.{release}, rules {}",
                    generation.name()
                );
            }
            None => tracing::warn!(
                upstream,
                "unknown IRIS version, rules {}",
                generation.name()
            ),
        }
        Rules {
            version: self
                .server_version()
                .unwrap_or(generation.manifest().serves_from),
            is_known: self.server_version().is_some(),
            generation,
            schemas: Arc::clone(&self.schemas),
            snapshots: Arc::default(),
        }
    }

    /// Asks the server for its version, in the words of the newest rules.
    async fn ask_version(&self, lease: &mut Lease) -> Result<Option<IrisVersion>, UpstreamError> {
        let newest = self.library.choose(None);
        let answer = lease
            .fetch_text(&newest.manifest().housekeeping.version_query)
            .await?;
        let version = answer
            .as_deref()
            .and_then(|answer| newest.server_version(answer));
        if version.is_none() {
            tracing::warn!(upstream = self.connector.name(), ?answer, "no IRIS version");
        }
        Ok(version)
    }
}
