//! A unique value that is taken: for good, or by a transaction that may yet give it back.

use rusqlite::ffi::ErrorCode;

use crate::Connection;
use crate::catalog::{Table, quoted, same};
use crate::coordinator::TableMode;
use crate::datatype::Type;
use crate::error::{Result, SqlError};
use crate::functions::Datum;
use crate::journal::Blocked;
use crate::plan::{Write, WriteKind};
use crate::session::lock;

/// A unique key failed.
pub(crate) fn is_unique(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation)
        && error.to_string().contains("UNIQUE")
}

impl Connection {
    /// Is the row that a failed statement clashed with locked? Found out by replacing it,
    /// which is taken back: the journal's trigger tells whose row it is.
    pub(crate) fn clashes_with_lock(&self, write: &Write, parameters: &[Datum]) -> bool {
        if !lock(&self.session.changes).contended {
            return false;
        }
        let replaced = ["INSERT", "UPDATE"].iter().find_map(|word| {
            let rest = write.sql.strip_prefix(word)?;
            Some(format!("{word} OR REPLACE{rest}"))
        });
        let Some(sql) = replaced else { return false };
        if self.batch("SAVEPOINT clash").is_err() {
            return false;
        }
        // Only what it met is of interest.
        drop(self.change(&sql, parameters));
        drop(self.batch("ROLLBACK TO clash; RELEASE clash"));
        lock(&self.session.changes).blocked.is_some()
    }

    /// What IRIS says of a unique value that is taken; with the values, where they are whole
    /// numbers and texts. How it writes others is not known.
    pub(crate) fn clash(
        &self,
        error: &rusqlite::Error,
        write: &Write,
        parameters: &[Datum],
    ) -> Option<SqlError> {
        let text = error.to_string();
        let fields = text.strip_prefix("UNIQUE constraint failed: ")?;
        let table = &write.table;
        let prefix = format!("{}.", table.full_name());
        let columns: Vec<String> = fields
            .split(", ")
            .map(|field| field.strip_prefix(&prefix).unwrap_or(field).to_owned())
            .collect();
        let index = table.indexes.iter().find(|index| {
            index.columns.len() == columns.len()
                && columns
                    .iter()
                    .all(|c| index.columns.iter().any(|i| same(i, c)))
        });
        let name = match table.key_over(&columns) {
            Some(key) => key.name.as_str(),
            None => index.map_or("IDKEY", |index| index.name.as_str()),
        };
        let shown = match self.values_of_clash(write, parameters, &columns) {
            Some(values) => {
                let pairs = columns.iter().zip(values);
                pairs
                    .map(|(column, value)| format!("{column}={value}"))
                    .collect()
            }
            None => columns,
        };
        let detail = format!(
            "Table '{}', Constraint '{name}', Field(s) {}; failed unique check",
            table.full_name(),
            shown.join(",")
        );
        Some(SqlError::new(write.kind.unique_code(), detail))
    }

    /// The values of these columns in the row with which the statement failed: it is tried once
    /// more, watched by a trigger.
    fn values_of_clash(
        &self,
        write: &Write,
        parameters: &[Datum],
        columns: &[String],
    ) -> Option<Vec<String>> {
        let table = &write.table;
        let is_shown = |name: &String| {
            let column = table.column(name);
            column.is_none_or(|column| {
                matches!(
                    column.ty,
                    Type::TinyInt
                        | Type::SmallInt
                        | Type::MediumInt
                        | Type::Integer
                        | Type::BigInt
                        | Type::Varchar(_)
                )
            })
        };
        if !columns.iter().all(is_shown) {
            return None;
        }
        let event = match write.kind {
            WriteKind::Update => "UPDATE",
            _ => "INSERT",
        };
        let schema = if table.temporary { "temp" } else { "main" };
        let new: Vec<String> = columns
            .iter()
            .map(|column| format!("NEW.{}", quoted(column)))
            .collect();
        let watch = format!(
            "CREATE TEMP TRIGGER iris_tried BEFORE {event} ON {schema}.{} \
             BEGIN SELECT iris_tried({}); END",
            quoted(&table.full_name()),
            new.join(",")
        );
        self.batch(&watch).ok()?;
        *lock(&self.session.tried) = Some(Vec::new());
        if self.batch("SAVEPOINT tried").is_ok() {
            // It fails as it did before.
            drop(self.change(&write.sql, parameters));
            drop(self.batch("ROLLBACK TO tried; RELEASE tried"));
        }
        drop(self.batch("DROP TRIGGER iris_tried"));
        let values = lock(&self.session.tried).take()?;
        let text = |value: &Datum| match value {
            Datum::Integer(number) => Some(number.to_string()),
            Datum::Text(text) if !text.contains(char::is_control) => Some(text.clone()),
            _ => None,
        };
        let texts: Option<Vec<String>> = values.iter().map(text).collect();
        texts.filter(|texts| texts.len() == columns.len())
    }

    /// TRUNCATE wants the table for itself.
    pub(crate) fn refuse_shared(&self, table: &Table) -> Result<()> {
        let (name, mode) = (table.full_name(), TableMode::Exclusive);
        let state = self.session.coordinator.state();
        let stopped = state.locks.stops_table(&name, mode, self.session.job);
        drop(state);
        if !stopped {
            return Ok(());
        }
        lock(&self.session.changes).blocked = Some(Blocked::Table(name, mode));
        Err(SqlError::code(-110))
    }

    /// Before what may last: others shall not wait for it to read what was done before.
    pub(crate) fn begin_change(&mut self, write: &Write) -> Result<()> {
        let short = write.sql.starts_with("INSERT") && !write.sql.contains("SELECT");
        if !short && self.transaction.writing && self.session.coordinator.has_company() {
            self.publish()?;
        }
        Ok(())
    }
}
