//! What a real PostgreSQL answers.

use anyhow::{Result, anyhow};
use tokio_postgres::{Client, SimpleQueryMessage};

/// An answer, or the SQLSTATE of an error.
#[derive(Debug, PartialEq)]
pub enum Answer {
    /// Labels with type OIDs, and rows in text form.
    Rows(Vec<(String, u32)>, Vec<Vec<Option<String>>>),
    /// SQLSTATE and message.
    Error(String, String),
}

impl Answer {
    /// Takes the order out of it.
    pub fn sort(&mut self) {
        if let Self::Rows(_, rows) = self {
            rows.sort();
        }
    }

    /// Briefly.
    pub fn shown(&self) -> String {
        let mut text = match self {
            Self::Error(sqlstate, message) => format!("{sqlstate} {message}"),
            Self::Rows(columns, rows) => {
                let rows: Vec<String> = rows
                    .iter()
                    .map(|row| {
                        let cells: Vec<&str> =
                            row.iter().map(|cell| cell.as_deref().unwrap_or("NULL")).collect();
                        cells.join(" | ")
                    })
                    .collect();
                format!("{columns:?} {} rows\n     {}", rows.len(), rows.join("\n     "))
            }
        };
        if text.len() > 3000 {
            let end = (0..3000).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
            text.truncate(end);
        }
        text
    }
}

/// Labels and types from a Describe, rows from a simple query.
pub async fn answer(client: &Client, text: &str) -> Result<Answer> {
    let failed = |error: tokio_postgres::Error| match error.as_db_error() {
        Some(error) => Ok(Answer::Error(
            error.code().code().to_owned(),
            error.message().to_owned(),
        )),
        None => Err(anyhow!(error)),
    };
    let statement = match client.prepare(text).await {
        Ok(statement) => statement,
        Err(error) => return failed(error),
    };
    let columns = statement
        .columns()
        .iter()
        .map(|column| (column.name().to_owned(), column.type_().oid()))
        .collect();
    let messages = match client.simple_query(text).await {
        Ok(messages) => messages,
        Err(error) => return failed(error),
    };
    let rows = messages
        .iter()
        .filter_map(|message| match message {
            SimpleQueryMessage::Row(row) => Some(
                (0..row.len())
                    .map(|place| row.get(place).map(str::to_owned))
                    .collect(),
            ),
            _ => None,
        })
        .collect();
    Ok(Answer::Rows(columns, rows))
}
