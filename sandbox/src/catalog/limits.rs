//! How much a table may have: the limits that InterSystems gives for classes.

use super::Table;
use crate::error::{Result, SqlError};

/// Columns, which are properties of the class.
const MOST_COLUMNS: usize = 1_000;

/// Keys and indexes together: a key is an index of the class.
const MOST_INDEXES: usize = 400;

/// Foreign keys.
const MOST_FOREIGN_KEYS: usize = 400;

impl Table {
    /// -400 if there is no room for one more column.
    pub(super) fn room_for_column(&self) -> Result<()> {
        room(self.columns.len(), MOST_COLUMNS, "columns")
    }

    /// -400 if there is no room for one more key or index.
    pub(crate) fn room_for_index(&self) -> Result<()> {
        room(
            self.keys.len() + self.indexes.len(),
            MOST_INDEXES,
            "indexes",
        )
    }

    /// -400 if there is no room for one more foreign key.
    pub(super) fn room_for_foreign_key(&self) -> Result<()> {
        let count = self.foreign_keys.len();
        room(count, MOST_FOREIGN_KEYS, "foreign keys")
    }
}

fn room(count: usize, most: usize, what: &str) -> Result<()> {
    if count < most {
        return Ok(());
    }
    Err(SqlError::new(
        -400,
        format!("a table has at most {most} {what}"),
    ))
}
