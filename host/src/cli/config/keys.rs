//! Every key of the configuration file but those of access rules: how it is read, and what
//! the documentation says of it.

#[macro_use]
mod forms;
mod nearest;
mod shadow;
mod translation;
mod words;

use super::Settings;
use super::value::{Value, shown_size};
use forms::{names, path, text, time, words};
pub(super) use nearest::nearest;
use words::{ADVISORY_LOCKS, FORMATS, LEVELS, MODES, POOL_MODES, VERSIONS};

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
    KEYS.iter().chain(translation::KEYS).chain(shadow::KEYS)
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
        false,
        config.console.database,
        name,
        words,
        "The database that is the [admin console](operating.md), as PgBouncer's `pgbouncer`. An empty name: there is none."
    ),
    key!(
        "console.administrators",
        "list of names",
        false,
        config.console.administrators,
        list,
        names,
        "Users who may do everything there, once the access rules have let them in. Without access rules everybody may."
    ),
    key!(
        "console.viewers",
        "list of names",
        false,
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
        "Where to send traces: a collector's URL for OTLP over HTTP, as `http://localhost:4318/v1/traces`. Left out: nowhere."
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
    count!(
        "clients.connections",
        config.client.connections,
        "Clients at a time; further ones get SQLSTATE 53300. 0: no limit."
    ),
    count!(
        "clients.connections_per_address",
        config.client.connections_per_address,
        "Clients at a time from one address (of IPv6: one /64). 0: no limit."
    ),
    count!(
        "clients.connections_per_user",
        config.client.connections_per_user,
        "Clients at a time of one user. 0: no limit."
    ),
    time!(
        "clients.startup_timeout",
        config.client.startup_timeout,
        "From accepting a connection to the end of authentication."
    ),
    time!(
        "clients.drain_timeout",
        config.client.drain_timeout,
        "How long transactions may go on after SIGTERM."
    ),
    time!(
        "clients.stalled_timeout",
        config.client.stalled_timeout,
        "How long a message that has begun may stand still, in either direction, before its client is given up."
    ),
    time!(
        "clients.keepalive",
        config.client.keepalive,
        "How long a client may be silent before its machine is asked whether it is there; one that does not answer for a minute is given up. `\"0s\"`: never."
    ),
    size!(
        "clients.startup_packet",
        config.client.startup_packet,
        "The longest startup packet."
    ),
    size!(
        "clients.message",
        config.client.message,
        "The longest message after it, which is held in memory whole."
    ),
    count!(
        "clients.prepared_statements",
        config.client.prepared_statements,
        "Prepared statements that a session may hold."
    ),
    count!(
        "clients.portals",
        config.client.portals,
        "Portals that a session may hold."
    ),
    size!(
        "clients.memory",
        config.client.memory,
        "What the prepared statements of one client, the values of its portals and its rows in memory may be together. A statement that would be too much gets SQLSTATE 53200; rows go to a temporary file."
    ),
    size!(
        "clients.rows_in_memory",
        config.client.rows_in_memory,
        "Rows that a cursor or a suspended portal keeps in memory; what is more goes to a temporary file."
    ),
    word!(
        "clients.advisory_locks",
        "`\"alone\"`, `\"always\"` or `\"never\"`",
        config.client.advisory_locks,
        ADVISORY_LOCKS,
        "Whether `pg_advisory_lock` and its kin work. The broker keeps these locks for its own sessions: with `\"alone\"` where it has no `peers`; with `\"always\"` also where it has, and each lock must be asked for at one broker only."
    ),
    word!(
        "pool.mode",
        "`\"session\"`, `\"transaction\"` or `\"statement\"`",
        config.pool.mode,
        POOL_MODES,
        "How long a client keeps a connection to IRIS, as PgBouncer's `pool_mode`; see [pooling](pooling.md)."
    ),
    count!(
        "pool.size",
        config.pool.size,
        "Connections of one user to one namespace; who needs another one waits. 0, in the mode `\"session\"` only: no limit, and none is kept for the next client."
    ),
    count!(
        "pool.minimum",
        config.pool.minimum,
        "Connections that are kept open while a client of that user and namespace is there."
    ),
    count!(
        "pool.reserve",
        config.pool.reserve,
        "Connections beyond `pool.size` for clients that have waited for `pool.reserve_timeout`."
    ),
    time!(
        "pool.reserve_timeout",
        config.pool.reserve_timeout,
        "See `pool.reserve`."
    ),
    time!(
        "pool.wait_timeout",
        config.pool.wait_timeout,
        "How long a client waits for a connection, before it gets SQLSTATE 53300."
    ),
    time!(
        "pool.idle_timeout",
        config.pool.idle_timeout,
        "After this time a connection that nobody uses is closed."
    ),
    time!(
        "pool.lifetime",
        config.pool.lifetime,
        "A connection that is older is closed as soon as nobody uses it."
    ),
    time!(
        "pool.connect_retry",
        config.pool.connect_retry,
        "The longest pause between attempts to reach IRIS; the first is 100ms, each next is twice as long. Meanwhile clients that need a new connection get SQLSTATE 08001 at once."
    ),
    time!(
        "pool.check_delay",
        config.pool.check_delay,
        "A connection that was unused for longer is asked for a sign of life before it is used."
    ),
];

/// What the writer of an unknown key may have meant.
pub(super) fn suggestion(unknown: &str) -> String {
    nearest(
        unknown,
        keys().map(|key| key.name).chain(["access", "databases"]),
    )
}
