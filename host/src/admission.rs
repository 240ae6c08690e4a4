//! How many connections of clients there may be at a time: in all, from one address, and of one user.
//!
//! A connection is one of the *startups* when it is accepted, and takes the place of a client when it has logged in. Those
//! who say nothing, or never prove who they are, have a share of their own, so that they keep nobody out who does: where it
//! is full, the oldest of the address that has the most gives way.

mod startups;

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::access::network;
use crate::config::ClientLimits;
use crate::diagnostic::Diagnostic;
use startups::Startups;

/// The places of a broker.
#[derive(Clone)]
pub(crate) struct Admissions {
    limits: Limits,
    taken: Arc<Mutex<Taken>>,
}

/// Zero: no limit.
#[derive(Clone, Copy)]
struct Limits {
    in_all: usize,
    of_address: usize,
    of_user: usize,
}

struct Taken {
    clients: usize,
    /// Since the start.
    refused: u64,
    networks: HashMap<IpAddr, usize>,
    users: HashMap<String, usize>,
    startups: Startups,
}

/// What a connection holds until it is dropped.
pub(crate) struct Place {
    admissions: Admissions,
    network: Option<IpAddr>,
    holds: Holds,
}

enum Holds {
    /// It has not logged in; with its number among those, and what tells it that it has to give way.
    Startup(u64, Arc<Notify>),
    /// This user has.
    Client(String),
}

impl Admissions {
    pub(crate) fn new(limits: &ClientLimits) -> Self {
        let startups = Startups::new(limits.startups, limits.startups_per_address);
        Self {
            limits: Limits {
                in_all: limits.connections,
                of_address: limits.connections_per_address,
                of_user: limits.connections_per_user,
            },
            taken: Arc::new(Mutex::new(Taken {
                clients: 0,
                refused: 0,
                networks: HashMap::new(),
                users: HashMap::new(),
                startups,
            })),
        }
    }

    /// The place of a connection that was accepted. Another one may have to give way to it.
    pub(crate) fn enter(&self, address: Option<IpAddr>) -> Place {
        let network = address.map(network);
        let mut taken = self.counts();
        let (number, gives_way) = taken.startups.enter(network);
        if let Some(evicted) = taken.startups.evict_for(network) {
            evicted.notify_one();
            taken.refused += 1;
        }
        drop(taken);
        Place {
            admissions: self.clone(),
            network,
            holds: Holds::Startup(number, gives_way),
        }
    }

    /// Connections that there are, those that have not logged in included.
    pub(crate) fn taken(&self) -> usize {
        let taken = self.counts();
        taken.clients + taken.startups.len()
    }

    /// How many were turned away for want of a place.
    pub(crate) fn refused(&self) -> u64 {
        self.counts().refused
    }

    fn counts(&self) -> MutexGuard<'_, Taken> {
        // A panic elsewhere leaves whole counts.
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Taken {
    /// Whether there is a place for one more client.
    fn has_room(&self, limits: Limits, network: Option<IpAddr>) -> Result<(), Diagnostic> {
        let from_there = network.and_then(|network| self.networks.get(&network));
        if is_full(self.clients, limits.in_all) {
            // PostgreSQL's words.
            let message = "sorry, too many clients already".to_owned();
            return Err(full(message, "clients.connections"));
        }
        if is_full(from_there.copied().unwrap_or(0), limits.of_address) {
            let message = "too many connections from this address".to_owned();
            return Err(full(message, "clients.connections_per_address"));
        }
        Ok(())
    }

    fn has_room_for(&self, limits: Limits, user: &str) -> Result<(), Diagnostic> {
        let of_user = self.users.get(user).copied().unwrap_or(0);
        match is_full(of_user, limits.of_user) {
            true => Err(full(
                format!("too many connections for role \"{user}\""),
                "clients.connections_per_user",
            )),
            false => Ok(()),
        }
    }
}

impl Place {
    /// Ends when the connection has to give way to another one; not once it has logged in.
    pub(crate) fn evicted(&self) -> impl Future<Output = ()> + use<> {
        let gives_way = match &self.holds {
            Holds::Startup(_, gives_way) => Some(Arc::clone(gives_way)),
            Holds::Client(_) => None,
        };
        async move {
            match gives_way {
                Some(gives_way) => gives_way.notified().await,
                None => std::future::pending().await,
            }
        }
    }

    /// Whether there would be a place for it at the moment; asked before it has to prove anything.
    ///
    /// # Errors
    /// What the client is told.
    pub(crate) fn check(&self) -> Result<(), Diagnostic> {
        let mut taken = self.admissions.counts();
        let room = taken.has_room(self.admissions.limits, self.network);
        taken.refused += u64::from(room.is_err());
        room
    }

    /// Makes it the place of that user, who is who it says it is.
    ///
    /// # Errors
    /// There are as many clients, or the user has as many, as there may be.
    pub(crate) fn belongs_to(&mut self, user: &str) -> Result<(), Diagnostic> {
        let admissions = self.admissions.clone();
        let mut taken = admissions.counts();
        let limits = admissions.limits;
        let room = taken
            .has_room(limits, self.network)
            .and_then(|()| taken.has_room_for(limits, user));
        if let Err(refusal) = room {
            taken.refused += 1;
            return Err(refusal);
        }
        let Holds::Startup(number, _) = self.holds else {
            return Ok(());
        };
        if !taken.startups.leave(number) {
            return Err(full(
                "too many connections that have not logged in".to_owned(),
                "clients.startups",
            ));
        }
        taken.clients += 1;
        if let Some(network) = self.network {
            *taken.networks.entry(network).or_default() += 1;
        }
        *taken.users.entry(user.to_owned()).or_default() += 1;
        self.holds = Holds::Client(user.to_owned());
        Ok(())
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.admissions.counts();
        match &self.holds {
            Holds::Startup(number, _) => drop(taken.startups.leave(*number)),
            Holds::Client(user) => {
                taken.clients -= 1;
                give_back(&mut taken.users, user);
                if let Some(network) = &self.network {
                    give_back(&mut taken.networks, network);
                }
            }
        }
    }
}

fn is_full(taken: usize, limit: usize) -> bool {
    limit != 0 && taken >= limit
}

/// What nobody holds is forgotten, so that the map does not grow with all who ever came.
fn give_back<K: Eq + Hash>(counts: &mut HashMap<K, usize>, key: &K) {
    if let Some(count) = counts.get_mut(key) {
        *count -= 1;
        if *count == 0 {
            counts.remove(key);
        }
    }
}

fn full(message: String, key: &str) -> Diagnostic {
    Diagnostic::fatal("53300", message).with_hint(format!(
        "Close connections that are not in use, or raise {key} in the broker's configuration."
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admissions(in_all: usize, of_address: usize, of_user: usize) -> Admissions {
        Admissions::new(&ClientLimits {
            connections: in_all,
            connections_per_address: of_address,
            connections_per_user: of_user,
            ..ClientLimits::default()
        })
    }

    fn address(text: &str) -> Option<IpAddr> {
        Some(text.parse().unwrap())
    }

    #[test]
    fn places_come_back_and_are_forgotten() {
        let admissions = admissions(2, 0, 1);
        let mut first = admissions.enter(address("10.0.0.1"));
        let mut second = admissions.enter(None);
        first.belongs_to("ann").unwrap();
        let refused = second.belongs_to("ann").unwrap_err();
        assert_eq!(refused.sqlstate, "53300");
        second.belongs_to("bob").unwrap();
        let mut third = admissions.enter(None);
        assert!(third.check().is_err() && third.belongs_to("carl").is_err());
        drop(first);
        assert!(third.check().is_ok() && third.belongs_to("carl").is_ok());
        assert_eq!(admissions.taken(), 2);
        drop((second, third));
        let taken = admissions.counts();
        assert_eq!((taken.clients, taken.startups.len()), (0, 0));
        assert!(taken.networks.is_empty() && taken.users.is_empty());
    }

    #[test]
    fn a_network_of_version_6_is_one_address() {
        let admissions = admissions(0, 1, 0);
        let mut first = admissions.enter(address("2001:db8::1"));
        first.belongs_to("ann").unwrap();
        let second = admissions.enter(address("2001:db8::2"));
        assert!(second.check().is_err());
        let other = admissions.enter(address("2001:db8:0:1::1"));
        assert!(other.check().is_ok());
    }

    #[tokio::test]
    async fn who_does_not_log_in_gives_way_to_those_who_come() {
        let admissions = Admissions::new(&ClientLimits {
            startups: 2,
            ..ClientLimits::default()
        });
        let mut client = admissions.enter(None);
        client.belongs_to("ann").unwrap();
        let mut silent = admissions.enter(None);
        let (mut second, third) = (admissions.enter(None), admissions.enter(None));
        silent.evicted().await;
        assert!(silent.belongs_to("bob").is_err() && second.belongs_to("bob").is_ok());
        assert_eq!((admissions.taken(), admissions.refused()), (3, 1));
        drop((silent, third));
        assert_eq!(admissions.taken(), 2);
    }
}
