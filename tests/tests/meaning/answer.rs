//! What a server answers to a text.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio_postgres::error::ErrorPosition;
use tokio_postgres::{Client, SimpleQueryMessage};

use crate::describe::{self, describe};

/// No statement of the corpus takes longer; one that does hangs.
const LONGEST: Duration = Duration::from_secs(30);

/// The answer to all statements of a text together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// The columns of a single statement; none where it cannot be described
    /// (several statements). Rows in text form, and row counts.
    Rows {
        columns: Option<Vec<Column>>,
        labels: Vec<Vec<String>>,
        rows: Vec<Vec<Option<String>>>,
        counts: Vec<u64>,
    },
    /// The statement takes parameters: what they and its columns are.
    Described {
        parameters: Vec<u32>,
        columns: Vec<Column>,
    },
    Error(Failed),
}

/// A result column as RowDescription tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Column {
    pub(crate) label: String,
    pub(crate) kind: u32,
    /// `table.column` that it shows, by the server's own catalogue.
    pub(crate) origin: Option<String>,
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
    /// The names of columns that it has told, by table and number, since its tables were changed.
    pub(crate) names: Mutex<HashMap<(u32, i16), String>>,
}

impl Server {
    /// A statement described frame by frame, in a session of its own.
    fn described_by_frames(
        &self,
        text: &str,
        types: &HashMap<u32, u32>,
    ) -> Result<Described, Answer> {
        let broken =
            |error: anyhow::Error| Answer::Error(Failed::without_answer(error.to_string()));
        let ours = |oid: u32| describe::shared(types.get(&oid).copied().unwrap_or(oid));
        match describe(self.port, &self.database, text).map_err(broken)? {
            Ok((parameters, columns)) => Ok(Described {
                parameters: parameters.into_iter().map(ours).collect(),
                columns: columns
                    .into_iter()
                    .map(|column| Shown {
                        kind: ours(column.kind),
                        ..column
                    })
                    .collect(),
            }),
            Err((sqlstate, message)) => Err(Answer::Error(Failed {
                sqlstate,
                message,
                position: None,
            })),
        }
    }
}

impl Server {
    fn names(&self) -> MutexGuard<'_, HashMap<(u32, i16), String>> {
        self.names.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Its tables are others from now on.
    pub(crate) fn forget_names(&self) {
        self.names().clear();
    }

    /// The columns with the names of what they show.
    async fn named(&self, columns: Vec<Shown>) -> Result<Vec<Column>, tokio_postgres::Error> {
        let known = |place: &(u32, i16)| self.names().contains_key(place);
        let places = columns.iter().filter_map(|column| column.origin);
        let mut tables: Vec<u32> = places
            .filter(|place| !known(place))
            .map(|(table, _)| table)
            .collect();
        tables.sort_unstable();
        tables.dedup();
        if !tables.is_empty() {
            let query = "SELECT a.attrelid, a.attnum, c.relname || '.' || a.attname \
                         FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid \
                         WHERE a.attrelid = ANY($1)";
            for row in self.client.query(query, &[&tables]).await? {
                let place: (u32, i16) = (row.get(0), row.get(1));
                self.names().insert(place, row.get::<_, String>(2));
            }
        }
        let names = self.names();
        let named = columns.into_iter().map(|column| Column {
            label: column.label,
            kind: column.kind,
            origin: column.origin.map(|(table, number)| {
                let known = names.get(&(table, number)).cloned();
                known.unwrap_or_else(|| format!("{number} of an unknown table, {table}"))
            }),
        });
        Ok(named.collect())
    }
}

struct Described {
    parameters: Vec<u32>,
    columns: Vec<Shown>,
}

/// A result column by numbers alone.
pub(crate) struct Shown {
    pub(crate) label: String,
    pub(crate) kind: u32,
    /// `pg_attribute.attrelid` and `attnum`.
    pub(crate) origin: Option<(u32, i16)>,
}

impl Answer {
    pub(crate) async fn of(server: &Server, text: &str) -> Self {
        let client = &server.client;
        let words = text.to_uppercase();
        if ["CREATE", "ALTER", "DROP"]
            .iter()
            .any(|word| words.contains(word))
        {
            server.forget_names();
        }
        let described = match &server.types {
            None => described(client, text).await,
            Some(types) => server.described_by_frames(text, types),
        };
        let columns = match described {
            Ok(one) => match server.named(one.columns).await {
                Ok(columns) if one.parameters.is_empty() => Some(columns),
                Ok(columns) => {
                    return Self::Described {
                        parameters: one.parameters,
                        columns,
                    };
                }
                Err(error) => return Self::failed(&error),
            },
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
    let column = |column: &tokio_postgres::Column| Shown {
        label: column.name().to_owned(),
        kind: describe::shared(column.type_().oid()),
        origin: column.table_oid().zip(column.column_id()),
    };
    Ok(Described {
        parameters: statement
            .params()
            .iter()
            .map(|kind| describe::shared(kind.oid()))
            .collect(),
        columns: statement.columns().iter().map(column).collect(),
    })
}

async fn ask(
    client: &Client,
    text: &str,
    columns: Option<Vec<Column>>,
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
