//! The connection that a session has while it needs one: where it is taken, looked after, lost
//! and given back.

use tokio::io::{AsyncRead, AsyncWrite};
use tracing::Instrument;

use super::Session;
use super::failure::Failure;
use super::limits::asked;
use super::transaction::{SettingsEffect, Status, Transaction};
use crate::config::PoolMode;
use crate::diagnostic::Diagnostic;
use crate::lease::Lease;
use crate::line::TextRows;
use crate::monitor::ClientState;
use crate::pool::Refusal;
use crate::rules::wit_plan::Command;
use crate::trace;
use crate::upstream::UpstreamError;

/// How often something is begun that the loss of a connection prevented, while it is certain
/// that nothing has happened.
const ATTEMPTS: u32 = 3;

impl<S: AsyncRead + AsyncWrite + Unpin> Session<S> {
    /// The session's connection. If it has none it gets one, which may take a while.
    pub(super) async fn lease(&mut self) -> Result<&mut Lease, Failure> {
        if self.lease.is_none() {
            self.take_lease().await?;
        }
        self.held()
    }

    /// Whether it has one that is not known to be lost.
    pub(super) fn is_connected(&self) -> bool {
        self.lease.as_ref().is_some_and(|lease| !lease.is_lost())
    }

    /// The connection that an exchange is under way on.
    pub(super) fn held(&mut self) -> Result<&mut Lease, Failure> {
        match &mut self.lease {
            Some(lease) if !lease.is_lost() => Ok(lease),
            _ => Err(Failure::Lost(Box::new(Diagnostic::upstream_lost(
                "It was lost before.",
            )))),
        }
    }

    async fn take_lease(&mut self) -> Result<(), Failure> {
        if self.transaction.status() != Status::Idle {
            // Its transaction is gone with the one that it had.
            return self.held().map(drop);
        }
        self.present
            .does(ClientState::Waiting, std::time::Instant::now());
        let leased = tokio::select! {
            biased;
            leased = self.pool.lease().instrument(trace::connection()) => leased,
            () = asked(&self.interrupted) => return Err(Diagnostic::user_request().into()),
        };
        self.present
            .does(ClientState::Active, std::time::Instant::now());
        let mut lease = leased.map_err(|refusal| no_connection(&refusal))?;
        self.interrupted.hold(Some(lease.brake().clone()));
        lease.note_lent(self.process);
        lease.limit_rows(self.longest_row());
        lease.follow_definitions(self.pool.server().definitions());
        let readied = lease.ready(&self.rules.connect).await;
        self.lease = Some(lease);
        readied?;
        if self.is_untold() {
            Box::pin(self.tell_upstream()).await?;
        }
        self.held()?.begin();
        Ok(())
    }

    /// Before a message: a connection that was lost while the client was silent is given up,
    /// and the client hears of it only if something of its own is lost, too.
    pub(super) async fn look_after_lease(&mut self) -> Result<(), Failure> {
        let is_free = self.transaction.status() == Status::Idle && self.suspended.is_none();
        let definitions = self.pool.server().definitions();
        let Some(lease) = self.lease.as_mut().filter(|_| is_free) else {
            return Ok(());
        };
        if lease.is_outdated() && !lease.is_pinned() {
            self.give_back().await;
            return Ok(());
        }
        let is_long_unused = self.silent_since.elapsed() >= self.pool.check_delay();
        if lease.is_alive(is_long_unused).await {
            lease.follow_definitions(definitions);
            lease.begin();
            return Ok(());
        }
        let was_pinned = lease.is_pinned();
        self.drop_lost();
        match was_pinned {
            true => Err(Failure::session(Diagnostic::upstream_lost(
                "The session had something of its own on it.",
            ))),
            false => Ok(()),
        }
    }

    /// The session is outside a transaction: in the modes that share connections others may
    /// have its one.
    pub(super) async fn release(&mut self) -> Result<(), Failure> {
        let Some(lease) = &self.lease else {
            return Ok(());
        };
        let is_shared = self.pool.mode() != PoolMode::Session || lease.is_unwanted();
        let is_free = self.transaction.status() == Status::Idle && self.suspended.is_none();
        if !is_shared || !is_free || lease.is_pinned() {
            return Ok(());
        }
        self.give_back().await;
        Ok(())
    }

    /// Gives the connection back, with nothing of the session's left on it.
    async fn give_back(&mut self) {
        // Counters can be asked for their values only here, and only now.
        if self.settle_counters().await.is_err() {
            return self.drop_lost();
        }
        self.interrupted.hold(None);
        if let Some(lease) = self.lease.take() {
            lease.give_back();
        }
    }

    /// Gives up a connection that nobody can use any more.
    pub(super) fn drop_lost(&mut self) {
        self.interrupted.hold(None);
        self.suspended = None;
        if let Some(lease) = self.lease.take() {
            lease.note_loss();
        }
    }

    /// A command has left something on the connection that is this session's.
    pub(super) fn pin(&mut self, reason: &str) {
        if let Some(lease) = &mut self.lease {
            lease.pin(reason);
        }
    }

    /// Whatever the session has left on its connection is not wanted any more.
    pub(super) fn discard_pinned(&mut self) {
        if self.lease.as_ref().is_some_and(|lease| lease.is_pinned()) {
            self.interrupted.hold(None);
            self.lease = None;
        }
    }

    /// What the loss of the connection means: a transaction block ends with it, and so does its
    /// session; without one the session goes on. `lost`: as a client is told whose session ends.
    pub(super) async fn after_loss(&mut self, mut lost: Box<Diagnostic>) -> Failure {
        if self.was_given_up()
            && self
                .lease
                .as_ref()
                .is_some_and(|lease| lease.is_untouched())
        {
            *lost = lost.without_effect();
        }
        let was_pinned = self.lease.as_ref().is_some_and(|lease| lease.is_pinned());
        self.drop_lost();
        let _ = self.sequences.take_pending();
        self.at_end.clear();
        if was_pinned || matches!(self.transaction.status(), Status::Open | Status::Failed) {
            return Failure::Session(lost);
        }
        self.cursors.retain(|_, cursor| cursor.is_held);
        self.portals.clear();
        self.transaction = Transaction::default();
        self.follow(SettingsEffect::Rollback);
        self.refresh_facts();
        // What it made is dropped on another connection; without one it is left behind.
        let _ = self.end_temporary(SettingsEffect::Rollback).await;
        let mut diagnostic = lost.outcome_unknown();
        diagnostic.severity = crate::diagnostic::Severity::Error;
        diagnostic.into()
    }

    /// Whether its connection is lost because the server did not stop what it was asked to stop.
    pub(super) fn was_given_up(&self) -> bool {
        self.lease.as_ref().is_some_and(|lease| lease.is_given_up())
    }

    /// Undoes the transaction on the upstream; one that was lost with its connection is undone
    /// there already.
    pub(super) async fn roll_back(&mut self) -> Result<(), Failure> {
        if self.held().is_err() {
            return Ok(());
        }
        self.outlast_requests().await;
        self.run_commands(|housekeeping| &housekeeping.rollback)
            .await
    }

    /// Whether what failed with this error can be tried on another connection: nothing can
    /// have happened on this one, and nothing of the session's is on it.
    pub(super) fn may_try_again(&mut self, attempt: u32) -> bool {
        let is_untouched = self
            .lease
            .as_ref()
            .is_some_and(|lease| lease.is_untouched());
        is_untouched && self.may_begin_again(attempt)
    }

    /// The same where what was tried is certain to have had no effect.
    fn may_begin_again(&mut self, attempt: u32) -> bool {
        let is_lost = |lease: &Lease| lease.is_lost() && !lease.is_pinned() && !lease.is_given_up();
        let may = self.transaction.status() == Status::Idle
            && attempt < ATTEMPTS
            && self.lease.as_ref().is_some_and(is_lost);
        if may {
            self.drop_lost();
        }
        may
    }

    /// The rows of a query of the rules; `Ok(Err(_))` is the server's refusal.
    pub(super) async fn fetched(
        &mut self,
        query: &str,
    ) -> Result<Result<TextRows, UpstreamError>, Failure> {
        let mut attempt = 0;
        loop {
            attempt += 1;
            match self.lease().await?.fetch(query).await {
                Err(_) if self.may_try_again(attempt) => {}
                fetched => return Ok(fetched?),
            }
        }
    }

    /// Begins a transaction on the upstream.
    pub(super) async fn begin_on_upstream(&mut self, commands: &[Command]) -> Result<(), Failure> {
        let mut attempt = 0;
        loop {
            attempt += 1;
            let is_first = self.lease().await?.is_untouched();
            match self.run_on_upstream(commands, "").await {
                // With a connection that is lost, whatever began on it has not.
                Err(Failure::Lost(_)) if is_first && self.may_begin_again(attempt) => {}
                begun => return begun,
            }
        }
    }

    /// The end of the session: the connection is another one's if it is known what is on it.
    /// Nobody is there any more who could interrupt it, so that a server that hangs is given up here, too.
    pub(super) async fn leave(&mut self) {
        self.interrupted.leave();
        let is_known = self.is_idle && self.suspended.is_none();
        if !is_known && self.lease.take().is_some() {
            self.interrupted.hold(None);
        }
        if self.transaction.status() != Status::Idle {
            let undone = self.roll_back().await.is_ok() && self.undo_at_end().await.is_ok();
            self.transaction = Transaction::default();
            if !undone {
                self.drop_lost();
            }
        }
        self.leave_nothing_temporary().await;
        self.sequences.discard();
        if self.lease.is_some() {
            self.give_back().await;
        }
    }
}

/// A wait in vain is logged where it is counted; what cannot be opened, where it is tried.
fn no_connection(refusal: &Refusal) -> Failure {
    Diagnostic::no_connection(refusal).into()
}
