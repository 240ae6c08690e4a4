//! The system relations as virtual tables of SQLite.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::ffi::{CStr, CString, c_int};
use std::sync::{Arc, Mutex};

use rusqlite::types::{Null, ValueRef};
use rusqlite::vtab::{
    Context, Filters, IndexConstraintOp, IndexInfo, Module, VTab, VTabConnection, VTabCursor,
    sqlite3_vtab, sqlite3_vtab_cursor,
};

use super::directory::{Directory, Item, KEYS, Key, folded};
use super::rows::{self, Cell, Row, World};
use super::{Relation, relations};
use crate::catalog::{Catalog, quoted};
use crate::session::{Session, lock};

/// What SQLite believes a look-up costs, by how much the keys tell.
const COSTS: [(Key, f64); 4] = [
    (Key::Class, 10.0),
    (Key::Name, 20.0),
    (Key::Member, 20.0),
    (Key::Schema, 10_000.0),
];

/// Without any key.
const FULL_COST: f64 = 1_000_000.0;

/// The directory of the newest catalog seen.
#[derive(Default)]
struct Cache(Mutex<Option<(Arc<Catalog>, Arc<Directory>)>>);

impl Cache {
    fn directory(&self, catalog: &Arc<Catalog>) -> Arc<Directory> {
        let mut cached = lock(&self.0);
        match &*cached {
            Some((known, directory)) if Arc::ptr_eq(known, catalog) => Arc::clone(directory),
            _ => {
                let directory = Arc::new(Directory::of(catalog));
                *cached = Some((Arc::clone(catalog), Arc::clone(&directory)));
                directory
            }
        }
    }
}

/// What each virtual table is told.
pub(crate) struct Source {
    relation: &'static Relation,
    session: Arc<Session>,
    cache: Arc<Cache>,
}

/// Makes all relations known to a connection.
pub(crate) fn register(
    connection: &rusqlite::Connection,
    session: &Arc<Session>,
) -> rusqlite::Result<()> {
    const MODULE: Module<'_, SystemTable> = Module::eponymous_only_module();
    let cache = Arc::new(Cache::default());
    for relation in relations() {
        let source = Source {
            relation,
            session: Arc::clone(session),
            cache: Arc::clone(&cache),
        };
        connection.create_module(
            relation.sql_name().as_str(),
            &MODULE,
            Some(Arc::new(source)),
        )?;
    }
    Ok(())
}

/// A relation, connected.
#[repr(C)]
pub(crate) struct SystemTable {
    base: sqlite3_vtab,
    source: Arc<Source>,
}

// SAFETY: `base` is the first field and the layout is C's, as SQLite demands.
unsafe impl VTab<'_> for SystemTable {
    type Aux = Arc<Source>;
    type Cursor = SystemCursor;

    fn connect(
        _: &mut VTabConnection,
        source: Option<&Self::Aux>,
        _module: &[u8],
        _database: &[u8],
        _table: &[u8],
        _arguments: &[&[u8]],
    ) -> rusqlite::Result<(Cow<'static, CStr>, Self)> {
        let source = source.ok_or_else(|| rusqlite::Error::ModuleError("no source".to_owned()))?;
        let columns = source.relation.columns.iter().map(|column| {
            let collation = if column.ty.is_text() {
                " COLLATE SQLUPPER"
            } else {
                ""
            };
            format!("{}{collation}", quoted(column.name))
        });
        let columns: Vec<String> = columns.collect();
        let definition = CString::new(format!("CREATE TABLE x({})", columns.join(",")))?;
        let table = Self {
            base: sqlite3_vtab::default(),
            source: Arc::clone(source),
        };
        Ok((Cow::Owned(definition), table))
    }

    fn best_index(&self, info: &mut IndexInfo) -> rusqlite::Result<bool> {
        let mut found: [Option<usize>; KEYS.len()] = [None; KEYS.len()];
        for (position, constraint) in info.constraints().enumerate() {
            let equal = constraint.operator() == IndexConstraintOp::SQLITE_INDEX_CONSTRAINT_EQ;
            let column = usize::try_from(constraint.column()).ok();
            let key = column.and_then(|column| rows::key(self.source.relation, column));
            let slot = KEYS.iter().position(|known| Some(*known) == key);
            if let Some(slot) = slot.and_then(|slot| found.get_mut(slot))
                && equal
                && constraint.is_usable()
            {
                slot.get_or_insert(position);
            }
        }
        let mut plan = 0;
        let mut arguments = 0;
        let mut cost = FULL_COST;
        for (slot, key) in KEYS.iter().enumerate() {
            let Some(position) = found.get(slot).copied().flatten() else {
                continue;
            };
            plan |= 1 << slot;
            arguments += 1;
            info.constraint_usage(position).set_argv_index(arguments);
            let of_key = COSTS.iter().find(|(known, _)| known == key);
            cost = of_key.map_or(cost, |(_, of_key)| cost.min(*of_key));
        }
        info.set_idx_num(plan);
        info.set_estimated_cost(cost);
        #[expect(clippy::cast_possible_truncation, reason = "small round numbers")]
        info.set_estimated_rows(cost as i64);
        Ok(true)
    }

    fn open(&mut self) -> rusqlite::Result<SystemCursor> {
        Ok(SystemCursor {
            base: sqlite3_vtab_cursor::default(),
            source: Arc::clone(&self.source),
            catalog: Arc::default(),
            pending: VecDeque::new(),
            rows: VecDeque::new(),
            number: 0,
        })
    }
}

/// A walk over the rows of a relation.
#[repr(C)]
pub(crate) struct SystemCursor {
    base: sqlite3_vtab_cursor,
    source: Arc<Source>,
    catalog: Arc<Catalog>,
    /// Objects whose rows are not made yet.
    pending: VecDeque<Item>,
    /// The current row, and those behind it.
    rows: VecDeque<Row>,
    number: i64,
}

impl SystemCursor {
    /// Makes rows until there is one.
    fn fill(&mut self) {
        let source = Arc::clone(&self.source);
        let world = World::new(&source.session, &self.catalog);
        while self.rows.is_empty() {
            let Some(item) = self.pending.pop_front() else {
                return;
            };
            let mut made = Vec::new();
            rows::of_item(source.relation, &world, &item, &mut made);
            self.rows = made.into();
        }
    }
}

// SAFETY: `base` is the first field and the layout is C's, as SQLite demands.
unsafe impl VTabCursor for SystemCursor {
    fn filter(
        &mut self,
        plan: c_int,
        _: Option<&str>,
        arguments: &Filters<'_>,
    ) -> rusqlite::Result<()> {
        let keys = KEYS
            .iter()
            .enumerate()
            .filter(|(slot, _)| plan & (1 << slot) != 0);
        let mut wanted = Vec::new();
        for ((_, key), argument) in keys.zip(arguments.iter()) {
            if let ValueRef::Text(text) = argument {
                wanted.push((*key, folded(&String::from_utf8_lossy(text))));
            }
        }
        self.catalog = Arc::clone(&lock(&self.source.session.catalog));
        self.number = 0;
        self.pending.clear();
        let world = World::new(&self.source.session, &self.catalog);
        if let Some(rows) = rows::whole(self.source.relation, &world) {
            self.rows = rows.into();
            return Ok(());
        }
        self.rows.clear();
        let directory = self.source.cache.directory(&self.catalog);
        let found = directory.find(&wanted);
        let items = found.into_iter().filter_map(|n| directory.items.get(n));
        let state = self.source.session.instance.state();
        let rights = self.source.session.rights(&state);
        let items = items.filter(|item| world.sees(item, &rights));
        self.pending = items.cloned().collect();
        self.fill();
        Ok(())
    }

    fn next(&mut self) -> rusqlite::Result<()> {
        self.number += 1;
        self.rows.pop_front();
        if self.rows.is_empty() {
            self.fill();
        }
        Ok(())
    }

    fn eof(&self) -> bool {
        self.rows.is_empty()
    }

    fn column(&self, context: &mut Context, column: c_int) -> rusqlite::Result<()> {
        let columns = &self.source.relation.columns;
        let name = usize::try_from(column)
            .ok()
            .and_then(|column| columns.get(column))
            .map(|column| column.name);
        let row = self.rows.front();
        match row.zip(name).and_then(|(row, name)| row.get(name)) {
            Some(Cell::Text(text)) => context.set_result(text.as_str()),
            Some(Cell::Integer(number)) => context.set_result(*number),
            None => context.set_result(Null),
        }
    }

    fn rowid(&self) -> rusqlite::Result<i64> {
        Ok(self.number)
    }
}
