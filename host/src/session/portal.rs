//! Portals between two Executes: resumed, taken off the upstream, dropped.

use tokio::io::{AsyncRead, AsyncWrite};

use super::Session;
use super::carry::Completion;
use super::failure::Failure;
use super::statement::{Parked, Progress};
use crate::diagnostic::Diagnostic;
use crate::frontend::reply;
use crate::rules::{Plan, Translation};
use crate::upstream::{Event, Operation};

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
        mut parked: Parked,
        row_limit: u32,
    ) -> Result<Completion, Failure> {
        let wanted = if row_limit == 0 {
            u64::MAX
        } else {
            u64::from(row_limit)
        };
        let (frames, count) = parked.take(wanted);
        for frame in frames {
            self.client.relay(&frame).await?;
        }
        if parked.is_empty() && count < wanted {
            return Ok(self.complete_translation(translation, count));
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
        let Some(name) = self.suspended.take() else {
            return Ok(());
        };
        if !self.portals.contains_key(&name) {
            self.lease.connection().submit(vec![Operation::Abandon])?;
            return self.synchronize().await;
        }
        self.lease
            .connection()
            .submit(vec![Operation::Resume { row_limit: 0 }, Operation::Sync])?;
        let mut parked = Parked::default();
        let mut failed = None;
        loop {
            match self.lease.connection().next().await? {
                Event::Rows { frames, .. } => parked.add(frames),
                Event::Failed(error) => failed = Some(error),
                Event::Synced => break,
                _ => {}
            }
        }
        if let Some(error) = failed {
            return Err(self.upstream_error(error));
        }
        if let Some(portal) = self.portals.get_mut(&name) {
            portal.progress = Progress::Parked(parked);
        }
        Ok(())
    }

    pub(super) async fn drop_portal(&mut self, name: &str) -> Result<(), Failure> {
        self.portals.remove(name);
        if self.suspended.as_deref() == Some(name) {
            self.leave_portal().await
        } else {
            Ok(())
        }
    }

    pub(super) async fn drop_portals(&mut self) -> Result<(), Failure> {
        self.portals.clear();
        self.leave_portal().await
    }
}
