//! The two ends of a connection that its thread holds.

use std::collections::VecDeque;
use std::sync::{Arc, mpsc as blocking};

use tokio::sync::mpsc;

use super::interrupter::{Activity, Interrupter};
use super::rows::Piece;
use crate::upstream::{Event, Operation};

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
    pub(super) fn new(events: mpsc::Sender<Event>) -> Self {
        Self(events)
    }

    pub(super) fn send(&self, event: Event) -> Result<(), Gone> {
        self.0.blocking_send(event).map_err(|_| Gone)
    }

    pub(super) fn send_rows(&self, piece: Piece) -> Result<(), Gone> {
        let Piece { frames, count } = piece;
        self.send(Event::Rows { frames, count })
    }
}
