//! What INSERT, UPDATE and DELETE write to: a table, or a table seen through views.

use std::sync::Arc;

use super::scope::{RelationColumn, Scope};
use super::{Binder, Clause};
use crate::ast::{
    Distinct, Expr, InsertTarget, ObjectName, Query, SelectItem, SetExpr, TableRef, TableSource,
    ViewOption,
};
use crate::catalog::{Table, not_found, same};
use crate::error::{Result, SqlError};

/// How deep views may name views.
const DEEPEST_VIEW: u32 = 8;

/// A table that can be written to.
pub(super) struct Writable {
    pub(super) table: Arc<Table>,
    /// What the statement calls it.
    pub(super) label: String,
    /// The names in the statement and the columns they stand for.
    pub(super) columns: Vec<(String, String)>,
    /// The conditions of the views.
    pub(super) filters: Vec<Filter>,
}

/// The WHERE of a view.
pub(super) struct Filter {
    condition: Expr,
    label: String,
    columns: Vec<(String, String)>,
    /// WITH CHECK OPTION holds for it.
    pub(super) checked: bool,
}

impl Writable {
    /// Is it more than the table itself?
    pub(super) fn is_view(&self) -> bool {
        !same(&self.label, &self.table.name) || !self.filters.is_empty()
    }

    /// The column that a name stands for.
    pub(super) fn column(&self, name: &str) -> Option<&str> {
        let found = self.columns.iter().find(|(label, _)| same(label, name));
        found.map(|(_, column)| column.as_str())
    }

    /// The name under which a column is seen, for the privileges on it.
    pub(super) fn seen_as(&self, column: &str) -> String {
        let found = self.columns.iter().find(|(_, own)| same(own, column));
        found.map_or(column, |(label, _)| label).to_owned()
    }
}

impl Binder<'_> {
    /// -30 unknown, -35 a view that is not updatable, -115 a system relation.
    pub(super) fn writable(&mut self, name: &ObjectName) -> Result<Writable> {
        let target = self.reach(name, 0)?;
        if target.table.temporary {
            self.temporary.push(target.table.clone());
        }
        Ok(target)
    }

    /// The table of a TRUNCATE, or -30: a view is none.
    pub(super) fn truncatable(&mut self, name: &ObjectName) -> Result<Arc<Table>> {
        let table = self.catalog.table(name)?;
        if table.temporary {
            self.temporary.push(table.clone());
        }
        Ok(table)
    }

    /// The target of an INSERT.
    pub(super) fn insert_target(&mut self, target: &InsertTarget) -> Result<Writable> {
        match target {
            InsertTarget::Named(name) => self.writable(name),
            InsertTarget::Subquery(query) => {
                let target = self.through(query, &[], "", 0)?;
                if target.table.temporary {
                    self.temporary.push(target.table.clone());
                }
                Ok(target)
            }
        }
    }

    /// Does a query lead to a table that can be written to?
    pub(super) fn reaches_table(&mut self, query: &Query) -> bool {
        self.through(query, &[], "", 0).is_ok()
    }

    fn reach(&mut self, name: &ObjectName, depth: u32) -> Result<Writable> {
        if let Some(table) = self.catalog.find_table(name).cloned() {
            let columns = table
                .columns
                .iter()
                .map(|column| (column.name.clone(), column.name.clone()))
                .collect();
            return Ok(Writable {
                label: table.name.clone(),
                table,
                columns,
                filters: Vec::new(),
            });
        }
        let Some(view) = self.catalog.find_view(name).cloned() else {
            let (schema, table) = crate::catalog::qualified(name);
            if super::system::table(schema, table).is_some() {
                return Err(SqlError::new(-115, &name.name));
            }
            return Err(not_found(name));
        };
        if view.option == ViewOption::ReadOnly || depth >= DEEPEST_VIEW {
            return Err(SqlError::new(-35, &name.name));
        }
        let mut target = self.through(&view.query, &view.columns, &view.name, depth)?;
        match view.option {
            ViewOption::Check => target.filters.iter_mut().for_each(|f| f.checked = true),
            ViewOption::LocalCheck => {
                let own = target.filters.last_mut();
                own.into_iter().for_each(|f| f.checked = true);
            }
            _ => {}
        }
        Ok(target)
    }

    /// Through a query over one table or updatable view, made of columns only.
    fn through(
        &mut self,
        query: &Query,
        names: &[String],
        label: &str,
        depth: u32,
    ) -> Result<Writable> {
        let refused = || SqlError::new(-35, label);
        let SetExpr::Select(select) = &query.body else {
            return Err(refused());
        };
        let plain = query.ctes.is_empty()
            && query.order.is_empty()
            && query.limit.is_none()
            && select.distinct == Distinct::No
            && select.top.is_none()
            && select.paging.is_none()
            && select.group.is_empty()
            && select.having.is_none();
        let (
            true,
            [
                TableRef::Source {
                    source: TableSource::Named(source),
                    alias,
                },
            ],
        ) = (plain, select.from.as_slice())
        else {
            return Err(refused());
        };
        let mut target = self.reach(source, depth + 1)?;
        let mut columns = Vec::new();
        for item in &select.items {
            match item {
                SelectItem::Star | SelectItem::TableStar(_) => {
                    columns.extend(target.columns.iter().cloned());
                }
                SelectItem::Expr {
                    expr: Expr::Column { name, .. },
                    alias,
                } => {
                    let column = match target.column(name) {
                        Some(column) => column.to_owned(),
                        None if name == "%ID" || same(name, &target.table.row_id) => {
                            target.table.row_id.clone()
                        }
                        None => return Err(SqlError::new(-29, name)),
                    };
                    let label = alias.clone().unwrap_or_else(|| column.clone());
                    columns.push((label, column));
                }
                SelectItem::Expr { .. } => return Err(refused()),
            }
        }
        for (column, name) in columns.iter_mut().zip(names) {
            column.0.clone_from(name);
        }
        let inner = std::mem::replace(&mut target.columns, columns);
        let source_label = alias.clone().unwrap_or_else(|| source.name.clone());
        target.label = label.to_owned();
        if let Some(condition) = &select.condition {
            target.filters.push(Filter {
                condition: condition.clone(),
                label: source_label,
                columns: inner,
                checked: false,
            });
        }
        Ok(target)
    }

    /// The table as a relation under the names that the statement uses.
    pub(super) fn target_relation(
        &mut self,
        target: &Writable,
        alias: Option<&str>,
    ) -> Result<usize> {
        let relation = self.base_table(target.table.clone(), alias)?;
        if target.is_view() {
            self.rename_columns(relation, &target.columns);
            if alias.is_none() {
                self.relations[relation].label.clone_from(&target.label);
            }
        }
        Ok(relation)
    }

    fn rename_columns(&mut self, relation: usize, names: &[(String, String)]) {
        let relation = &mut self.relations[relation];
        let Some(table) = relation.table.clone() else {
            return;
        };
        let renamed = names.iter().filter_map(|(label, column)| {
            let mut renamed = RelationColumn::of(table.column(column)?);
            renamed.name.clone_from(label);
            Some(renamed)
        });
        relation.columns = renamed.collect();
        relation.hidden.clear();
    }

    /// The conditions of the views over the SQLite alias `row`, as SQL; all of them, or the checked ones.
    pub(super) fn view_conditions(
        &mut self,
        target: &Writable,
        row: &str,
        only_checked: bool,
    ) -> Result<Vec<String>> {
        let mut all = Vec::new();
        for filter in &target.filters {
            if only_checked && !filter.checked {
                continue;
            }
            let relation = self.base_table(target.table.clone(), Some(&filter.label))?;
            self.rename_columns(relation, &filter.columns);
            row.clone_into(&mut self.relations[relation].alias);
            self.scopes.push(Scope {
                relations: vec![relation],
                collated: Vec::new(),
            });
            // What a view reads is its owner's affair.
            self.view_depth += 1;
            let sql = self.within(Clause::Where, |b| b.condition(&filter.condition));
            self.view_depth -= 1;
            self.scopes.pop();
            all.push(format!("({})", sql?));
        }
        Ok(all)
    }

    /// What a new row must satisfy: fails with `code` otherwise. Empty without a check option.
    pub(super) fn view_check(
        &mut self,
        target: &Writable,
        row: &str,
        code: i32,
    ) -> Result<Option<String>> {
        let conditions = self.view_conditions(target, row, true)?;
        if conditions.is_empty() {
            return Ok(None);
        }
        let view = super::typed::text_literal(&target.label);
        Ok(Some(format!(
            "CASE WHEN {} THEN 1 ELSE iris_fail({code},{view}) END",
            conditions.join(" AND ")
        )))
    }
}
