//! The server behind a broker: its version, the rules for it, and what is remembered of its
//! schemas.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use crate::advisory::Locks;
use crate::catalog::Snapshots;
use crate::error::Error;
use crate::line::{Line, Patience};
use crate::rules::wit::IrisVersion;
use crate::rules::{Generation, Library};
use crate::schema::Schemas;
use crate::upstream::{Connector, Target, UpstreamError};

/// A server that databases are at: how it is reached, its version as far as it is known, the
/// rules for that, and what is remembered of its schemas.
pub struct Server {
    connector: Arc<dyn Connector>,
    library: Arc<Library>,
    known: Mutex<Known>,
    /// What it told last, as [`stamp`] writes it.
    version: AtomicU32,
    schemas: Arc<Schemas>,
    /// How many definitions have gone through the broker.
    definitions: AtomicU64,
    advisory: Arc<Locks>,
}

#[derive(Default)]
struct Known {
    /// What the server answered; `None`: it has not, or not what says anything.
    version: Option<IrisVersion>,
    /// Whether it has been told that there is no answer.
    is_warned: bool,
    /// Those of the edition that was asked for last.
    rules: Option<(u64, Rules)>,
}

/// The rules for a server, and its version as far as it is known.
#[derive(Clone)]
pub(crate) struct Rules {
    pub(crate) generation: Arc<Generation>,
    /// The server's; else the first that the generation serves.
    pub(crate) version: IrisVersion,
    /// Whether the server has told a version: what tells none may be no IRIS.
    pub(crate) is_known: bool,
    /// What a connection is told before its first statement.
    pub(crate) connect: Arc<[String]>,
    /// What is remembered of the schemas there.
    pub(crate) schemas: Arc<Schemas>,
    /// The snapshots of their catalogues.
    pub(crate) snapshots: Arc<Snapshots>,
}

impl Server {
    /// What `connector` leads to, with the rules of `library`. `schema_age`: see
    /// [`crate::RulesLimits::schema_age`].
    pub fn new(connector: Arc<dyn Connector>, library: Arc<Library>, schema_age: Duration) -> Self {
        Self {
            connector,
            schemas: Arc::new(Schemas::new(Arc::clone(&library), schema_age)),
            library,
            known: Mutex::default(),
            version: AtomicU32::new(stamp(None)),
            definitions: AtomicU64::new(0),
            advisory: Arc::default(),
        }
    }

    /// A new connection, ready for sessions. The server is asked for its version each time:
    /// it may be another one since the last.
    pub(crate) async fn connect(
        &self,
        target: &Target,
        patience: Patience,
    ) -> Result<Line, UpstreamError> {
        let connection = self.connector.connect(target).await?;
        let mut line = Line::new(connection, self.definitions(), patience);
        line.in_time(async |line| self.ask_version(line).await)
            .await?;
        line.ready(&self.rules().connect).await?;
        Ok(line)
    }

    /// Whether a connection leads to a server of another version than the one that was met last: the rules are those for
    /// the latter. A server that tells no version is not known to be another one.
    pub(crate) fn is_outdated(&self, line: &Line) -> bool {
        let told = stamp(line.server_version);
        // Each lease asks, so that it must not take a lock.
        told != stamp(None) && told != self.version.load(Ordering::Acquire)
    }

    /// The advisory locks of its namespaces.
    pub(crate) fn advisory_locks(&self) -> &Arc<Locks> {
        &self.advisory
    }

    /// The rules that there are.
    pub(crate) fn library(&self) -> &Arc<Library> {
        &self.library
    }

    /// Goes back to the rules before for its version; those that serve none but other versions stay.
    ///
    /// # Errors
    /// There are none.
    pub(crate) fn roll_back(&self) -> Result<(), Error> {
        let version = self.known().version;
        self.library.roll_back_for(version)
    }

    /// How many definitions have gone through the broker.
    pub(crate) fn definitions(&self) -> u64 {
        self.definitions.load(Ordering::Acquire)
    }

    /// Another one has; what other connections have prepared may be wrong.
    pub(crate) fn note_definition(&self) {
        self.definitions.fetch_add(1, Ordering::AcqRel);
    }

    /// Tells of each edition of the rules.
    pub(crate) fn editions(&self) -> watch::Receiver<u64> {
        self.library.editions()
    }

    /// The rules for the server as they are published now.
    pub(crate) fn rules(&self) -> Rules {
        let mut known = self.known();
        let edition = self.library.edition();
        if let Some((of, rules)) = &known.rules
            && *of == edition
        {
            return rules.clone();
        }
        let version = known.version;
        let generation = self.library.choose(version);
        let rules = match &known.rules {
            Some((_, rules))
                if Arc::ptr_eq(&rules.generation, &generation)
                    && rules.is_known == version.is_some()
                    && version.is_none_or(|version| is_same(version, rules.version)) =>
            {
                rules.clone()
            }
            _ => self.begin(generation, version, known.is_warned),
        };
        known.rules = Some((edition, rules.clone()));
        rules
    }

    /// `is_asked`: the server has been asked for its version.
    fn begin(
        &self,
        generation: Arc<Generation>,
        version: Option<IrisVersion>,
        is_asked: bool,
    ) -> Rules {
        let upstream = self.connector.name();
        match version {
            Some(IrisVersion { year, release }) => {
                tracing::info!(
                    upstream,
                    "IRIS {year}.{release}, rules {}",
                    generation.name()
                );
            }
            None if is_asked => tracing::warn!(
                upstream,
                "unknown IRIS version, rules {}",
                generation.name()
            ),
            None => {}
        }
        let connect = &generation.manifest().housekeeping.connect;
        Rules {
            version: version.unwrap_or(generation.manifest().serves_from),
            is_known: version.is_some(),
            connect: connect.iter().map(|command| command.concat()).collect(),
            generation,
            schemas: Arc::clone(&self.schemas),
            snapshots: Arc::default(),
        }
    }

    /// Asks the server for its version, in the words of the newest rules.
    async fn ask_version(&self, line: &mut Line) -> Result<(), UpstreamError> {
        let newest = self.library.choose(None);
        let answer = line
            .fetch_text(&newest.manifest().housekeeping.version_query)
            .await?;
        let version = answer
            .as_deref()
            .and_then(|answer| newest.server_version(answer));
        line.server_version = version;
        self.note_version(version, answer);
        Ok(())
    }

    /// A version that was told once is believed until another one is.
    fn note_version(&self, version: Option<IrisVersion>, answer: Option<String>) {
        let upstream = self.connector.name();
        let mut known = self.known();
        let Some(version) = version else {
            if known.version.is_none() && !known.is_warned {
                known.is_warned = true;
                tracing::warn!(upstream, ?answer, "no IRIS version");
            }
            return;
        };
        let before = known.version.replace(version);
        self.version.store(stamp(Some(version)), Ordering::Release);
        let is_first = known.rules.is_none();
        drop(known);
        if !before.is_some_and(|before| is_same(before, version)) && !is_first {
            let IrisVersion { year, release } = version;
            tracing::info!(upstream, "the server is IRIS {year}.{release} now");
            // Sessions look for their rules anew.
            self.library.look_again();
        }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        // What is in it is whole at any time.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A version as one number; that of none is no version's.
fn stamp(version: Option<IrisVersion>) -> u32 {
    version.map_or(0, |IrisVersion { year, release }| {
        u32::from(year) << 16 | u32::from(release)
    })
}

fn is_same(a: IrisVersion, b: IrisVersion) -> bool {
    (a.year, a.release) == (b.year, b.release)
}
