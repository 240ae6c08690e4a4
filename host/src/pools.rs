//! The pools of one server, by whose connections they hold.

use std::collections::HashMap;
use std::ops::Deref;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::config::PoolLimits;
use crate::pool::figures::PoolFigures;
use crate::pool::{Pool, interval};
use crate::server::Server;
use crate::upstream::Target;

/// All pools. With clients' own passwords each of them has another one: nobody gets a
/// connection that another password has opened.
pub(crate) struct Pools {
    limits: PoolLimits,
    server: Arc<Server>,
    pools: Mutex<HashMap<Target, Arc<Pool>>>,
}

/// A client of a pool, which is kept as long as there is any.
pub(crate) struct Member(Arc<Pool>);

impl Pools {
    pub(crate) fn new(server: Server, limits: PoolLimits) -> Self {
        Self {
            limits,
            server: Arc::new(server),
            pools: Mutex::default(),
        }
    }

    pub(crate) fn server(&self) -> &Server {
        &self.server
    }

    /// The pool of a client.
    pub(crate) fn join(&self, target: Target) -> Member {
        let mut pools = self.pools();
        let pool = pools.entry(target).or_insert_with_key(|target| {
            let server = Arc::clone(&self.server);
            Arc::new(Pool::new(target.clone(), self.limits.clone(), server))
        });
        pool.enter();
        Member(Arc::clone(pool))
    }

    /// Does what is to be done from time to time, for ever.
    pub(crate) async fn tend(&self) {
        let mut interval = tokio::time::interval(interval(&self.limits));
        interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            interval.tick().await;
            // A pool that is not needed has no connection that could be closed under the lock.
            self.pools().retain(|_, pool| pool.tend());
        }
    }

    pub(crate) fn figures(&self) -> Vec<PoolFigures> {
        self.pools().values().map(|pool| pool.figures()).collect()
    }

    fn pools(&self) -> MutexGuard<'_, HashMap<Target, Arc<Pool>>> {
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
