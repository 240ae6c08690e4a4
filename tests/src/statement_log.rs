//! What the sandbox received, as opposed to what the client sent.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use tempfile::TempDir;

use crate::wait::eventually;

/// A file to which a sandbox appends every statement that reaches it.
pub struct StatementLog {
    directory: TempDir,
}

impl StatementLog {
    /// A log that is still empty.
    ///
    /// # Errors
    /// There is no room for it.
    pub fn new() -> Result<Self> {
        Ok(Self {
            directory: tempfile::Builder::new().prefix("pgiris-log").tempdir()?,
        })
    }

    /// The argument of `--upstream` for a sandbox in memory that plays this IRIS version and writes
    /// this log.
    pub fn sandbox(&self, version: &str) -> String {
        format!("sandbox:?iris={version}&log={}", self.path().display())
    }

    /// The first statement that holds this text.
    ///
    /// # Errors
    /// None comes.
    pub fn statement_with(&self, part: &str) -> Result<String> {
        let read = || fs::read_to_string(self.path()).unwrap_or_default();
        let found = eventually(|| {
            read()
                .lines()
                .find(|line| line.contains(part))
                .map(ToOwned::to_owned)
        });
        found.with_context(|| format!("no statement with `{part}` came:\n{}", read()))
    }

    /// All statements so far, without their parameters.
    ///
    /// # Errors
    /// There is no log.
    pub fn statements(&self) -> Result<Vec<String>> {
        let text = fs::read_to_string(self.path())?;
        let statement = |line: &str| line.split('\t').next().unwrap_or_default().to_owned();
        Ok(text.lines().map(statement).collect())
    }

    fn path(&self) -> PathBuf {
        self.directory.path().join("statements.sql")
    }
}
