//! What a real PostgreSQL answers.

use anyhow::{Result, anyhow};
use tokio_postgres::{Client, SimpleQueryMessage};

/// An answer, or the SQLSTATE of an error.
#[derive(Debug, PartialEq)]
pub(crate) enum Answer {
    /// Labels with type OIDs, and rows in text form.
    Rows(Vec<(String, u32)>, Vec<Vec<Option<String>>>),
    /// SQLSTATE and message.
    Error(String, String),
}

impl Answer {
    /// Takes the order out of it.
    pub(crate) fn sort(&mut self) {
        if let Self::Rows(_, rows) = self {
            rows.sort();
        }
    }

    /// The first thing in which another answer differs.
    pub(crate) fn difference(&self, other: &Self) -> Option<String> {
        let (Self::Rows(columns, rows), Self::Rows(own_columns, own_rows)) = (self, other) else {
            return (self != other).then(|| format!("expected {self:?}\n   but got {other:?}"));
        };
        if columns != own_columns {
            let pair = columns.iter().zip(own_columns).find(|(a, b)| a != b);
            return Some(format!("columns {pair:?}"));
        }
        let pair = rows.iter().zip(own_rows).find(|(a, b)| a != b);
        match pair {
            Some((expected, got)) => Some(format!("expected {expected:?}\n   but got {got:?}")),
            None if rows.len() != own_rows.len() => {
                let more = rows.get(own_rows.len());
                let less = own_rows.get(rows.len());
                Some(format!(
                    "expected {} rows, got {}: {more:?} {less:?}",
                    rows.len(),
                    own_rows.len()
                ))
            }
            None => None,
        }
    }
}

/// Labels and types from a Describe, rows from a simple query.
pub(crate) async fn answer(client: &Client, text: &str) -> Result<Answer> {
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
    Ok(Answer::Rows(columns, rows(&messages)))
}

/// The rows of a simple query, in text form.
pub(crate) fn rows(messages: &[SimpleQueryMessage]) -> Vec<Vec<Option<String>>> {
    messages
        .iter()
        .filter_map(|message| match message {
            SimpleQueryMessage::Row(row) => Some(
                (0..row.len())
                    .map(|place| row.get(place).map(str::to_owned))
                    .collect(),
            ),
            _ => None,
        })
        .collect()
}
