//! Connections that have not logged in, and which of them gives way when there are too many.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::sync::Arc;

use tokio::sync::Notify;

/// Those that there are.
pub(super) struct Startups {
    /// At most; 0: any number.
    in_all: usize,
    of_address: usize,
    last: u64,
    /// The oldest first.
    all: BTreeMap<u64, Startup>,
    networks: HashMap<Option<IpAddr>, usize>,
}

struct Startup {
    network: Option<IpAddr>,
    gives_way: Arc<Notify>,
}

impl Startups {
    pub(super) fn new(in_all: usize, of_address: usize) -> Self {
        Self {
            in_all,
            of_address,
            last: 0,
            all: BTreeMap::new(),
            networks: HashMap::new(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    /// One more: its number, and what it is told by that it has to give way.
    pub(super) fn enter(&mut self, network: Option<IpAddr>) -> (u64, Arc<Notify>) {
        self.last += 1;
        let gives_way = Arc::new(Notify::new());
        let startup = Startup {
            network,
            gives_way: Arc::clone(&gives_way),
        };
        self.all.insert(self.last, startup);
        *self.networks.entry(network).or_default() += 1;
        (self.last, gives_way)
    }

    /// It has logged in, or is gone; whether it was among them.
    pub(super) fn leave(&mut self, number: u64) -> bool {
        self.remove(number).is_some()
    }

    /// What has to give way, if there are too many now that one has come from there: the oldest from the same
    /// address, if it is that address that has too many, else from the one that has the most.
    pub(super) fn evict_for(&mut self, network: Option<IpAddr>) -> Option<Arc<Notify>> {
        let from_there = self.networks.get(&network).copied().unwrap_or(0);
        let crowded = if network.is_some() && is_over(from_there, self.of_address) {
            network
        } else if is_over(self.all.len(), self.in_all) {
            let counted = self.networks.iter();
            *counted.max_by_key(|(_, count)| **count)?.0
        } else {
            return None;
        };
        let mut oldest = self.all.iter();
        let (number, _) = oldest.find(|(_, startup)| startup.network == crowded)?;
        let number = *number;
        self.remove(number).map(|startup| startup.gives_way)
    }

    fn remove(&mut self, number: u64) -> Option<Startup> {
        let startup = self.all.remove(&number)?;
        super::give_back(&mut self.networks, &startup.network);
        Some(startup)
    }
}

fn is_over(count: usize, limit: usize) -> bool {
    limit != 0 && count > limit
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(last: u8) -> Option<IpAddr> {
        Some(IpAddr::from([10, 0, 0, last]))
    }

    /// The numbers of those that are left.
    fn left(startups: &Startups) -> Vec<u64> {
        startups.all.keys().copied().collect()
    }

    #[test]
    fn the_oldest_of_a_crowded_address_gives_way() {
        let mut startups = Startups::new(4, 2);
        for last in [1, 2, 2] {
            startups.enter(address(last));
            assert!(startups.evict_for(address(last)).is_none());
        }
        startups.enter(address(2));
        assert!(startups.evict_for(address(2)).is_some());
        assert_eq!(left(&startups), [1, 3, 4]);
    }

    #[test]
    fn where_there_are_too_many_the_address_with_the_most_gives_way() {
        let mut startups = Startups::new(3, 0);
        for last in [1, 2, 2] {
            startups.enter(address(last));
        }
        startups.enter(address(3));
        assert!(startups.evict_for(address(3)).is_some());
        assert_eq!(left(&startups), [1, 3, 4]);
        assert!(startups.leave(3) && !startups.leave(2));
        assert_eq!(startups.networks.len(), 2);
    }
}
