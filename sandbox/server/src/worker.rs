//! The thread of a connection: the stand-in's calls block.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc as blocking;

use pgiris_sandbox::{Completion, Connection, InterruptHandle, Sandbox, Statement, Value};
use pgwire::api::results::FieldInfo;
use pgwire::error::PgWireError;
use pgwire::messages::data::DataRow;
use tokio::sync::{mpsc, oneshot};

use crate::failure::{failed, lost, refused, unreachable};
use crate::result;
use crate::rows::{Piece, Rows};

/// Pieces that may wait for a slow client.
const PIECES_AHEAD: usize = 4;

/// How many bytes of rows make a piece.
const PIECE: usize = 16 << 10;

enum Command {
    Prepare {
        sql: String,
        answer: oneshot::Sender<Result<Statement, PgWireError>>,
    },
    Execute {
        statement: Statement,
        values: Vec<Value>,
        fields: Arc<Vec<FieldInfo>>,
        pieces: mpsc::Sender<Piece>,
    },
}

/// The near end of the thread, which ends when this is dropped.
pub(crate) struct Worker {
    commands: blocking::Sender<Command>,
    level: Arc<AtomicU32>,
}

impl Worker {
    /// Connects as `user` to the namespace.
    pub(crate) async fn start(
        sandbox: Sandbox,
        user: String,
        namespace: String,
    ) -> Result<(Self, InterruptHandle), PgWireError> {
        let (commands, inbox) = blocking::channel();
        let (opened, is_open) = oneshot::channel();
        let level = Arc::new(AtomicU32::new(0));
        let shown = Arc::clone(&level);
        let run = move || match sandbox.connect_to(&user, &namespace) {
            Ok(connection) => {
                // If nobody waits any more, the inbox is closed too.
                drop(opened.send(Ok(connection.interrupt_handle())));
                serve(connection, &inbox, &shown);
            }
            Err(error) => drop(opened.send(Err(unreachable(&error)))),
        };
        std::thread::Builder::new()
            .name("connection".to_owned())
            .spawn(run)
            .map_err(|error| failed("53000", error.to_string()))?;
        let handle = is_open.await.map_err(|_| lost())??;
        Ok((Self { commands, level }, handle))
    }

    /// `$TLEVEL` after the last command.
    pub(crate) fn transaction_level(&self) -> u32 {
        self.level.load(Ordering::SeqCst)
    }

    pub(crate) async fn prepare(&self, sql: String) -> Result<Statement, PgWireError> {
        let (answer, answered) = oneshot::channel();
        self.send(Command::Prepare { sql, answer })?;
        answered.await.map_err(|_| lost())?
    }

    /// Starts an execution; its rows are written as `fields` say.
    pub(crate) fn execute(
        &self,
        statement: Statement,
        values: Vec<Value>,
        fields: Arc<Vec<FieldInfo>>,
    ) -> Result<Arc<Rows>, PgWireError> {
        let (pieces, received) = mpsc::channel(PIECES_AHEAD);
        self.send(Command::Execute {
            statement,
            values,
            fields,
            pieces,
        })?;
        Ok(Rows::new(received))
    }

    fn send(&self, command: Command) -> Result<(), PgWireError> {
        self.commands.send(command).map_err(|_| lost())
    }
}

fn serve(mut connection: Connection, inbox: &blocking::Receiver<Command>, level: &AtomicU32) {
    while let Ok(command) = inbox.recv() {
        match command {
            Command::Prepare { sql, answer } => {
                let prepared = connection.prepare(&sql).map_err(|error| refused(&error));
                drop(answer.send(prepared));
            }
            Command::Execute {
                statement,
                values,
                fields,
                pieces,
            } => {
                let outcome = execute(&mut connection, &statement, &values, &fields, &pieces);
                if connection.is_lost() {
                    return;
                }
                level.store(connection.transaction_level(), Ordering::SeqCst);
                // Nobody there: the portal was closed.
                drop(pieces.blocking_send(Piece::End(outcome)));
            }
        }
    }
}

fn execute(
    connection: &mut Connection,
    statement: &Statement,
    values: &[Value],
    fields: &[FieldInfo],
    pieces: &mpsc::Sender<Piece>,
) -> Result<Completion, PgWireError> {
    let mut batch = Batch {
        rows: Vec::new(),
        bytes: 0,
        pieces,
    };
    let mut misfit = None;
    let outcome = connection.execute(statement, values, &mut |values| match result::row(
        values, fields,
    ) {
        Ok(row) => batch.push(row),
        Err(error) => {
            misfit = Some(error);
            ControlFlow::Break(())
        }
    });
    // If nobody takes them, nobody misses them.
    let _ = batch.send();
    match misfit {
        Some(error) => Err(error),
        None => outcome.map_err(|error| refused(&error)),
    }
}

/// Rows that are to be sent together.
struct Batch<'a> {
    rows: Vec<DataRow>,
    bytes: usize,
    pieces: &'a mpsc::Sender<Piece>,
}

impl Batch<'_> {
    fn push(&mut self, row: DataRow) -> ControlFlow<()> {
        self.bytes += row.data.len();
        self.rows.push(row);
        if self.bytes >= PIECE {
            self.send()
        } else {
            ControlFlow::Continue(())
        }
    }

    /// Waits while the client is slow.
    fn send(&mut self) -> ControlFlow<()> {
        self.bytes = 0;
        let rows = std::mem::take(&mut self.rows);
        if rows.is_empty() || self.pieces.blocking_send(Piece::Rows(rows)).is_ok() {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    }
}
