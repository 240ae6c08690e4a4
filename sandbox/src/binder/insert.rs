//! INSERT and INSERT OR UPDATE.

use super::query::Place;
use super::target::Writable;
use super::typed::{Shape, Typed, text_literal};
use super::{Binder, bind_default, computed, convert};
use crate::ast::{Expr, Insert, InsertSource};
use crate::catalog::{Column, Table, quoted, same};
use crate::error::{Result, SqlError};
use crate::plan::{StoreRule, Write, WriteKind};

/// The row that is about to be inserted, where it is looked at before.
const NEW_ROW: &str = "new_row";

impl Binder<'_> {
    pub(super) fn insert(&mut self, insert: &Insert) -> Result<Write> {
        let target = self.insert_target(&insert.table)?;
        let table = target.table.clone();
        let targets = targets(&target, insert)?;
        let count = targets.len();
        let mut tail = String::new();
        let values = match &insert.source {
            InsertSource::Defaults => Vec::new(),
            InsertSource::Values(exprs) => {
                check_count(exprs.len(), count)?;
                let bind = |(expr, column): (&Expr, &&Column)| self.value(expr, Some(&column.ty));
                exprs
                    .iter()
                    .zip(&targets)
                    .map(bind)
                    .collect::<Result<_>>()?
            }
            InsertSource::Query(query) => {
                let bound = self.query(query, Place::Top)?;
                check_count(bound.columns.len(), count).map_err(|_| SqlError::code(-64))?;
                tail = format!(" FROM ({}) AS q", bound.sql);
                let value = |(n, column): (usize, &super::query::BoundColumn)| {
                    Typed::computed(format!("q.c{}", n + 1), column.ty.clone())
                };
                bound.columns.iter().enumerate().map(value).collect()
            }
        };
        let columns = targets.iter().map(|column| target.seen_as(&column.name));
        let columns = columns.collect();
        let given: Vec<(&Column, Typed)> = targets.iter().copied().zip(values).collect();
        let (names, items) = self.row(&table, &given)?;
        // Without checks of uniqueness nothing can clash, so there is nothing to update.
        let conflict = if insert.or_update && !insert.restrictions.no_check {
            self.upsert(&table, &given)?
        } else {
            String::new()
        };
        let check = self.view_check(&target, NEW_ROW, -136)?;
        let computed = table.columns.iter().any(Column::is_computed);
        let into = format!("INSERT INTO {}", quoted(&table.full_name()));
        let sql = if computed || check.is_some() {
            let row = New {
                names: &names,
                items: &items,
                tail: &tail,
            };
            filed(&table, &into, &row, check.as_deref())? + &conflict
        } else {
            let source = match tail.as_str() {
                "" => format!("VALUES ({})", items.join(",")),
                _ if conflict.is_empty() => format!("SELECT {}{tail}", items.join(",")),
                _ => format!("SELECT {}{tail} WHERE 1", items.join(",")),
            };
            format!("{into} ({}) {source}{conflict}", names.join(","))
        };
        Ok(Write {
            sql,
            kind: WriteKind::Insert,
            one_row: tail.is_empty(),
            table,
            restrictions: insert.restrictions,
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
        for column in table.stored_columns() {
            let value = given
                .iter()
                .find(|(target, _)| same(&target.name, &column.name))
                .map(|(_, value)| value);
            let item = match value {
                _ if column.row_version => "iris_next('#rowversion')".to_owned(),
                Some(value) if column.identity || column.serial => {
                    let value = convert::stored_in(value, column, -104);
                    let function = match (column.identity, column.auto_increment) {
                        (true, _) => "iris_claim",
                        (_, true) => "iris_given",
                        _ => "iris_counted",
                    };
                    format!("{function}({},{value})", counter(table, &column.name))
                }
                None if column.identity || column.serial => {
                    format!("iris_next({})", counter(table, &column.name))
                }
                // Computed later, from what the row is then.
                _ if column.is_computed() && column.default.is_none() => "NULL".to_owned(),
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

    /// On any clash the row that is there takes the given values; what an update changes changes too.
    fn upsert(&mut self, table: &Table, given: &[(&Column, Typed)]) -> Result<String> {
        let own = quoted(&table.full_name());
        let settable = |column: &&Column| !column.identity && !column.is_calculated();
        let given: Vec<&Column> = given
            .iter()
            .map(|(column, _)| *column)
            .filter(settable)
            .collect();
        let is_given = |name: &str| given.iter().any(|column| same(&column.name, name));
        let mut sets: Vec<String> = given
            .iter()
            .filter(|column| !column.is_computed())
            .map(|column| format!("{0}=excluded.{0}", quoted(&column.name)))
            .collect();
        if sets.is_empty() {
            let row_id = quoted(&table.row_id);
            sets.push(format!("{row_id}={row_id}"));
        }
        let changed: Vec<String> = given.iter().map(|column| column.name.clone()).collect();
        for column in table.stored_columns() {
            let name = quoted(&column.name);
            if column.row_version {
                sets.push(format!("{name}=excluded.{name}"));
            } else if let Some((expr, _)) = &column.on_update {
                let value = bind_default(expr, &column.ty, self.version)?;
                sets.retain(|set| !set.starts_with(&format!("{name}=")));
                sets.push(format!("{name}={value}"));
            } else if computed::follows(column, &changed) {
                let value = computed::value(table, column, &|other| {
                    let row = if is_given(other) { "excluded" } else { &own };
                    format!("{row}.{}", quoted(other))
                })?;
                sets.push(format!("{name}={value}"));
            }
        }
        Ok(format!(" ON CONFLICT DO UPDATE SET {}", sets.join(",")))
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

/// A row to be filed: names and values in SQLite, and what was given.
struct New<'r> {
    names: &'r [String],
    items: &'r [String],
    tail: &'r str,
}

/// An insertion that looks at the whole row first, to compute columns from it and to check it.
fn filed(table: &Table, into: &str, row: &New<'_>, check: Option<&str>) -> Result<String> {
    let values: Vec<String> = row
        .names
        .iter()
        .zip(row.items)
        .map(|(name, item)| format!("{item} AS {name}"))
        .collect();
    let mut out = Vec::new();
    for name in row.names {
        let column = table
            .columns
            .iter()
            .find(|column| quoted(&column.name) == *name);
        out.push(match column {
            Some(column) if column.is_computed() && !has_initial(column) => {
                let value = computed::value(table, column, &|other| {
                    format!("{NEW_ROW}.{}", quoted(other))
                })?;
                required(column, value)
            }
            _ => format!("{NEW_ROW}.{name}"),
        });
    }
    Ok(format!(
        "WITH {NEW_ROW} AS MATERIALIZED (SELECT {}{}) {into} ({}) SELECT {} FROM {NEW_ROW} WHERE {}",
        values.join(","),
        row.tail,
        row.names.join(","),
        out.join(","),
        check.unwrap_or("1")
    ))
}

/// A computed column with a default is filed as given or by default, and computed by updates only.
fn has_initial(column: &Column) -> bool {
    column.default.is_some()
}

/// The columns that values are for; all that can be inserted if none are named.
fn targets<'t>(target: &'t Writable, insert: &Insert) -> Result<Vec<&'t Column>> {
    let table = &target.table;
    let Some(names) = &insert.columns else {
        let insertable = |column: &&Column| !column.identity && !column.read_only();
        let all = target
            .columns
            .iter()
            .filter_map(|(_, name)| table.column(name));
        return Ok(match insert.source {
            InsertSource::Defaults => Vec::new(),
            _ => all.filter(insertable).collect(),
        });
    };
    let mut targets: Vec<&Column> = Vec::new();
    for name in names {
        let column = target.column(name).and_then(|column| table.column(column));
        let Some(column) = column else {
            let row_id = same(name, &table.row_id)
                || target
                    .column(name)
                    .is_some_and(|column| same(column, &table.row_id));
            let code = if row_id { -111 } else { -29 };
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
        if targets.iter().any(|other| same(&other.name, &column.name)) {
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
