//! A broker whose rules are exchanged for worse ones.

use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use pgiris_tests::{Broker, DEADLINE, connect};
use tempfile::TempDir;
use tokio::time::timeout;
use tokio_postgres::{Client, SimpleQueryMessage};

/// A broker with rules of its own.
pub(super) struct Site {
    pub(super) broker: Broker,
    rules: TempDir,
}

/// The file of its rules.
const NAME: &str = "iris-2025.1.wasm";

impl Site {
    /// Under these keys of `[translation]`.
    pub(super) fn serve(rules: &Path, translation: &str) -> Result<Self> {
        let directory = tempfile::tempdir()?;
        fs::create_dir(directory.path().join("rules"))?;
        fs::copy(rules, directory.path().join("rules").join(NAME))?;
        let file = directory.path().join("pgiris.toml");
        fs::write(&file, format!("[translation]\n{translation}\n"))?;
        let arguments = [
            "--config".into(),
            file.into(),
            "--rules".into(),
            directory.path().join("rules").into(),
            "--admin".into(),
            "127.0.0.1:0".into(),
        ];
        Ok(Self {
            broker: Broker::with(arguments)?,
            rules: directory,
        })
    }

    /// Puts another file in the place of the rules.
    pub(super) fn exchange(&self, rules: &Path) -> Result<()> {
        let directory = self.rules.path().join("rules");
        let draft = directory.join("draft");
        fs::copy(rules, &draft)?;
        Ok(fs::rename(&draft, directory.join(NAME))?)
    }

    /// The same, with what makes it another file that does the same: a custom section of this name,
    /// without content.
    pub(super) fn exchange_marked(&self, rules: &Path, mark: u8) -> Result<()> {
        let marked = self.rules.path().join("marked.wasm");
        let mut bytes = fs::read(rules)?;
        bytes.extend_from_slice(&[0, 2, 1, mark]);
        fs::write(&marked, bytes)?;
        self.exchange(&marked)
    }

    /// Puts one more file there.
    pub(super) fn add(&self, name: &str, bytes: &[u8]) -> Result<()> {
        let draft = self.rules.path().join("draft");
        fs::write(&draft, bytes)?;
        let place = self.rules.path().join("rules").join(name);
        Ok(fs::rename(draft, place)?)
    }

    /// A column of SHOW RULES, for the rules that are exchanged.
    pub(super) async fn shown(&self, column: &str) -> Result<String> {
        let console = connect(self.broker.port(), "pgiris").await?;
        let messages = console.simple_query("SHOW RULES").await?;
        let row = messages.iter().find_map(|message| match message {
            SimpleQueryMessage::Row(row) if row.get("name") == NAME.strip_suffix(".wasm") => {
                Some(row)
            }
            _ => None,
        });
        let value = row.context("rules are shown")?.try_get(column)?;
        Ok(value.context("a value")?.to_owned())
    }

    /// Waits until it shows this.
    pub(super) async fn shows(&self, column: &str, wanted: &str) -> Result<()> {
        let comes = async {
            while self.shown(column).await? != wanted {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            Ok::<_, anyhow::Error>(())
        };
        let outcome = timeout(3 * DEADLINE, comes).await;
        outcome.with_context(|| format!("{column} is not {wanted}: {}", self.broker.output()))?
    }

    /// Waits until the log says so.
    pub(super) async fn logs(&self, expected: &str) -> Result<()> {
        self.logs_times(expected, 1).await
    }

    /// Waits until the log says so as often.
    pub(super) async fn logs_times(&self, expected: &str, times: usize) -> Result<()> {
        let comes = async {
            while self.broker.output().matches(expected).count() < times {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let outcome = timeout(6 * DEADLINE, comes).await;
        outcome.with_context(|| format!("{expected}\n---\n{}", self.broker.output()))
    }

    /// How many rows a command of the console returns.
    pub(super) async fn console(&self, command: &str) -> Result<usize> {
        let console = connect(self.broker.port(), "pgiris").await?;
        let messages = console.simple_query(command).await?;
        let rows = messages
            .iter()
            .filter(|message| matches!(message, SimpleQueryMessage::Row(_)));
        Ok(rows.count())
    }

    /// What a command of the console is refused with, if it is.
    pub(super) async fn refuses(&self, command: &str) -> Result<Option<String>> {
        let console = connect(self.broker.port(), "pgiris").await?;
        let outcome = console.simple_query(command).await;
        let error = outcome.err().and_then(|error| {
            let error = error.as_db_error()?;
            Some(format!("{}: {}", error.code().code(), error.message()))
        });
        Ok(error)
    }

    pub(super) async fn client(&self) -> Result<Client> {
        connect(self.broker.port(), "USER").await
    }
}

/// The SQLSTATE that a statement fails with.
pub(super) async fn fails(client: &Client, statement: &str) -> Result<String> {
    let outcome = timeout(DEADLINE, client.simple_query(statement)).await?;
    let error = outcome
        .err()
        .with_context(|| format!("{statement} worked"))?;
    let code = error.code().with_context(|| format!("{error:?}"))?;
    Ok(code.code().to_owned())
}
