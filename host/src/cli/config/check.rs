//! What is wrong with a configuration as a whole, and with what it names.

use std::fmt;
use std::net::SocketAddr;
use std::path::Path;

use pgiris::access::Method;
use pgiris::upstream;

use super::{Mistakes, Settings, pool_contradictions};

/// A message, a statement and a row may not be shorter: whatever a client is told must fit.
const SHORTEST: u64 = 1024;

/// Who is let in that nobody has decided about.
pub(in crate::cli) enum Exposure {
    /// Whoever reaches this address, from other machines.
    Listener(SocketAddr),
    /// Whoever reaches the address, to a database that is real: its URL.
    Upstream(SocketAddr, String),
}

impl fmt::Display for Exposure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Listener(listen) => write!(
                f,
                "{listen} can be reached from other machines, and nothing says who may enter; \
                 configure [[access]] rules in a file for --config, or choose a loopback address with --listen"
            ),
            Self::Upstream(listen, url) => write!(
                f,
                "clients of {} need authentication: configure [[access]] rules in a file for --config; \
                 to let in everybody who can reach {listen}, say --auth trust",
                url.split("://").next().unwrap_or_default()
            ),
        }
    }
}

/// The URL of a collector of traces.
///
/// # Errors
/// It is none.
pub(in crate::cli) fn collector(endpoint: &str) -> Result<url::Url, String> {
    let url = url::Url::parse(endpoint).ok();
    url.filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
        .ok_or_else(|| {
            format!(
                "traces.endpoint is `{endpoint}`; spans are sent to a collector by http:// or https://, \
                 as http://localhost:4318/v1/traces"
            )
        })
}

impl Settings {
    /// Where a key stands, or the table that it would stand in.
    fn line(&self, key: &str) -> usize {
        let mut name = Some(key);
        while let Some(known) = name {
            if let Some(line) = self.lines.get(known) {
                return *line;
            }
            name = known.rsplit_once('.').map(|(table, _)| table);
        }
        1
    }

    /// What no single key is wrong about.
    pub(super) fn contradictions(&self) -> Vec<String> {
        let mut found = Vec::new();
        let mut demand = |key: &str, fulfilled: bool, what: &str| {
            if !fulfilled {
                found.push(format!("{}: {what}", self.line(key)));
            }
        };
        let uses = |method: Method| self.access.iter().any(|rule| rule.method == method);
        let is_encrypted = self.tls.mode.is_some();
        demand(
            "tls",
            !is_encrypted || (self.tls.certificate.is_some() && self.tls.key.is_some()),
            "encryption needs `tls.certificate` and `tls.key`",
        );
        demand(
            "access",
            self.users.is_some() || !(uses(Method::ScramSha256) || uses(Method::Password)),
            "methods that ask for a password need `users`, the file with users and verifiers",
        );
        demand(
            "access",
            !uses(Method::Certificate) || (is_encrypted && self.tls.client_ca.is_some()),
            "the method `certificate` needs `tls.mode` and `tls.client_ca`",
        );
        demand(
            "access",
            is_encrypted || !(uses(Method::Password) || uses(Method::PassThrough)),
            "passwords are taken over encrypted connections only: set `tls.mode`",
        );
        let rules = &self.config.rules;
        demand(
            "translation.total_memory",
            rules
                .total_memory
                .is_none_or(|total| total == 0 || total >= rules.memory),
            "`translation.total_memory` is less than `translation.memory`",
        );
        demand(
            "catalog.total_memory",
            rules
                .catalog_total_memory
                .is_none_or(|total| total == 0 || total >= rules.catalog_memory),
            "`catalog.total_memory` is less than `catalog.memory`",
        );
        for mistake in pool_contradictions(&self.config.pool, "pool") {
            demand("pool", false, &mistake);
        }
        let is_open =
            |rule: &pgiris::access::Rule| rule.method == Method::Trust && rule.addresses.is_empty();
        demand(
            "access",
            !self.access.iter().any(is_open),
            "an access rule with the method `trust` must name its `addresses`",
        );
        let client = &self.config.client;
        for (key, bytes) in [
            ("clients.message", u64::from(client.message)),
            ("clients.statement", u64::from(client.statement)),
            ("clients.row", u64::from(client.row)),
            ("clients.memory", client.memory as u64),
        ] {
            let what = format!("`{key}` must be at least 1kB");
            demand(key, bytes >= SHORTEST, &what);
        }
        for peer in &self.config.peers {
            let what = format!("`peers`: \"{peer}\" is no host and port as \"10.0.0.2:5432\"");
            demand("peers", is_host_and_port(peer), &what);
        }
        if let Some(endpoint) = &self.traces.endpoint
            && let Err(what) = collector(endpoint)
        {
            demand("traces.endpoint", false, &what);
        }
        if let Some(console) = &self.config.console.database {
            let key = format!("databases.{console}");
            let what = format!(
                "`{key}`: the admin console has this name; give one of the two another (`console.database`)"
            );
            demand(&key, !self.databases.contains_key(console), &what);
        }
        found
    }

    /// Whether somebody is let in whom nobody has decided about.
    pub(in crate::cli) fn exposure(&self) -> Option<Exposure> {
        if !self.access.is_empty() {
            return None;
        }
        if !self.listen.ip().is_loopback() {
            return Some(Exposure::Listener(self.listen));
        }
        let mut upstreams = self.wanted().into_iter().map(|database| database.upstream);
        let real = upstreams.find(|upstream| !upstream.starts_with("sandbox:"));
        real.map(|url| Exposure::Upstream(self.listen, url))
    }

    /// Looks at everything that can be looked at without serving.
    pub(in crate::cli) fn check(&self, file: &Path) -> Result<(), Mistakes> {
        let mut found = Vec::new();
        let mut note = |key: &str, why: &dyn fmt::Display| {
            found.push(format!("{}: {why}", self.line(key)));
        };
        if let Err(error) = self.access() {
            note("users", &format_args!("{error:#}"));
        }
        if let Err(error) = self.tls() {
            note("tls.certificate", &format_args!("{error:#}"));
        }
        let (named, others) = self.databases();
        let named = named
            .into_iter()
            .map(|(name, wanted)| (format!("databases.{name}."), wanted));
        for (table, wanted) in named.chain(others.map(|wanted| (String::new(), wanted))) {
            // What a table leaves out stands above it.
            let key = |name: &str| match self.lines.contains_key(&format!("{table}{name}")) {
                true => format!("{table}{name}"),
                false => name.to_owned(),
            };
            if let Err(error) = upstream::connector(&wanted.upstream) {
                note(&key("upstream"), &format_args!("`upstream`: {error}"));
            }
            if !wanted.rules.exists() {
                let path = wanted.rules.display();
                note(
                    &key("rules"),
                    &format_args!("there is nothing at {path} (`rules`)"),
                );
            }
        }
        if let Some(candidate) = self.candidate.as_ref().filter(|path| !path.exists()) {
            let path = candidate.display();
            note(
                "shadow.rules",
                &format_args!("there is nothing at {path} (`shadow.rules`)"),
            );
        }
        match self.exposure() {
            None => {}
            Some(exposed @ Exposure::Listener(_)) => note("listen", &exposed),
            Some(exposed @ Exposure::Upstream(..)) => note("upstream", &exposed),
        }
        // What several databases share is wrong once.
        found.dedup();
        match found.is_empty() {
            true => Ok(()),
            false => Err(Mistakes(found).located(&file.display().to_string())),
        }
    }
}

/// Whether it is what a name is looked up by.
fn is_host_and_port(peer: &str) -> bool {
    let parts = peer.rsplit_once(':');
    parts.is_some_and(|(host, port)| {
        !host.is_empty() && port.parse::<u16>().is_ok_and(|port| port > 0)
    })
}
