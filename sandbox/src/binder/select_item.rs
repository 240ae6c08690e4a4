//! The items of a select list: their values, labels, and what is said of NULL.

use std::sync::Arc;

use super::Binder;
use super::typed::{Shape, Typed};
use crate::Nullable;
use crate::ast::{Expr, SelectItem};
use crate::catalog::{Table, quoted, same};
use crate::collation::Collation;
use crate::error::{Result, SqlError};

/// An item of the select list, bound.
pub(super) struct Item {
    pub(super) value: Typed,
    pub(super) label: String,
    pub(super) alias: Option<String>,
    pub(super) expr: Option<Expr>,
    pub(super) weight: u64,
    pub(super) nullable: Nullable,
    /// What tells one stream from another.
    pub(super) object_id: Option<String>,
}

impl Binder<'_> {
    pub(super) fn items(&mut self, items: &[SelectItem]) -> Result<Vec<Item>> {
        let mut bound = Vec::new();
        for item in items {
            match item {
                SelectItem::Star => {
                    let relations = self
                        .scopes
                        .last()
                        .map(|scope| scope.relations.clone())
                        .unwrap_or_default();
                    if relations.is_empty() {
                        return Err(SqlError::new(-26, "* without FROM"));
                    }
                    for relation in relations {
                        self.expand(relation, &mut bound)?;
                    }
                }
                SelectItem::TableStar(name) => {
                    let relation = self.labelled(name)?;
                    self.expand(relation, &mut bound)?;
                }
                SelectItem::Expr { expr, alias } => {
                    let before = self.weight;
                    let value = self.value(expr, None)?;
                    let weight = self.weight - before + 1;
                    let label = match alias {
                        Some(alias) => alias.clone(),
                        None => self.label(expr, bound.len() + 1)?,
                    };
                    let nullable = self.nullable_of(expr, &value)?;
                    let object_id = self.object_id(expr, &value)?;
                    bound.push(Item {
                        nullable,
                        object_id,
                        value,
                        label,
                        alias: alias.clone(),
                        expr: Some(expr.clone()),
                        weight,
                    });
                }
            }
        }
        Ok(bound)
    }

    fn labelled(&self, name: &crate::ast::ObjectName) -> Result<usize> {
        let scope = self.scopes.last();
        let found = scope.and_then(|scope| {
            scope.relations.iter().copied().find(|&r| {
                let relation = &self.relations[r];
                let schema = name
                    .schema
                    .as_ref()
                    .is_none_or(|s| relation.schema.as_ref().is_some_and(|t| same(s, t)));
                schema && same(&relation.label, &name.name)
            })
        });
        found.ok_or_else(|| SqlError::new(-23, format!("Label '{}'", name.name.to_uppercase())))
    }

    fn expand(&mut self, relation: usize, items: &mut Vec<Item>) -> Result<()> {
        let columns = self.relations[relation].columns.clone();
        let alias = self.relations[relation].alias.clone();
        let stored = self.relations[relation].table.is_some();
        for column in columns {
            self.weigh(column.weight)?;
            self.column_read(relation, &column.sql_name);
            let collated = self.scopes.last().is_some_and(|scope| {
                scope
                    .collated
                    .iter()
                    .any(|(r, c)| *r == relation && *c == column.sql_name)
            });
            let mut sql = column.sql(&alias);
            if collated {
                let kind = column.collation.unwrap_or(Collation::SqlUpper).sql();
                sql = format!("iris_collated({sql},'{kind}')");
            }
            let shape = if stored && !collated {
                Shape::Column
            } else {
                Shape::Other
            };
            let value = Typed {
                sql,
                ty: column.ty,
                collation: column.collation,
                shape,
            };
            let table = self.relations[relation].table.as_ref();
            items.push(Item {
                nullable: nullable(table, &column.sql_name),
                object_id: object_id(table, &alias, &value),
                value,
                label: column.name,
                alias: None,
                expr: None,
                weight: column.weight,
            });
        }
        Ok(())
    }

    /// What IRIS calls a column without an alias.
    fn label(&mut self, expr: &Expr, position: usize) -> Result<String> {
        let kind = match expr {
            Expr::Column { name, .. } if name == "%TABLENAME" || name == "%CLASSNAME" => "Literal",
            Expr::Column { qualifier, name } => {
                return Ok(self.resolve(qualifier.as_ref(), name)?.column.name);
            }
            Expr::Arrow { base, name } => return self.arrow_label(base, name),
            Expr::Null => "Literal",
            Expr::Text(_) | Expr::Number(_) | Expr::Parameter(_) => "HostVar",
            Expr::Negate(operand) if matches!(**operand, Expr::Number(_)) => "HostVar",
            Expr::Aggregate(_) => "Aggregate",
            Expr::Subquery(_) => "Subquery",
            Expr::Window { .. } => "Window",
            _ => "Expression",
        };
        Ok(format!("{kind}_{position}"))
    }

    /// Computed values may be NULL or not; of columns it is known.
    fn nullable_of(&mut self, expr: &Expr, value: &Typed) -> Result<Nullable> {
        let Expr::Column { qualifier, name } = expr else {
            return Ok(Nullable::Unknown);
        };
        if value.shape != Shape::Column {
            return Ok(Nullable::Unknown);
        }
        let found = self.resolve(qualifier.as_ref(), name)?;
        let table = self.relations[found.relation].table.as_ref();
        Ok(nullable(table, &found.column.sql_name))
    }

    /// The object id that stands for a stream in GROUP BY and DISTINCT.
    pub(super) fn object_id(&mut self, expr: &Expr, value: &Typed) -> Result<Option<String>> {
        let Expr::Column { qualifier, name } = expr else {
            return Ok(None);
        };
        if !value.ty.is_stream() {
            return Ok(None);
        }
        let found = self.resolve(qualifier.as_ref(), name)?;
        let relation = &self.relations[found.relation];
        Ok(object_id(relation.table.as_ref(), &relation.alias, value))
    }
}

fn nullable(table: Option<&Arc<Table>>, name: &str) -> Nullable {
    let Some(table) = table else {
        return Nullable::Unknown;
    };
    let required = match table.column(name) {
        Some(column) => column.required,
        None => same(&table.row_id, name),
    };
    if required {
        Nullable::No
    } else {
        Nullable::Yes
    }
}

/// Every row has its own stream, even if two hold the same text.
fn object_id(table: Option<&Arc<Table>>, alias: &str, value: &Typed) -> Option<String> {
    let table = table.filter(|_| value.ty.is_stream())?;
    let row_id = quoted(&table.row_id);
    Some(format!(
        "CASE WHEN {} IS NOT NULL THEN {alias}.{row_id} END",
        value.sql
    ))
}
