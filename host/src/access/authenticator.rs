//! The seam to whoever decides who is let in.

use std::fmt;
use std::net::IpAddr;

use async_trait::async_trait;

use super::{Access, Method, Verifier};
use crate::databases::canonical_namespace;
use crate::diagnostic::Diagnostic;

/// Who knocks, as far as it is known before anything has been proved.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct Visitor<'a> {
    /// `None`: it did not come over a network.
    pub address: Option<IpAddr>,
    /// Who it says it is.
    pub user: &'a str,
    /// The database that it asks for.
    pub database: &'a str,
    /// The databases that have a name of their own, in which capitals and small letters differ. All other names are those
    /// of IRIS namespaces, in which they do not.
    pub named: &'a [String],
    /// Whether nobody can read what it sends.
    pub is_encrypted: bool,
    /// The common name in the certificate that it has shown, signed by the authority of
    /// [`tls::Settings::client_ca`](crate::tls::Settings::client_ca).
    pub certificate: Option<&'a str>,
}

impl Visitor<'_> {
    /// Whether the database that it asks for is the one that is called so.
    pub fn asks_for(&self, database: &str) -> bool {
        let is_named = |name: &str| self.named.iter().any(|named| named == name);
        database == self.database
            || (!is_named(database)
                && !is_named(self.database)
                && canonical_namespace(database) == canonical_namespace(self.database))
    }
}

/// Decides who is let in, as whom at IRIS, and what must be proved first. [`Access`], an ordered list of
/// rules, is one; a program that embeds the broker may have another.
///
/// It is asked once for each client, within [`ClientLimits::startup_timeout`](crate::ClientLimits::startup_timeout).
/// An error ends the connection: the client is told it. One with SQLSTATE 28P01 counts as a wrong password
/// ([`LoginLimits`](super::LoginLimits)).
#[async_trait]
pub trait Authenticator: Send + Sync {
    /// What this visitor has to prove.
    ///
    /// # Errors
    /// It is turned away.
    async fn demand(&self, visitor: &Visitor<'_>) -> Result<Demand, Diagnostic>;

    /// Whether a password is the right one; asked after [`Demand::Password`]. What it is may also be a token:
    /// it is as long as the client likes, up to 64 KiB.
    ///
    /// # Errors
    /// It is turned away.
    async fn check(&self, visitor: &Visitor<'_>, password: &str) -> Result<Admission, Diagnostic> {
        let _ = password;
        Err(Diagnostic::wrong_password(visitor.user))
    }
}

/// What a visitor has to prove.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Demand {
    /// Nothing, or nothing more.
    Nothing(Admission),
    /// A password, which is sent as it is, and so over an encrypted connection only;
    /// [`Authenticator::check`] says whether it is right.
    Password,
    /// That it knows the password of this verifier, by SCRAM-SHA-256. Whoever does not exist should get a
    /// verifier as well, so that nothing tells who does: [`Users::verifier`](super::Users::verifier) makes such ones.
    ScramSha256(Verifier, Admission),
}

/// As whom a client that is let in comes to the database.
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct Admission {
    /// The user at the database, in the place of the one that the client named.
    pub user: Option<String>,
    /// The password there.
    pub password: Option<String>,
}

impl Admission {
    /// As the user that it says it is, with the password that the upstream's URL has, if it has one.
    pub fn new() -> Self {
        Self::default()
    }

    /// As another user.
    #[must_use]
    pub fn user(mut self, user: impl Into<String>) -> Self {
        self.user = Some(user.into());
        self
    }

    /// With this password.
    #[must_use]
    pub fn password(mut self, password: impl Into<String>) -> Self {
        self.password = Some(password.into());
        self
    }
}

impl fmt::Debug for Admission {
    /// Without the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Admission")
            .field("user", &self.user)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl Authenticator for Access {
    async fn demand(&self, visitor: &Visitor<'_>) -> Result<Demand, Diagnostic> {
        let user = visitor.user;
        match self.method(visitor) {
            None => Err(not_listed(visitor, "no access rule for")),
            Some(Method::Reject) => Err(not_listed(
                visitor,
                "an access rule rejects the connection for",
            )),
            Some(Method::Trust) => Ok(Demand::Nothing(Admission::new())),
            Some(Method::Certificate) if visitor.certificate == Some(user) => {
                Ok(Demand::Nothing(Admission::new()))
            }
            Some(Method::Certificate) => Err(Diagnostic::fatal(
                "28000",
                format!("certificate authentication failed for user \"{user}\""),
            )),
            Some(Method::Password | Method::PassThrough) => Ok(Demand::Password),
            Some(Method::ScramSha256) => Ok(Demand::ScramSha256(
                self.users.verifier(user),
                Admission::new(),
            )),
        }
    }

    async fn check(&self, visitor: &Visitor<'_>, password: &str) -> Result<Admission, Diagnostic> {
        match self.method(visitor) {
            Some(Method::Password) if self.users.verifier(visitor.user).is_of(password) => {
                Ok(Admission::new())
            }
            // IRIS says whether it is right.
            Some(Method::PassThrough) => Ok(Admission::new().password(password)),
            _ => Err(Diagnostic::wrong_password(visitor.user)),
        }
    }
}

fn not_listed(visitor: &Visitor<'_>, what: &str) -> Diagnostic {
    let host = match visitor.address {
        Some(address) => address.to_canonical().to_string(),
        None => "[local]".to_owned(),
    };
    let encryption = match visitor.is_encrypted {
        true => "SSL encryption",
        false => "no encryption",
    };
    Diagnostic::fatal(
        "28000",
        format!(
            "{what} host \"{host}\", user \"{}\", database \"{}\", {encryption}",
            visitor.user, visitor.database
        ),
    )
}
