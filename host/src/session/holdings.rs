//! What one client can make the broker hold: its prepared statements, the values of its portals, and
//! rows that wait.

use tokio::io::{AsyncRead, AsyncWrite};

use super::Session;
use super::statement::{Portal, Progress};
use crate::diagnostic::Diagnostic;

/// Texts and values shorter than this are not looked at: their number is limited as well, and most
/// are.
const SHORT: usize = 8 * 1024;

/// A cursor has so much memory in any case; more of its rows go to a temporary file.
const LEAST_ROWS: usize = 64 * 1024;

impl<S: AsyncRead + AsyncWrite + Unpin> Session<S> {
    /// Whether so many bytes more may be held.
    pub(super) fn allow_holding(&self, bytes: usize) -> Result<(), Diagnostic> {
        let limit = self.config.client.memory;
        if bytes < SHORT || self.held_bytes().saturating_add(bytes) <= limit {
            return Ok(());
        }
        Err(Diagnostic::holds_too_much(limit))
    }

    /// Bytes of rows that another cursor or suspended portal may keep in memory.
    pub(super) fn rows_in_memory(&self) -> usize {
        let limits = &self.config.client;
        let left = limits.memory.saturating_sub(self.held_bytes());
        limits.rows_in_memory.min(left.max(LEAST_ROWS))
    }

    /// Bytes that the session may hold besides.
    pub(super) fn memory_left(&self) -> usize {
        let left = self.config.client.memory.saturating_sub(self.held_bytes());
        left.max(LEAST_ROWS)
    }

    fn held_bytes(&self) -> usize {
        let statements = self.statements.values().map(|one| one.text.len());
        let portals = self.portals.values().map(held_by);
        let cursors = self.cursors.values().map(|one| one.store.memory());
        statements.chain(portals).chain(cursors).sum()
    }
}

fn held_by(portal: &Portal) -> usize {
    let rows = match &portal.progress {
        Progress::Parked(parked) => parked.store.memory(),
        _ => 0,
    };
    portal.values.bytes() + rows
}
