//! One execution: its rows on their way out, and where it stops for a row limit.
//!
//! The stand-in hands out rows by a call from within its execution, so an
//! execution that has reached its limit waits inside that call. If it is
//! resumed next, it goes on from there. If something else is to be done on the
//! connection first, the execution runs to its end and keeps the rest of its
//! rows in memory, as a materialised portal does.

use std::collections::VecDeque;
use std::ops::ControlFlow;

use pgiris_sandbox::{Completion, Value};

use super::channel::{Gone, Inbox, Outbox};
use super::misfit;
use super::rows::{Piece, Rows};
use crate::upstream::{Event, Operation, Output, StatementId, UpstreamError};

/// Takes the rows of one execution.
pub(super) struct Cursor<'a> {
    inbox: &'a mut Inbox,
    outbox: &'a Outbox,
    outputs: &'a [Output],
    rows: Rows,
    /// Rows since the execution was started or resumed.
    count: u64,
    /// How many that may become; 0: any number.
    limit: u64,
    destination: Destination,
    /// A row could not be written as announced.
    failure: Option<UpstreamError>,
    /// The connection was dropped.
    is_gone: bool,
    closed: Vec<StatementId>,
}

/// Where further rows go.
enum Destination {
    Client,
    /// The client has its share; the rest is kept for later.
    Memory(Vec<Piece>),
    Nowhere,
}

/// How an execution ended.
pub(super) struct Finished {
    /// Rows that are kept for later.
    pub(super) suspended: Option<Suspended>,
    /// What is left to be answered.
    pub(super) error: Option<UpstreamError>,
    /// Statements that were closed meanwhile.
    pub(super) closed: Vec<StatementId>,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(
        inbox: &'a mut Inbox,
        outbox: &'a Outbox,
        outputs: &'a [Output],
        row_limit: u32,
    ) -> Self {
        Self {
            inbox,
            outbox,
            outputs,
            rows: Rows::default(),
            count: 0,
            limit: u64::from(row_limit),
            destination: Destination::Client,
            failure: None,
            is_gone: false,
            closed: Vec::new(),
        }
    }

    /// Takes one row; waits while the client is slow or has reached its limit.
    pub(super) fn row(&mut self, row: &[Value]) -> ControlFlow<()> {
        if let Err(error) = self.rows.push(row, self.outputs) {
            self.failure = Some(misfit(&error));
            return ControlFlow::Break(());
        }
        self.count += 1;
        self.is_gone = self.after_row().is_err();
        match self.is_gone || matches!(self.destination, Destination::Nowhere) {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    }

    fn after_row(&mut self) -> Result<(), Gone> {
        if self.rows.is_full() {
            self.hand_on()?;
        }
        let is_sending = matches!(self.destination, Destination::Client);
        if is_sending && self.count == self.limit {
            self.suspend()
        } else {
            Ok(())
        }
    }

    fn hand_on(&mut self) -> Result<(), Gone> {
        match (self.rows.take(), &mut self.destination) {
            (Some(piece), Destination::Client) => self.outbox.send_rows(piece),
            (Some(piece), Destination::Memory(pieces)) => {
                pieces.push(piece);
                Ok(())
            }
            (None, _) | (_, Destination::Nowhere) => Ok(()),
        }
    }

    /// Waits for what is to become of the rest.
    fn suspend(&mut self) -> Result<(), Gone> {
        self.hand_on()?;
        self.inbox.stop();
        self.outbox.send(Event::Suspended)?;
        self.wait()?;
        self.inbox.start()
    }

    fn wait(&mut self) -> Result<(), Gone> {
        loop {
            match self.inbox.next()? {
                Operation::Resume { row_limit } => {
                    (self.count, self.limit) = (0, u64::from(row_limit));
                    return Ok(());
                }
                Operation::Abandon => {
                    self.destination = Destination::Nowhere;
                    return Ok(());
                }
                Operation::Sync => self.outbox.send(Event::Synced)?,
                Operation::Close(id) => self.closed.push(id),
                other => {
                    self.inbox.put_back(other);
                    self.destination = Destination::Memory(Vec::new());
                    return Ok(());
                }
            }
        }
    }

    /// Answers that the execution is complete, if it is and somebody waits for it.
    pub(super) fn finish(
        mut self,
        outcome: Result<Completion, UpstreamError>,
    ) -> Result<Finished, Gone> {
        self.inbox.stop();
        if self.is_gone {
            return Err(Gone);
        }
        self.hand_on()?;
        let outcome = self.failure.map_or(outcome, Err);
        let mut finished = Finished {
            suspended: None,
            error: None,
            closed: self.closed,
        };
        match (self.destination, outcome) {
            (Destination::Nowhere, _) => {}
            (Destination::Memory(pieces), outcome) => {
                finished.suspended = Some(Suspended {
                    pieces: pieces.into(),
                    error: outcome.err(),
                });
            }
            (Destination::Client, Err(error)) => finished.error = Some(error),
            (Destination::Client, Ok(completion)) => {
                let returned = (!self.outputs.is_empty()).then_some(self.count);
                let row_count = returned.or_else(|| changed(completion));
                self.outbox.send(Event::Complete { row_count })?;
            }
        }
        Ok(finished)
    }
}

/// How many rows a statement changed, if IRIS counts them.
pub(super) fn changed(completion: Completion) -> Option<u64> {
    u64::try_from(completion.row_count).ok()
}

/// An execution that has ended before all its rows were asked for.
pub(super) struct Suspended {
    pieces: VecDeque<Piece>,
    /// What comes after the rows, unless they were all.
    pub(super) error: Option<UpstreamError>,
}

impl Suspended {
    /// Some of the next rows, at most `limit`; 0: any number.
    pub(super) fn next_piece(&mut self, limit: u64) -> Option<Piece> {
        let first = self.pieces.front_mut()?;
        let piece = first.split_to(limit);
        if first.count == 0 {
            self.pieces.pop_front();
        }
        Some(piece)
    }
}
