//! What a session lets be seen from outside: what it does, and what passes through it.

use tokio::io::{AsyncRead, AsyncWrite};

use super::Session;
use super::failure::Failure;
use super::transaction::Status;
use crate::config::PoolMode;
use crate::monitor::ClientState;
use crate::trace;

/// When what is under way began.
#[derive(Clone, Copy)]
pub(super) struct Began {
    pub(super) exchange: tokio::time::Instant,
    pub(super) transaction: Option<tokio::time::Instant>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Session<S> {
    /// The first message after ReadyForQuery has come.
    pub(super) fn begin_exchange(&mut self) {
        let now = tokio::time::Instant::now();
        self.began = Began {
            exchange: now,
            transaction: self.began.transaction.or(Some(now)),
        };
        self.present.does(ClientState::Active, now.into_std());
        self.trace = trace::exchange(&self.database, &self.user);
    }

    /// ReadyForQuery is about to be sent. Counted before that, so that whoever has it sees the counts.
    pub(super) fn end_exchange(&mut self) {
        self.trace = tracing::Span::none();
        let now = tokio::time::Instant::now();
        self.traffic.answered(now - self.began.exchange);
        self.present.answered();
        let is_free = self.transaction.status() == Status::Idle;
        if is_free && let Some(begun) = self.began.transaction.take() {
            self.traffic.transaction(now - begun);
        }
        self.present.does(
            match is_free {
                true => ClientState::Idle,
                false => ClientState::IdleInTransaction,
            },
            now.into_std(),
        );
    }

    /// Counts what has come and gone since the last time.
    pub(super) fn count_bytes(&mut self) {
        let (received, sent) = self.client.moved();
        self.traffic.moved(received, sent);
    }

    /// An operator wants connections back: this one's, if it is not needed now.
    pub(super) async fn heed_recall(&mut self) -> Result<(), Failure> {
        if self.is_idle && self.pool.mode() == PoolMode::Session {
            self.release().await?;
        }
        Ok(())
    }
}
