//! Where a session looks whether what it does is to end: before each statement and each step of
//! one, wherever PostgreSQL calls `CHECK_FOR_INTERRUPTS`.
//!
//! PostgreSQL manual, "Canceling Requests in Progress": "If the cancellation is effective, it
//! results in the current command being terminated early with an error message"; and
//! `statement_timeout`.

use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::Instant;

use super::Session;
use super::failure::Failure;
use crate::cancel::Interrupted;
use crate::diagnostic::Diagnostic;
use crate::frontend::message::Message;
use crate::upstream::Event;

impl<S: AsyncRead + AsyncWrite + Unpin> Session<S> {
    /// What the statement at hand is ended by, if it is to end.
    pub(super) fn interruption(&self) -> Option<Diagnostic> {
        let is_late = |deadline| deadline <= Instant::now();
        if self.deadline.is_some_and(is_late) {
            return Some(Diagnostic::statement_timeout());
        }
        let is_asked = self.interrupted.is_asked();
        is_asked.then(Diagnostic::user_request)
    }

    /// Goes on, if nothing ends the statement at hand.
    ///
    /// # Errors
    /// A request came, or its time is over. Nothing that was sent on account of that is still on
    /// its way: it cannot end what is done next.
    pub(super) async fn heed_interruption(&mut self) -> Result<(), Failure> {
        let Some(diagnostic) = self.interruption() else {
            return Ok(());
        };
        self.outlast_requests().await;
        Err(diagnostic.into())
    }

    /// The same before a message that is one of several up to a Sync: a request that came while the
    /// one before was answered is for them all.
    pub(super) async fn heed_interruption_before(
        &mut self,
        message: &Message,
    ) -> Result<(), Failure> {
        match message {
            // A failed transaction is told first.
            _ if self.transaction.is_failed() => Ok(()),
            Message::Parse(_) | Message::Bind(_) | Message::Describe(_) | Message::Execute(_) => {
                self.heed_interruption().await
            }
            _ => Ok(()),
        }
    }

    /// Waits until no request to interrupt is on its way to the connection at hand.
    pub(super) async fn outlast_requests(&mut self) {
        let brake = self.lease.as_ref().map(|lease| Arc::clone(lease.brake()));
        if let Some(brake) = brake {
            brake.freed().await;
        }
    }

    /// The next answer to what was sent, which a request to interrupt makes come earlier.
    pub(super) async fn answered(&mut self) -> Result<Event, Failure> {
        let interrupted = self.interrupted.clone();
        let next = self.held()?.next();
        Ok(interrupted.insisting(next).await?)
    }
}

/// Whether what the broker makes of rows is to stop, which it asks between two of them.
pub(super) fn stops(
    interrupted: Interrupted,
    deadline: Option<Instant>,
) -> impl Fn() -> bool + Send + Sync {
    let is_late = |deadline| deadline <= Instant::now();
    move || interrupted.is_asked() || deadline.is_some_and(is_late)
}
