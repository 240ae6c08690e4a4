//! The public face: a namespace, its connections, their statements.

use std::ops::ControlFlow;
use std::path::PathBuf;

use crate::{Column, SqlError, SqlType, Value, Version};

/// Where the rows live.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Storage {
    /// Gone when the last handle of the [`Sandbox`] is dropped.
    Memory,
    /// In this file and its write-ahead log.
    File(PathBuf),
}

/// What to open.
#[derive(Clone, Debug)]
pub struct Options {
    /// The IRIS version to play.
    pub version: Version,
    /// Where the rows live.
    pub storage: Storage,
    /// If set, every statement that is prepared or executed is appended to this
    /// file, one per line, for tests that read what reached "IRIS".
    pub statement_log: Option<PathBuf>,
}

/// One namespace. Cheap to clone; all clones are the same namespace.
#[derive(Clone)]
pub struct Sandbox;

impl Sandbox {
    /// Opens the namespace, creating what is missing.
    ///
    /// # Errors
    /// The file cannot be opened or is not a sandbox file.
    pub fn open(_options: Options) -> Result<Self, SqlError> {
        Ok(Self)
    }

    /// The version that is played.
    pub fn version(&self) -> Version {
        Version::V2025_1
    }

    /// A new connection, as `user` (what `$USERNAME` answers).
    ///
    /// # Errors
    /// The storage is no longer there.
    pub fn connect(&self, _user: &str) -> Result<Connection, SqlError> {
        Ok(Connection)
    }
}

/// One process of the namespace: its transaction, its `LAST_IDENTITY()`.
/// Dropping it rolls back what is open. `Send`, not `Sync`; calls block.
pub struct Connection;

/// A prepared statement; may be executed on the connection that prepared it.
#[derive(Clone, Debug)]
pub struct Statement;

/// What IRIS reports after an execution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Completion {
    /// `%ROWCOUNT`: rows returned or changed; -1 where IRIS does not count (TRUNCATE).
    pub row_count: i64,
    /// 0, or 100 where nothing was found.
    pub sqlcode: i32,
}

impl Statement {
    /// The type of each `?`, in order.
    pub fn parameters(&self) -> &[SqlType] {
        &[]
    }

    /// The result columns; `None` for a statement that returns no rows.
    pub fn columns(&self) -> Option<&[Column]> {
        None
    }
}

impl Connection {
    /// Parses, resolves and types one statement, without executing it.
    ///
    /// # Errors
    /// The SQLCODE with which the played version refuses it.
    pub fn prepare(&mut self, _sql: &str) -> Result<Statement, SqlError> {
        Ok(Statement)
    }

    /// Executes it. `row` is called for each row, in order; `Break` ends the
    /// execution early without an error.
    ///
    /// # Errors
    /// The SQLCODE of the failure. The transaction, if any, goes on.
    pub fn execute(
        &mut self,
        _statement: &Statement,
        _parameters: &[Value],
        _row: &mut dyn FnMut(&[Value]) -> ControlFlow<()>,
    ) -> Result<Completion, SqlError> {
        Ok(Completion { row_count: 0, sqlcode: 0 })
    }

    /// `$TLEVEL`: 0 outside a transaction.
    pub fn transaction_level(&self) -> u32 {
        0
    }
}
