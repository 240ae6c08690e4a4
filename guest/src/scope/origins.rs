//! Which columns of tables the columns of a result show.
//!
//! PostgreSQL's `markTargetListOrigins`: through joins, subqueries and WITH, not through set operations.

use sqlparser::ast::{AccessExpr, DataType, Expr, Query, SelectItem, SetExpr, TableWithJoins};

use super::{Output, Scopes, joined};
use crate::build;
use crate::join::is_merging;
use crate::relations::TableName;
use crate::types::{self, Kind, oid};
use crate::wit::{Oid, Origin};

/// What a result column shows.
pub(crate) struct Provenance {
    /// The column of a table, as it is.
    pub(crate) origin: Option<Origin>,
    /// Values of an enum type.
    pub(crate) enum_type: Option<TableName>,
    pub(crate) type_oid: Option<Oid>,
}

impl Provenance {
    fn of(column: &Output) -> Self {
        Self {
            origin: column.origin,
            enum_type: column.enum_type.clone(),
            type_oid: column.type_oid,
        }
    }
}

impl Scopes<'_> {
    /// Of each column of a query; none if they cannot be counted.
    pub(crate) fn origins_of(&mut self, query: &Query) -> Option<Vec<Provenance>> {
        self.open_queries(query);
        let origins = match &*query.body {
            SetExpr::Select(select) => self.within_select(select, |scopes| {
                scopes.origins_of_items(&select.projection, &select.from)
            }),
            SetExpr::Query(query) => self.origins_of(query),
            other => self
                .columns_of_body(other)
                .map(|columns| columns.iter().map(Provenance::of).collect()),
        };
        self.close();
        origins
    }

    /// Of each item of a select list, or of RETURNING, whose sources are in reach.
    pub(crate) fn origins_of_items(
        &self,
        items: &[SelectItem],
        from: &[TableWithJoins],
    ) -> Option<Vec<Provenance>> {
        let merges = from.iter().flat_map(|table| &table.joins).any(is_merging);
        let behind_joins = merges
            .then(|| joined::columns(from, self.sources()))
            .flatten();
        let merged = |expr: &Expr| {
            let (columns, Expr::Identifier(name)) = (behind_joins.as_ref()?, build::unnested(expr))
            else {
                return None;
            };
            columns.get(joined::place(columns, &name.value)?)
        };
        let mut origins = Vec::with_capacity(items.len());
        for item in items {
            match item {
                SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => {
                    origins.push(match merged(expr) {
                        Some(column) => Provenance::of(column),
                        None => Provenance {
                            origin: self.origin_of(expr),
                            enum_type: self.enum_of(expr),
                            type_oid: self.type_of(expr),
                        },
                    });
                }
                star => {
                    let columns = self.columns_of_item(star, from)?;
                    origins.extend(columns.iter().map(Provenance::of));
                }
            }
        }
        Some(origins)
    }

    /// The column that a value is as it stands in its table.
    pub(super) fn origin_of(&self, value: &Expr) -> Option<Origin> {
        self.shown(value)?.origin
    }

    /// The column that a value is, a cast to the type that it has aside.
    fn shown(&self, value: &Expr) -> Option<&Output> {
        match build::unnested(value) {
            Expr::Cast {
                expr, data_type, ..
            } => self.shown(expr).filter(|column| is_of(column, data_type)),
            // `(t).a`
            Expr::CompoundFieldAccess { root, access_chain } => {
                match (build::unnested(root), access_chain.as_slice()) {
                    (Expr::Identifier(row), [AccessExpr::Dot(Expr::Identifier(name))]) => {
                        self.find(Some(row), name)
                    }
                    _ => None,
                }
            }
            name => self.column(name),
        }
    }
}

/// Whether a column has no limits of its own, or those of a vector, and is of that type.
fn is_of(column: &Output, data_type: &DataType) -> bool {
    let Some(known) = types::of(data_type) else {
        return false;
    };
    if let Kind::Vector(length) = known.kind {
        let own = column.vector.and_then(|shape| shape.length);
        return column.type_oid == Some(oid::VECTOR) && own == length;
    }
    let has_limits = match column.type_oid {
        Some(oid::NUMERIC) => column.digits.is_some(),
        Some(oid::VARCHAR | oid::BPCHAR) | None => true,
        Some(_) => false,
    };
    !has_limits && !types::is_limited(data_type) && Some(known.oid) == column.type_oid
}
