//! The thread of one connection: carries out operations in order.

use std::collections::{HashMap, VecDeque};
use std::ops::ControlFlow;
use std::sync::{Arc, mpsc as blocking};

use pgiris_sandbox::{self as sandbox, Column, SqlType};
use tokio::sync::mpsc;

use super::interrupter::{Activity, Interrupter};
use super::portal::{Cursor, Suspended, changed};
use super::rows::Piece;
use super::{failed, misfit, parameter, refused};
use crate::upstream::{
    Event, Operation, Output, Parameter, Statement, StatementId, UpstreamColumn, UpstreamError,
    UpstreamType,
};

/// The connection was dropped by its owner.
pub(super) struct Gone;

/// Operations as they come, one at a time.
pub(super) struct Inbox {
    batches: blocking::Receiver<Vec<Operation>>,
    waiting: VecDeque<Operation>,
    interrupter: Arc<Interrupter>,
}

impl Inbox {
    pub(super) fn new(
        batches: blocking::Receiver<Vec<Operation>>,
        interrupter: Arc<Interrupter>,
    ) -> Self {
        Self {
            batches,
            waiting: VecDeque::new(),
            interrupter,
        }
    }

    /// The next operation; waits for it.
    pub(super) fn next(&mut self) -> Result<Operation, Gone> {
        loop {
            if self.interrupter.has_ended() {
                return Err(Gone);
            }
            if let Some(operation) = self.waiting.pop_front() {
                return Ok(operation);
            }
            self.waiting.extend(self.batches.recv().map_err(|_| Gone)?);
        }
    }

    /// The thread enters the stand-in, or goes on in it: it can be interrupted.
    pub(super) fn start(&self) -> Result<(), Gone> {
        self.interrupter.set(Activity::Running);
        // Looked at after it was said: what ends the connection now interrupts.
        if self.interrupter.has_ended() {
            Err(Gone)
        } else {
            Ok(())
        }
    }

    /// The thread leaves the stand-in, or waits in it.
    pub(super) fn stop(&self) {
        self.interrupter.set(Activity::Waiting);
    }

    /// Puts an operation back to the front.
    pub(super) fn put_back(&mut self, operation: Operation) {
        self.waiting.push_front(operation);
    }
}

/// Where events go; waits while the client is slow.
pub(super) struct Outbox(mpsc::Sender<Event>);

impl Outbox {
    pub(super) fn send(&self, event: Event) -> Result<(), Gone> {
        self.0.blocking_send(event).map_err(|_| Gone)
    }

    pub(super) fn send_rows(&self, piece: Piece) -> Result<(), Gone> {
        let Piece { frames, count } = piece;
        self.send(Event::Rows { frames, count })
    }
}

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
    pub(super) fn new(
        connection: sandbox::Connection,
        inbox: Inbox,
        events: mpsc::Sender<Event>,
    ) -> Self {
        Self {
            connection,
            inbox,
            outbox: Outbox(events),
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
        for id in finished.closed {
            self.statements.remove(&id);
        }
        self.suspended.extend(finished.suspended);
        match finished.error {
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
