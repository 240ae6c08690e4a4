//! Drives a connection of a connector the way a session does.

#![allow(dead_code, reason = "no test file uses all of it")]
#![allow(
    clippy::panic,
    reason = "a test that sees something else fails with what it saw"
)]

use std::sync::Arc;
use std::time::Duration;

use bytes::{Buf, Bytes};
use pgiris::upstream::{
    Connection, Connector, Event, Format, Oid, Operation, Output, Parameter, Statement,
    StatementId, Target, UpstreamColumn, UpstreamError, UpstreamType, connector,
};

/// The connector of a URL that is right.
pub(crate) fn connector_of(url: &str) -> Arc<dyn Connector> {
    connector(url).unwrap_or_else(|error| panic!("{url}: {error}"))
}

/// Whom tests log in as.
pub(crate) fn target() -> Target {
    Target {
        user: "_SYSTEM".to_owned(),
        password: Some("SYS".to_owned()),
        namespace: "USER".to_owned(),
    }
}

/// An event, with rows taken apart.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Seen {
    Described(Vec<UpstreamType>, Option<Vec<UpstreamColumn>>),
    Row(Vec<Option<Vec<u8>>>),
    Suspended,
    Complete(Option<u64>),
    Failed(UpstreamError),
    Synced,
}

/// A row of texts; `None` is NULL.
pub(crate) fn row(values: &[Option<&str>]) -> Seen {
    Seen::Row(
        values
            .iter()
            .map(|value| value.map(|text| text.as_bytes().to_vec()))
            .collect(),
    )
}

const BETWEEN_CANCELS: Duration = Duration::from_millis(10);

pub(crate) struct Driver(pub(crate) Box<dyn Connection>);

impl Driver {
    pub(crate) async fn open(url: &str) -> Self {
        Self::of(&*connector_of(url)).await
    }

    pub(crate) async fn of(connector: &dyn Connector) -> Self {
        Self(
            connector
                .connect(&target())
                .await
                .expect("the server accepts"),
        )
    }

    pub(crate) fn submit(&mut self, batch: Vec<Operation>) {
        self.0.submit(batch).expect("the connection is open");
    }

    pub(crate) async fn next(&mut self) -> Event {
        self.0.next().await.expect("the connection is open")
    }

    /// Everything up to the event that `is_last` names, itself included.
    pub(crate) async fn until(&mut self, is_last: impl Fn(&Seen) -> bool) -> Vec<Seen> {
        let mut seen = Vec::new();
        loop {
            match self.next().await {
                Event::Described {
                    parameters,
                    columns,
                } => seen.push(Seen::Described(parameters, columns)),
                Event::Rows { frames, count } => {
                    let rows = rows_in(frames);
                    assert_eq!(rows.len() as u64, count);
                    seen.extend(rows.into_iter().map(Seen::Row));
                }
                Event::Suspended => seen.push(Seen::Suspended),
                Event::Complete { row_count } => seen.push(Seen::Complete(row_count)),
                // Only `Operation::Repeat` is answered so, which these tests do not send.
                Event::Repeated { times } => panic!("repeated {times} times unasked"),
                Event::Failed(error) => seen.push(Seen::Failed(error)),
                Event::Synced => seen.push(Seen::Synced),
            }
            if seen.last().is_some_and(&is_last) {
                return seen;
            }
        }
    }

    /// Cancels what runs, again and again: it takes a moment until it does, and a cancel before that does nothing.
    /// Everything up to the answer to the Sync behind it.
    pub(crate) async fn cancelled(&mut self) -> Vec<Seen> {
        let canceller = self.0.canceller();
        let cancel = tokio::spawn(async move {
            loop {
                canceller.cancel().await;
                tokio::time::sleep(BETWEEN_CANCELS).await;
            }
        });
        let seen = self.until(|seen| *seen == Seen::Synced).await;
        cancel.abort();
        seen
    }

    /// Submits a batch and a Sync; everything up to the answer to that.
    pub(crate) async fn send(&mut self, mut batch: Vec<Operation>) -> Vec<Seen> {
        batch.push(Operation::Sync);
        self.submit(batch);
        let mut seen = self.until(|seen| *seen == Seen::Synced).await;
        seen.pop();
        seen
    }

    pub(crate) async fn run(&mut self, text: &str) -> Seen {
        self.send(vec![Operation::Run(text.into())])
            .await
            .pop()
            .expect("one answer")
    }

    /// Prepares and executes, with all results as texts.
    pub(crate) async fn query(&mut self, text: &str, parameters: Vec<Parameter>) -> Vec<Seen> {
        let pieces: Vec<String> = text.split('?').map(str::to_owned).collect();
        let count = pieces.len() as u32 - 1;
        let statement = Statement {
            pieces,
            placeholders: (0..count).collect(),
        };
        let types = parameters
            .iter()
            .map(|parameter| parameter.type_oid)
            .collect();
        let mut seen = self.send(vec![prepare(1, statement, types)]).await;
        if let Some(Seen::Described(_, columns)) =
            seen.pop_if(|seen| matches!(seen, Seen::Described(..)))
        {
            let outputs = vec![text_output(); columns.map_or(0, |columns| columns.len())];
            seen.extend(self.send(vec![execute(1, parameters, outputs, 0)]).await);
        }
        seen
    }
}

pub(crate) fn prepare(
    id: StatementId,
    statement: Statement,
    parameter_types: Vec<Oid>,
) -> Operation {
    Operation::Prepare {
        id,
        statement: Arc::new(statement),
        parameter_types,
    }
}

pub(crate) fn execute(
    id: StatementId,
    parameters: Vec<Parameter>,
    outputs: Vec<Output>,
    row_limit: u32,
) -> Operation {
    Operation::Execute {
        id,
        parameters,
        outputs: outputs.into(),
        row_limit,
    }
}

pub(crate) fn text_output() -> Output {
    output(25, Format::Text)
}

pub(crate) fn output(type_oid: Oid, format: Format) -> Output {
    Output {
        type_oid,
        type_modifier: -1,
        format,
    }
}

pub(crate) fn text_parameter(type_oid: Oid, value: Option<&'static str>) -> Parameter {
    let value = value.map(|text| Bytes::from_static(text.as_bytes()));
    Parameter {
        type_oid,
        format: Format::Text,
        value,
    }
}

/// The values of DataRow messages; panics if they are not well-formed.
pub(crate) fn rows_in(mut frames: Bytes) -> Vec<Vec<Option<Vec<u8>>>> {
    let mut rows = Vec::new();
    while frames.has_remaining() {
        assert_eq!(frames.get_u8(), b'D');
        let length = frames.get_u32() as usize;
        let mut body = frames.split_to(length - 4);
        let columns = body.get_u16();
        rows.push((0..columns).map(|_| value_in(&mut body)).collect());
        assert!(body.is_empty(), "a message is longer than its row");
    }
    rows
}

fn value_in(body: &mut Bytes) -> Option<Vec<u8>> {
    let length = usize::try_from(body.get_i32()).ok()?;
    Some(body.split_to(length).to_vec())
}
