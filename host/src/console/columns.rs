//! The columns of what the console shows: PgBouncer's names where they mean the same.

use super::command::Subject;
use crate::upstream::{INT8, Oid, TEXT};

/// What a column is called, and its type.
pub(crate) type Table = &'static [(&'static str, Oid)];

/// The columns of a subject.
pub(super) fn of(subject: Subject) -> Table {
    match subject {
        Subject::Help => &[("command", TEXT), ("what it does", TEXT)],
        Subject::Version => &[("version", TEXT)],
        Subject::State | Subject::Lists => &[("key", TEXT), ("value", TEXT)],
        Subject::Databases => &[
            ("name", TEXT),
            ("namespace", TEXT),
            ("pools", INT8),
            ("clients", INT8),
            ("connections", INT8),
            ("pool_size", INT8),
            ("pool_mode", TEXT),
            ("paused", INT8),
        ],
        Subject::Pools => &[
            ("database", TEXT),
            ("user", TEXT),
            ("clients", INT8),
            ("cl_waiting", INT8),
            ("sv_active", INT8),
            ("sv_idle", INT8),
            ("sv_login", INT8),
            ("sv_pinned", INT8),
            ("maxwait_us", INT8),
            ("pool_mode", TEXT),
            ("pool_size", INT8),
            ("leases", INT8),
            ("waits", INT8),
            ("timeouts", INT8),
            ("connects", INT8),
            ("failures", INT8),
            ("losses", INT8),
            ("pinned_by", TEXT),
        ],
        Subject::Clients => &[
            ("process", INT8),
            ("user", TEXT),
            ("database", TEXT),
            ("state", TEXT),
            ("state_us", INT8),
            ("addr", TEXT),
            ("connect_time", TEXT),
            ("application_name", TEXT),
            ("tls", TEXT),
            ("server", INT8),
            ("query_count", INT8),
        ],
        Subject::Servers => &[
            ("server", INT8),
            ("user", TEXT),
            ("database", TEXT),
            ("state", TEXT),
            ("age_us", INT8),
            ("client", INT8),
            ("pinned", INT8),
            ("leases", INT8),
        ],
        Subject::Stats => &[
            ("database", TEXT),
            ("total_xact_count", INT8),
            ("total_query_count", INT8),
            ("total_statement_count", INT8),
            ("total_received", INT8),
            ("total_sent", INT8),
            ("total_xact_time", INT8),
            ("total_query_time", INT8),
            ("total_wait_time", INT8),
            ("total_errors", INT8),
            ("avg_query_time", INT8),
            ("avg_xact_time", INT8),
        ],
        Subject::Errors => &[
            ("database", TEXT),
            ("sqlstate", TEXT),
            ("source", TEXT),
            ("count", INT8),
        ],
        Subject::Rules => &[
            ("path", TEXT),
            ("name", TEXT),
            ("version", TEXT),
            ("digest", TEXT),
            ("serves_from", TEXT),
            ("serves_until", TEXT),
            ("in_use", INT8),
            ("cache_hits", INT8),
            ("translations", INT8),
            ("translation_us", INT8),
            ("failures", INT8),
        ],
        Subject::Config => &[
            ("key", TEXT),
            ("value", TEXT),
            ("default", TEXT),
            ("changeable", TEXT),
        ],
    }
}
