//! The thread of one connection: carries out operations in order.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::Arc;

use pgiris_sandbox::{self as sandbox, Column, SqlType};

use super::channel::{Gone, Inbox, Outbox};
use super::portal::{Cursor, Suspended, changed};
use super::{failed, misfit, parameter, refused};
use crate::upstream::{
    Event, Operation, Output, Parameter, Statement, StatementId, UpstreamColumn, UpstreamError,
    UpstreamType,
};

/// Serves one connection until its owner drops it.
pub(super) struct Worker {
    connection: sandbox::Connection,
    inbox: Inbox,
    outbox: Outbox,
    statements: HashMap<StatementId, sandbox::Statement>,
    /// Executions that reached their row limit, the last one last.
    suspended: Vec<Suspended>,
    /// After a failure, until the next `Sync`.
    is_skipping: bool,
}

impl Worker {
    pub(super) fn new(connection: sandbox::Connection, inbox: Inbox, outbox: Outbox) -> Self {
        Self {
            connection,
            inbox,
            outbox,
            statements: HashMap::new(),
            suspended: Vec::new(),
            is_skipping: false,
        }
    }

    pub(super) fn run(mut self) {
        while let Ok(operation) = self.inbox.next() {
            if let Err(Gone) = self.carry_out(operation) {
                return;
            }
        }
    }

    fn carry_out(&mut self, operation: Operation) -> Result<(), Gone> {
        match operation {
            Operation::Sync => {
                self.is_skipping = false;
                self.outbox.send(Event::Synced)
            }
            _ if self.is_skipping => Ok(()),
            Operation::Prepare { id, statement, .. } => self.prepare(id, &statement),
            Operation::Execute {
                id,
                parameters,
                outputs,
                row_limit,
            } => self.execute(id, &parameters, &outputs, row_limit),
            Operation::Repeat { id, parameters } => self.repeat(id, &parameters),
            Operation::Resume { row_limit } => self.resume(row_limit),
            Operation::Abandon => {
                self.suspended.pop();
                Ok(())
            }
            Operation::Run(text) => self.run_text(&text),
            Operation::Close(id) => {
                self.statements.remove(&id);
                Ok(())
            }
        }
    }

    fn prepare(&mut self, id: StatementId, statement: &Statement) -> Result<(), Gone> {
        match self.connection.prepare(&statement.pieces.join("?")) {
            Ok(prepared) => {
                let described = described(&prepared);
                self.statements.insert(id, prepared);
                self.outbox.send(described)
            }
            Err(error) => {
                self.statements.remove(&id);
                self.fail(refused(error))
            }
        }
    }

    fn execute(
        &mut self,
        id: StatementId,
        parameters: &[Parameter],
        outputs: &Arc<[Output]>,
        row_limit: u32,
    ) -> Result<(), Gone> {
        let Some(statement) = self.statements.get(&id) else {
            return self.fail(failed(
                "26000",
                format!("prepared statement {id} does not exist"),
            ));
        };
        let values = match bind(statement, parameters, outputs) {
            Ok(values) => values,
            Err(error) => return self.fail(error),
        };
        self.inbox.start()?;
        let mut cursor = Cursor::new(&mut self.inbox, &self.outbox, outputs, row_limit);
        let outcome = self
            .connection
            .execute(statement, &values, &mut |row| cursor.row(row));
        let finished = cursor.finish(outcome.map_err(refused))?;
        if self.connection.is_lost() {
            return Err(Gone);
        }
        for id in finished.closed {
            self.statements.remove(&id);
        }
        self.suspended.extend(finished.suspended);
        match finished.error {
            Some(error) => self.fail(error),
            None => Ok(()),
        }
    }

    fn repeat(&mut self, id: StatementId, lists: &[Vec<Parameter>]) -> Result<(), Gone> {
        let Some(statement) = self.statements.get(&id) else {
            return self.fail(failed(
                "26000",
                format!("prepared statement {id} does not exist"),
            ));
        };
        self.inbox.start()?;
        let mut times = 0;
        let mut error = None;
        for parameters in lists {
            let executed = bind(statement, parameters, &[]).and_then(|values| {
                self.connection
                    .execute(statement, &values, &mut |_| ControlFlow::Continue(()))
                    .map_err(refused)
            });
            if let Err(failure) = executed {
                error = Some(failure);
                break;
            }
            times += 1;
        }
        self.inbox.stop();
        if self.connection.is_lost() {
            return Err(Gone);
        }
        self.outbox.send(Event::Repeated { times })?;
        match error {
            Some(error) => self.fail(error),
            None => Ok(()),
        }
    }

    /// An execution that is still in `suspended` has run to its end: its rows are in memory.
    fn resume(&mut self, row_limit: u32) -> Result<(), Gone> {
        let Some(suspended) = self.suspended.last_mut() else {
            return self.fail(failed("34000", "no execution is suspended".to_owned()));
        };
        let limit = u64::from(row_limit);
        let mut count = 0;
        while limit == 0 || count < limit {
            let Some(piece) = suspended.next_piece(limit.saturating_sub(count)) else {
                break;
            };
            count += piece.count;
            self.outbox.send_rows(piece)?;
        }
        if limit != 0 && count == limit {
            return self.outbox.send(Event::Suspended);
        }
        match self.suspended.pop().and_then(|suspended| suspended.error) {
            Some(error) => self.fail(error),
            None => self.outbox.send(Event::Complete {
                row_count: Some(count),
            }),
        }
    }

    fn run_text(&mut self, text: &str) -> Result<(), Gone> {
        let connection = &mut self.connection;
        self.inbox.start()?;
        let outcome = connection.prepare(text).and_then(|statement| {
            connection.execute(&statement, &[], &mut |_| ControlFlow::Continue(()))
        });
        self.inbox.stop();
        if self.connection.is_lost() {
            return Err(Gone);
        }
        match outcome {
            Ok(completion) => self.outbox.send(Event::Complete {
                row_count: changed(completion),
            }),
            Err(error) => self.fail(refused(error)),
        }
    }

    fn fail(&mut self, error: UpstreamError) -> Result<(), Gone> {
        self.is_skipping = true;
        self.outbox.send(Event::Failed(error))
    }
}

/// The values of an execution, checked against what was described.
fn bind(
    statement: &sandbox::Statement,
    parameters: &[Parameter],
    outputs: &[Output],
) -> Result<Vec<sandbox::Value>, UpstreamError> {
    let described = statement.parameters();
    if described.len() != parameters.len() {
        let message = format!(
            "{} parameters are bound to {} placeholders",
            parameters.len(),
            described.len()
        );
        return Err(failed("08P01", message));
    }
    let columns = statement.columns().map_or(0, <[Column]>::len);
    if columns != outputs.len() {
        let message = format!(
            "{} columns are wanted of a statement with {columns}",
            outputs.len()
        );
        return Err(failed("08P01", message));
    }
    let pairs = parameters.iter().zip(described);
    pairs
        .map(|(parameter, described)| parameter::bind(parameter, described))
        .collect::<Result<_, _>>()
        .map_err(|error| misfit(&error))
}

fn described(statement: &sandbox::Statement) -> Event {
    let column = |column: &Column| UpstreamColumn {
        label: column.label.clone(),
        upstream_type: upstream_type(&column.sql_type),
    };
    Event::Described {
        parameters: statement.parameters().iter().map(upstream_type).collect(),
        columns: statement
            .columns()
            .map(|columns| columns.iter().map(column).collect()),
    }
}

fn upstream_type(sql_type: &SqlType) -> UpstreamType {
    UpstreamType::Iris {
        code: sql_type.code,
        precision: sql_type.precision,
        scale: sql_type.scale,
    }
}
