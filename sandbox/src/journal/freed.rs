//! Unique values that an open transaction of somebody else gave up: whoever takes one
//! waits, for that transaction may be rolled back and want it again.

use std::collections::BTreeSet;

use super::{Blocked, Range, stored_columns};
use crate::Connection;
use crate::ast::IndexKind;
use crate::binder::text_literal;
use crate::catalog::{Table, quoted, same};
use crate::error::Result;
use crate::run::sqlite_error;

impl Connection {
    /// The lock on the row that had the value first, if one of `ranges` took it.
    pub(crate) fn taken_key<'r>(
        &self,
        ranges: impl Iterator<Item = &'r Range>,
    ) -> Result<Option<Blocked>> {
        let ranges: Vec<&Range> = ranges.collect();
        let names: BTreeSet<&str> = ranges.iter().map(|range| &*range.table).collect();
        let catalog = self.catalog();
        for name in names {
            let Some(table) = catalog.tables().find(|table| table.full_name() == name) else {
                continue;
            };
            for columns in unique_columns(table) {
                let Some(sql) = taken_by(table, columns) else {
                    continue;
                };
                let pairs = self.pairs(&sql).map_err(sqlite_error)?;
                let taken = pairs.into_iter().find(|(_, row)| {
                    let mut own = ranges.iter().filter(|range| &*range.table == name);
                    own.any(|range| (range.first..=range.last).contains(row))
                });
                if let Some((freed, _)) = taken {
                    return Ok(Some(Blocked::Row(name.to_owned(), freed)));
                }
            }
        }
        Ok(None)
    }

    fn pairs(&self, sql: &str) -> rusqlite::Result<Vec<(i64, i64)>> {
        self.sqlite
            .prepare_cached(sql)?
            .query_map([self.session.owner], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect()
    }
}

fn unique_columns(table: &Table) -> impl Iterator<Item = &[String]> {
    let keys = table.keys.iter().map(|key| key.columns.as_slice());
    let indexes = table
        .indexes
        .iter()
        .filter(|index| index.kind == IndexKind::Unique);
    keys.chain(indexes.map(|index| index.columns.as_slice()))
}

/// Pairs of rows: one that had the value before, one that has it now.
fn taken_by(table: &Table, columns: &[String]) -> Option<String> {
    let stored = stored_columns(table);
    let mut equal = Vec::new();
    for column in columns {
        let position = stored.iter().position(|other| same(other, column))?;
        equal.push(format!(
            "t.{} = iris_unpack(u.old, {position})",
            quoted(column)
        ));
    }
    let (name, row) = (table.full_name(), quoted(&table.row_id));
    Some(format!(
        "SELECT u.row, t.{row} FROM iris_undo AS u, {} AS t \
         WHERE u.owner <> ?1 AND u.old IS NOT NULL AND u.table_name = {} AND {} AND t.{row} <> u.row",
        quoted(&name),
        text_literal(&name),
        equal.join(" AND ")
    ))
}
