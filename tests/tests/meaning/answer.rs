//! What a server answers to a text.

use std::collections::HashMap;
use std::time::Duration;

use tokio_postgres::error::ErrorPosition;
use tokio_postgres::{Client, SimpleQueryMessage};

use crate::describe::describe;

/// No statement of the corpus takes longer; one that does hangs.
const LONGEST: Duration = Duration::from_secs(30);

/// The answer to all statements of a text together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Labels and type OIDs of a single statement; none where it cannot be described
    /// (several statements). Rows in text form, and row counts.
    Rows {
        columns: Option<Vec<(String, u32)>>,
        labels: Vec<Vec<String>>,
        rows: Vec<Vec<Option<String>>>,
        counts: Vec<u64>,
    },
    /// The statement takes parameters: what they and its columns are.
    Described {
        parameters: Vec<u32>,
        columns: Vec<(String, u32)>,
    },
    Error(Failed),
}

/// An error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failed {
    pub(crate) sqlstate: String,
    pub(crate) message: String,
    /// Where in the text, as the server tells it.
    pub(crate) position: Option<u32>,
}

impl Failed {
    /// One that no server reported.
    fn without_answer(message: impl Into<String>) -> Self {
        Self {
            sqlstate: "?????".to_owned(),
            message: message.into(),
            position: None,
        }
    }
}

/// A server that is asked.
pub(crate) struct Server {
    pub(crate) client: Client,
    pub(crate) port: u16,
    pub(crate) database: String,
    /// What its OIDs are called here; none if statements are described by the client,
    /// which would ask the catalogue about types that it does not know.
    pub(crate) types: Option<HashMap<u32, u32>>,
}

impl Server {
    /// A statement described frame by frame, in a session of its own.
    fn described(&self, text: &str, types: &HashMap<u32, u32>) -> Result<Described, Answer> {
        let broken =
            |error: anyhow::Error| Answer::Error(Failed::without_answer(error.to_string()));
        let ours = |oid: u32| types.get(&oid).copied().unwrap_or(oid);
        match describe(self.port, &self.database, text).map_err(broken)? {
            Ok((parameters, columns)) => Ok(Described {
                parameters: parameters.into_iter().map(ours).collect(),
                columns: columns.into_iter().map(|(l, oid)| (l, ours(oid))).collect(),
            }),
            Err((sqlstate, message)) => Err(Answer::Error(Failed {
                sqlstate,
                message,
                position: None,
            })),
        }
    }
}

struct Described {
    parameters: Vec<u32>,
    columns: Vec<(String, u32)>,
}

impl Answer {
    pub(crate) async fn of(server: &Server, text: &str) -> Self {
        let client = &server.client;
        let described = match &server.types {
            None => described(client, text).await,
            Some(types) => server.described(text, types),
        };
        let columns = match described {
            Ok(one) if !one.parameters.is_empty() => {
                return Self::Described {
                    parameters: one.parameters,
                    columns: one.columns,
                };
            }
            Ok(one) => Some(one.columns),
            // Several statements cannot be described; then the text itself tells.
            Err(error) if !text.contains(';') => return error,
            Err(_) => None,
        };
        match tokio::time::timeout(LONGEST, ask(client, text, columns)).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(error)) => Self::failed(&error),
            Err(_) => Self::Error(Failed::without_answer("no answer")),
        }
    }

    pub(crate) fn failed(error: &tokio_postgres::Error) -> Self {
        match error.as_db_error() {
            Some(error) => Self::Error(Failed {
                sqlstate: error.code().code().to_owned(),
                message: error.message().to_owned(),
                position: match error.position() {
                    Some(ErrorPosition::Original(position)) => Some(*position),
                    _ => None,
                },
            }),
            None => Self::Error(Failed::without_answer(error.to_string())),
        }
    }
}

async fn described(client: &Client, text: &str) -> Result<Described, Answer> {
    let prepared = tokio::time::timeout(LONGEST, client.prepare(text)).await;
    let statement = match prepared {
        Ok(Ok(statement)) => statement,
        Ok(Err(error)) => return Err(Answer::failed(&error)),
        Err(_) => return Err(Answer::Error(Failed::without_answer("no answer"))),
    };
    let column = |column: &tokio_postgres::Column| (column.name().to_owned(), column.type_().oid());
    Ok(Described {
        parameters: statement.params().iter().map(|kind| kind.oid()).collect(),
        columns: statement.columns().iter().map(column).collect(),
    })
}

async fn ask(
    client: &Client,
    text: &str,
    columns: Option<Vec<(String, u32)>>,
) -> Result<Answer, tokio_postgres::Error> {
    let mut rows = Vec::new();
    let mut counts = Vec::new();
    let mut labels = Vec::new();
    for message in client.simple_query(text).await? {
        match message {
            SimpleQueryMessage::Row(row) => {
                rows.push(
                    (0..row.len())
                        .map(|n| row.get(n).map(str::to_owned))
                        .collect(),
                );
            }
            SimpleQueryMessage::CommandComplete(count) => counts.push(count),
            SimpleQueryMessage::RowDescription(columns) => {
                labels.push(columns.iter().map(|c| c.name().to_owned()).collect());
            }
            _ => {}
        }
    }
    Ok(Answer::Rows {
        columns,
        labels,
        rows,
        counts,
    })
}
