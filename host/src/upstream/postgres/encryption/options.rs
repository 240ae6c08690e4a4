//! What the URL of a server says of encryption.

use std::net::IpAddr;
use std::path::PathBuf;

use crate::upstream::url::UrlError;

/// The keys, as libpq calls them.
pub(in crate::upstream::postgres) const KEYS: [&str; 6] = [
    "sslmode",
    "sslnegotiation",
    "sslrootcert",
    "sslcert",
    "sslkey",
    "channel_binding",
];

/// Whether to encrypt, and what the server's certificate has to prove.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SslMode {
    /// Not at all.
    Disable,
    /// If the server can.
    Prefer,
    /// Always.
    Require,
    /// And who signed the certificate.
    VerifyCa,
    /// And that it is this host's.
    VerifyFull,
}

/// How encryption begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Negotiation {
    /// By a request in PostgreSQL's protocol.
    Postgres,
    /// At once.
    Direct,
}

/// Whether a log-in by SCRAM is bound to the encrypted connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::upstream::postgres) enum ChannelBinding {
    Disable,
    Prefer,
    Require,
}

/// Whose signatures count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Roots {
    /// Those of the machine.
    System,
    /// Those in this file.
    File(PathBuf),
}

/// Everything that the URL says.
pub(in crate::upstream::postgres) struct Options {
    pub(super) mode: SslMode,
    pub(super) negotiation: Negotiation,
    pub(in crate::upstream::postgres) channel_binding: ChannelBinding,
    pub(super) roots: Option<Roots>,
    /// The broker's own certificate, and its key.
    pub(super) identity: Option<(PathBuf, PathBuf)>,
}

const MODES: [(&str, SslMode); 5] = [
    ("disable", SslMode::Disable),
    ("prefer", SslMode::Prefer),
    ("require", SslMode::Require),
    ("verify-ca", SslMode::VerifyCa),
    ("verify-full", SslMode::VerifyFull),
];

const NEGOTIATIONS: [(&str, Negotiation); 2] = [
    ("postgres", Negotiation::Postgres),
    ("direct", Negotiation::Direct),
];

const BINDINGS: [(&str, ChannelBinding); 3] = [
    ("disable", ChannelBinding::Disable),
    ("prefer", ChannelBinding::Prefer),
    ("require", ChannelBinding::Require),
];

impl SslMode {
    pub(super) fn as_str(self) -> &'static str {
        let found = MODES.iter().find(|(_, mode)| *mode == self);
        found.map_or("", |(word, _)| word)
    }

    /// Where nothing is said: what stays on the machine needs no certificate; on the way to
    /// another one nobody shall read or change what goes by, so that the other end must prove
    /// that it is the one that is meant. libpq's `prefer` does without that proof, and in the
    /// clear, whenever somebody on the way wants it so.
    fn by_default(host: &str, roots: Option<&Roots>) -> Self {
        let host = host.trim_end_matches('.');
        let is_here = host.eq_ignore_ascii_case("localhost")
            || host
                .parse::<IpAddr>()
                .is_ok_and(|address| address.is_loopback());
        match is_here && roots.is_none() {
            true => Self::Prefer,
            false => Self::VerifyFull,
        }
    }
}

impl Options {
    /// Takes its keys out of the pairs of a query.
    pub(in crate::upstream::postgres) fn take(
        pairs: &mut Vec<(String, String)>,
        host: &str,
    ) -> Result<Self, UrlError> {
        let mut take = |key: &str| {
            let at = pairs.iter().rposition(|(name, _)| name == key)?;
            let (_, value) = pairs.swap_remove(at);
            pairs.retain(|(name, _)| name != key);
            Some(value)
        };
        let roots = take("sslrootcert").map(|value| match value.as_str() {
            "system" => Roots::System,
            _ => Roots::File(value.into()),
        });
        let mode = match take("sslmode") {
            Some(value) => word("sslmode", &value, &MODES)?,
            None => SslMode::by_default(host, roots.as_ref()),
        };
        let negotiation = take("sslnegotiation").map_or(Ok(Negotiation::Postgres), |value| {
            word("sslnegotiation", &value, &NEGOTIATIONS)
        })?;
        let channel_binding = take("channel_binding")
            .map_or(Ok(ChannelBinding::Prefer), |value| {
                word("channel_binding", &value, &BINDINGS)
            })?;
        let identity = match (take("sslcert"), take("sslkey")) {
            (Some(certificate), Some(key)) => Some((certificate.into(), key.into())),
            (None, None) => None,
            _ => return refuse("sslcert and sslkey go together"),
        };
        Self {
            mode,
            negotiation,
            channel_binding,
            roots,
            identity,
        }
        .coherent()
    }

    fn coherent(mut self) -> Result<Self, UrlError> {
        let is_weak = matches!(self.mode, SslMode::Disable | SslMode::Prefer);
        if is_weak && self.negotiation == Negotiation::Direct {
            return refuse("sslnegotiation=direct needs sslmode=require, verify-ca or verify-full");
        }
        if self.mode == SslMode::Disable && self.channel_binding == ChannelBinding::Require {
            return refuse(
                "channel_binding=require needs encryption, which sslmode=disable forbids",
            );
        }
        match (self.mode, &self.roots) {
            // Anybody can have a certificate that somebody in the world signed.
            (SslMode::Prefer | SslMode::Require | SslMode::VerifyCa, Some(Roots::System)) => {
                return refuse("sslrootcert=system needs sslmode=verify-full");
            }
            (SslMode::VerifyCa, None) => {
                return refuse(
                    "sslmode=verify-ca needs sslrootcert, a file with certificates of authorities",
                );
            }
            (SslMode::VerifyFull, None) => self.roots = Some(Roots::System),
            // "If a root CA file exists, the behavior of sslmode=require will be the same as
            // that of verify-ca" (manual, "SSL Support").
            (SslMode::Require, Some(Roots::File(_))) => self.mode = SslMode::VerifyCa,
            _ => {}
        }
        Ok(self)
    }
}

fn word<T: Copy>(key: &str, value: &str, words: &[(&str, T)]) -> Result<T, UrlError> {
    let found = words.iter().find(|(word, _)| *word == value);
    found.map(|(_, meaning)| *meaning).ok_or_else(|| {
        let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        UrlError(format!(
            "{key} is one of {}, not \"{value}\"",
            known.join(", ")
        ))
    })
}

fn refuse<T>(why: &str) -> Result<T, UrlError> {
    Err(UrlError(why.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take(query: &[(&str, &str)], host: &str) -> Result<Options, String> {
        let owned = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
        Options::take(&mut query.iter().map(owned).collect(), host)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn what_leaves_the_machine_is_verified_unless_said_otherwise() {
        for (host, mode) in [
            ("localhost", SslMode::Prefer),
            ("LOCALHOST.", SslMode::Prefer),
            ("127.0.0.9", SslMode::Prefer),
            ("::1", SslMode::Prefer),
            ("10.0.0.1", SslMode::VerifyFull),
            ("localhost.example", SslMode::VerifyFull),
        ] {
            assert_eq!(take(&[], host).unwrap().mode, mode, "{host}");
        }
        let remote = take(&[], "iris").unwrap();
        assert_eq!(remote.roots, Some(Roots::System));
        let given = take(&[("sslrootcert", "ca.crt")], "localhost").unwrap();
        assert_eq!(given.mode, SslMode::VerifyFull);
    }

    #[test]
    fn an_authority_is_not_given_for_nothing() {
        let options = take(&[("sslmode", "require"), ("sslrootcert", "ca.crt")], "h").unwrap();
        assert_eq!(options.mode, SslMode::VerifyCa);
    }

    #[test]
    fn what_contradicts_itself_is_refused() {
        for (query, expected) in [
            (
                &[("sslmode", "allow")][..],
                "sslmode is one of disable, prefer,",
            ),
            (&[("sslmode", "verify-ca")], "needs sslrootcert"),
            (&[("sslcert", "a.crt")], "sslcert and sslkey"),
            (
                &[("sslmode", "require"), ("sslrootcert", "system")],
                "needs sslmode=verify-full",
            ),
            (
                &[("sslmode", "prefer"), ("sslnegotiation", "direct")],
                "sslnegotiation=direct needs",
            ),
            (
                &[("sslmode", "disable"), ("channel_binding", "require")],
                "channel_binding=require needs",
            ),
        ] {
            let error = take(query, "h").err().expect("it is refused");
            assert!(error.contains(expected), "{error}");
        }
    }
}
