//! Takes changes back, the newest first.

use std::collections::HashMap;
use std::sync::Arc;

use rusqlite::{Connection, params_from_iter};

use super::{Range, stored_columns, unpack};
use crate::catalog::{Catalog, quoted};

/// How to undo in one table.
struct Restore {
    remove: String,
    put_back: String,
    columns: usize,
}

/// Undoes the records of `owner` after `position` and `ranges`, which are in order,
/// within the caller's SQLite transaction. A table that is gone needs nothing.
pub(crate) fn undo(
    sqlite: &Connection,
    catalog: &Catalog,
    owner: i64,
    position: i64,
    mut ranges: Vec<Range>,
) -> rusqlite::Result<()> {
    let mut tables: HashMap<String, Option<Restore>> = HashMap::new();
    let mut records = sqlite.prepare(
        "SELECT position, table_name, row, old FROM iris_undo \
         WHERE owner = ?1 AND position > ?2 AND old IS NOT NULL ORDER BY position DESC",
    )?;
    let mut rows = records.query((owner, position))?;
    while let Some(record) = rows.next()? {
        let at: i64 = record.get(0)?;
        while let Some(range) = ranges.pop_if(|range| range.position > at) {
            remove_range(sqlite, catalog, &range, &mut tables)?;
        }
        let table: String = record.get(1)?;
        let row: i64 = record.get(2)?;
        let Some(restore) = restore(catalog, &table, &mut tables) else {
            continue;
        };
        sqlite
            .prepare_cached(&restore.remove)?
            .execute((row, row))?;
        let old = record.get_ref(3)?.as_bytes().ok().and_then(unpack);
        if let Some(old) = old.filter(|old| old.len() == restore.columns) {
            sqlite
                .prepare_cached(&restore.put_back)?
                .execute(params_from_iter(old))?;
        }
    }
    drop(rows);
    drop(records);
    for range in ranges.iter().rev() {
        remove_range(sqlite, catalog, range, &mut tables)?;
    }
    sqlite.execute(
        "DELETE FROM iris_undo WHERE owner = ?1 AND position > ?2",
        (owner, position),
    )?;
    Ok(())
}

fn remove_range(
    sqlite: &Connection,
    catalog: &Catalog,
    range: &Range,
    tables: &mut HashMap<String, Option<Restore>>,
) -> rusqlite::Result<()> {
    if let Some(restore) = restore(catalog, &range.table, tables) {
        sqlite
            .prepare_cached(&restore.remove)?
            .execute((range.first, range.last))?;
    }
    Ok(())
}

fn restore<'t>(
    catalog: &Catalog,
    name: &str,
    tables: &'t mut HashMap<String, Option<Restore>>,
) -> Option<&'t Restore> {
    if !tables.contains_key(name) {
        let table = catalog.tables().find(|table| table.full_name() == name);
        let restore = table.map(|table| {
            let columns = stored_columns(table);
            let names: Vec<String> = columns.iter().map(|column| quoted(column)).collect();
            let marks = vec!["?"; columns.len()].join(",");
            let (name, row) = (quoted(name), quoted(&table.row_id));
            Restore {
                remove: format!("DELETE FROM {name} WHERE {row} BETWEEN ?1 AND ?2"),
                put_back: format!("INSERT INTO {name} ({}) VALUES ({marks})", names.join(",")),
                columns: columns.len(),
            }
        });
        tables.insert(name.to_owned(), restore);
    }
    tables.get(name).and_then(Option::as_ref)
}

/// Rolls back what processes left that did not live to end their transactions.
pub(crate) fn recover(sqlite: &Connection, catalog: &Catalog) -> rusqlite::Result<()> {
    let owners: Vec<i64> = sqlite
        .prepare("SELECT DISTINCT owner FROM iris_undo")?
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    for owner in owners {
        let ranges = sqlite
            .prepare(
                "SELECT table_name, row, last, position FROM iris_undo \
                 WHERE owner = ?1 AND old IS NULL ORDER BY position",
            )?
            .query_map([owner], |row| {
                Ok(Range {
                    table: Arc::from(row.get::<_, String>(0)?),
                    first: row.get(1)?,
                    last: row.get(2)?,
                    position: row.get(3)?,
                })
            })?
            .collect::<rusqlite::Result<_>>()?;
        undo(sqlite, catalog, owner, i64::MIN, ranges)?;
    }
    Ok(())
}
