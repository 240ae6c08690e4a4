//! TRUNCATE TABLE: all rows go and the counters begin anew, except ROWVERSION's.

use crate::catalog::{Foreign, Table, quoted};
use crate::error::{Result, SqlError};
use crate::run::sqlite_error;
use crate::{Completion, Connection};

impl Connection {
    /// No trigger fires and no action of a foreign key is taken: rows that refer to this table
    /// are -124. IRIS does not count the rows.
    pub(crate) fn truncate(&mut self, table: &Table, no_check: bool) -> Result<Completion> {
        self.check_writable()?;
        self.in_turn(|connection| connection.truncate_once(table, no_check))
    }

    fn truncate_once(&mut self, table: &Table, no_check: bool) -> Result<Completion> {
        self.refuse_shared(table)?;
        if !no_check {
            self.check_unreferenced(table)?;
        }
        let name = quoted(&table.full_name());
        let schema = if table.temporary { "temp" } else { "main" };
        let sequence = crate::binder::text_literal(&table.full_name());
        self.silently(|connection| {
            connection.batch(&format!("DELETE FROM {name}"))?;
            connection.batch(&format!(
                "DELETE FROM {schema}.sqlite_sequence WHERE name = {sequence}"
            ))
        })?;
        self.session.counters.reset(&table.full_name());
        if self.transaction.open {
            let name = table.full_name();
            crate::session::lock(&self.session.changes)
                .truncated
                .push(name);
        }
        Ok(Completion {
            row_count: -1,
            sqlcode: 0,
        })
    }

    fn check_unreferenced(&self, table: &Table) -> Result<()> {
        let catalog = self.catalog();
        for (child, foreign) in catalog.referencing(table) {
            if foreign.no_check || child.temporary || child.full_name() == table.full_name() {
                continue;
            }
            if self.refers(child, foreign, table)? {
                let detail = format!("{}.{}", child.full_name(), foreign.name);
                return Err(SqlError::new(-124, detail));
            }
        }
        Ok(())
    }

    fn refers(&self, child: &Table, foreign: &Foreign, table: &Table) -> Result<bool> {
        let own = vec![table.row_id.clone()];
        let theirs = match foreign.target_columns.as_slice() {
            [] => &own,
            columns => columns,
        };
        let equal: Vec<String> = foreign
            .columns
            .iter()
            .zip(theirs)
            .map(|(column, target)| format!("c.{} = p.{}", quoted(column), quoted(target)))
            .collect();
        let sql = format!(
            "SELECT EXISTS (SELECT 1 FROM {} AS c JOIN {} AS p ON {})",
            quoted(&child.full_name()),
            quoted(&table.full_name()),
            equal.join(" AND ")
        );
        self.sqlite
            .query_row(&sql, [], |row| row.get(0))
            .map_err(sqlite_error)
    }
}
