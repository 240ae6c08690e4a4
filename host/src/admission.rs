//! How many clients there may be at a time: in all, from one address, and of one user.
//!
//! A connection takes its place when it is accepted, and gives it back when it ends. One for which there is no place is
//! told so once it has said that it wants a session: a request to cancel a statement needs none.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::access::network;
use crate::config::ClientLimits;
use crate::diagnostic::Diagnostic;

/// Connections without a place that are listened to at the same time; further ones are closed at once, so that a flood
/// of them costs little.
const TURNED_AWAY: usize = 100;

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

#[derive(Default)]
struct Taken {
    clients: usize,
    turned_away: usize,
    /// Since the start.
    refused: u64,
    networks: HashMap<IpAddr, usize>,
    users: HashMap<String, usize>,
}

/// What a connection holds until it is dropped.
pub(crate) struct Place {
    admissions: Admissions,
    /// Why it is none.
    refusal: Option<Full>,
    network: Option<IpAddr>,
    user: Option<String>,
}

#[derive(Clone, Copy)]
enum Full {
    All,
    Address,
}

impl Admissions {
    pub(crate) fn new(limits: &ClientLimits) -> Self {
        Self {
            limits: Limits {
                in_all: limits.connections,
                of_address: limits.connections_per_address,
                of_user: limits.connections_per_user,
            },
            taken: Arc::default(),
        }
    }

    /// A place for a connection that was accepted, or one without, which may hear why. `None`: there are too many of
    /// those, too.
    pub(crate) fn enter(&self, address: Option<IpAddr>) -> Option<Place> {
        let network = address.map(network);
        let mut taken = self.counts();
        let from_there = network.and_then(|network| taken.networks.get(&network));
        let refusal = if is_full(taken.clients, self.limits.in_all) {
            Some(Full::All)
        } else if is_full(from_there.copied().unwrap_or(0), self.limits.of_address) {
            Some(Full::Address)
        } else {
            None
        };
        if refusal.is_none() {
            taken.clients += 1;
            if let Some(network) = network {
                *taken.networks.entry(network).or_default() += 1;
            }
        } else {
            taken.refused += 1;
            if is_full(taken.turned_away, TURNED_AWAY) {
                return None;
            }
            taken.turned_away += 1;
        }
        drop(taken);
        Some(Place {
            admissions: self.clone(),
            refusal,
            network,
            user: None,
        })
    }

    /// Connections that have a place.
    pub(crate) fn taken(&self) -> usize {
        self.counts().clients
    }

    /// How many were turned away for want of one.
    pub(crate) fn refused(&self) -> u64 {
        self.counts().refused
    }

    fn counts(&self) -> MutexGuard<'_, Taken> {
        // A panic elsewhere leaves whole counts.
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// Whether it is a place at all.
    ///
    /// # Errors
    /// What the client is told.
    pub(crate) fn check(&self) -> Result<(), Diagnostic> {
        let (message, key) = match self.refusal {
            None => return Ok(()),
            // PostgreSQL's words.
            Some(Full::All) => ("sorry, too many clients already", "clients.connections"),
            Some(Full::Address) => (
                "too many connections from this address",
                "clients.connections_per_address",
            ),
        };
        Err(full(message.to_owned(), key))
    }

    /// Makes it the place of that user, who is who it says it is.
    ///
    /// # Errors
    /// The user has as many as it may.
    pub(crate) fn belongs_to(&mut self, user: &str) -> Result<(), Diagnostic> {
        let taken = &self.admissions.taken;
        let mut taken = taken.lock().unwrap_or_else(PoisonError::into_inner);
        let count = taken.users.entry(user.to_owned()).or_default();
        if is_full(*count, self.admissions.limits.of_user) {
            let message = format!("too many connections for role \"{user}\"");
            return Err(full(message, "clients.connections_per_user"));
        }
        *count += 1;
        self.user = Some(user.to_owned());
        Ok(())
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let taken = &self.admissions.taken;
        let mut taken = taken.lock().unwrap_or_else(PoisonError::into_inner);
        if self.refusal.is_some() {
            taken.turned_away -= 1;
            return;
        }
        taken.clients -= 1;
        if let Some(network) = self.network {
            give_back(&mut taken.networks, &network);
        }
        if let Some(user) = &self.user {
            give_back(&mut taken.users, user);
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
        let mut first = admissions.enter(address("10.0.0.1")).unwrap();
        let mut second = admissions.enter(None).unwrap();
        first.belongs_to("ann").unwrap();
        let refused = second.belongs_to("ann").unwrap_err();
        assert_eq!(refused.sqlstate, "53300");
        second.belongs_to("bob").unwrap();
        let third = admissions.enter(None).unwrap();
        assert!(third.check().is_err());
        drop(first);
        let fourth = admissions.enter(None).unwrap();
        assert!(fourth.check().is_ok());
        drop((second, third, fourth));
        let taken = admissions.taken.lock().unwrap();
        assert_eq!((taken.clients, taken.turned_away), (0, 0));
        assert!(taken.networks.is_empty() && taken.users.is_empty());
    }

    #[test]
    fn a_network_of_version_6_is_one_address() {
        let admissions = admissions(0, 1, 0);
        let _first = admissions.enter(address("2001:db8::1")).unwrap();
        let second = admissions.enter(address("2001:db8::2")).unwrap();
        assert!(second.check().is_err());
        let other = admissions.enter(address("2001:db8:0:1::1")).unwrap();
        assert!(other.check().is_ok());
    }

    #[test]
    fn a_flood_is_not_listened_to() {
        let admissions = admissions(1, 0, 0);
        let _client = admissions.enter(None).unwrap();
        let turned_away: Vec<_> = (0..TURNED_AWAY).map(|_| admissions.enter(None)).collect();
        assert!(turned_away.iter().all(Option::is_some));
        assert!(admissions.enter(None).is_none());
        drop(turned_away);
        assert!(admissions.enter(None).is_some());
    }
}
