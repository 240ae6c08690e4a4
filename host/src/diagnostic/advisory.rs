//! What PostgreSQL says of advisory locks, and where the broker has none.

use super::Diagnostic;
use crate::advisory::Mode;

impl Diagnostic {
    /// The broker finds it at once; PostgreSQL after `deadlock_timeout`.
    pub(crate) fn deadlock() -> Self {
        Self::error("40P01", "deadlock detected")
    }

    pub(crate) fn lock_timeout() -> Self {
        Self::error("55P03", "canceling statement due to lock timeout")
    }

    pub(crate) fn no_such_advisory_lock(mode: Mode) -> Self {
        Self::warning(
            "01000",
            format!("you don't own a lock of type {}", mode.as_str()),
        )
    }

    pub(crate) fn too_many_advisory_locks() -> Self {
        Self::error("53200", "out of shared memory")
            .with_hint("the session has as many advisory locks as it may have")
    }

    pub(crate) fn no_lock_key(text: &str) -> Self {
        Self::error(
            "22003",
            format!("{text} is out of range for the key of an advisory lock"),
        )
    }

    pub(crate) fn advisory_locks_of_several_brokers() -> Self {
        Self::error("0A000", "advisory locks are not supported by several brokers")
            .with_hint("a broker keeps them for its own sessions; clients.advisory_locks = \"always\" allows them where each lock is asked for at one broker only")
    }

    pub(crate) fn no_advisory_locks() -> Self {
        Self::error("0A000", "advisory locks are not supported")
            .with_hint("they are turned off by clients.advisory_locks")
    }
}
