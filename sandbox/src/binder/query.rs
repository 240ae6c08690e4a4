//! Queries as a whole: CTEs, ORDER BY and row limits, and the rules of subqueries.

use super::scope::{CteRelation, RelationColumn};
use super::typed::collate;
use super::{Binder, Clause, convert};
use crate::SqlType;
use crate::ast::{Expr, Limit, OrderItem, Query, SetExpr};
use crate::catalog::same;
use crate::collation::Collation;
use crate::datatype::Type;
use crate::error::{Result, SqlError};
use crate::plan::OutputColumn;

/// Where a query stands; parentheses change what it may contain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Top,
    Subquery,
    View,
}

/// A column of a bound query; in SQLite it is called `c1`, `c2`, ….
#[derive(Clone, Debug)]
pub(super) struct BoundColumn {
    pub(super) label: String,
    pub(super) ty: Type,
    pub(super) collation: Option<Collation>,
    pub(super) described: SqlType,
    /// See [`RelationColumn::weight`].
    pub(super) weight: u64,
}

impl BoundColumn {
    pub(super) fn output(self) -> OutputColumn {
        OutputColumn {
            label: self.label,
            ty: self.ty,
            described: self.described,
        }
    }

    /// As a column of a derived relation, `position` counted from 1.
    pub(super) fn relation_column(&self, position: usize) -> RelationColumn {
        RelationColumn {
            name: self.label.clone(),
            sql_name: format!("c{position}"),
            ty: self.ty.clone(),
            collation: self.collation,
            weight: self.weight,
            expression: None,
        }
    }
}

/// A query in SQLite SQL.
#[derive(Clone, Debug)]
pub(super) struct BoundQuery {
    pub(super) sql: String,
    pub(super) columns: Vec<BoundColumn>,
}

impl Binder<'_> {
    pub(super) fn query(&mut self, query: &Query, place: Place) -> Result<BoundQuery> {
        let outer_ctes = self.ctes.len();
        let with = self.with_clause(&query.ctes)?;
        if place != Place::Top {
            self.subquery_depth += 1;
        }
        let outer_clause = std::mem::replace(&mut self.clause, Clause::Select);
        let outer_aggregate = std::mem::replace(&mut self.in_aggregate, false);
        let outer_wide = std::mem::replace(&mut self.table_wide, false);
        let bound = self.query_body(query, place);
        self.clause = outer_clause;
        self.in_aggregate = outer_aggregate;
        self.table_wide = outer_wide;
        if place != Place::Top {
            self.subquery_depth -= 1;
        }
        self.ctes.truncate(outer_ctes);
        let mut bound = bound?;
        bound.sql.insert_str(0, &with);
        Ok(bound)
    }

    /// Binds CTEs and leaves them in sight.
    pub(super) fn with_clause(&mut self, ctes: &[crate::ast::Cte]) -> Result<String> {
        let first = self.ctes.len();
        let mut parts = Vec::new();
        for cte in ctes {
            if self.ctes[first..]
                .iter()
                .any(|other| same(&other.name, &cte.name))
            {
                return Err(SqlError::new(-382, &cte.name));
            }
            let bound = self.query(&cte.query, Place::Subquery)?;
            let sql_name = format!("cte{}", self.ctes.len() + 1);
            parts.push(format!("{sql_name} AS ({})", bound.sql));
            let columns = bound
                .columns
                .iter()
                .enumerate()
                .map(|(n, column)| column.relation_column(n + 1))
                .collect();
            self.ctes.push(CteRelation {
                name: cte.name.clone(),
                sql_name,
                columns,
            });
        }
        Ok(if parts.is_empty() {
            String::new()
        } else {
            format!("WITH {} ", parts.join(", "))
        })
    }

    fn query_body(&mut self, query: &Query, place: Place) -> Result<BoundQuery> {
        let top = matches!(&query.body, SetExpr::Select(select) if select.top.is_some());
        if top && query.limit.is_some() {
            return Err(SqlError::code(-386));
        }
        if place != Place::Top && !query.order.is_empty() && !top {
            return Err(SqlError::code(if place == Place::View { -143 } else { -1 }));
        }
        match &query.body {
            SetExpr::Select(select) => {
                self.select(select, &query.order, query.limit.as_ref(), place)
            }
            SetExpr::Parenthesised(inner) if query.order.is_empty() && query.limit.is_none() => {
                self.query(inner, Place::Subquery)
            }
            body => {
                let bound = self.set_expression(body)?;
                self.ordered_set(bound, &query.order, query.limit.as_ref())
            }
        }
    }

    /// ORDER BY after a set operation knows labels and ordinals only.
    fn ordered_set(
        &mut self,
        bound: BoundQuery,
        order: &[OrderItem],
        limit: Option<&Limit>,
    ) -> Result<BoundQuery> {
        if order.is_empty() && limit.is_none() {
            return Ok(bound);
        }
        let mut items = Vec::new();
        for item in order {
            let position = match (&item.expr, item.ordinal) {
                (_, Some(ordinal)) => (1..=bound.columns.len())
                    .contains(&ordinal)
                    .then_some(ordinal)
                    .ok_or(SqlError::code(-5))?,
                (
                    Expr::Column {
                        qualifier: None,
                        name,
                    },
                    None,
                ) => {
                    let found = bound
                        .columns
                        .iter()
                        .position(|column| same(&column.label, name));
                    found
                        .map(|n| n + 1)
                        .ok_or_else(|| SqlError::new(-6, name))?
                }
                (Expr::Parameter(_) | Expr::Text(_) | Expr::Negate(_) | Expr::Null, None) => {
                    continue;
                }
                _ => return Err(SqlError::code(-6)),
            };
            let column = &bound.columns[position - 1];
            items.push(order_sql(
                &format!("c{position}"),
                collate(&column.ty, column.collation),
                item.descending,
            ));
        }
        let order = if items.is_empty() {
            String::new()
        } else {
            format!(" ORDER BY {}", items.join(","))
        };
        let limit = self.limit_sql(limit)?;
        Ok(BoundQuery {
            sql: format!("SELECT * FROM ({}){order}{limit}", bound.sql),
            columns: bound.columns,
        })
    }

    /// ` LIMIT n OFFSET m`; negative counts are 0.
    pub(super) fn limit_sql(&mut self, limit: Option<&Limit>) -> Result<String> {
        let Some(limit) = limit else {
            return Ok(String::new());
        };
        let count = match &limit.count {
            Some(count) => self.count(count)?,
            None => "-1".to_owned(),
        };
        let offset = match &limit.offset {
            Some(offset) => format!(" OFFSET {}", self.count(offset)?),
            None => String::new(),
        };
        Ok(format!(" LIMIT {count}{offset}"))
    }

    /// A row count: a bare `?` is VARCHAR, as IRIS describes that of TOP.
    pub(super) fn count(&mut self, expr: &Expr) -> Result<String> {
        let value = self.value(expr, None)?;
        Ok(format!("iris_count({})", convert::as_text(&value)))
    }
}

/// One item of ORDER BY.
pub(super) fn order_sql(sql: &str, collate: &str, descending: bool) -> String {
    format!("{sql}{collate}{}", if descending { " DESC" } else { "" })
}
