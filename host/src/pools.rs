//! The pools of a broker, by whose connections they hold.

use std::collections::HashMap;
use std::ops::Deref;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::databases::{Database, Databases};
use crate::pool::figures::PoolFigures;
use crate::pool::{LONGEST_INTERVAL, Pool, interval};
use crate::upstream::Target;

/// All pools. With clients' own passwords each of them has another one: nobody gets a
/// connection that another password has opened.
pub(crate) struct Pools {
    databases: Arc<Databases>,
    pools: Mutex<HashMap<Key, Arc<Pool>>>,
}

/// Whose connections a pool holds. The database by its address: it is there as long as its
/// pool is, and one that was configured anew is another one.
#[derive(PartialEq, Eq, Hash)]
struct Key {
    database: usize,
    target: Target,
}

/// A client of a pool, which is kept as long as there is any.
pub(crate) struct Member(Arc<Pool>);

impl Pools {
    pub(crate) fn new(databases: Arc<Databases>) -> Self {
        Self {
            databases,
            pools: Mutex::default(),
        }
    }

    pub(crate) fn databases(&self) -> &Databases {
        &self.databases
    }

    /// The pool of a client.
    pub(crate) fn join(&self, database: &Arc<Database>, target: Target) -> Member {
        let key = Key {
            database: Arc::as_ptr(database).addr(),
            target,
        };
        let mut pools = self.pools();
        let pool = pools.entry(key).or_insert_with_key(|key| {
            Arc::new(Pool::new(key.target.clone(), Arc::clone(database)))
        });
        pool.enter();
        Member(Arc::clone(pool))
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

    pub(crate) fn figures(&self) -> Vec<PoolFigures> {
        self.pools().values().map(|pool| pool.figures()).collect()
    }

    fn pools(&self) -> MutexGuard<'_, HashMap<Key, Arc<Pool>>> {
        // A panic elsewhere leaves whole entries.
        self.pools.lock().unwrap_or_else(PoisonError::into_inner)
    }
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
