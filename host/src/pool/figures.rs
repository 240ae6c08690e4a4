//! What can be told of a pool.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::config::PoolMode;

/// What a pool does at the moment, and has done.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct PoolFigures {
    /// The database, as clients call it.
    pub database: String,
    /// The user whose connections these are.
    pub user: String,
    /// The namespace that they lead to.
    pub namespace: String,
    /// How long a session keeps its connection.
    pub mode: PoolMode,
    /// How many connections there may be; 0: any number.
    pub size: usize,
    /// Clients that may use them.
    pub clients: usize,
    /// Clients that wait for one.
    pub waiting: usize,
    /// How long whoever is first has waited.
    pub longest_wait: Duration,
    /// Whether nothing is lent at the moment, because an operator says so.
    pub is_paused: bool,
    /// Why no connection is opened at the moment, if none is.
    pub refusal: Option<String>,
    /// Connections that sessions have.
    pub active: usize,
    /// Connections that nobody has.
    pub idle: usize,
    /// Connections that are being opened.
    pub connecting: usize,
    /// Connections that sessions keep beyond their transaction, by the command that left
    /// something there.
    pub pinned: BTreeMap<String, usize>,
    /// How often a session was lent a connection.
    pub leases: u64,
    /// How often one had to wait for it.
    pub waits: u64,
    /// How long they have waited together.
    pub wait_time: Duration,
    /// How often one waited in vain.
    pub timeouts: u64,
    /// Connections that were opened.
    pub connects: u64,
    /// How often one could not be opened.
    pub failures: u64,
    /// Connections that were lost, or found dead.
    pub losses: u64,
}
