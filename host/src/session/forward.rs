//! Statements that run on the upstream: described once, executed, relayed.
//!
//! PostgreSQL manual, "Simple Query": "RowDescription … is followed by a DataRow message for each row
//! being returned to the frontend", and by CommandComplete; "Extended Query": PortalSuspended.

use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};
use tracing::Instrument;

use super::Session;
use super::asked::Asked;
use super::carry::{Completion, Delivery};
use super::closing::Closing;
use super::failure::{Failure, told_later};
use super::statement::{Described, Shape, outputs, parameter_types, placeholder_types};
use crate::diagnostic::Diagnostic;
use crate::frontend::reply;
use crate::line::Description;
use crate::rules::wit_plan::{ColumnRule, Effect};
use crate::rules::{Forward, Plan, apply_column_rules, postgres_types, wit};
use crate::trace;
use crate::upstream::{
    Event, Oid, Operation, Output, Parameter, Statement, StatementId, UpstreamError,
    UpstreamErrorKind,
};

/// How an execution on the upstream went.
pub(super) struct Executed {
    /// Rows sent to the client.
    pub(super) relayed: u64,
    /// Rows as the server counts them, if it does.
    pub(super) counted: Option<u64>,
    pub(super) suspended: bool,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Session<S> {
    /// Prepares the statement on this session's connection, unless it is.
    pub(super) async fn describe_forward(
        &mut self,
        forward: &Forward,
        plan: &Plan,
        declared: &[Oid],
    ) -> Result<Arc<Described>, Failure> {
        let types = placeholder_types(&forward.arguments, declared, &forward.parameters);
        let arguments = &forward.arguments;
        self.describe_statement(&forward.statement, types, &forward.columns, |inferred| {
            parameter_types(plan, arguments, declared, inferred)
        })
        .await
    }

    /// `parameters` makes the client's parameter types of those that the
    /// upstream inferred for the placeholders.
    pub(super) async fn describe_statement(
        &mut self,
        statement: &Arc<Statement>,
        types: Vec<Oid>,
        rules: &[ColumnRule],
        parameters: impl FnOnce(&[Oid]) -> Arc<[Oid]>,
    ) -> Result<Arc<Described>, Failure> {
        let lease = self.lease().await?;
        if let Some(described) = lease.known(statement, &types) {
            return Ok(described);
        }
        let (id, description) = match lease.take_twin(statement, &types) {
            Some(twin) => twin,
            None => self.prepare_upstream(statement, &types).await?,
        };
        let Description {
            parameters: placeholders,
            columns,
        } = description.clone();
        let generation = &self.rules.generation;
        let (inferred, mut columns) = postgres_types(generation, &placeholders, columns)?;
        if let Some(columns) = &mut columns {
            apply_column_rules(columns, rules);
        }
        let shape = Shape {
            parameters: parameters(&inferred),
            columns: columns.map(Arc::from),
        };
        let described = Arc::new(Described {
            id,
            shape,
            description,
        });
        self.held()?.remember(statement, types, &described);
        Ok(described)
    }

    async fn prepare_upstream(
        &mut self,
        statement: &Arc<Statement>,
        types: &[Oid],
    ) -> Result<(StatementId, Description), Failure> {
        self.leave_portal().await?;
        let mut attempt = 0;
        let prepared = loop {
            attempt += 1;
            let lease = self.lease().await?;
            let preparing = lease.prepare(statement, types);
            match preparing.instrument(trace::preparation()).await {
                Err(_) if self.may_try_again(attempt) => {}
                prepared => break prepared?,
            }
        };
        prepared.map_err(|error| self.upstream_error(error))
    }

    pub(super) async fn forward(
        &mut self,
        forward: &Forward,
        plan: &Plan,
        delivery: &Delivery<'_>,
    ) -> Result<Completion, Failure> {
        self.leave_portal().await?;
        let described = self
            .describe_forward(forward, plan, delivery.declared)
            .await?;
        // Rows are written as the client was told, not as the table is now.
        if described.shape.columns != delivery.shape.columns {
            return Err(Diagnostic::row_description_changed().into());
        }
        let parameters = delivery.values.bound(
            &forward.arguments,
            &delivery.shape.parameters,
            &self.sequences,
        )?;
        let outputs = outputs(delivery.shape.columns.as_deref(), delivery.formats);
        let executed = self
            .execute_upstream(described.id, parameters, outputs, delivery.row_limit)
            .await;
        if let Err(failure) = &executed {
            self.doubt(&forward.statement, failure);
        }
        let executed = executed?;
        self.after(forward.effect);
        if forward.effect == Effect::Pin {
            self.pin(&forward.tag.word);
        }
        if forward.effect == Effect::Schema {
            self.defined();
        }
        Ok(self.finish(forward, &executed, delivery.shape.columns.is_some()))
    }

    /// CommandComplete or PortalSuspended.
    pub(super) fn finish(
        &mut self,
        forward: &Forward,
        executed: &Executed,
        returns_rows: bool,
    ) -> Completion {
        if executed.suspended {
            reply::portal_suspended(&mut self.client.output);
            return Completion::Suspended(Closing::of(&forward.tag));
        }
        let rows = if returns_rows {
            executed.relayed
        } else {
            executed.counted.unwrap_or(0)
        };
        self.complete(&forward.tag, rows);
        Completion::Done
    }

    /// Runs a prepared statement and relays its rows.
    pub(super) async fn execute_upstream(
        &mut self,
        id: StatementId,
        parameters: Vec<Parameter>,
        outputs: Arc<[Output]>,
        row_limit: u32,
    ) -> Result<Executed, Failure> {
        let execute = Operation::Execute {
            id,
            parameters,
            outputs,
            row_limit,
        };
        self.relay_operation(execute, row_limit)
            .instrument(trace::execution())
            .await
    }

    /// An execution with a row limit is not followed by Sync at once, which
    /// would end it.
    pub(super) async fn relay_operation(
        &mut self,
        operation: Operation,
        row_limit: u32,
    ) -> Result<Executed, Failure> {
        let limited = row_limit > 0;
        let batch = if limited {
            vec![operation]
        } else {
            vec![operation, Operation::Sync]
        };
        self.held()?.submit(batch)?;
        let mut executed = Executed {
            relayed: 0,
            counted: None,
            suspended: false,
        };
        let (mut failed, mut broken) = (None, None);
        let mut ended = false;
        loop {
            match self.answered().await? {
                Event::Rows { frames, count } => {
                    if broken.is_none() {
                        broken = told_later(self.relay(&frames).await)?;
                    }
                    executed.relayed += count;
                }
                Event::Suspended if broken.is_some() => {
                    let abandon = vec![Operation::Abandon];
                    self.held()?.submit(abandon)?;
                    break;
                }
                Event::Suspended => {
                    executed.suspended = true;
                    return Ok(executed);
                }
                Event::Complete { row_count } => {
                    executed.counted = row_count;
                    ended = true;
                }
                Event::Failed(error) => {
                    failed = Some(error);
                    ended = true;
                }
                Event::Synced => break,
                Event::Described { .. } | Event::Repeated { .. } => return Err(confused()),
            }
            if limited && ended {
                break;
            }
        }
        if limited {
            self.synchronize().await?;
        }
        match (failed, broken) {
            (Some(error), _) => Err(self.upstream_error(error)),
            (None, Some(broken)) => Err(broken),
            (None, None) => Ok(executed),
        }
    }

    pub(super) async fn synchronize(&mut self) -> Result<(), Failure> {
        Ok(self.held()?.synchronize().await?)
    }

    /// An error of the upstream, as the client is told it.
    pub(super) fn upstream_error(&self, error: UpstreamError) -> Failure {
        if error.kind == UpstreamErrorKind::Connection {
            return error.into();
        }
        if error == UpstreamError::row_too_long() {
            return Diagnostic::row_too_long(self.longest_row()).into();
        }
        let UpstreamError {
            sqlcode,
            sqlstate,
            message,
            ..
        } = error;
        self.rules
            .generation
            .map_error(&wit::UpstreamError {
                sqlcode,
                sqlstate,
                message,
                statement: self.asked.as_ref().and_then(Asked::failed),
            })
            .into()
    }
}

fn confused() -> Failure {
    Failure::session(Diagnostic::upstream_confused())
}
