//! UPDATE and DELETE, with IRIS's second FROM.

use std::sync::Arc;

use super::from::Node;
use super::scope::Scope;
use super::{Binder, Clause};
use crate::ast::{Delete, Expr, ObjectName, TableRef, TableSource, Update};
use crate::catalog::{Table, quoted, same};
use crate::error::{Result, SqlError};
use crate::plan::{Write, WriteKind};

/// The target and what is joined to it.
struct Target {
    table: Arc<Table>,
    relation: usize,
    nodes: Vec<Node>,
}

impl Binder<'_> {
    pub(super) fn update(&mut self, update: &Update) -> Result<Write> {
        let with = self.with_clause(&update.ctes)?;
        let target = self.target(&update.table, update.alias.as_deref(), &update.from)?;
        let table = target.table.clone();
        let mut names = Vec::new();
        let mut values = Vec::new();
        for assignment in &update.assignments {
            let column = writable_column(&table, &assignment.column)?;
            if matches!(assignment.value, Expr::Subquery(_)) {
                return Err(SqlError::code(-144));
            }
            let value = self.within(Clause::Value, |b| {
                b.value(&assignment.value, Some(&column.ty))
            })?;
            let stored = self.assigned(&table, column, &value, WriteKind::Update)?;
            let stored = match value.is_null() && column.required {
                true => format!(
                    "iris_required(NULL,{})",
                    super::typed::text_literal(&column.name)
                ),
                false => stored,
            };
            names.push(quoted(&column.name));
            values.push(stored);
        }
        for column in table.columns.iter().filter(|column| column.row_version) {
            names.push(quoted(&column.name));
            values.push("iris_next('#rowversion')".to_owned());
        }
        let condition = self.where_sql(update.condition.as_ref())?;
        let alias = &self.relations[target.relation].alias;
        let name = quoted(&table.full_name());
        let sql = if update.from.is_empty() {
            let sets: Vec<String> = names
                .iter()
                .zip(&values)
                .map(|(n, v)| format!("{n}={v}"))
                .collect();
            format!(
                "{with}UPDATE {name} AS {alias} SET {}{condition}",
                sets.join(",")
            )
        } else {
            let row_id = quoted(&table.row_id);
            let items: Vec<String> = values
                .iter()
                .enumerate()
                .map(|(n, v)| format!("{v} AS v{n}"))
                .collect();
            let sets: Vec<String> = names
                .iter()
                .enumerate()
                .map(|(n, name)| format!("{name}=q.v{n}"))
                .collect();
            let from = self.render_from(&target.nodes);
            let joined = format!(
                "SELECT {alias}.{row_id} AS r,{}{from}{condition}",
                items.join(",")
            );
            format!(
                "{with}UPDATE {name} SET {} FROM ({joined}) AS q WHERE {name}.{row_id} = q.r",
                sets.join(",")
            )
        };
        self.scopes.pop();
        Ok(Write {
            sql,
            kind: WriteKind::Update,
            table,
            no_check: update.no_check,
            columns: update
                .assignments
                .iter()
                .map(|a| a.column.clone())
                .collect(),
        })
    }

    pub(super) fn delete(&mut self, delete: &Delete) -> Result<Write> {
        let with = self.with_clause(&delete.ctes)?;
        let target = self.target(&delete.table, delete.alias.as_deref(), &delete.from)?;
        let table = target.table.clone();
        let condition = self.where_sql(delete.condition.as_ref())?;
        let alias = &self.relations[target.relation].alias;
        let name = quoted(&table.full_name());
        let sql = if delete.from.is_empty() {
            format!("{with}DELETE FROM {name} AS {alias}{condition}")
        } else {
            let row_id = quoted(&table.row_id);
            let from = self.render_from(&target.nodes);
            format!(
                "{with}DELETE FROM {name} WHERE {row_id} IN (SELECT {alias}.{row_id}{from}{condition})"
            )
        };
        self.scopes.pop();
        Ok(Write {
            sql,
            kind: WriteKind::Delete,
            table,
            no_check: delete.no_check,
            columns: Vec::new(),
        })
    }

    fn where_sql(&mut self, condition: Option<&Expr>) -> Result<String> {
        let Some(condition) = condition else {
            return Ok(String::new());
        };
        Ok(format!(
            " WHERE {}",
            self.within(Clause::Where, |b| b.condition(condition))?
        ))
    }

    /// Binds the target and FROM and leaves their scope in force. The target named again in FROM,
    /// unaliased on both sides or under the same alias, is the same row.
    fn target(
        &mut self,
        name: &ObjectName,
        alias: Option<&str>,
        from: &[TableRef],
    ) -> Result<Target> {
        let table = self.writable_table(name)?;
        let mut nodes = self.table_references(from)?;
        let again = self.find_again(&table, alias, from, &nodes);
        let relation = match again {
            Some(relation) => relation,
            None => {
                let relation = self.base_table(table.clone(), alias)?;
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
            table,
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
