//! UPDATE and DELETE, with IRIS's second FROM.

use super::from::Node;
use super::scope::Scope;
use super::target::Writable;
use super::typed::text_literal;
use super::{Binder, Clause, bind_default, computed};
use crate::ast::{Assignment, Delete, Expr, ObjectName, TableRef, TableSource, Update};
use crate::catalog::{Table, quoted, same};
use crate::error::{Result, SqlError};
use crate::plan::{Write, WriteKind};

/// The target and what is joined to it.
struct Target {
    writable: Writable,
    relation: usize,
    nodes: Vec<Node>,
}

/// The rows that are about to be updated, where they are looked at before.
const NEW_ROWS: &str = "new_rows";

/// Columns with their new values.
type Changes = Vec<(String, String)>;

impl Binder<'_> {
    pub(super) fn update(&mut self, update: &Update) -> Result<Write> {
        let with = self.with_clause(&update.ctes)?;
        let target = self.target(&update.table, update.alias.as_deref(), &update.from)?;
        let table = target.writable.table.clone();
        let assignments = all_assignments(&target.writable, update)?;
        let changes = self.changes(&target.writable, &assignments)?;
        let conditions = self.conditions(&target, update.condition.as_ref())?;
        let changed: Vec<String> = assignments.iter().map(|a| a.column.clone()).collect();
        let computes = table
            .columns
            .iter()
            .any(|column| computed::follows(column, &changed));
        let check = self.view_check(&target.writable, NEW_ROWS, -137)?;
        let name = quoted(&table.full_name());
        let alias = self.relations[target.relation].alias.clone();
        let sql = if !computes && check.is_none() && update.from.is_empty() {
            let sets: Vec<String> = changes.iter().map(|(n, v)| format!("{n}={v}")).collect();
            format!(
                "{with}UPDATE {name} AS {alias} SET {}{conditions}",
                sets.join(",")
            )
        } else {
            let from = match update.from.is_empty() {
                true => format!(" FROM {name} AS {alias}"),
                false => self.render_from(&target.nodes),
            };
            let rows = new_rows(&table, &alias, &changes, &format!("{from}{conditions}"));
            let mut sets: Vec<String> = changes
                .iter()
                .map(|(n, _)| format!("{n}={NEW_ROWS}.{n}"))
                .collect();
            for column in table.columns.iter() {
                if computed::follows(column, &changed) {
                    let value = computed::value(&table, column, &|other| {
                        format!("{NEW_ROWS}.{}", quoted(other))
                    })?;
                    sets.push(format!("{}={value}", quoted(&column.name)));
                }
            }
            let row_id = quoted(&table.row_id);
            let check = check.map_or(String::new(), |check| format!(" AND {check}"));
            format!(
                "{} UPDATE {name} SET {} FROM {NEW_ROWS} WHERE {name}.{row_id} = {NEW_ROWS}.r{check}",
                and_with(&with, &rows),
                sets.join(",")
            )
        };
        self.scopes.pop();
        Ok(Write {
            sql,
            kind: WriteKind::Update,
            one_row: false,
            table,
            restrictions: update.restrictions,
            columns: changed
                .iter()
                .map(|column| target.writable.seen_as(column))
                .collect(),
        })
    }

    /// What is written into which column: assigned, versions, and values that follow every update.
    fn changes(&mut self, target: &Writable, assignments: &[Assignment]) -> Result<Changes> {
        let table = &target.table;
        let mut changes = Changes::new();
        for assignment in assignments {
            let column = writable_column(table, &assignment.column)?;
            let value = self.within(Clause::Value, |b| {
                b.value(&assignment.value, Some(&column.ty))
            })?;
            // Compute code decides, or nobody reads what is stored.
            if column.computed.is_some() {
                continue;
            }
            let stored = self.assigned(table, column, &value, WriteKind::Update)?;
            let stored = match value.is_null() && column.required {
                true => format!("iris_required(NULL,{})", text_literal(&column.name)),
                false => stored,
            };
            changes.push((quoted(&column.name), stored));
        }
        for column in &table.columns {
            let name = quoted(&column.name);
            let value = match &column.on_update {
                _ if column.row_version => "iris_next('#rowversion')".to_owned(),
                Some((expr, _)) => bind_default(expr, &column.ty, self.version)?,
                None => continue,
            };
            changes.retain(|(other, _)| *other != name);
            changes.push((name, value));
        }
        if changes.is_empty() {
            let row_id = quoted(&table.row_id);
            changes.push((row_id.clone(), row_id));
        }
        Ok(changes)
    }

    pub(super) fn delete(&mut self, delete: &Delete) -> Result<Write> {
        let with = self.with_clause(&delete.ctes)?;
        let target = self.target(&delete.table, delete.alias.as_deref(), &delete.from)?;
        let table = target.writable.table.clone();
        let conditions = self.conditions(&target, delete.condition.as_ref())?;
        let alias = &self.relations[target.relation].alias;
        let name = quoted(&table.full_name());
        let sql = if delete.from.is_empty() {
            format!("{with}DELETE FROM {name} AS {alias}{conditions}")
        } else {
            let row_id = quoted(&table.row_id);
            let from = self.render_from(&target.nodes);
            format!(
                "{with}DELETE FROM {name} WHERE {row_id} IN (SELECT {alias}.{row_id}{from}{conditions})"
            )
        };
        self.scopes.pop();
        Ok(Write {
            sql,
            kind: WriteKind::Delete,
            one_row: false,
            table,
            restrictions: delete.restrictions,
            columns: Vec::new(),
        })
    }

    /// ` WHERE …`: the statement's condition and those of the views that it goes through.
    fn conditions(&mut self, target: &Target, condition: Option<&Expr>) -> Result<String> {
        let mut all = Vec::new();
        if let Some(condition) = condition {
            let sql = self.within(Clause::Where, |b| b.condition(condition))?;
            all.push(format!("({sql})"));
        }
        let alias = self.relations[target.relation].alias.clone();
        all.extend(self.view_conditions(&target.writable, &alias, false)?);
        Ok(if all.is_empty() {
            String::new()
        } else {
            format!(" WHERE {}", all.join(" AND "))
        })
    }

    /// Binds the target and FROM and leaves their scope in force. The target named again in FROM,
    /// unaliased on both sides or under the same alias, is the same row.
    fn target(
        &mut self,
        name: &ObjectName,
        alias: Option<&str>,
        from: &[TableRef],
    ) -> Result<Target> {
        let writable = self.writable(name)?;
        let table = writable.table.clone();
        let mut nodes = self.table_references(from)?;
        let again = self.find_again(&table, alias, from, &nodes);
        let relation = match again {
            Some(relation) => relation,
            None => {
                let relation = self.target_relation(&writable, alias)?;
                nodes.insert(0, Node::Relation(relation));
                relation
            }
        };
        let relations = nodes.iter().flat_map(Node::relations).collect();
        self.scopes.push(Scope {
            relations,
            collated: Vec::new(),
        });
        Ok(Target {
            writable,
            relation,
            nodes,
        })
    }

    fn find_again(
        &self,
        table: &Table,
        alias: Option<&str>,
        from: &[TableRef],
        nodes: &[Node],
    ) -> Option<usize> {
        let wanted = alias.unwrap_or(&table.name);
        if !from.iter().any(|reference| mentions(reference, alias)) {
            return None;
        }
        nodes.iter().flat_map(Node::relations).find(|&relation| {
            let relation = &self.relations[relation];
            let same_table = relation
                .table
                .as_ref()
                .is_some_and(|other| other.full_name() == table.full_name());
            same_table && same(&relation.label, wanted)
        })
    }
}

/// The assignments under the names of the table; `VALUES` without columns is for all that can be updated.
fn all_assignments(target: &Writable, update: &Update) -> Result<Vec<Assignment>> {
    if let Some(values) = &update.all_values {
        let columns: Vec<&str> = target
            .columns
            .iter()
            .filter_map(|(_, name)| target.table.column(name))
            .filter(|column| !column.identity && !column.row_version && !column.serial)
            .map(|column| column.name.as_str())
            .collect();
        if values.len() != columns.len() {
            let code = if values.len() < columns.len() {
                -62
            } else {
                -116
            };
            return Err(SqlError::code(code));
        }
        let pairs = columns.into_iter().zip(values.iter().cloned());
        return Ok(pairs
            .map(|(column, value)| Assignment {
                column: column.to_owned(),
                value,
            })
            .collect());
    }
    let mut all: Vec<Assignment> = Vec::new();
    for assignment in &update.assignments {
        let mut assignment = assignment.clone();
        if let Some(column) = target.column(&assignment.column) {
            column.clone_into(&mut assignment.column);
        } else if target.is_view() && !same(&assignment.column, &target.table.row_id) {
            return Err(SqlError::new(-29, &assignment.column));
        }
        if all
            .iter()
            .any(|other| same(&other.column, &assignment.column))
        {
            return Err(SqlError::new(-377, &assignment.column));
        }
        all.push(assignment);
    }
    Ok(all)
}

/// The CTE of the rows as they will be: `r` is the RowID, the columns have their own names.
fn new_rows(table: &Table, alias: &str, changes: &Changes, source: &str) -> String {
    let mut items = vec![format!("{alias}.{} AS r", quoted(&table.row_id))];
    for column in &table.columns {
        let name = quoted(&column.name);
        let value = match changes.iter().find(|(changed, _)| *changed == name) {
            Some((_, value)) => value.clone(),
            None => format!("{alias}.{name}"),
        };
        items.push(format!("{value} AS {name}"));
    }
    let row_id = quoted(&table.row_id);
    if table.column(&table.row_id).is_none() {
        items.push(format!("{alias}.{row_id} AS {row_id}"));
    }
    format!(
        "{NEW_ROWS} AS MATERIALIZED (SELECT {}{source})",
        items.join(",")
    )
}

/// One more CTE after those that there may be.
fn and_with(with: &str, cte: &str) -> String {
    if with.is_empty() {
        format!("WITH {cte}")
    } else {
        format!("{}, {cte}", with.trim_end())
    }
}

/// Is there a table in FROM under this alias, or one without an alias?
fn mentions(reference: &TableRef, alias: Option<&str>) -> bool {
    match reference {
        TableRef::Source {
            source: TableSource::Named(_),
            alias: other,
        } => match (alias, other) {
            (None, None) => true,
            (Some(a), Some(b)) => same(a, b),
            _ => false,
        },
        TableRef::Source { .. } => false,
        TableRef::Join { left, right, .. } => mentions(left, alias) || mentions(right, alias),
    }
}

/// -107 RowID, -138 ROWVERSION, -105 SERIAL, -29 unknown.
fn writable_column<'t>(table: &'t Table, name: &str) -> Result<&'t crate::catalog::Column> {
    if name == "%ID" || same(name, &table.row_id) {
        return Err(SqlError::new(-107, name));
    }
    let column = table.required_column(name)?;
    if column.read_only() {
        return Err(SqlError::new(-138, name));
    }
    if column.serial {
        return Err(SqlError::new(-105, name));
    }
    Ok(column)
}
