//! Which replies are outstanding, and what each message of the server means by
//! that. No I/O: requests are noted, messages are taken, events come out.

use std::collections::VecDeque;

use bytes::Bytes;
use fallible_iterator::FallibleIterator;
use postgres_protocol::message::backend::{
    CommandCompleteBody, Message, ParameterDescriptionBody, RowDescriptionBody,
};

use super::fault;
use super::frame::Frame;
use crate::upstream::{Event, UpstreamColumn, UpstreamError, UpstreamErrorKind, UpstreamType};

/// A portal that was opened for an execution with a row limit.
pub(super) type PortalNumber = u64;

/// What a request will be answered by.
#[derive(Debug)]
pub(super) enum Expected {
    /// ParameterDescription, then RowDescription or NoData.
    Description {
        /// For each placeholder the position of its `$k`, from 0.
        positions: Vec<usize>,
        /// What ParameterDescription said.
        parameters: Vec<UpstreamType>,
    },
    /// DataRows, then CommandComplete or PortalSuspended.
    Execution(Option<PortalNumber>),
    /// As `Execution`, but nobody wants the rows.
    Run,
    /// ReadyForQuery; with the number of portals opened before.
    Ready(PortalNumber),
}

/// The requests of one connection that have not been answered.
#[derive(Default)]
pub(super) struct Pipeline {
    expected: VecDeque<Expected>,
    /// After a failure the server skips everything up to a Sync; this is so
    /// while that Sync has not been sent.
    is_skipping: bool,
    last_portal: PortalNumber,
    /// Portals that can be resumed, the latest last.
    open: Vec<PortalNumber>,
    /// Portals that ran to their end and are still known to the server.
    finished: Vec<PortalNumber>,
}

impl Pipeline {
    /// Notes that a request is sent.
    pub(super) fn expect(&mut self, expected: Expected) {
        if matches!(expected, Expected::Ready(_)) {
            self.is_skipping = false;
        }
        if !self.is_skipping {
            self.expected.push_back(expected);
        }
    }

    /// Notes that a Sync is sent.
    pub(super) fn expect_ready(&mut self) {
        self.expect(Expected::Ready(self.last_portal));
    }

    /// A new portal.
    pub(super) fn open_portal(&mut self) -> PortalNumber {
        self.last_portal += 1;
        self.open.push(self.last_portal);
        self.last_portal
    }

    /// The portal that was suspended last, or is about to be.
    pub(super) fn latest_portal(&self) -> Option<PortalNumber> {
        self.open.last().copied()
    }

    /// Forgets the portal that was suspended last.
    pub(super) fn abandon_portal(&mut self) -> Option<PortalNumber> {
        self.open.pop()
    }

    /// Portals that should be closed now.
    pub(super) fn take_finished(&mut self) -> Vec<PortalNumber> {
        std::mem::take(&mut self.finished)
    }

    /// Takes what the server sent; `None` if the caller need not know.
    ///
    /// # Errors
    /// The connection is lost: the server says so, or answers what was not asked.
    pub(super) fn take(&mut self, frame: Frame) -> Result<Option<Event>, UpstreamError> {
        match frame {
            Frame::Rows(frames, count) => self.rows(frames, count),
            Frame::Message(message) => self.message(message),
            Frame::LongRow(_) => self.long_row(),
        }
    }

    /// The statement is of no use any more; the server knows nothing of that, and goes on.
    fn long_row(&self) -> Result<Option<Event>, UpstreamError> {
        match self.expected.front() {
            Some(Expected::Execution(_)) => Ok(Some(Event::Failed(UpstreamError::row_too_long()))),
            Some(Expected::Run) => Ok(None),
            _ => Err(fault::nonsense("rows out of turn")),
        }
    }

    fn rows(&self, frames: Bytes, count: u64) -> Result<Option<Event>, UpstreamError> {
        match self.expected.front() {
            Some(Expected::Execution(_)) => Ok(Some(Event::Rows { frames, count })),
            Some(Expected::Run) => Ok(None),
            _ => Err(fault::nonsense("rows out of turn")),
        }
    }

    fn message(&mut self, message: Message) -> Result<Option<Event>, UpstreamError> {
        match message {
            Message::ParseComplete | Message::BindComplete | Message::CloseComplete => Ok(None),
            Message::ParameterDescription(body) => self.parameters(&body).map(|()| None),
            Message::RowDescription(body) => self.described(Some(columns(&body)?)).map(Some),
            Message::NoData => self.described(None).map(Some),
            Message::CommandComplete(body) => self.complete(row_count(&body)).map(Some),
            Message::EmptyQueryResponse => self.complete(None).map(Some),
            Message::PortalSuspended => self.suspended().map(Some),
            Message::ErrorResponse(body) => self.failed(fault::reported(body.fields())).map(Some),
            Message::ReadyForQuery(body) => self.ready(body.status()).map(Some),
            Message::NoticeResponse(body) => {
                tracing::debug!(notice = %fault::reported(body.fields()), "the upstream sent a notice");
                Ok(None)
            }
            Message::ParameterStatus(_) | Message::NotificationResponse(_) => Ok(None),
            Message::CopyInResponse(_) | Message::CopyOutResponse(_) => Err(fault::lost(
                "the server began a COPY, which this connector does not do",
            )),
            _ => Err(fault::nonsense("a message out of turn")),
        }
    }

    fn parameters(&mut self, body: &ParameterDescriptionBody) -> Result<(), UpstreamError> {
        let Some(Expected::Description { parameters, .. }) = self.expected.front_mut() else {
            return Err(fault::nonsense("a parameter description out of turn"));
        };
        let types = body.parameters().map(|type_oid| {
            Ok(UpstreamType::Postgres {
                type_oid,
                type_modifier: -1,
            })
        });
        *parameters = types
            .collect()
            .map_err(|error| fault::nonsense(&error.to_string()))?;
        Ok(())
    }

    fn described(&mut self, columns: Option<Vec<UpstreamColumn>>) -> Result<Event, UpstreamError> {
        let Some(Expected::Description {
            positions,
            parameters,
        }) = self.expected.pop_front()
        else {
            return Err(fault::nonsense("a row description out of turn"));
        };
        let of_placeholder = |position: &usize| parameters.get(*position).cloned();
        let parameters: Option<Vec<UpstreamType>> = positions.iter().map(of_placeholder).collect();
        let parameters =
            parameters.ok_or_else(|| fault::nonsense("too few parameters described"))?;
        Ok(Event::Described {
            parameters,
            columns,
        })
    }

    fn complete(&mut self, row_count: Option<u64>) -> Result<Event, UpstreamError> {
        match self.expected.pop_front() {
            Some(Expected::Execution(portal)) => {
                let was_open = portal.filter(|portal| self.close(*portal));
                self.finished.extend(was_open);
                Ok(Event::Complete { row_count })
            }
            Some(Expected::Run) => Ok(Event::Complete { row_count }),
            _ => Err(fault::nonsense("a completion out of turn")),
        }
    }

    fn suspended(&mut self) -> Result<Event, UpstreamError> {
        match self.expected.pop_front() {
            Some(Expected::Execution(Some(_))) => Ok(Event::Suspended),
            _ => Err(fault::nonsense("a suspension out of turn")),
        }
    }

    /// Manual, "Extended Query": after an error the server reads and discards
    /// messages until a Sync is reached.
    fn failed(&mut self, error: UpstreamError) -> Result<Event, UpstreamError> {
        if error.kind == UpstreamErrorKind::Connection {
            return Err(error);
        }
        while let Some(skipped) = self
            .expected
            .pop_front_if(|expected| !matches!(expected, Expected::Ready(_)))
        {
            if let Expected::Execution(Some(portal)) = skipped {
                self.close(portal);
            }
        }
        self.is_skipping = self.expected.is_empty();
        Ok(Event::Failed(error))
    }

    /// Manual, "Extended Query": portals end with their transaction.
    fn ready(&mut self, transaction_status: u8) -> Result<Event, UpstreamError> {
        let Some(Expected::Ready(last_portal)) = self.expected.pop_front() else {
            return Err(fault::nonsense("it is ready out of turn"));
        };
        if transaction_status == b'I' {
            self.open.retain(|portal| *portal > last_portal);
            self.finished.retain(|portal| *portal > last_portal);
        }
        Ok(Event::Synced)
    }

    /// Whether the portal was open.
    fn close(&mut self, portal: PortalNumber) -> bool {
        let position = self.open.iter().position(|open| *open == portal);
        position
            .map(|position| self.open.remove(position))
            .is_some()
    }
}

fn columns(body: &RowDescriptionBody) -> Result<Vec<UpstreamColumn>, UpstreamError> {
    let columns = body.fields().map(|field| {
        let (type_oid, type_modifier) = (field.type_oid(), field.type_modifier());
        let upstream_type = UpstreamType::Postgres {
            type_oid,
            type_modifier,
        };
        Ok(UpstreamColumn {
            label: field.name().to_owned(),
            upstream_type,
        })
    });
    columns
        .collect()
        .map_err(|error| fault::nonsense(&error.to_string()))
}

/// The number at the end of the tag, as in `INSERT 0 5`.
fn row_count(body: &CommandCompleteBody) -> Option<u64> {
    body.tag().ok()?.rsplit(' ').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use bytes::BytesMut;

    use super::*;
    use crate::upstream::postgres::frame::cut;

    const COMPLETE: &[u8] = b"C\0\0\0\x0dSELECT 1\0";
    const ERROR: &[u8] = b"E\0\0\0\x13SERROR\0C22012\0\0";
    const READY: &[u8] = b"Z\0\0\0\x05I";
    const ROW: &[u8] = b"D\0\0\0\x06\0\0";
    const SUSPENDED: &[u8] = b"s\0\0\0\x04";

    /// Events by their initials; `!` for an error of the connection.
    fn letters(pipeline: &mut Pipeline, messages: &[&[u8]]) -> String {
        let mut buffer = BytesMut::from(&messages.concat()[..]);
        let mut letters = String::new();
        while let Some(frame) = cut(&mut buffer, 1_000).unwrap() {
            match pipeline.take(frame) {
                Ok(None) => {}
                Ok(Some(Event::Described { .. })) => letters.push('D'),
                Ok(Some(Event::Rows { .. })) => letters.push('R'),
                Ok(Some(Event::Suspended)) => letters.push('P'),
                Ok(Some(Event::Complete { .. })) => letters.push('C'),
                Ok(Some(Event::Repeated { .. })) => letters.push('N'),
                Ok(Some(Event::Failed(_))) => letters.push('F'),
                Ok(Some(Event::Synced)) => letters.push('S'),
                Err(_) => letters.push('!'),
            }
        }
        letters
    }

    #[test]
    fn a_failure_answers_everything_up_to_the_sync() {
        let mut pipeline = Pipeline::default();
        pipeline.expect(Expected::Run);
        pipeline.expect(Expected::Execution(None));
        pipeline.expect_ready();
        pipeline.expect(Expected::Execution(None));
        assert_eq!(
            letters(&mut pipeline, &[ERROR, READY, ROW, COMPLETE]),
            "FSRC"
        );
    }

    #[test]
    fn what_is_sent_after_a_failure_is_skipped_up_to_the_sync() {
        let mut pipeline = Pipeline::default();
        pipeline.expect(Expected::Run);
        assert_eq!(letters(&mut pipeline, &[ERROR]), "F");
        pipeline.expect(Expected::Run);
        pipeline.expect_ready();
        pipeline.expect(Expected::Run);
        assert_eq!(letters(&mut pipeline, &[READY, ROW, COMPLETE]), "SC");
    }

    #[test]
    fn portals_end_when_they_are_complete_and_with_their_transaction() {
        let mut pipeline = Pipeline::default();
        for _ in 0..2 {
            let portal = pipeline.open_portal();
            pipeline.expect(Expected::Execution(Some(portal)));
        }
        assert_eq!(letters(&mut pipeline, &[SUSPENDED, COMPLETE]), "PC");
        assert_eq!(pipeline.latest_portal(), Some(1));
        assert_eq!(pipeline.take_finished(), [2]);
        pipeline.expect_ready();
        assert_eq!(letters(&mut pipeline, &[READY]), "S");
        assert_eq!(pipeline.latest_portal(), None);
    }

    #[test]
    fn what_was_not_asked_for_ends_the_connection() {
        for message in [
            COMPLETE,
            READY,
            ROW,
            SUSPENDED,
            b"n\0\0\0\x04",
            b"t\0\0\0\x06\0\0",
        ] {
            assert_eq!(letters(&mut Pipeline::default(), &[message]), "!");
        }
    }
}
