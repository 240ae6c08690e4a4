//! INSERT and INSERT OR UPDATE.

use std::sync::Arc;

use super::query::Place;
use super::typed::{Shape, Typed, text_literal};
use super::{Binder, bind_default, convert};
use crate::ast::{Insert, InsertSource, ObjectName};
use crate::catalog::{Column, Table, not_found, quoted, same};
use crate::error::{Result, SqlError};
use crate::plan::{StoreRule, Write, WriteKind};

impl Binder<'_> {
    /// A table to write to: a view is -35, a system relation -115.
    pub(super) fn writable_table(&mut self, name: &ObjectName) -> Result<Arc<Table>> {
        if let Some(table) = self.catalog.find_table(name) {
            let table = table.clone();
            if table.temporary {
                self.temporary.push(table.clone());
            }
            return Ok(table);
        }
        if self.catalog.find_view(name).is_some() {
            return Err(SqlError::new(-35, &name.name));
        }
        let (schema, table) = crate::catalog::qualified(name);
        if super::system::table(schema, table).is_some() {
            return Err(SqlError::new(-115, &name.name));
        }
        Err(not_found(name))
    }

    pub(super) fn insert(&mut self, insert: &Insert) -> Result<Write> {
        let table = self.writable_table(&insert.table)?;
        let targets = targets(&table, insert)?;
        let count = targets.len();
        let (values, tail) = match &insert.source {
            InsertSource::Defaults => (Vec::new(), String::new()),
            InsertSource::Values(exprs) => {
                check_count(exprs.len(), count)?;
                let mut values = Vec::new();
                for (expr, column) in exprs.iter().zip(&targets) {
                    let value = self.value(expr, Some(&column.ty))?;
                    values.push(value);
                }
                (values, String::new())
            }
            InsertSource::Query(query) => {
                let bound = self.query(query, Place::Top)?;
                check_count(bound.columns.len(), count).map_err(|_| SqlError::code(-64))?;
                let values =
                    bound.columns.iter().enumerate().map(|(n, column)| {
                        Typed::computed(format!("q.c{}", n + 1), column.ty.clone())
                    });
                (values.collect(), format!(" FROM ({}) AS q", bound.sql))
            }
        };
        let columns = targets.iter().map(|column| column.name.clone()).collect();
        let given: Vec<(&Column, Typed)> = targets.iter().copied().zip(values).collect();
        let (names, items) = self.row(&table, &given)?;
        let conflict = if insert.or_update {
            upsert(&table, &given)
        } else {
            String::new()
        };
        let source = match tail.as_str() {
            "" => format!("VALUES ({})", items.join(",")),
            _ if conflict.is_empty() => format!("SELECT {}{tail}", items.join(",")),
            _ => format!("SELECT {}{tail} WHERE 1", items.join(",")),
        };
        let sql = format!(
            "INSERT INTO {} ({}) {source}{conflict}",
            quoted(&table.full_name()),
            names.join(",")
        );
        Ok(Write {
            sql,
            kind: WriteKind::Insert,
            table,
            no_check: insert.no_check,
            columns,
        })
    }

    /// Every stored column with its value: given, default, or generated.
    fn row(
        &mut self,
        table: &Table,
        given: &[(&Column, Typed)],
    ) -> Result<(Vec<String>, Vec<String>)> {
        let mut names = Vec::new();
        let mut items = Vec::new();
        if table.identity().is_none() {
            names.push(quoted(&table.row_id));
            items.push(format!("iris_next({})", counter(table, &table.row_id)));
        }
        for column in &table.columns {
            let value = given
                .iter()
                .find(|(target, _)| same(&target.name, &column.name))
                .map(|(_, value)| value);
            let item = match value {
                _ if column.row_version => "iris_next('#rowversion')".to_owned(),
                Some(value) if column.identity || column.serial => {
                    let value = convert::stored_in(value, column, -104);
                    format!("iris_claim({},{value})", counter(table, &column.name))
                }
                None if column.identity || column.serial => {
                    format!("iris_next({})", counter(table, &column.name))
                }
                Some(value) => self.assigned(table, column, value, WriteKind::Insert)?,
                None => {
                    let default = self.default_of(column)?;
                    required(column, default.unwrap_or("NULL".to_owned()))
                }
            };
            names.push(quoted(&column.name));
            items.push(item);
        }
        Ok((names, items))
    }

    fn default_of(&self, column: &Column) -> Result<Option<String>> {
        let default = column.default.as_ref();
        default
            .map(|(expr, _)| bind_default(expr, &column.ty, self.version))
            .transpose()
    }

    /// A value on its way into a column: validated; NULL becomes the default of a required column.
    pub(super) fn assigned(
        &mut self,
        table: &Table,
        column: &Column,
        value: &Typed,
        kind: WriteKind,
    ) -> Result<String> {
        if value.ty.is_stream() && !column.ty.is_stream() {
            return Err(SqlError::new(-303, &column.name));
        }
        let default = if column.required && kind == WriteKind::Insert {
            self.default_of(column)?
        } else {
            None
        };
        if let Shape::Parameter(number) = value.shape
            && let Some(rule) = &mut self.parameters[number]
            && rule.ty == column.ty
        {
            rule.store = Some(StoreRule {
                column: column.name.clone(),
                table: table.full_name(),
                limits: column.declared.limits.clone(),
                required: column.required && default.is_none(),
                code: kind.validation_code(),
            });
            return Ok(match default {
                Some(default) => format!("coalesce({},{default})", value.sql),
                None => value.sql.clone(),
            });
        }
        let stored = convert::stored_in(value, column, kind.validation_code());
        Ok(match default {
            Some(default) => format!("coalesce({stored},{default})"),
            None => required(column, stored),
        })
    }
}

/// -108 if NULL and required.
fn required(column: &Column, sql: String) -> String {
    if column.required {
        format!("iris_required({sql},{})", text_literal(&column.name))
    } else {
        sql
    }
}

/// The name of the counter of a column, as an SQL literal.
pub(super) fn counter(table: &Table, column: &str) -> String {
    text_literal(&format!("{}#{column}", table.full_name()))
}

/// The columns that values are for; all that can be inserted if none are named.
fn targets<'t>(table: &'t Table, insert: &Insert) -> Result<Vec<&'t Column>> {
    let Some(names) = &insert.columns else {
        let insertable = |column: &&Column| !column.identity && !column.read_only();
        return Ok(match insert.source {
            InsertSource::Defaults => Vec::new(),
            _ => table.columns.iter().filter(insertable).collect(),
        });
    };
    let mut targets: Vec<&Column> = Vec::new();
    for name in names {
        let Some(column) = table.column(name) else {
            let code = if same(name, &table.row_id) { -111 } else { -29 };
            return Err(SqlError::new(
                code,
                format!(
                    "Field '{}' not found in the applicable tables",
                    name.to_uppercase()
                ),
            ));
        };
        if column.identity && !table.identity_insert() {
            return Err(SqlError::new(-111, name));
        }
        if column.read_only() {
            return Err(SqlError::new(-138, name));
        }
        if targets.iter().any(|other| same(&other.name, name)) {
            return Err(SqlError::new(-377, name));
        }
        targets.push(column);
    }
    Ok(targets)
}

fn check_count(values: usize, columns: usize) -> Result<()> {
    match values.cmp(&columns) {
        std::cmp::Ordering::Less => Err(SqlError::code(-62)),
        std::cmp::Ordering::Greater => Err(SqlError::code(-116)),
        std::cmp::Ordering::Equal => Ok(()),
    }
}

/// On any clash the row that is there takes the given values.
fn upsert(table: &Table, given: &[(&Column, Typed)]) -> String {
    let settable = given.iter().filter(|(column, _)| !column.identity);
    let sets: Vec<String> = settable
        .map(|(column, _)| format!("{0}=excluded.{0}", quoted(&column.name)))
        .collect();
    if sets.is_empty() {
        let row_id = quoted(&table.row_id);
        return format!(" ON CONFLICT DO UPDATE SET {row_id}={row_id}");
    }
    format!(" ON CONFLICT DO UPDATE SET {}", sets.join(","))
}
