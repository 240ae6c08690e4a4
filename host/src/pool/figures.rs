//! What can be told of a pool.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::time::Duration;

use crate::config::PoolMode;

/// What a pool does at the moment, and has done.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct PoolFigures {
    /// The database, as clients call it.
    pub database: String,
    /// The user whose connections these are.
    pub user: String,
    /// The namespace that they lead to.
    pub namespace: String,
    /// How long a session keeps its connection.
    pub mode: PoolMode,
    /// How many connections there may be; 0: any number.
    pub size: usize,
    /// Clients that may use them.
    pub clients: usize,
    /// Clients that wait for one.
    pub waiting: usize,
    /// How long whoever is first has waited.
    pub longest_wait: Duration,
    /// Whether nothing is lent at the moment, because an operator says so.
    pub is_paused: bool,
    /// Why no connection is opened at the moment, if none is.
    pub refusal: Option<String>,
    /// Connections that sessions have.
    pub active: usize,
    /// Connections that nobody has.
    pub idle: usize,
    /// Connections that are being opened.
    pub connecting: usize,
    /// Connections that sessions keep beyond their transaction, by the command that left
    /// something there.
    pub pinned: BTreeMap<String, usize>,
    /// How often a session was lent a connection.
    pub leases: u64,
    /// How often one had to wait for it.
    pub waits: u64,
    /// How long they have waited together.
    pub wait_time: Duration,
    /// How often one waited in vain.
    pub timeouts: u64,
    /// Connections that were opened.
    pub connects: u64,
    /// How often one could not be opened.
    pub failures: u64,
    /// Connections that were lost, or found dead.
    pub losses: u64,
}

impl PoolFigures {
    /// Takes those of another pool in, which has the same name to an operator: of another password, or of a table that was
    /// configured anew. What there may be at most stays as it is, as it is for each.
    fn take_in(&mut self, other: Self) {
        self.clients += other.clients;
        self.waiting += other.waiting;
        self.longest_wait = self.longest_wait.max(other.longest_wait);
        self.is_paused |= other.is_paused;
        self.refusal = self.refusal.take().or(other.refusal);
        self.active += other.active;
        self.idle += other.idle;
        self.connecting += other.connecting;
        for (reason, count) in other.pinned {
            *self.pinned.entry(reason).or_default() += count;
        }
        self.leases += other.leases;
        self.waits += other.waits;
        self.wait_time += other.wait_time;
        self.timeouts += other.timeouts;
        self.connects += other.connects;
        self.failures += other.failures;
        self.losses += other.losses;
    }
}

/// One for each database and user, in their order.
pub(crate) fn by_name(pools: Vec<PoolFigures>) -> Vec<PoolFigures> {
    let mut found: BTreeMap<(String, String), PoolFigures> = BTreeMap::new();
    for pool in pools {
        let name = (pool.database.clone(), pool.user.clone());
        match found.entry(name) {
            Entry::Vacant(place) => drop(place.insert(pool)),
            Entry::Occupied(mut known) => known.get_mut().take_in(pool),
        }
    }
    found.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pools_of_one_name_are_told_together() {
        let pool = |database: &str, clients: usize, reason: &str| PoolFigures {
            database: database.into(),
            user: "ann".into(),
            clients,
            longest_wait: Duration::from_secs(clients as u64),
            pinned: BTreeMap::from([(reason.to_owned(), 1)]),
            size: 5,
            ..PoolFigures::default()
        };
        let told = by_name(vec![
            pool("b", 1, "LOCK"),
            pool("a", 2, "LOCK"),
            pool("b", 3, "USE"),
        ]);
        let [a, b] = &told[..] else {
            panic!("{told:?}")
        };
        assert_eq!((&*a.database, a.clients), ("a", 2));
        assert_eq!((&*b.database, b.clients, b.size), ("b", 4, 5));
        assert_eq!(
            (b.longest_wait, b.pinned.len()),
            (Duration::from_secs(3), 2)
        );
    }
}
