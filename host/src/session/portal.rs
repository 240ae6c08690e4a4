//! Portals: executed, resumed, taken off the upstream, dropped.
//!
//! PostgreSQL manual, "Extended Query": "If Execute terminates before completing the execution of a
//! portal (due to reaching a nonzero result-row count), it will send a PortalSuspended message"; "a
//! named portal object lasts till the end of the current transaction, unless explicitly destroyed. An
//! unnamed portal is destroyed at the end of the transaction, or as soon as the next Bind statement
//! specifying the unnamed portal as destination is issued." What a portal returns is what IRIS finds
//! at its first Execute; PostgreSQL takes the snapshot at Bind.

use tokio::io::{AsyncRead, AsyncWrite};

use super::Session;
use super::carry::{Completion, Delivery};
use super::closing::Closing;
use super::failure::Failure;
use super::row_store::RowStore;
use super::statement::{Parked, Prepared, Progress};
use super::suspension::{Holder, collect};
use crate::diagnostic::Diagnostic;
use crate::frontend::reply;
use crate::rules::Plan;
use crate::rules::wit_plan::PreparedStep;
use crate::upstream::{Operation, UpstreamError};

impl<S: AsyncRead + AsyncWrite + Unpin> Session<S> {
    /// The first Execute of a portal. Rows of the upstream stay there as far as they are not
    /// wanted yet; what the broker makes, or gathers of several statements, runs as a
    /// whole and waits here.
    pub(super) async fn start(
        &mut self,
        prepared: &Prepared,
        delivery: Delivery<'_>,
    ) -> Result<Completion, Failure> {
        let limit = delivery.row_limit;
        let whole = limit > 0 && delivery.shape.columns.is_some() && !self.can_stop(prepared);
        if !whole {
            return self.carry_out(&prepared.translation, delivery).await;
        }
        let unlimited = Delivery {
            row_limit: 0,
            ..delivery
        };
        let formats = delivery.formats;
        let captured = self.captured(&prepared.translation, unlimited).await?;
        self.dress(&prepared.shape, delivery.values, formats)?;
        let parked = Parked {
            store: captured.store,
            next: 0,
            error: None,
            closing: Closing::after(&self.completed),
        };
        self.unpark(Box::new(parked), limit).await
    }

    /// Whether the upstream can hold its rows; EXECUTE is as what it executes.
    fn can_stop(&self, prepared: &Prepared) -> bool {
        match &prepared.translation.plan {
            Plan::Forward(_) => true,
            Plan::Prepared(plan) => match &plan.step {
                PreparedStep::Execute(execution) => {
                    let executed = self.statements.get(&execution.name);
                    executed.is_some_and(|one| matches!(one.translation.plan, Plan::Forward(_)))
                }
                _ => false,
            },
            _ => false,
        }
    }

    /// Execute of a portal that the row limit stopped.
    pub(super) async fn resume(
        &mut self,
        closing: Closing,
        row_limit: u32,
    ) -> Result<Completion, Failure> {
        self.suspended = None;
        let executed = self
            .relay_operation(Operation::Resume { row_limit }, row_limit.max(1))
            .await?;
        if executed.suspended {
            reply::portal_suspended(&mut self.client.output);
            return Ok(Completion::Suspended(closing));
        }
        self.close_with(&closing, executed.relayed);
        Ok(Completion::Done)
    }

    /// The same where the rows wait in memory.
    pub(super) async fn unpark(
        &mut self,
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
            self.heed_interruption().await?;
            self.relay(&frames).await?;
            parked.next += found;
            count += found;
            parked.store.forget_before(parked.next);
        }
        if count < wanted {
            return match parked.error.take() {
                Some(error) => Err(Failure::Statement(error)),
                None => {
                    self.close_with(&parked.closing, count);
                    Ok(Completion::Done)
                }
            };
        }
        reply::portal_suspended(&mut self.client.output);
        Ok(Completion::Parked(parked))
    }

    /// Execute of a portal that is at its end returns no rows; what does not return rows
    /// cannot be run twice.
    pub(super) fn run_again(
        &mut self,
        name: &str,
        closing: Option<Closing>,
    ) -> Result<Completion, Failure> {
        let closing = closing.ok_or_else(|| Diagnostic::portal_ran(name))?;
        self.close_with(&closing, 0);
        Ok(Completion::Done)
    }

    /// Takes the rows of a suspended portal off the upstream, which is needed
    /// for something else.
    pub(super) async fn leave_portal(&mut self) -> Result<(), Failure> {
        let Some(holder) = self.suspended.take() else {
            return Ok(());
        };
        if self.lease.as_ref().is_none_or(|lease| lease.is_lost()) {
            // The rows are lost with it, and the transaction that they are of.
            return Ok(());
        }
        let is_there = match &holder {
            Holder::Portal(name) => self.portals.contains_key(name),
            Holder::Cursor(name) => self.cursors.contains_key(name),
        };
        if !is_there {
            self.held()?.submit(vec![Operation::Abandon])?;
            return self.synchronize().await;
        }
        let rest = Operation::Resume { row_limit: 0 };
        let interrupted = self.interrupted.clone();
        match &holder {
            Holder::Portal(name) => {
                let sent = self.portals.get(name).map_or(0, |portal| portal.sent);
                let mut store = RowStore::after(sent, self.rows_in_memory());
                let collected = collect(self.held()?, rest, &mut store, &interrupted).await?;
                let error = self.error_of_rows(collected.error)?;
                if let Some(portal) = self.portals.get_mut(name)
                    && let Progress::Suspended(closing) = &portal.progress
                {
                    portal.progress = Progress::Parked(Box::new(Parked {
                        store,
                        next: sent,
                        error,
                        closing: closing.clone(),
                    }));
                }
            }
            Holder::Cursor(name) => {
                let (Some(cursor), Some(lease)) = (self.cursors.get_mut(name), &mut self.lease)
                else {
                    return Ok(());
                };
                let collected = collect(lease, rest, &mut cursor.store, &interrupted).await?;
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
        self.cursors.retain(|_, cursor| cursor.is_held);
        match &self.suspended {
            Some(Holder::Cursor(name)) if self.cursors.contains_key(name) => Ok(()),
            _ => self.leave_portal().await,
        }
    }
}
