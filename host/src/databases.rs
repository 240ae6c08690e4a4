//! Which databases clients may ask for, and what is behind each.

use std::collections::BTreeMap;
use std::sync::Arc;

use arc_swap::ArcSwap;

use crate::config::{Config, PoolLimits};
use crate::diagnostic::Diagnostic;
use crate::rules::Library;
use crate::server::Server;
use crate::session::settings::Settings;
use crate::upstream::Connector;

/// What is behind a name that clients give as the database.
pub struct Database {
    server: Arc<Server>,
    namespace: Option<String>,
    pool: PoolLimits,
    settings: Vec<(String, String)>,
}

impl Database {
    /// The IRIS namespace of the same name at a server, with pools as by default.
    pub fn new(server: Arc<Server>) -> Self {
        Self {
            server,
            namespace: None,
            pool: PoolLimits::default(),
            settings: Vec::new(),
        }
    }

    /// Another namespace than the one of the same name.
    #[must_use]
    pub fn namespace(mut self, namespace: impl Into<String>) -> Self {
        self.namespace = Some(namespace.into());
        self
    }

    /// How its sessions share connections.
    #[must_use]
    pub fn pool(mut self, limits: PoolLimits) -> Self {
        self.pool = limits;
        self
    }

    /// Whether sessions can begin with a value of a setting; see [`Database::setting`].
    ///
    /// # Errors
    /// There is no such setting, or it has no such value; clients would be told this when they log in.
    pub fn check_setting(name: &str, value: &str) -> Result<(), Diagnostic> {
        Settings::default().start_with(name, value)
    }

    /// With which value of a setting its sessions begin, as by PostgreSQL's `ALTER DATABASE …
    /// SET`; what a client asks for itself when it connects wins over it.
    #[must_use]
    pub fn setting(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.settings.push((name.into(), value.into()));
        self
    }

    pub(crate) fn server(&self) -> &Arc<Server> {
        &self.server
    }

    pub(crate) fn limits(&self) -> &PoolLimits {
        &self.pool
    }

    pub(crate) fn settings(&self) -> &[(String, String)] {
        &self.settings
    }

    /// The namespace that a client means who asked for `name`.
    pub(crate) fn namespace_for(&self, name: &str) -> String {
        self.namespace.as_deref().unwrap_or(name).to_owned()
    }
}

/// The databases of a broker. They can be exchanged while it runs: sessions go on with what
/// they began with, and those that begin later get what is there then.
pub struct Databases {
    listed: ArcSwap<Listed>,
}

struct Listed {
    named: BTreeMap<String, Arc<Database>>,
    others: Option<Arc<Database>>,
}

impl Databases {
    /// `named` by name, and what is behind all other names; `None`: they are refused.
    pub fn new(named: BTreeMap<String, Arc<Database>>, others: Option<Arc<Database>>) -> Self {
        Self {
            listed: ArcSwap::from_pointee(Listed { named, others }),
        }
    }

    /// One, whatever the name.
    pub fn only(database: Database) -> Self {
        Self::new(BTreeMap::new(), Some(Arc::new(database)))
    }

    /// One, put together of these.
    pub(crate) fn one(config: &Config, rules: Arc<Library>, upstream: Arc<dyn Connector>) -> Self {
        let server = Server::new(upstream, rules, config.rules.schema_age);
        Self::only(Database::new(Arc::new(server)).pool(config.pool.clone()))
    }

    /// Takes others in the place of those that there are. What is the same `Arc` as before
    /// keeps its connections.
    pub fn set(&self, named: BTreeMap<String, Arc<Database>>, others: Option<Arc<Database>>) {
        self.listed.store(Arc::new(Listed { named, others }));
    }

    /// What a client gets that asks for `name`.
    pub(crate) fn find(&self, name: &str) -> Option<Arc<Database>> {
        let listed = self.listed.load();
        listed
            .named
            .get(name)
            .or(listed.others.as_ref())
            .map(Arc::clone)
    }

    /// The one spelling of a name by which pools, figures and commands know what is behind it. IRIS makes no difference
    /// between capitals and small letters in the names of namespaces, and writes them in capitals; names of their own are
    /// what they are.
    pub(crate) fn canonical(&self, name: &str) -> String {
        let listed = self.listed.load();
        let namespace = canonical_namespace(name);
        match listed.named.contains_key(name) || listed.named.contains_key(&namespace) {
            true => name.to_owned(),
            false => namespace,
        }
    }

    /// For a session that needs none: the rules of some database, and pools in which there is
    /// nothing.
    pub(crate) fn nowhere(&self) -> Option<Arc<Database>> {
        let some = self.all().into_iter().next()?;
        Some(Arc::new(Database::new(Arc::clone(some.server()))))
    }

    /// The names that clients may give, as far as there is a list of them.
    pub(crate) fn names(&self) -> Vec<String> {
        self.listed.load().named.keys().cloned().collect()
    }

    /// The rules of all databases, each once, with the servers that they are for.
    pub(crate) fn libraries(&self) -> Vec<(Arc<Library>, Vec<Arc<Server>>)> {
        let mut libraries: Vec<(Arc<Library>, Vec<Arc<Server>>)> = Vec::new();
        for database in self.all() {
            let (server, library) = (database.server(), database.server().library());
            let known = libraries
                .iter_mut()
                .find(|(known, _)| Arc::ptr_eq(known, library));
            match known {
                Some((_, servers)) => servers.push(Arc::clone(server)),
                None => libraries.push((Arc::clone(library), vec![Arc::clone(server)])),
            }
        }
        libraries
    }

    /// Every one that there is.
    pub(crate) fn all(&self) -> Vec<Arc<Database>> {
        let listed = self.listed.load();
        listed
            .named
            .values()
            .chain(&listed.others)
            .cloned()
            .collect()
    }
}

/// A namespace as IRIS itself writes it.
pub(crate) fn canonical_namespace(name: &str) -> String {
    name.to_uppercase()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::upstream::connector;

    fn database() -> Arc<Database> {
        let connector = connector("postgres://127.0.0.1/").unwrap();
        let server = Server::new(connector, Arc::new(Library::empty()), Duration::ZERO);
        Arc::new(Database::new(Arc::new(server)).namespace("REAL"))
    }

    #[test]
    fn a_name_of_its_own_goes_before_the_rest() {
        let (named, others) = (database(), database());
        let list = BTreeMap::from([("shop".to_owned(), Arc::clone(&named))]);
        let databases = Databases::new(list.clone(), Some(Arc::clone(&others)));
        let found = |name: &str| databases.find(name);
        assert!(found("shop").is_some_and(|found| Arc::ptr_eq(&found, &named)));
        // As PostgreSQL's, names are told apart by their case.
        assert!(found("SHOP").is_some_and(|found| Arc::ptr_eq(&found, &others)));
        assert_eq!(named.namespace_for("shop"), "REAL");
        let names = ["shop", "SHOP", "Shop", "user", "USER"].map(|name| databases.canonical(name));
        assert_eq!(names, ["shop", "SHOP", "SHOP", "USER", "USER"]);
        assert_eq!(databases.all().len(), 2);
        databases.set(list, None);
        assert!(databases.find("SHOP").is_none() && databases.find("shop").is_some());
    }
}
