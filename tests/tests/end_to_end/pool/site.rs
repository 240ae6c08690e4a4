//! Brokers with pools, and what can be seen of them.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use pgiris::{Config, PoolFigures, PoolMode};
use pgiris_tests::{Broker, DEADLINE, rules_file, trusting};
use tempfile::TempDir;
use tokio_postgres::Client;

use crate::embedding::{Embedded, embed_with};

/// A broker as a process.
pub(super) struct Site {
    pub(super) broker: Broker,
    _directory: TempDir,
}

impl Site {
    /// In front of a sandbox, with these lines in the table `pool`.
    pub(super) fn serve(pool: &str) -> Result<Self> {
        Self::before("sandbox:", pool)
    }

    pub(super) fn before(upstream: &str, pool: &str) -> Result<Self> {
        let directory = tempfile::tempdir()?;
        let file = directory.path().join("pgiris.toml");
        fs::write(&file, format!("[pool]\n{pool}\n"))?;
        let arguments = trusting(&file, upstream, &rules()?);
        Ok(Self {
            broker: Broker::with(arguments)?,
            _directory: directory,
        })
    }

    pub(super) async fn client(&self) -> Result<Client> {
        pgiris_tests::connect(self.broker.port(), "USER").await
    }

    /// Connections to the sandbox: each has a thread of its own.
    pub(super) fn connections(&self) -> Result<usize> {
        self.broker.threads("sandbox")
    }
}

pub(super) fn rules() -> Result<PathBuf> {
    rules_file("iris-2025.1")
}

/// A broker in this process, which tells of its pools.
pub(super) async fn watched(mode: PoolMode, size: usize) -> Result<Embedded> {
    let mut config = Config::default();
    config.pool.mode = mode;
    config.pool.size = size;
    embed_with("2025.1", config).await
}

impl Embedded {
    pub(super) async fn client(&self) -> Result<Client> {
        pgiris_tests::connect(self.port, "USER").await
    }

    /// The figures of the only pool.
    pub(super) fn figures(&self) -> Result<PoolFigures> {
        self.monitor.pools().pop().context("there is a pool")
    }

    /// Waits until they are as they should be.
    pub(super) async fn eventually(&self, fits: impl Fn(&PoolFigures) -> bool) -> Result<()> {
        let end = Instant::now() + DEADLINE;
        loop {
            let figures = self.figures()?;
            if fits(&figures) {
                return Ok(());
            }
            ensure!(Instant::now() < end, "{figures:?}");
            // The broker runs on the same threads.
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
}

/// The SQLSTATE of an error that must come.
pub(super) fn sqlstate<T>(outcome: Result<T, tokio_postgres::Error>) -> Result<String> {
    let error = outcome.err().context("an error")?;
    let state = error.code().with_context(|| format!("{error:?}"))?;
    Ok(state.code().to_owned())
}

/// The only value of a simple query.
pub(super) async fn value(client: &Client, query: &str) -> Result<String> {
    let messages = client.simple_query(query).await?;
    let found = messages.iter().find_map(|message| match message {
        tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
        _ => None,
    });
    found.with_context(|| format!("{query} gives a value"))
}

/// Runs statements that must not fail.
pub(super) async fn run(client: &Client, statements: &str) -> Result<()> {
    client
        .batch_execute(statements)
        .await
        .context(statements.to_owned())
}

/// What must be so.
pub(super) fn same<T: PartialEq + std::fmt::Debug>(found: &T, wanted: &T) -> Result<()> {
    ensure!(found == wanted, "{found:?} instead of {wanted:?}");
    Ok(())
}
