//! The pools of a broker, by whose connections they hold.

use std::collections::{BTreeSet, HashMap};
use std::ops::Deref;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::databases::{Database, Databases};
use crate::monitor::servers::Wires;
use crate::pool::figures::PoolFigures;
use crate::pool::{LONGEST_INTERVAL, Pool, interval};
use crate::upstream::Target;

/// All pools. With clients' own passwords each of them has another one: nobody gets a
/// connection that another password has opened.
pub(crate) struct Pools {
    databases: Arc<Databases>,
    pools: Mutex<HashMap<Key, Arc<Pool>>>,
    paused: Mutex<Paused>,
    /// The databases that nobody else is let into, by name.
    disabled: Mutex<BTreeSet<String>>,
    wires: Arc<Wires>,
}

/// Whose connections a pool holds. The database by its address: it is there as long as its
/// pool is, and one that was configured anew is another one.
#[derive(PartialEq, Eq, Hash)]
struct Key {
    database: usize,
    /// As clients call it.
    name: String,
    target: Target,
}

/// The databases that an operator has paused, by name. It counts for pools that come later, too.
#[derive(Default)]
struct Paused {
    is_everything: bool,
    names: BTreeSet<String>,
}

impl Paused {
    fn has(&self, name: &str) -> bool {
        self.is_everything || self.names.contains(name)
    }

    fn has_any(&self) -> bool {
        self.is_everything || !self.names.is_empty()
    }

    /// Whether what was paused under this name, or without one, has not been resumed.
    fn has_still(&self, name: Option<&str>) -> bool {
        name.map_or(self.is_everything, |name| self.has(name))
    }
}

/// A client of a pool, which is kept as long as there is any.
pub(crate) struct Member(Arc<Pool>);

impl Pools {
    pub(crate) fn new(databases: Arc<Databases>) -> Self {
        Self {
            databases,
            pools: Mutex::default(),
            paused: Mutex::default(),
            disabled: Mutex::default(),
            wires: Arc::default(),
        }
    }

    pub(crate) fn databases(&self) -> &Databases {
        &self.databases
    }

    /// The pool of a client that calls the database `name`.
    pub(crate) fn join(&self, name: &str, database: &Arc<Database>, target: Target) -> Member {
        let key = Key {
            database: Arc::as_ptr(database).addr(),
            name: name.to_owned(),
            target,
        };
        let mut pools = self.pools();
        let pool = pools.entry(key).or_insert_with_key(|key| {
            let (name, target) = (key.name.clone(), key.target.clone());
            let wires = Arc::clone(&self.wires);
            let pool = Pool::new(name, target, Arc::clone(database), wires);
            if self.is_paused_for(&key.name) {
                pool.pause();
            }
            Arc::new(pool)
        });
        pool.enter();
        Member(Arc::clone(pool))
    }

    /// A pool for a client that never asks it for a connection. It is in no list.
    pub(crate) fn aside(&self, name: &str, database: &Arc<Database>, target: Target) -> Member {
        let (database, wires) = (Arc::clone(database), Arc::clone(&self.wires));
        let pool = Arc::new(Pool::new(name.to_owned(), target, database, wires));
        pool.enter();
        Member(pool)
    }

    /// Does what is to be done from time to time, for ever.
    pub(crate) async fn tend(&self) {
        loop {
            let listed = self.databases.all();
            let soonest = listed.iter().map(|database| interval(database.limits()));
            let pause = soonest.min().unwrap_or(LONGEST_INTERVAL);
            tokio::time::sleep(pause).await;
            let is_listed = |pool: &Pool| {
                let same = |database: &Arc<Database>| Arc::ptr_eq(database, pool.database());
                listed.iter().any(same)
            };
            let is_needed =
                |pool: &Arc<Pool>| pool.tend() && (pool.has_clients() || is_listed(pool));
            let gone: Vec<_> = self
                .pools()
                .extract_if(|_, pool| !is_needed(pool))
                .collect();
            // Connections are closed outside of the lock.
            drop(gone);
        }
    }

    /// Lends no connections of a database until [`Pools::resume`]; `None`: of any. What is lent
    /// stays so until it is not needed.
    pub(crate) fn pause(&self, name: Option<&str>) {
        // With the pools locked, so that none comes to be in between.
        let pools = self.pools();
        match name {
            None => self.paused().is_everything = true,
            Some(name) => drop(self.paused().names.insert(name.to_owned())),
        }
        for pool in meant(&pools, name) {
            pool.pause();
        }
    }

    /// Ends what [`Pools::pause`] began; whether there was anything to end. `None`: all of it.
    pub(crate) fn resume(&self, name: Option<&str>) -> bool {
        let pools = self.pools();
        let mut paused = self.paused();
        let was_paused = match name {
            None => {
                let was_paused = paused.has_any();
                *paused = Paused::default();
                was_paused
            }
            Some(name) => paused.names.remove(name),
        };
        for pool in pools.values() {
            if !paused.has(pool.name()) {
                pool.resume();
            }
        }
        was_paused
    }

    /// Gives each connection up when it is free; others take their place.
    pub(crate) fn reconnect(&self, name: Option<&str>) {
        for pool in meant(&self.pools(), name) {
            pool.reconnect();
        }
    }

    /// Whether any connection is still there that [`Pools::reconnect`] was about.
    pub(crate) fn is_closing(&self, name: Option<&str>) -> bool {
        let recalled: Vec<_> = meant(&self.pools(), name)
            .filter_map(|pool| Some((Arc::clone(pool), pool.recalled()?)))
            .collect();
        let is_there = |(pool, recalled): &(Arc<Pool>, _)| {
            self.wires.has_older(pool.user(), pool.name(), *recalled)
        };
        recalled.iter().any(is_there)
    }

    /// Lets nobody else into a database.
    pub(crate) fn disable(&self, name: &str) {
        self.disabled().insert(name.to_owned());
    }

    /// Ends what [`Pools::disable`] began; whether there was anything to end.
    pub(crate) fn enable(&self, name: &str) -> bool {
        self.disabled().remove(name)
    }

    /// Whether nobody is let into a database.
    pub(crate) fn is_disabled(&self, name: &str) -> bool {
        self.disabled().contains(name)
    }

    fn disabled(&self) -> MutexGuard<'_, BTreeSet<String>> {
        // As below.
        self.disabled.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether anything is paused.
    pub(crate) fn is_paused(&self) -> bool {
        self.paused().has_any()
    }

    /// Whether what [`Pools::pause`] began, called with the same, goes on.
    pub(crate) fn is_still_paused(&self, name: Option<&str>) -> bool {
        self.paused().has_still(name)
    }

    /// Whether a database is paused.
    pub(crate) fn is_paused_for(&self, name: &str) -> bool {
        self.paused().has(name)
    }

    /// Whether any session has a connection.
    pub(crate) fn has_lent(&self, name: Option<&str>) -> bool {
        meant(&self.pools(), name).any(|pool| pool.has_lent())
    }

    /// All connections.
    pub(crate) fn wires(&self) -> &Wires {
        &self.wires
    }

    fn paused(&self) -> MutexGuard<'_, Paused> {
        // As below.
        self.paused.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn figures(&self) -> Vec<PoolFigures> {
        self.pools().values().map(|pool| pool.figures()).collect()
    }

    fn pools(&self) -> MutexGuard<'_, HashMap<Key, Arc<Pool>>> {
        // A panic elsewhere leaves whole entries.
        self.pools.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The pools of a database, or all.
fn meant<'a>(
    pools: &'a HashMap<Key, Arc<Pool>>,
    name: Option<&'a str>,
) -> impl Iterator<Item = &'a Arc<Pool>> {
    let is_meant = move |pool: &&Arc<Pool>| name.is_none_or(|name| pool.name() == name);
    pools.values().filter(is_meant)
}

impl Deref for Member {
    type Target = Arc<Pool>;

    fn deref(&self) -> &Arc<Pool> {
        &self.0
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        self.0.leave();
    }
}
