//! The keys of what clients may do.

use super::Key;
use super::forms::time;
use super::words::ADVISORY_LOCKS;
use crate::cli::config::value::shown_size;

pub(super) const KEYS: &[Key] = &[
    count!(
        "clients.connections",
        config.client.connections,
        "Clients at a time that have logged in; further ones get SQLSTATE 53300. 0: no limit."
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
    count!(
        "clients.startups",
        config.client.startups,
        "Connections at a time that have not logged in; over it the oldest is closed from the address that has the most. 0: no limit."
    ),
    count!(
        "clients.startups_per_address",
        config.client.startups_per_address,
        "The same from one address (of IPv6: one /64), over which the oldest from there is closed. 0: no limit."
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
    time!(
        "clients.closed_timeout",
        config.client.closed_timeout,
        "How long a statement goes on whose client has closed its side of the connection; then it is interrupted. `\"0s\"`: to its end."
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
    size!(
        "clients.statement",
        config.client.statement,
        "The longest text of a statement, or of several in one message; a longer one gets SQLSTATE 54000, and its session goes on. A text that is longer than `clients.message` ends it."
    ),
    size!(
        "clients.row",
        config.client.row,
        "The longest row that goes to a client, which is held in memory whole; a statement with a longer one gets SQLSTATE 54000, and its session and its connection go on."
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
];
