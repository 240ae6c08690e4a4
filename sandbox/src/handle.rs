//! A connection's SQLite connection, which others may hold between two statements.

use std::ops::Deref;

/// At hand while a statement runs.
pub(crate) struct Handle(Option<rusqlite::Connection>);

impl Handle {
    pub(crate) fn new(sqlite: rusqlite::Connection) -> Self {
        Self(Some(sqlite))
    }

    pub(crate) fn is_away(&self) -> bool {
        self.0.is_none()
    }

    pub(crate) fn take(&mut self) -> Option<rusqlite::Connection> {
        self.0.take()
    }

    pub(crate) fn put(&mut self, sqlite: rusqlite::Connection) {
        self.0 = Some(sqlite);
    }
}

impl Deref for Handle {
    type Target = rusqlite::Connection;

    fn deref(&self) -> &rusqlite::Connection {
        self.0
            .as_ref()
            .expect("a statement runs with its connection at hand")
    }
}
