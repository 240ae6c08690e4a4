//! Who is let in, and what a client has to prove first.
//!
//! An ordered list, as PostgreSQL's `pg_hba.conf` (manual, "Client Authentication"): the
//! first rule that fits a client's address, encryption, user and database decides, and
//! without one nobody enters.

mod authenticator;
mod failures;
pub(crate) mod scram;
mod users;
mod verifier;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use ipnet::IpNet;

use crate::tls::Tls;
pub use authenticator::{Admission, Authenticator, Demand, Visitor};
pub(crate) use failures::{Failures, network};
pub use users::Users;
pub use verifier::{Verifier, VerifierError};

/// What a client has to prove.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Nothing: it is whom it says it is.
    Trust,
    /// It is turned away.
    Reject,
    /// That it knows the user's password, without sending it: SCRAM-SHA-256, bound to the
    /// encrypted channel where the client can (SCRAM-SHA-256-PLUS).
    ScramSha256,
    /// The user's password, sent as it is, and so over an encrypted connection only.
    Password,
    /// The password of the user at IRIS, which is used to log in there: sent as it is, over
    /// an encrypted connection only, and kept for as long as the session lasts.
    PassThrough,
    /// A certificate in the user's name, signed by the configured authority.
    Certificate,
}

/// Which clients have to prove what.
#[derive(Clone, Debug)]
pub struct Rule {
    /// The networks that clients may come from; empty: any.
    pub addresses: Vec<IpNet>,
    /// The users; empty: any.
    pub users: Vec<String>,
    /// The databases; empty: any.
    pub databases: Vec<String>,
    /// Only connections that are encrypted, or only those that are not; `None`: both.
    pub encrypted: Option<bool>,
    /// What they have to prove.
    pub method: Method,
}

/// The list of rules, and what is known of users.
#[derive(Clone, Debug, Default)]
pub struct Access {
    /// The first that fits decides.
    pub rules: Vec<Rule>,
    /// What proofs are compared with.
    pub users: Users,
}

/// The door of a broker: encryption, and who is let in. Both can be changed while the
/// broker runs; connections that are open already stay as they are.
pub struct Entrance {
    tls: Option<Arc<Tls>>,
    authenticator: ArcSwap<Arc<dyn Authenticator>>,
    pub(crate) failures: Failures,
}

impl Entrance {
    /// Without `tls`, clients that ask for encryption are told that there is none.
    pub fn new(tls: Option<Arc<Tls>>, access: Access, limits: &LoginLimits) -> Self {
        Self::with(tls, Arc::new(access), limits)
    }

    /// As [`Entrance::new`], where somebody else decides.
    pub fn with(
        tls: Option<Arc<Tls>>,
        authenticator: Arc<dyn Authenticator>,
        limits: &LoginLimits,
    ) -> Self {
        Self {
            tls,
            authenticator: ArcSwap::from_pointee(authenticator),
            failures: Failures::new(limits),
        }
    }

    /// For those who decide elsewhere who can reach the listener.
    pub fn open_to_all() -> Self {
        Self::new(None, Access::everybody(), &LoginLimits::default())
    }

    /// From now on these rules count.
    pub fn set_access(&self, access: Access) {
        self.set_authenticator(Arc::new(access));
    }

    /// From now on somebody else decides.
    pub fn set_authenticator(&self, authenticator: Arc<dyn Authenticator>) {
        self.authenticator.store(Arc::new(authenticator));
    }

    pub(crate) fn tls(&self) -> Option<&Tls> {
        self.tls.as_deref()
    }

    pub(crate) fn authenticator(&self) -> Arc<dyn Authenticator> {
        Arc::clone(&self.authenticator.load())
    }
}

/// How many wrong passwords an address may send.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct LoginLimits {
    /// Failed logins from one address within `window`, after which it is turned away until
    /// the window is over; 0: no limit. Twenty are more than a person mistypes, and
    /// thousands of times fewer than a guesser needs.
    pub failures: u32,
    /// See `failures`.
    pub window: Duration,
}

impl Default for LoginLimits {
    fn default() -> Self {
        Self {
            failures: 20,
            window: Duration::from_secs(60),
        }
    }
}

impl Access {
    /// Rules that let everybody in.
    pub fn everybody() -> Self {
        let everybody = Rule {
            addresses: Vec::new(),
            users: Vec::new(),
            databases: Vec::new(),
            encrypted: None,
            method: Method::Trust,
        };
        Self {
            rules: vec![everybody],
            users: Users::default(),
        }
    }

    /// What this visitor has to prove; `None`: no rule is about it.
    fn method(&self, visitor: &Visitor<'_>) -> Option<Method> {
        let rule = self.rules.iter().find(|rule| rule.fits(visitor))?;
        Some(rule.method)
    }
}

impl Rule {
    fn fits(&self, visitor: &Visitor<'_>) -> bool {
        let is_any = |list: &[String], is_it: &dyn Fn(&str) -> bool| {
            list.is_empty() || list.iter().any(|listed| is_it(listed))
        };
        self.encrypted
            .is_none_or(|encrypted| encrypted == visitor.is_encrypted)
            && is_any(&self.users, &|listed| listed == visitor.user)
            && is_any(&self.databases, &|listed| visitor.asks_for(listed))
            && self.comes_from(visitor.address)
    }

    fn comes_from(&self, address: Option<IpAddr>) -> bool {
        // `::ffff:10.0.0.1` is 10.0.0.1 to a listener on `::`.
        let address = address.map(|address| address.to_canonical());
        self.addresses.is_empty()
            || address.is_some_and(|address| {
                self.addresses
                    .iter()
                    .any(|network| network.contains(&address))
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(addresses: &[&str], users: &[&str], encrypted: Option<bool>, method: Method) -> Rule {
        Rule {
            addresses: addresses.iter().map(|net| net.parse().unwrap()).collect(),
            users: users.iter().map(ToString::to_string).collect(),
            databases: Vec::new(),
            encrypted,
            method,
        }
    }

    fn visitor(address: &str, user: &'static str, is_encrypted: bool) -> Visitor<'static> {
        Visitor {
            address: Some(address.parse().unwrap()),
            user,
            database: "USER",
            named: &[],
            is_encrypted,
            certificate: None,
        }
    }

    #[test]
    fn namespaces_have_one_name_in_any_spelling() {
        let named = ["shop".to_owned(), "SALES".to_owned()];
        let asks = |database: &'static str, listed: &str| {
            let visitor = Visitor {
                database,
                named: &named,
                ..visitor("127.0.0.1", "ann", false)
            };
            visitor.asks_for(listed)
        };
        assert!(asks("USER", "USER") && asks("user", "USER") && asks("USER", "User"));
        assert!(!asks("USER", "OTHER"));
        // What has a name of its own is no namespace.
        assert!(asks("shop", "shop") && asks("SALES", "SALES"));
        assert!(!asks("SHOP", "shop") && !asks("SALES", "sales") && !asks("sales", "SALES"));
    }

    #[test]
    fn the_first_rule_that_fits_decides() {
        let access = Access {
            rules: vec![
                rule(&["127.0.0.1/32"], &["ann"], None, Method::Trust),
                rule(&["10.0.0.0/8"], &[], Some(false), Method::Reject),
                rule(&["10.0.0.0/8", "fd00::/8"], &[], None, Method::ScramSha256),
            ],
            users: Users::default(),
        };
        let method = |address, user, encrypted| access.method(&visitor(address, user, encrypted));
        assert_eq!(method("127.0.0.1", "ann", false), Some(Method::Trust));
        assert_eq!(
            method("::ffff:127.0.0.1", "ann", false),
            Some(Method::Trust)
        );
        assert_eq!(method("127.0.0.1", "Ann", false), None);
        assert_eq!(method("127.0.0.2", "ann", false), None);
        assert_eq!(method("10.1.2.3", "ann", false), Some(Method::Reject));
        assert_eq!(method("10.1.2.3", "bob", true), Some(Method::ScramSha256));
        assert_eq!(method("fd00::1", "bob", false), Some(Method::ScramSha256));
        assert_eq!(method("11.1.2.3", "bob", true), None);
    }

    #[test]
    fn an_address_that_is_not_known_fits_only_rules_for_any() {
        let nameless = Visitor {
            address: None,
            ..visitor("127.0.0.1", "ann", false)
        };
        assert!(!rule(&["0.0.0.0/0"], &[], None, Method::Trust).fits(&nameless));
        assert!(rule(&[], &[], None, Method::Trust).fits(&nameless));
    }
}
