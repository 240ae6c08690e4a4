//! Brokers with a console, and what is asked there.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use pgiris_tests::Broker;
use tempfile::TempDir;
use tokio_postgres::{Client, SimpleQueryMessage};

/// A broker, and the file that it was configured by.
pub(super) struct Site {
    pub(super) broker: Broker,
    pub(super) file: PathBuf,
    _directory: TempDir,
}

impl Site {
    /// In front of a sandbox, configured by this text.
    pub(super) fn serve(configuration: &str) -> Result<Self> {
        let directory = tempfile::tempdir()?;
        let file = directory.path().join("pgiris.toml");
        fs::write(&file, configuration)?;
        Ok(Self {
            broker: Broker::configured(&file)?,
            file,
            _directory: directory,
        })
    }

    pub(super) async fn client(&self) -> Result<Client> {
        pgiris_tests::connect(self.broker.port(), "USER").await
    }

    pub(super) async fn console(&self) -> Result<Client> {
        pgiris_tests::connect(self.broker.port(), "pgiris").await
    }
}

/// What a command shows: its rows, by the names of the columns.
pub(super) async fn shown(console: &Client, command: &str) -> Result<Vec<Shown>> {
    let messages = console.simple_query(command).await?;
    let rows = messages.into_iter().filter_map(|message| match message {
        SimpleQueryMessage::Row(row) => Some(Shown(row)),
        _ => None,
    });
    Ok(rows.collect())
}

/// A row.
pub(super) struct Shown(tokio_postgres::SimpleQueryRow);

impl Shown {
    pub(super) fn text(&self, column: &str) -> Result<&str> {
        let value = self.0.try_get(column)?;
        value.with_context(|| format!("{column} is NULL"))
    }

    pub(super) fn number(&self, column: &str) -> Result<u64> {
        Ok(self.text(column)?.parse()?)
    }

    pub(super) fn is_null(&self, column: &str) -> Result<bool> {
        Ok(self.0.try_get(column)?.is_none())
    }
}

/// The first row that has this value.
pub(super) async fn row(
    console: &Client,
    command: &str,
    column: &str,
    value: &str,
) -> Result<Shown> {
    let rows = shown(console, command).await?;
    let mut fitting = rows
        .into_iter()
        .filter(|row| row.text(column).is_ok_and(|found| found == value));
    fitting
        .next()
        .with_context(|| format!("{command}: no row with {column} = {value}"))
}

/// The process id of a session.
pub(super) async fn process(client: &Client) -> Result<u32> {
    let row = client.query_one("SELECT pg_backend_pid()", &[]).await?;
    Ok(u32::try_from(row.get::<_, i32>(0))?)
}

/// The SQLSTATE of an error that must come.
pub(super) fn sqlstate<T>(outcome: Result<T, tokio_postgres::Error>) -> Result<String> {
    let error = outcome.err().context("an error")?;
    let state = error.code().with_context(|| format!("{error:?}"))?;
    Ok(state.code().to_owned())
}
