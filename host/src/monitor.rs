//! What can be told of a broker while it runs: its clients, its connections, what passes
//! through, its rules.

pub(crate) mod clients;
#[cfg(feature = "prometheus")]
mod prometheus;
pub(crate) mod servers;
pub(crate) mod traffic;

use std::sync::Arc;

use crate::broker::Shared;
use crate::pool::figures::{PoolFigures, by_name};
use crate::rules::{Generation, RulesFigures};
use crate::shadow::ShadowFigures;

pub use clients::{ClientFigures, ClientState};
pub use servers::ServerFigures;
pub use traffic::{DatabaseFigures, Durations, ErrorSource};

/// Looks at a broker, also while it runs.
#[derive(Clone)]
pub struct Monitor {
    shared: Arc<Shared>,
}

impl Monitor {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    /// The pools of connections, by database and user: one for each, where there are several for several passwords or
    /// after a change of the configuration. The figures of one that nobody uses any more end with it.
    pub fn pools(&self) -> Vec<PoolFigures> {
        by_name(self.shared.pools.figures())
    }

    /// The sessions, by the process id that their clients know.
    pub fn clients(&self) -> Vec<ClientFigures> {
        self.shared.clients.figures()
    }

    /// The connections to the upstream, oldest first.
    pub fn servers(&self) -> Vec<ServerFigures> {
        self.shared.pools.wires().figures()
    }

    /// What has passed through each database, by its name. They are those that clients have
    /// been let into since the start.
    pub fn databases(&self) -> Vec<DatabaseFigures> {
        self.shared.traffic.figures()
    }

    /// The rules that are published, by where they are; in one place those for the newest
    /// IRIS version first.
    pub fn rules(&self) -> Vec<RulesFigures> {
        let libraries = self.shared.pools.databases().libraries().into_iter();
        libraries
            .map(|(library, servers)| {
                let used: Vec<_> = servers
                    .iter()
                    .map(|server| server.rules().generation)
                    .collect();
                library.figures(&used)
            })
            .collect()
    }

    /// The components that are published, to be asked for translations.
    pub fn generations(&self) -> Vec<Arc<Generation>> {
        let libraries = self.shared.pools.databases().libraries().into_iter();
        libraries
            .flat_map(|(library, _)| library.generations())
            .collect()
    }

    /// What has been found about a candidate for the rules; `None`: none is tried.
    pub fn shadow(&self) -> Option<ShadowFigures> {
        self.shared.shadow.figures()
    }

    /// Connections that clients have opened, those that have not logged in yet included.
    pub fn connections(&self) -> usize {
        self.shared.admissions.taken()
    }

    /// Connections that were turned away, for want of a place.
    pub fn turned_away(&self) -> u64 {
        self.shared.admissions.refused()
    }

    /// Why clients cannot be served at the moment, if so: the broker is on its way down, or no
    /// connection to the upstream can be opened.
    pub fn unready(&self) -> Option<String> {
        if self.shared.is_ending() {
            return Some("shutting down".to_owned());
        }
        let pools = self.shared.pools.figures();
        pools.into_iter().find_map(|pool| pool.refusal)
    }
}
