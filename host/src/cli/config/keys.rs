//! Every key of the configuration file but those of access rules: how it is read, and what
//! the documentation says of it.

#[macro_use]
mod forms;
mod clients;
mod nearest;
mod pool;
mod shadow;
mod translation;
mod words;

use super::Settings;
use super::value::Value;
use forms::{names, path, text, time, words};
pub(super) use nearest::nearest;
use words::{FORMATS, LEVELS, MODES, VERSIONS};

/// A key.
pub(super) struct Key {
    /// With the tables that it stands in, separated by points.
    pub(super) name: &'static str,
    /// What it wants.
    pub(super) form: &'static str,
    pub(super) about: &'static str,
    /// Of itself, or of its table.
    reloads: bool,
    pub(super) read: fn(&mut Settings, Value<'_>) -> Result<(), String>,
    /// As it stands in a file; `None`: it does not stand there.
    pub(super) show: fn(&Settings) -> Option<String>,
}

impl Key {
    /// Whether a change counts without a restart.
    pub(super) fn reloads(&self) -> bool {
        self.reloads || self.is_in("pool") || self.is_in("shadow")
    }

    /// Whether it stands in this table, or in one inside.
    pub(super) fn is_in(&self, table: &str) -> bool {
        self.name
            .strip_prefix(table)
            .is_some_and(|rest| rest.starts_with('.'))
    }
}

/// An address and a port.
fn socket(value: Value<'_>) -> Result<std::net::SocketAddr, String> {
    let address = value.text()?.parse();
    address.map_err(|_| "expected an address and a port as \"127.0.0.1:5432\"".to_owned())
}

/// All of them.
pub(super) fn keys() -> impl Iterator<Item = &'static Key> + Clone {
    let first = KEYS.iter().chain(clients::KEYS).chain(pool::KEYS);
    first.chain(translation::KEYS).chain(shadow::KEYS)
}

const KEYS: &[Key] = &[
    Key {
        name: "listen",
        form: "address:port",
        about: "Where to accept clients; port 0 takes any free port.",
        reloads: false,
        read: |settings, value| {
            settings.listen = socket(value)?;
            Ok(())
        },
        show: |settings| text(settings.listen),
    },
    Key {
        name: "upstream",
        form: "URL",
        about: "The database: `sandbox:`, `sandbox:FILE`, or `postgres://user:password@host:port/namespace?key=value&…`; see [the upstream's URL](#the-upstreams-url). It is behind every name that no table `[databases.NAME]` has; if there are such tables and not this key, other names are refused.",
        reloads: true,
        read: |settings, value| {
            settings.upstream = Some(value.url()?);
            Ok(())
        },
        show: |settings| text(settings.upstream()),
    },
    key!(
        "rules",
        "path",
        true,
        rules,
        path,
        |rules: std::path::PathBuf| text(rules.display()),
        "A rules file, which then serves every IRIS version, or a directory of them."
    ),
    key!(
        "users",
        "path",
        true,
        users,
        path,
        path,
        "Users and SCRAM verifiers, a line `\"name\" \"SCRAM-SHA-256$…\"` each, as in PgBouncer's `auth_file`; \
         `pgiris users verifier NAME` makes a line."
    ),
    key!(
        "peers",
        "list of host:port",
        false,
        config.peers,
        list,
        names,
        "The other brokers behind the same address, or one name that stands for all of them: a CancelRequest that comes to the wrong one is passed on to them, without encryption."
    ),
    Key {
        name: "admin.listen",
        form: "address:port",
        about: "Where `/metrics`, `/healthz`, `/readyz` and a page for people are served by HTTP, without \
                a login: nothing can be changed there. Left out: nowhere.",
        reloads: false,
        read: |settings, value| {
            settings.admin = Some(socket(value)?);
            Ok(())
        },
        show: |settings| text(settings.admin?),
    },
    key!(
        "console.database",
        "name",
        true,
        config.console.database,
        name,
        words,
        "The database that is the [admin console](operating.md), as PgBouncer's `pgbouncer`. An empty name: there is none."
    ),
    key!(
        "console.administrators",
        "list of names",
        true,
        config.console.administrators,
        list,
        names,
        "Users who may do everything there, once the access rules have let them in. Without access rules everybody may."
    ),
    key!(
        "console.viewers",
        "list of names",
        true,
        config.console.viewers,
        list,
        names,
        "Users who may look, and do nothing."
    ),
    word!(
        "tls.mode",
        "`\"disable\"`, `\"allow\"` or `\"require\"`",
        tls.mode,
        MODES,
        "Whether clients may encrypt their connections, or must."
    ),
    key!(
        "tls.certificate",
        "path",
        true,
        tls.certificate,
        path,
        path,
        "PEM: the broker's certificate, then those that lead to the root. Its content is read again; another path needs a restart."
    ),
    key!(
        "tls.key",
        "path",
        true,
        tls.key,
        path,
        path,
        "PEM: the private key of the certificate, which only its owner may read. As `tls.certificate`."
    ),
    key!(
        "tls.client_ca",
        "path",
        true,
        tls.client_ca,
        path,
        path,
        "PEM: who signs clients' certificates; without it clients are not asked for one. As `tls.certificate`."
    ),
    word!(
        "tls.minimum",
        "`\"1.2\"` or `\"1.3\"`",
        tls.minimum,
        VERSIONS,
        "The oldest version of TLS that is spoken."
    ),
    word!(
        "log.format",
        "`\"text\"` or `\"json\"`",
        log.format,
        FORMATS,
        "How lines on the standard error look: `\"json\"` writes an object with `timestamp`, `level`, `target`, `message`, `fields` and the `session`."
    ),
    word!(
        "log.level",
        "`\"error\"`, `\"warn\"`, `\"info\"`, `\"debug\"` or `\"trace\"`",
        log.level,
        LEVELS,
        "What is logged. The environment variable `RUST_LOG` wins, in which modules can be named, as in `info,pgiris::session=debug`."
    ),
    Key {
        name: "log.statements",
        form: "`true` or `false`",
        about: "Log the texts of statements, with the literals that stand in them, passwords too. Values of parameters are never logged.",
        reloads: false,
        read: |settings, value| {
            settings.config.log.statements = value.switch()?;
            Ok(())
        },
        show: |settings| Some(settings.config.log.statements.to_string()),
    },
    key!(
        "traces.endpoint",
        "URL",
        false,
        traces.endpoint,
        name,
        words,
        "Where to send traces: a collector's URL for OTLP over HTTP, as `http://localhost:4318/v1/traces`; with `https://` its certificate must be signed by an authority that the machine trusts. Left out: nowhere."
    ),
    key!(
        "traces.service",
        "name",
        false,
        traces.service,
        text,
        text,
        "The `service.name` of traces."
    ),
    count!(
        "traces.one_in",
        traces.one_in,
        "One of so many exchanges is traced."
    ),
    count!(
        "login.failures",
        login.failures,
        "Wrong passwords from one address (of IPv6: one /64) within `login.window`, after which it is turned away until that is over; 0: no limit."
    ),
    time!("login.window", login.window, "See `login.failures`."),
];

/// What the writer of an unknown key may have meant.
pub(super) fn suggestion(unknown: &str) -> String {
    let tables = keys().filter_map(|key| Some(key.name.rsplit_once('.')?.0));
    let names = keys().map(|key| key.name).chain(tables);
    nearest(unknown, names.chain(["access", "databases", "settings"]))
}
