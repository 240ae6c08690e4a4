//! What a server answers to a text.

use std::time::Duration;

use tokio_postgres::{Client, SimpleQueryMessage};

/// No statement of the corpus takes longer; one that does hangs.
const LONGEST: Duration = Duration::from_secs(30);

/// The answer to all statements of a text together.
#[derive(Debug, PartialEq, Eq)]
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
    /// SQLSTATE and message.
    Error(String, String),
}

impl Answer {
    pub(crate) async fn of(client: &Client, text: &str) -> Self {
        match tokio::time::timeout(LONGEST, ask(client, text)).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(error)) => match error.as_db_error() {
                Some(error) => {
                    Self::Error(error.code().code().to_owned(), error.message().to_owned())
                }
                None => Self::Error("?????".to_owned(), error.to_string()),
            },
            Err(_) => Self::Error("?????".to_owned(), "no answer".to_owned()),
        }
    }
}

async fn ask(client: &Client, text: &str) -> Result<Answer, tokio_postgres::Error> {
    // Fails for several statements, and for what cannot be prepared; then the text itself tells.
    let described = match client.prepare(text).await {
        Ok(statement) => Some(statement),
        // The text itself could not say more: it has no values for its placeholders.
        Err(error) if !text.contains(';') && text.contains(['$', '?']) => return Err(error),
        Err(_) => None,
    };
    let columns = described.as_ref().map(|statement| {
        let column =
            |column: &tokio_postgres::Column| (column.name().to_owned(), column.type_().oid());
        statement.columns().iter().map(column).collect::<Vec<_>>()
    });
    if let Some(statement) = &described
        && !statement.params().is_empty()
    {
        return Ok(Answer::Described {
            parameters: statement.params().iter().map(|kind| kind.oid()).collect(),
            columns: columns.unwrap_or_default(),
        });
    }
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
