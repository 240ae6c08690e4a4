//! A connection to the upstream in the hands of one session, with what has been
//! prepared on it.

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;

use crate::frontend::rows::rows_of;
use crate::rules::wit_plan::Effect;
use crate::session::statement::Described;
use crate::upstream::{
    Connection, Event, Format, Oid, Operation, Output, Statement, StatementId, TEXT,
    UpstreamColumn, UpstreamError, UpstreamErrorKind, UpstreamType,
};

/// Statements kept prepared on a connection. Each holds a little memory here
/// and some on the server; a program rarely has more in use.
const PREPARED_KEPT: usize = 500;
/// Bytes of text they may have together: a script of long INSERTs must not pile
/// up here. The statement in use is kept whatever its length.
const TEXT_KEPT: usize = 4 * 1024 * 1024;

/// A lent connection.
pub(crate) struct Lease {
    connection: Box<dyn Connection>,
    prepared: HashMap<Key, Entry>,
    /// Bytes of text of the prepared statements.
    text: usize,
    last_id: StatementId,
    /// Counts uses, for finding the entry that was not used for longest.
    clock: u64,
}

/// A plan is translated once and shared, so its statement is known by address;
/// the key holds the statement, so the address stays taken.
struct Key {
    statement: Arc<Statement>,
    types: Vec<Oid>,
}

struct Entry {
    described: Arc<Described>,
    used: u64,
}

/// What the server says of a statement.
pub(crate) struct Description {
    pub(crate) parameters: Vec<UpstreamType>,
    pub(crate) columns: Option<Vec<UpstreamColumn>>,
}

impl Lease {
    pub(crate) fn new(connection: Box<dyn Connection>) -> Self {
        Self {
            connection,
            prepared: HashMap::new(),
            text: 0,
            last_id: 0,
            clock: 0,
        }
    }

    pub(crate) fn connection(&mut self) -> &mut dyn Connection {
        &mut *self.connection
    }

    /// What is known of a statement that is prepared already.
    pub(crate) fn known(
        &mut self,
        statement: &Arc<Statement>,
        types: &[Oid],
    ) -> Option<Arc<Described>> {
        self.clock += 1;
        let key = Key {
            statement: Arc::clone(statement),
            types: types.to_vec(),
        };
        let entry = self.prepared.get_mut(&key)?;
        entry.used = self.clock;
        Some(Arc::clone(&entry.described))
    }

    /// Prepares a statement; `Ok(Err(_))` is the server's refusal.
    pub(crate) async fn prepare(
        &mut self,
        statement: &Arc<Statement>,
        types: &[Oid],
    ) -> Result<Result<(StatementId, Description), UpstreamError>, UpstreamError> {
        self.last_id += 1;
        let id = self.last_id;
        let prepare = Operation::Prepare {
            id,
            statement: Arc::clone(statement),
            parameter_types: types.to_vec(),
        };
        self.connection.submit(vec![prepare, Operation::Sync])?;
        let mut outcome = None;
        loop {
            match self.connection.next().await? {
                Event::Described {
                    parameters,
                    columns,
                } => {
                    outcome = Some(Ok((
                        id,
                        Description {
                            parameters,
                            columns,
                        },
                    )));
                }
                Event::Failed(error) => outcome = Some(Err(error)),
                Event::Synced => return outcome.ok_or_else(confused),
                _ => return Err(confused()),
            }
        }
    }

    /// Remembers what the session made of a description.
    pub(crate) fn remember(
        &mut self,
        statement: &Arc<Statement>,
        types: Vec<Oid>,
        described: &Arc<Described>,
    ) {
        let length = text_length(statement);
        while !self.prepared.is_empty()
            && (self.prepared.len() >= PREPARED_KEPT || self.text + length > TEXT_KEPT)
        {
            self.forget_oldest();
        }
        self.text += length;
        let key = Key {
            statement: Arc::clone(statement),
            types,
        };
        self.prepared.insert(
            key,
            Entry {
                described: Arc::clone(described),
                used: self.clock,
            },
        );
    }

    fn forget_oldest(&mut self) {
        let oldest = self
            .prepared
            .iter()
            .min_by_key(|(_, entry)| entry.used)
            .map(|(key, entry)| {
                (
                    Key {
                        statement: Arc::clone(&key.statement),
                        types: key.types.clone(),
                    },
                    entry.described.id,
                )
            });
        if let Some((key, id)) = oldest {
            self.prepared.remove(&key);
            self.text -= text_length(&key.statement);
            // A lost connection shows at the next use.
            let _ = self.connection.submit(vec![Operation::Close(id)]);
        }
    }

    /// Descriptions may be wrong after a schema change.
    pub(crate) fn after(&mut self, effect: Effect) {
        if effect == Effect::Schema {
            self.text = 0;
            let close = self
                .prepared
                .drain()
                .map(|(_, entry)| Operation::Close(entry.described.id))
                .collect();
            let _ = self.connection.submit(close);
        }
    }

    /// Runs a statement without parameters and without rows; `Ok(Err(_))` is
    /// the server's refusal.
    pub(crate) async fn try_run(
        &mut self,
        text: &str,
    ) -> Result<Result<(), UpstreamError>, UpstreamError> {
        self.connection
            .submit(vec![Operation::Run(text.into()), Operation::Sync])?;
        let mut outcome = Ok(());
        loop {
            match self.connection.next().await? {
                Event::Failed(error) => outcome = Err(error),
                Event::Synced => return Ok(outcome),
                _ => {}
            }
        }
    }

    /// As [`Lease::try_run`], where a refusal is as bad as a lost connection.
    pub(crate) async fn run(&mut self, text: &str) -> Result<(), UpstreamError> {
        self.try_run(text).await?
    }

    /// The first value of the first row, as text; `None` also if the server
    /// refuses the query.
    pub(crate) async fn fetch_text(
        &mut self,
        query: &str,
    ) -> Result<Option<String>, UpstreamError> {
        let fetched = self.fetch(query).await?.ok();
        let first = fetched.and_then(|(_, rows)| rows.into_iter().next());
        Ok(first.and_then(|row| row.into_iter().next()).flatten())
    }

    /// The labels and the rows of a query without parameters, as text;
    /// `Ok(Err(_))` is the server's refusal.
    pub(crate) async fn fetch(
        &mut self,
        query: &str,
    ) -> Result<Result<TextRows, UpstreamError>, UpstreamError> {
        let statement = Arc::new(Statement::plain(query));
        let (id, description) = match self.prepare(&statement, &[]).await? {
            Ok(prepared) => prepared,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let labels: Vec<String> = description
            .columns
            .unwrap_or_default()
            .into_iter()
            .map(|column| column.label)
            .collect();
        let text = Output {
            type_oid: TEXT,
            type_modifier: -1,
            format: Format::Text,
        };
        let outputs: Arc<[Output]> = std::iter::repeat_n(text, labels.len()).collect();
        self.connection.submit(vec![
            Operation::Execute {
                id,
                parameters: Vec::new(),
                outputs,
                row_limit: 0,
            },
            Operation::Sync,
        ])?;
        let (mut rows, mut refusal) = (Vec::new(), None);
        loop {
            match self.connection.next().await? {
                Event::Rows { frames, .. } => rows.extend(text_rows(&frames)?),
                Event::Failed(error) => refusal = Some(error),
                Event::Synced => break,
                _ => {}
            }
        }
        self.connection.submit(vec![Operation::Close(id)])?;
        Ok(match refusal {
            Some(refusal) => Err(refusal),
            None => Ok((labels, rows)),
        })
    }
}

/// Labels, and rows of as many values.
pub(crate) type TextRows = (Vec<String>, Vec<Vec<Option<String>>>);

fn text_length(statement: &Statement) -> usize {
    statement.pieces.iter().map(String::len).sum()
}

/// The values in some DataRow frames, as text.
fn text_rows(frames: &Bytes) -> Result<Vec<Vec<Option<String>>>, UpstreamError> {
    let text = |value: Bytes| String::from_utf8_lossy(&value).into_owned();
    let row = |row: Vec<Option<Bytes>>| row.into_iter().map(|value| value.map(text)).collect();
    let rows = rows_of(frames).ok_or_else(confused)?;
    Ok(rows.into_iter().map(row).collect())
}

fn confused() -> UpstreamError {
    UpstreamError {
        kind: UpstreamErrorKind::Connection,
        sqlcode: 0,
        sqlstate: None,
        message: "the server answered out of turn".into(),
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.statement, &other.statement) && self.types == other.types
    }
}

impl Eq for Key {}

impl std::hash::Hash for Key {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        (Arc::as_ptr(&self.statement), &self.types).hash(state);
    }
}
