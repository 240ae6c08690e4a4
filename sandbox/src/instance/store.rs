//! The instance's file: lines of its state, beside the databases.
//!
//! It appears with the first namespace, user or role; without them the
//! namespace `USER` is one file alone.

use std::path::PathBuf;
use std::time::Duration;

use super::State;
use crate::Storage;
use crate::error::{Result, SqlError};

/// How long a change waits for another process's change.
const PATIENCE: Duration = Duration::from_secs(10);

/// Where the state is kept; nowhere if the databases are in memory.
pub(super) struct Store {
    path: Option<PathBuf>,
}

impl Store {
    /// `PATH-instance` for the databases of `PATH`.
    pub(super) fn beside(storage: &Storage) -> Self {
        let path = match storage {
            Storage::Memory => None,
            Storage::File(path) => {
                let mut path = path.clone().into_os_string();
                path.push("-instance");
                Some(path.into())
            }
        };
        Self { path }
    }

    pub(super) fn exists(&self) -> bool {
        self.path.as_ref().is_some_and(|path| path.exists())
    }

    /// The stored state; an empty one if there is no file.
    pub(super) fn load(&self) -> Result<State> {
        match &self.path {
            Some(path) if path.exists() => {
                let connection = open(path).map_err(failed)?;
                Ok(State::parse(&lines(&connection).map_err(failed)?))
            }
            _ => Ok(State::default()),
        }
    }

    /// Changes `current`, or what another process made of it.
    pub(super) fn update<T>(
        &self,
        current: &State,
        change: impl FnOnce(&mut State) -> Result<T>,
    ) -> Result<(State, T)> {
        let Some(path) = &self.path else {
            let mut state = current.clone();
            let result = change(&mut state)?;
            return Ok((state, result));
        };
        let connection = open(path).map_err(failed)?;
        // Dropped without a commit, it is rolled back.
        let transaction = rusqlite::Transaction::new_unchecked(
            &connection,
            rusqlite::TransactionBehavior::Immediate,
        )
        .map_err(failed)?;
        let mut state = State::parse(&lines(&transaction).map_err(failed)?);
        let result = change(&mut state)?;
        let write = || -> rusqlite::Result<()> {
            transaction.execute("DELETE FROM iris_instance", [])?;
            let mut insert = transaction.prepare("INSERT INTO iris_instance (line) VALUES (?1)")?;
            for line in state.lines() {
                insert.execute([line])?;
            }
            Ok(())
        };
        write().map_err(failed)?;
        transaction.commit().map_err(failed)?;
        Ok((state, result))
    }
}

fn open(path: &std::path::Path) -> rusqlite::Result<rusqlite::Connection> {
    let connection = rusqlite::Connection::open(path)?;
    connection.busy_timeout(PATIENCE)?;
    connection.execute_batch(
        "CREATE TABLE IF NOT EXISTS iris_instance (position INTEGER PRIMARY KEY, line TEXT NOT NULL)",
    )?;
    Ok(connection)
}

fn lines(connection: &rusqlite::Connection) -> rusqlite::Result<Vec<String>> {
    connection
        .prepare("SELECT line FROM iris_instance ORDER BY position")?
        .query_map([], |row| row.get(0))?
        .collect()
}

fn failed(error: rusqlite::Error) -> SqlError {
    SqlError::new(-461, error.to_string())
}
