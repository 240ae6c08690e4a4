//! What an open transaction changed, so that it can be undone after others saw it.
//!
//! Inserted rows are remembered in memory as ranges of RowIDs. The old rows of
//! UPDATE and DELETE are written to the table `iris_undo` by triggers, within the
//! statement that changes them, so a statement that fails takes its records with it.

mod freed;
mod row;
mod undo;

use std::sync::Arc;

use rusqlite::Connection;
use rusqlite::hooks::Action;

pub(crate) use row::{pack, unpack};
pub(crate) use undo::{recover, undo};

use crate::binder::text_literal;
use crate::catalog::{Table, quoted};
use crate::coordinator::TableMode;
use crate::session::{Session, lock};

/// How many ranges back a further row may still be appended to one.
const OPEN_RANGES: usize = 8;

/// How many columns one call packs.
const PACKED_COLUMNS: usize = 100;

/// Consecutive rows of one table.
#[derive(Clone, Debug)]
pub(crate) struct Range {
    pub(crate) table: Arc<str>,
    pub(crate) first: i64,
    pub(crate) last: i64,
    /// Its place among the records of the transaction.
    pub(crate) position: i64,
}

/// What a statement met that another process has locked.
#[derive(Clone, Debug)]
pub(crate) enum Blocked {
    Row(String, i64),
    Table(String, TableMode),
}

/// The changes of a connection's transaction and of its running statement.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    /// The running statement belongs to an open transaction.
    pub(crate) in_transaction: bool,
    /// Somebody else holds locks.
    pub(crate) contended: bool,
    /// Nothing is recorded: DDL, or a rollback.
    pub(crate) quiet: bool,
    /// The last record's.
    pub(crate) position: i64,
    /// Rows inserted by finished statements.
    pub(crate) inserted: Vec<Range>,
    /// Rows inserted by the running statement.
    pub(crate) new: Vec<Range>,
    /// Rows updated or deleted by the running statement.
    pub(crate) touched: Vec<Range>,
    /// Ranges that began before this position are closed.
    closed: i64,
    /// `inserted` up to here is in the file.
    stored: usize,
    /// There may be records in `iris_undo`.
    pub(crate) recorded: bool,
    /// Rows of temporary tables came or went; those are not taken back.
    pub(crate) temporary: bool,
    pub(crate) truncated: Vec<String>,
    pub(crate) blocked: Option<Blocked>,
}

impl Changes {
    /// A statement begins.
    pub(crate) fn begin(&mut self, in_transaction: bool, contended: bool) {
        self.in_transaction = in_transaction;
        self.contended = contended;
        self.blocked = None;
        self.discard();
    }

    /// The statement failed: SQLite took its rows back.
    pub(crate) fn discard(&mut self) {
        self.new.clear();
        self.touched.clear();
    }

    /// The statement succeeded: its rows are the transaction's.
    pub(crate) fn keep(&mut self) {
        let closed = self.closed;
        for range in self.new.drain(..) {
            let start = self.inserted.len().saturating_sub(OPEN_RANGES);
            let open = self.inserted[start..].iter_mut().rev().find(|open| {
                open.position > closed
                    && open.table == range.table
                    && open.last.checked_add(1) == Some(range.first)
            });
            match open {
                Some(open) => open.last = range.last,
                None => self.inserted.push(range),
            }
        }
        self.touched.clear();
    }

    /// Later rows belong to ranges of their own.
    pub(crate) fn close(&mut self) -> i64 {
        self.closed = self.position;
        self.position
    }

    /// The transaction is over.
    pub(crate) fn reset(&mut self) {
        let quiet = self.quiet;
        *self = Self {
            quiet,
            ..Self::default()
        };
    }

    /// The ranges after `position`, which are forgotten.
    pub(crate) fn take_after(&mut self, position: i64) -> Vec<Range> {
        let from = self
            .inserted
            .partition_point(|range| range.position <= position);
        self.stored = self.stored.min(from);
        self.inserted.split_off(from)
    }

    /// DDL changed the table: what was done to it before stays.
    pub(crate) fn forget(&mut self, table: &str) {
        self.inserted.retain(|range| *range.table != *table);
        self.stored = 0;
    }

    fn next(&mut self) -> i64 {
        self.position += 1;
        self.position
    }

    fn add_new(&mut self, table: &str, row: i64) {
        if let Some(last) = self.new.last_mut()
            && *last.table == *table
            && last.last.checked_add(1) == Some(row)
        {
            last.last = row;
            return;
        }
        let known = self.new.last().or(self.inserted.last());
        let table = name_of(known, table);
        let position = self.next();
        self.new.push(Range {
            table,
            first: row,
            last: row,
            position,
        });
    }

    fn add_touched(&mut self, table: &str, row: i64) {
        if let Some(last) = self.touched.last_mut()
            && *last.table == *table
            && last.last.checked_add(1) == Some(row)
        {
            last.last = row;
            return;
        }
        let table = name_of(self.touched.last(), table);
        self.touched.push(Range {
            table,
            first: row,
            last: row,
            position: 0,
        });
    }
}

/// Shares the name with a range that has it already.
fn name_of(range: Option<&Range>, table: &str) -> Arc<str> {
    match range {
        Some(range) if *range.table == *table => Arc::clone(&range.table),
        _ => Arc::from(table),
    }
}

/// The table of records, in the user's file.
pub(crate) const SCHEMA: &str = "CREATE TABLE IF NOT EXISTS iris_undo (owner INTEGER, position INTEGER, \
     table_name TEXT, row INTEGER, last INTEGER, old BLOB, PRIMARY KEY (owner, position)) WITHOUT ROWID;";

/// Every stored column, the RowID included.
pub(crate) fn stored_columns(table: &Table) -> Vec<String> {
    let row_id = table.identity().is_none().then(|| table.row_id.clone());
    let columns = table.columns.iter().map(|column| column.name.clone());
    row_id.into_iter().chain(columns).collect()
}

/// The triggers that check locks and write records before a row changes.
pub(crate) fn triggers(table: &Table) -> Vec<String> {
    if table.temporary {
        return Vec::new();
    }
    let full = table.full_name();
    let (name, literal) = (quoted(&full), text_literal(&full));
    let row = quoted(&table.row_id);
    let columns = stored_columns(table);
    let packs: Vec<String> = columns
        .chunks(PACKED_COLUMNS)
        .map(|columns| {
            let old: Vec<String> = columns
                .iter()
                .map(|c| format!("OLD.{}", quoted(c)))
                .collect();
            format!("iris_pack({})", old.join(","))
        })
        .collect();
    let trigger = |event: &str| {
        format!(
            "CREATE TRIGGER IF NOT EXISTS {} BEFORE {event} ON {name} \
             WHEN iris_change({literal}, OLD.{row}) BEGIN \
             INSERT INTO iris_undo VALUES (iris_owner(), iris_position(), {literal}, OLD.{row}, NULL, \
             CAST({} AS BLOB)); END",
            quoted(&format!("{full}#journal:{event}")),
            packs.join("||")
        )
    };
    vec![trigger("UPDATE"), trigger("DELETE")]
}

/// Has inserted rows reported to the session.
pub(crate) fn watch(sqlite: &mut Connection, session: &Arc<Session>) -> rusqlite::Result<()> {
    let session = Arc::clone(session);
    let hook = move |action: Action, database: &str, table: &str, row: i64| {
        let mut changes = lock(&session.changes);
        if changes.quiet {
            return;
        }
        if database == "temp" {
            changes.temporary = true;
        } else if action == Action::SQLITE_INSERT {
            changes.add_new(table, row);
        }
    };
    sqlite.update_hook(Some(hook))
}

/// A row is about to change: `Err` if it is locked, `true` if its old state has to be recorded.
pub(crate) fn change(session: &Session, table: &str, row: i64) -> Result<bool, ()> {
    let mut changes = lock(&session.changes);
    if changes.quiet {
        return Ok(false);
    }
    if changes.contended {
        let state = session.coordinator.state();
        if state.locks.stops_change(table, row, session.job) {
            changes.blocked = Some(Blocked::Row(table.to_owned(), row));
            return Err(());
        }
    }
    if changes.in_transaction || changes.contended {
        changes.add_touched(table, row);
    }
    changes.recorded |= changes.in_transaction;
    Ok(changes.in_transaction)
}

/// The place of a record that is about to be written.
pub(crate) fn position(session: &Session) -> i64 {
    let mut changes = lock(&session.changes);
    let position = changes.next();
    changes.closed = position;
    position
}

/// COMMIT in SQLite before the transaction is over, its records with it.
pub(crate) fn commit(sqlite: &Connection, session: &Session) -> rusqlite::Result<()> {
    if session.durable {
        store_ranges(sqlite, session)?;
    }
    sqlite.execute_batch("COMMIT")
}

fn store_ranges(sqlite: &Connection, session: &Session) -> rusqlite::Result<()> {
    let mut changes = lock(&session.changes);
    let mut store = sqlite
        .prepare_cached("INSERT OR REPLACE INTO iris_undo VALUES (?1, ?2, ?3, ?4, ?5, NULL)")?;
    for range in &changes.inserted[changes.stored.min(changes.inserted.len())..] {
        store.execute((
            session.owner,
            range.position,
            &*range.table,
            range.first,
            range.last,
        ))?;
    }
    drop(store);
    changes.recorded |= !changes.inserted.is_empty();
    changes.stored = changes.inserted.len().saturating_sub(OPEN_RANGES);
    Ok(())
}
