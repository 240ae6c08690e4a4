//! Rows that are longer than they may be: the statement fails, and the connection goes on.

use bytes::Bytes;

use crate::upstream::{Event, Operation, UpstreamError};

/// Looks after the length of rows on one connection.
pub(super) struct Rows {
    /// Of the longest, in bytes.
    limit: usize,
    /// A statement has failed for a row of its, and what else is answered up to the next Sync is
    /// told to nobody.
    is_skipping: bool,
}

/// What becomes of an event.
pub(super) enum Passed {
    /// It is told.
    Event(Event),
    /// It is not.
    Nothing,
    /// Nor is it, and this is to be sent.
    Reply(Operation),
}

impl Rows {
    pub(super) fn new() -> Self {
        Self {
            limit: usize::MAX,
            is_skipping: false,
        }
    }

    pub(super) fn set_limit(&mut self, limit: usize) {
        self.limit = limit;
    }

    pub(super) fn pass(&mut self, event: Event) -> Passed {
        match event {
            Event::Synced => {
                self.is_skipping = false;
                Passed::Event(event)
            }
            Event::Suspended if self.is_skipping => Passed::Reply(Operation::Abandon),
            _ if self.is_skipping => Passed::Nothing,
            Event::Rows { frames, .. } if has_longer(&frames, self.limit) => {
                self.is_skipping = true;
                Passed::Event(Event::Failed(UpstreamError::row_too_long()))
            }
            Event::Failed(error) => {
                // The connector has seen it first, and what follows is not skipped by the server.
                self.is_skipping = error == UpstreamError::row_too_long();
                Passed::Event(Event::Failed(error))
            }
            event => Passed::Event(event),
        }
    }
}

/// Whether one of these DataRow messages is longer than it may be.
fn has_longer(frames: &Bytes, limit: usize) -> bool {
    let mut rest = &frames[..];
    // What is shorter altogether has no longer part.
    while rest.len() > limit {
        let Some(&[_, a, b, c, d]) = rest.first_chunk() else {
            return true;
        };
        let length = 1 + u32::from_be_bytes([a, b, c, d]) as usize;
        if length > limit {
            return true;
        }
        rest = rest.get(length..).unwrap_or_default();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(frames: &'static [u8], count: u64) -> Event {
        Event::Rows {
            frames: Bytes::from_static(frames),
            count,
        }
    }

    const SHORT: &[u8] = b"D\0\0\0\x06\0\0D\0\0\0\x06\0\0";
    const LONG: &[u8] = b"D\0\0\0\x06\0\0D\0\0\0\x0b\0\x01\0\0\0\x01x";

    #[test]
    fn a_statement_fails_for_a_long_row_and_the_next_is_answered() {
        let mut passing = Rows::new();
        passing.set_limit(8);
        let is_told = |passed: Passed| match passed {
            Passed::Event(Event::Failed(error)) => error.sqlstate.unwrap_or_default(),
            Passed::Event(_) => "told".to_owned(),
            Passed::Nothing => "nothing".to_owned(),
            Passed::Reply(_) => "reply".to_owned(),
        };
        let complete = || Event::Complete { row_count: None };
        for (event, expected) in [
            (rows(SHORT, 2), "told"),
            (rows(LONG, 2), "54000"),
            (rows(SHORT, 2), "nothing"),
            (complete(), "nothing"),
            (Event::Synced, "told"),
            (rows(SHORT, 2), "told"),
            (rows(LONG, 2), "54000"),
            (Event::Suspended, "reply"),
            (Event::Synced, "told"),
            (complete(), "told"),
        ] {
            assert_eq!(is_told(passing.pass(event)), expected);
        }
    }
}
