//! What a client is told of the rules, and of the database behind the broker.

use std::time::Duration;

use super::Diagnostic;
use crate::config::PoolMode;
use crate::monitor::ErrorSource;
use crate::pool::{Full, Refusal};
use crate::upstream::{UpstreamError, UpstreamErrorKind};

impl Diagnostic {
    pub(crate) fn rules_failed() -> Self {
        let mut diagnostic = Self::error("XX000", "the rules failed on this statement")
            .with_hint("The broker's log has the reason; the session can go on.");
        diagnostic.source = ErrorSource::Rules;
        diagnostic
    }

    /// There is no memory for the rules to work in.
    pub(crate) fn rules_crowded(why: String) -> Self {
        let mut diagnostic = Self::error("53200", "out of memory for translating this statement")
            .with_detail(why)
            .with_hint("It can be sent again when the broker has less to do.");
        diagnostic.source = ErrorSource::Rules;
        diagnostic
    }

    /// Whether it is [`Diagnostic::rules_failed`], or as bad.
    pub fn is_of_failed_rules(&self) -> bool {
        self.source == ErrorSource::Rules && self.sqlstate == "XX000"
    }

    pub(crate) fn not_carried_out(what: &str) -> Self {
        Self::error("0A000", format!("{what} is not supported by this broker"))
    }

    pub(crate) fn upstream_lost(message: &str) -> Self {
        Self::fatal("08006", "the connection to the database was lost").with_detail(message)
    }

    /// A statement without effect was to be stopped, and the database did not even answer that.
    pub(crate) fn given_up() -> Self {
        Self::fatal("57014", Self::user_request().message).with_detail(
            "The database did not obey in time, so that the connection to it was given up.",
        )
    }

    /// The time for a statement is over, and it stands still for another reason than the database.
    pub(crate) fn client_hangs() -> Self {
        Self::fatal("57014", Self::statement_timeout().message)
            .with_detail("The client neither sent what was to come nor took what was sent.")
    }

    pub(crate) fn upstream_confused() -> Self {
        Self::fatal("08006", "the database broke the protocol")
    }

    /// What the loss of a connection means under a statement that changes nothing, where the database was asked to stop it.
    pub(crate) fn without_effect(self) -> Self {
        match self.sqlstate.as_ref() {
            "08006" => Self::given_up(),
            _ => self,
        }
    }

    /// A statement under which the connection was lost.
    pub(crate) fn outcome_unknown(self) -> Self {
        if self.sqlstate == "57014" {
            return self;
        }
        self.with_hint(
            "The statement may have taken effect, or not; the session can go on with another connection.",
        )
    }

    /// The COMMIT under which the connection was lost: "transaction_resolution_unknown".
    pub(crate) fn commit_unknown(mut self) -> Self {
        self.sqlstate = "08007".into();
        self.message =
            "the connection to the database was lost while a transaction was committed".into();
        self.with_hint(
            "The transaction may have been committed, or not: look for what it changes before it is repeated.",
        )
    }

    /// No connection can be had.
    pub(crate) fn no_connection(refusal: &Refusal) -> Self {
        match refusal {
            Refusal::Full(full) => Self::pool_full(full),
            Refusal::Upstream(error) => Self::upstream_refused(error),
        }
    }

    /// A client asks for a database that no configuration names.
    pub(crate) fn no_database(name: &str) -> Self {
        Self::fatal("3D000", format!("database \"{name}\" does not exist"))
    }

    /// An operator lets nobody into a database.
    pub(crate) fn database_disabled(name: &str) -> Self {
        Self::fatal(
            "55000",
            format!("database \"{name}\" is not currently accepting connections"),
        )
    }

    /// The upstream would not have this client, or is not there.
    fn upstream_refused(error: &UpstreamError) -> Self {
        match &error.sqlstate {
            Some(state)
                if error.kind == UpstreamErrorKind::Statement
                    || state.starts_with("28")
                    || state == "3D000" =>
            {
                let mut diagnostic = Self::error("08004", error.message.clone());
                diagnostic.sqlstate = state.clone().into();
                diagnostic
            }
            _ => Self::error("08001", "the database cannot be reached")
                .with_detail(error.message.clone()),
        }
    }

    fn pool_full(full: &Full) -> Self {
        let Full {
            pool,
            mode,
            connections,
            waiting,
            waited,
        } = full;
        let clients = if *waiting == 1 {
            "client waits"
        } else {
            "clients wait"
        };
        let sharing = match mode {
            PoolMode::Session => {
                "Close sessions that are not in use, set pool.mode to \"transaction\", "
            }
            PoolMode::Transaction | PoolMode::Statement => "End transactions sooner, ",
        };
        Self::error("53300", "no connection to the database became free in time")
            .with_detail(format!(
                "Pool {pool}: all of its {connections} connections are in use, and {waiting} other \
                 {clients}; this one has waited {}.",
                shown(*waited)
            ))
            .with_hint(format!(
                "{sharing}or raise pool.size or pool.wait_timeout in the broker's configuration."
            ))
    }

    /// BEGIN where connections are shared by statements.
    pub(crate) fn no_transaction_blocks() -> Self {
        Self::error(
            "0A000",
            "transaction blocks are not allowed in the pool mode \"statement\"",
        )
        .with_hint("Set pool.mode to \"transaction\" in the broker's configuration.")
    }
}

fn shown(time: Duration) -> String {
    match time.as_secs() {
        0 => format!("{} ms", time.as_millis()),
        seconds => format!("{seconds} s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_pool_says_which_and_what_to_do() {
        let full = Refusal::Full(Full {
            pool: "ann@USER".to_owned(),
            mode: PoolMode::Transaction,
            connections: 3,
            waiting: 1,
            waited: Duration::from_millis(250),
        });
        let diagnostic = Diagnostic::no_connection(&full);
        assert_eq!(diagnostic.sqlstate, "53300");
        assert_eq!(
            diagnostic.detail.as_deref(),
            Some(
                "Pool ann@USER: all of its 3 connections are in use, and 1 other client waits; \
                 this one has waited 250 ms."
            )
        );
        assert!(
            diagnostic
                .hint
                .is_some_and(|hint| hint.contains("pool.size"))
        );
    }
}
