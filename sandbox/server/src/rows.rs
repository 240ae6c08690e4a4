//! The rows of one execution, on their way from the thread that makes them.

use std::collections::VecDeque;
use std::sync::Arc;

use futures_util::stream::{self, Stream};
use pgiris_sandbox::Completion;
use pgwire::error::PgWireError;
use pgwire::messages::data::DataRow;
use tokio::sync::{Mutex, mpsc};

use crate::failure::lost;

/// What an execution says: some rows, or its end, which comes last.
pub(crate) enum Piece {
    Rows(Vec<DataRow>),
    End(Result<Completion, PgWireError>),
}

/// An execution that goes on. It waits while nobody takes its rows.
pub(crate) struct Rows(Mutex<Inner>);

struct Inner {
    pieces: mpsc::Receiver<Piece>,
    kept: VecDeque<DataRow>,
    /// Once the execution has ended: how, until that was asked for.
    end: Option<Result<Completion, PgWireError>>,
    has_ended: bool,
}

impl Rows {
    pub(crate) fn new(pieces: mpsc::Receiver<Piece>) -> Arc<Self> {
        Arc::new(Self(Mutex::new(Inner {
            pieces,
            kept: VecDeque::new(),
            end: None,
            has_ended: false,
        })))
    }

    /// Lets the execution run to its end and keeps the rows that are left, so
    /// that its connection can do something else.
    pub(crate) async fn keep(&self) {
        let mut inner = self.0.lock().await;
        while !inner.has_ended {
            inner.receive().await;
        }
    }

    /// The end of an execution whose rows do not matter.
    pub(crate) async fn end(&self) -> Result<Completion, PgWireError> {
        let mut inner = self.0.lock().await;
        while !inner.has_ended {
            inner.receive().await;
            inner.kept.clear();
        }
        inner.end.take().unwrap_or_else(|| Err(lost()))
    }

    /// The rows, then the error if there was one.
    pub(crate) fn stream(self: Arc<Self>) -> impl Stream<Item = Result<DataRow, PgWireError>> {
        stream::unfold(self, |rows| async {
            let row = rows.next().await?;
            Some((row, rows))
        })
    }

    async fn next(&self) -> Option<Result<DataRow, PgWireError>> {
        let mut inner = self.0.lock().await;
        loop {
            if let Some(row) = inner.kept.pop_front() {
                return Some(Ok(row));
            }
            if inner.has_ended {
                return inner.end.take()?.err().map(Err);
            }
            inner.receive().await;
        }
    }
}

impl Inner {
    async fn receive(&mut self) {
        match self.pieces.recv().await {
            Some(Piece::Rows(rows)) => self.kept.extend(rows),
            Some(Piece::End(end)) => {
                self.has_ended = true;
                self.end = Some(end);
            }
            None => {
                self.has_ended = true;
                self.end = Some(Err(lost()));
            }
        }
    }
}
