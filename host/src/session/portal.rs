//! Portals between two Executes: resumed, taken off the upstream, dropped.

use tokio::io::{AsyncRead, AsyncWrite};

use super::Session;
use super::carry::Completion;
use super::failure::Failure;
use super::row_store::RowStore;
use super::statement::{Parked, Progress};
use super::suspension::{Holder, collect};
use crate::diagnostic::Diagnostic;
use crate::frontend::reply;
use crate::rules::{Plan, Translation};
use crate::upstream::{Operation, UpstreamError};

impl<S: AsyncRead + AsyncWrite + Unpin> Session<S> {
    /// Execute of a portal that the row limit stopped.
    pub(super) async fn resume(
        &mut self,
        translation: &Translation,
        row_limit: u32,
    ) -> Result<Completion, Failure> {
        let Plan::Forward(forward) = &translation.plan else {
            return Err(Diagnostic::not_carried_out("resuming this statement").into());
        };
        self.suspended = None;
        let executed = self
            .relay_operation(Operation::Resume { row_limit }, row_limit.max(1))
            .await?;
        Ok(self.finish(forward, &executed, true))
    }

    /// The same where the rows wait in memory.
    pub(super) async fn unpark(
        &mut self,
        translation: &Translation,
        mut parked: Box<Parked>,
        row_limit: u32,
    ) -> Result<Completion, Failure> {
        let wanted = if row_limit == 0 {
            u64::MAX
        } else {
            u64::from(row_limit)
        };
        let mut count = 0;
        while let Some((frames, found)) = parked.store.piece(parked.next, wanted - count)? {
            self.client.relay(&frames).await?;
            parked.next += found;
            count += found;
            parked.store.forget_before(parked.next);
        }
        if count < wanted {
            return match parked.error.take() {
                Some(error) => Err(Failure::Statement(error)),
                None => Ok(self.complete_translation(translation, count)),
            };
        }
        reply::portal_suspended(&mut self.client.output);
        Ok(Completion::Parked(parked))
    }

    /// Execute of a portal that is at its end returns no rows; what does not
    /// return rows cannot be run twice.
    pub(super) fn run_again(&mut self, translation: &Translation) -> Result<Completion, Failure> {
        match &translation.plan {
            Plan::Forward(forward) if forward.tag.word == "SELECT" => {
                Ok(self.complete_translation(translation, 0))
            }
            Plan::Answer(_) => Ok(self.complete_translation(translation, 0)),
            _ => Err(Diagnostic::error("55000", "portal cannot be run").into()),
        }
    }

    fn complete_translation(&mut self, translation: &Translation, rows: u64) -> Completion {
        match &translation.plan {
            Plan::Forward(plan) => self.complete(&plan.tag, rows),
            Plan::Answer(plan) => self.complete(&plan.tag, rows),
            _ => {}
        }
        Completion::Done
    }

    /// Takes the rows of a suspended portal off the upstream, which is needed
    /// for something else.
    pub(super) async fn leave_portal(&mut self) -> Result<(), Failure> {
        let Some(holder) = self.suspended.take() else {
            return Ok(());
        };
        let is_there = match &holder {
            Holder::Portal(name) => self.portals.contains_key(name),
            Holder::Cursor(name) => self.cursors.contains_key(name),
        };
        if !is_there {
            self.lease.connection().submit(vec![Operation::Abandon])?;
            return self.synchronize().await;
        }
        let rest = Operation::Resume { row_limit: 0 };
        match &holder {
            Holder::Portal(name) => {
                let mut store = RowStore::new(self.config.client.rows_in_memory);
                let collected = collect(&mut self.lease, rest, &mut store).await?;
                let parked = Parked {
                    store,
                    next: 0,
                    error: self.error_of_rows(collected.error)?,
                };
                if let Some(portal) = self.portals.get_mut(name) {
                    portal.progress = Progress::Parked(Box::new(parked));
                }
            }
            Holder::Cursor(name) => {
                let Some(cursor) = self.cursors.get_mut(name) else {
                    return Ok(());
                };
                let collected = collect(&mut self.lease, rest, &mut cursor.store).await?;
                let error = self.error_of_rows(collected.error)?;
                if let Some(cursor) = self.cursors.get_mut(name) {
                    cursor.is_complete = true;
                    cursor.error = error;
                }
            }
        }
        Ok(())
    }

    /// An error among rows, which is told where they are wanted.
    fn error_of_rows(
        &self,
        error: Option<UpstreamError>,
    ) -> Result<Option<Box<Diagnostic>>, Failure> {
        match error.map(|error| self.upstream_error(error)) {
            None => Ok(None),
            Some(Failure::Statement(diagnostic)) => Ok(Some(diagnostic)),
            Some(failure) => Err(failure),
        }
    }

    pub(super) async fn drop_portal(&mut self, name: &str) -> Result<(), Failure> {
        self.portals.remove(name);
        self.cursors.remove(name);
        match &self.suspended {
            Some(Holder::Portal(held) | Holder::Cursor(held)) if held == name => {
                self.leave_portal().await
            }
            _ => Ok(()),
        }
    }

    pub(super) async fn drop_portals(&mut self) -> Result<(), Failure> {
        self.portals.clear();
        match &self.suspended {
            Some(Holder::Cursor(name)) if self.cursors.contains_key(name) => Ok(()),
            _ => self.leave_portal().await,
        }
    }
}
