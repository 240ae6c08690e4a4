//! The databases that a configuration names: connectors, rules and what is put together from
//! them. What a changed configuration leaves as it was keeps its connections, and a sandbox
//! its data.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use pgiris::rules::{Engine, Library};
use pgiris::upstream::{self, Connector};
use pgiris::{Database, Server};
use tokio::task::JoinHandle;

use crate::cli::config::{Settings, Wanted};

/// What the databases are made of.
pub(super) struct Backends {
    engine: Engine,
    schema_age: Duration,
    libraries: BTreeMap<PathBuf, Watched>,
    connectors: BTreeMap<String, Arc<dyn Connector>>,
    /// By upstream and rules.
    servers: BTreeMap<(String, PathBuf), Arc<Server>>,
    databases: Vec<(Wanted, Arc<Database>)>,
}

/// Databases by name, and what is behind all other names.
pub(super) type Named = (BTreeMap<String, Arc<Database>>, Option<Arc<Database>>);

/// Rules, with the task that follows their files.
struct Watched {
    library: Arc<Library>,
    watching: JoinHandle<()>,
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.watching.abort();
    }
}

impl Backends {
    pub(super) fn new(engine: Engine, schema_age: Duration) -> Self {
        Self {
            engine,
            schema_age,
            libraries: BTreeMap::new(),
            connectors: BTreeMap::new(),
            servers: BTreeMap::new(),
            databases: Vec::new(),
        }
    }

    /// The candidate for the rules, opened, if the configuration has one.
    pub(super) fn candidate(
        &mut self,
        settings: &Settings,
    ) -> anyhow::Result<Option<Arc<Library>>> {
        let Some(path) = &settings.candidate else {
            return Ok(None);
        };
        self.open_rules(path)?;
        Ok(Some(Arc::clone(&self.libraries[path].library)))
    }

    /// What the configuration wants. What was made for the one before stays until
    /// [`Backends::settle`].
    pub(super) fn make(&mut self, settings: &Settings) -> anyhow::Result<Named> {
        for wanted in settings.wanted() {
            self.open_rules(&wanted.rules)?;
            if !self.connectors.contains_key(&wanted.upstream) {
                let connector = upstream::connector(&wanted.upstream)?;
                self.connectors.insert(wanted.upstream.clone(), connector);
            }
        }
        let (named, others) = settings.databases();
        let named = named
            .into_iter()
            .map(|(name, wanted)| (name, self.database(wanted)))
            .collect();
        let others = others.map(|wanted| self.database(wanted));
        Ok((named, others))
    }

    fn open_rules(&mut self, path: &Path) -> anyhow::Result<()> {
        if !self.libraries.contains_key(path) {
            let library = Arc::new(Library::open(&self.engine, path)?);
            let watching = tokio::spawn(Arc::clone(&library).watch());
            self.libraries
                .insert(path.to_owned(), Watched { library, watching });
        }
        Ok(())
    }

    fn database(&mut self, wanted: Wanted) -> Arc<Database> {
        if let Some((_, database)) = self.databases.iter().find(|(known, _)| *known == wanted) {
            return Arc::clone(database);
        }
        let mut database = Database::new(self.server(&wanted)).pool(wanted.pool.clone());
        if let Some(namespace) = &wanted.namespace {
            database = database.namespace(namespace);
        }
        for (name, value) in &wanted.settings {
            database = database.setting(name, value);
        }
        let database = Arc::new(database);
        self.databases.push((wanted, Arc::clone(&database)));
        database
    }

    fn server(&mut self, wanted: &Wanted) -> Arc<Server> {
        let connector = &self.connectors[&wanted.upstream];
        let library = &self.libraries[&wanted.rules].library;
        let key = (wanted.upstream.clone(), wanted.rules.clone());
        let server = self.servers.entry(key).or_insert_with(|| {
            let (connector, library) = (Arc::clone(connector), Arc::clone(library));
            Arc::new(Server::new(connector, library, self.schema_age))
        });
        Arc::clone(server)
    }

    /// Lets go of what this configuration has no use for; sessions may still use it.
    pub(super) fn settle(&mut self, settings: &Settings) {
        let wanted = settings.wanted();
        let any = |fits: &dyn Fn(&Wanted) -> bool| wanted.iter().any(fits);
        self.databases
            .retain(|(known, _)| any(&|wanted| wanted == known));
        self.servers.retain(|(upstream, rules), _| {
            any(&|wanted| wanted.upstream == *upstream && wanted.rules == *rules)
        });
        self.connectors
            .retain(|upstream, _| any(&|wanted| wanted.upstream == *upstream));
        self.libraries.retain(|rules, _| {
            settings.candidate.as_ref() == Some(rules) || any(&|wanted| wanted.rules == *rules)
        });
    }
}
