//! Executes plans: binds parameters, streams rows, turns SQLite's errors into SQLCODEs.

use std::ops::ControlFlow;
use std::sync::atomic::Ordering;

use rusqlite::ffi::ErrorCode;

use crate::ast::Statement as Syntax;
use crate::catalog::{Table, quoted};
use crate::clash::is_unique;
use crate::error::{Result, SqlError};
use crate::functions::{Datum, fit_in, lenient};
use crate::plan::{Action, OutputColumn, ParameterRule, Plan, Write, WriteKind};
use crate::{Completion, Connection, Value};

/// What a statement without rows reports.
pub(crate) const DONE: Completion = Completion {
    row_count: 0,
    sqlcode: 0,
};

impl Connection {
    pub(crate) fn run(
        &mut self,
        plan: &Plan,
        text: &str,
        values: &[Value],
        row: &mut dyn FnMut(&[Value]) -> ControlFlow<()>,
    ) -> Result<Completion> {
        if values.len() != plan.parameters.len() {
            let wanted = plan.parameters.len();
            return Err(SqlError::new(
                -400,
                format!("{wanted} parameters expected, {} given", values.len()),
            ));
        }
        for table in &plan.temporary {
            self.create_temporary(table)?;
        }
        match &plan.action {
            Action::Query { sql } => {
                let parameters = bound(values, &plan.parameters)?;
                let columns = plan.columns.as_deref().unwrap_or_default();
                if sql.contains(" FROM ") {
                    self.begin_read()?;
                    if self.reads_committed()
                        && let Action::Query { sql: checked } = self.checked_plan(text)?.action
                    {
                        return self.committed_query((sql, &checked), &parameters, columns, row);
                    }
                }
                self.query(sql, &parameters, columns, row)
            }
            Action::Write(write) => {
                let parameters = bound(values, &plan.parameters)?;
                self.write(write, &parameters)
            }
            Action::Truncate { table, no_check } => self.truncate(table, *no_check),
            Action::Call(call) => self.call(call, values, row),
            Action::Answer(text) => {
                let flow = row(&[Value::Varchar(text.clone())]);
                debug_assert!(matches!(
                    flow,
                    ControlFlow::Continue(()) | ControlFlow::Break(())
                ));
                Ok(Completion {
                    row_count: 1,
                    sqlcode: 0,
                })
            }
            Action::Direct(statement) => self.direct(statement),
        }
    }

    fn direct(&mut self, statement: &Syntax) -> Result<Completion> {
        match statement {
            Syntax::StartTransaction(modes) => self.start_transaction(*modes),
            Syntax::SetTransaction(modes) => self.set_transaction(*modes),
            Syntax::Commit => self.commit()?,
            Syntax::Rollback => self.rollback()?,
            Syntax::Savepoint(name) => self.savepoint(name)?,
            Syntax::RollbackTo(name) => self.rollback_to(name)?,
            Syntax::InTransaction => {
                let sqlcode = if self.transaction.open { 0 } else { 100 };
                return Ok(Completion {
                    row_count: 0,
                    sqlcode,
                });
            }
            Syntax::CheckPrivilege(check) => {
                let sqlcode = self.check_privilege(check);
                return Ok(Completion {
                    row_count: 0,
                    sqlcode,
                });
            }
            Syntax::Account(account) => self.account(account)?,
            Syntax::Grant(grant) => self.grant(grant)?,
            Syntax::Database(database) => self.database(database)?,
            Syntax::SetOption { name, value } => self.set_option(name, value)?,
            Syntax::LockTable { table, mode, wait } => self.lock_table(table, *mode, *wait)?,
            Syntax::UnlockTable {
                table,
                mode,
                immediate,
            } => self.unlock_table(table, *mode, *immediate)?,
            Syntax::BuildIndex { .. } | Syntax::Maintain { .. } => {}
            ddl => self.define(ddl)?,
        }
        Ok(DONE)
    }

    /// The connection's own copy of a global temporary table.
    fn create_temporary(&self, table: &Table) -> Result<()> {
        self.batch(&crate::storage::create_table(table, &table.full_name())?)?;
        crate::storage::create_indexes(table)
            .iter()
            .try_for_each(|sql| self.batch(sql))
    }

    pub(crate) fn query(
        &self,
        sql: &str,
        parameters: &[Datum],
        columns: &[OutputColumn],
        row: &mut dyn FnMut(&[Value]) -> ControlFlow<()>,
    ) -> Result<Completion> {
        let failed = |error| sqlite_error(error);
        let mut statement = self.sqlite.prepare_cached(sql).map_err(failed)?;
        bind(&mut statement, parameters).map_err(failed)?;
        let mut rows = statement.raw_query();
        let mut values = Vec::with_capacity(columns.len());
        let mut count = 0;
        while let Some(found) = rows.next().map_err(failed)? {
            values.clear();
            for (position, column) in columns.iter().enumerate() {
                let stored = found.get_ref(position).map_err(failed)?;
                values.push(Value::from_sqlite(stored, &column.ty)?);
            }
            count += 1;
            if row(&values).is_break() {
                break;
            }
        }
        Ok(Completion {
            row_count: count,
            sqlcode: if count == 0 { 100 } else { 0 },
        })
    }

    pub(crate) fn write_once(&mut self, write: &Write, parameters: &[Datum]) -> Result<Completion> {
        if write.kind != WriteKind::Delete {
            self.start_counters(&write.table)?;
        }
        self.session
            .no_check
            .store(write.restrictions.no_check, Ordering::Relaxed);
        self.session.filing.store(true, Ordering::Relaxed);
        let result = self.change(&write.sql, parameters);
        self.session.filing.store(false, Ordering::Relaxed);
        let clashed = result.as_ref().is_err_and(is_unique);
        let locked = clashed && self.clashes_with_lock(write, parameters);
        let told = match &result {
            Err(error) if clashed && !locked => self.clash(error, write, parameters),
            _ => None,
        };
        self.session.no_check.store(false, Ordering::Relaxed);
        if locked {
            return Err(SqlError::code(-110));
        }
        let count = result.map_err(|error| told.unwrap_or_else(|| sqlite_error(error)))?;
        if write.kind == WriteKind::Insert && count > 0 {
            self.session
                .last_identity
                .store(self.sqlite.last_insert_rowid(), Ordering::Relaxed);
        }
        let row_count = i64::try_from(count).unwrap_or(i64::MAX);
        Ok(Completion {
            row_count,
            sqlcode: if count == 0 { 100 } else { 0 },
        })
    }

    pub(crate) fn change(&self, sql: &str, parameters: &[Datum]) -> rusqlite::Result<usize> {
        let mut statement = self.sqlite.prepare_cached(sql)?;
        bind(&mut statement, parameters)?;
        statement.raw_execute()
    }

    /// Counters go on where the stored rows end.
    fn start_counters(&self, table: &Table) -> Result<()> {
        let row_id = format!("{}#{}", table.full_name(), table.row_id);
        let counters = &self.session.counters;
        let last = |sql: &str| -> Result<i64> {
            let value = self
                .sqlite
                .query_row(sql, [], |row| row.get::<_, Option<i64>>(0));
            Ok(value.map_err(sqlite_error)?.unwrap_or(0))
        };
        if !counters.knows(&row_id) {
            let sequence = crate::binder::text_literal(&table.full_name());
            let schema = if table.temporary { "temp" } else { "main" };
            let stored =
                format!("SELECT max(seq) FROM {schema}.sqlite_sequence WHERE name = {sequence}");
            counters.start(&row_id, last(&stored)?);
        }
        for column in table
            .columns
            .iter()
            .filter(|column| column.serial || column.row_version)
        {
            let counter = if column.row_version {
                "#rowversion".to_owned()
            } else {
                format!("{}#{}", table.full_name(), column.name)
            };
            let name = quoted(&table.full_name());
            let stored = last(&format!("SELECT max({}) FROM {name}", quoted(&column.name)))?;
            if counters.knows(&counter) && column.row_version {
                counters.claim(&counter, stored);
            } else {
                counters.start(&counter, stored);
            }
        }
        Ok(())
    }
}

pub(crate) fn bind(
    statement: &mut rusqlite::Statement<'_>,
    parameters: &[Datum],
) -> rusqlite::Result<()> {
    // A `?` that IRIS ignores, as in ORDER BY ?, is not part of the SQL.
    for (position, value) in parameters
        .iter()
        .enumerate()
        .take(statement.parameter_count())
    {
        statement.raw_bind_parameter(position + 1, value)?;
    }
    Ok(())
}

pub(crate) fn bound(values: &[Value], rules: &[ParameterRule]) -> Result<Vec<Datum>> {
    values
        .iter()
        .zip(rules)
        .map(|(value, rule)| bound_one(value, rule))
        .collect()
}

fn bound_one(value: &Value, rule: &ParameterRule) -> Result<Datum> {
    let datum = value.to_datum(&rule.ty)?;
    if rule.bytes && matches!(datum, Datum::Blob(_)) {
        return Ok(datum);
    }
    let Some(store) = &rule.store else {
        return lenient(datum, &rule.ty);
    };
    if datum == Datum::Null && store.required {
        let detail = format!(
            "'{}' in table '{}' is a required field",
            store.column, store.table
        );
        return Err(SqlError::new(-108, detail));
    }
    fit_in(datum, &rule.ty, &store.limits)
        .map_err(|value| crate::functions::failure(store.code, &store.column, &value))
}

/// An SQLite error as IRIS would report it.
pub(crate) fn sqlite_error(error: rusqlite::Error) -> SqlError {
    let rusqlite::Error::SqliteFailure(code, message) = error else {
        return SqlError::new(-400, error.to_string());
    };
    let message = message.unwrap_or_default();
    if let Some(found) = SqlError::find_in(&message) {
        return found;
    }
    match code.code {
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => SqlError::code(-110),
        ErrorCode::OperationInterrupted => SqlError::code(-456),
        _ => SqlError::new(-400, message),
    }
}
