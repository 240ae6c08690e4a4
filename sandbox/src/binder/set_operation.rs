//! UNION, INTERSECT, EXCEPT: one type per column, duplicates by collation.

use super::Binder;
use super::condition::common_number;
use super::convert;
use super::query::{BoundColumn, BoundQuery, Place};
use super::typed::{Typed, collate};
use crate::Version;
use crate::ast::{SetExpr, SetOp};
use crate::collation::Collation;
use crate::datatype::Type;
use crate::error::{Result, SqlError};

impl Binder<'_> {
    pub(super) fn set_expression(&mut self, body: &SetExpr) -> Result<BoundQuery> {
        match body {
            SetExpr::Select(select) => self.select(select, &[], None, Place::Subquery),
            SetExpr::Parenthesised(query) => self.query(query, Place::Subquery),
            SetExpr::Operation {
                op,
                all,
                left,
                right,
            } => {
                let left = self.set_expression(left)?;
                let right = self.set_expression(right)?;
                self.combine(*op, *all, left, right)
            }
        }
    }

    fn combine(
        &self,
        op: SetOp,
        all: bool,
        left: BoundQuery,
        right: BoundQuery,
    ) -> Result<BoundQuery> {
        if left.columns.len() != right.columns.len() {
            return Err(SqlError::code(-9));
        }
        let mut columns = Vec::new();
        for (a, b) in left.columns.iter().zip(&right.columns) {
            let ty = if op == SetOp::Except {
                a.ty.clone()
            } else {
                common(&a.ty, &b.ty)
            };
            let described = if ty == a.ty {
                a.described.clone()
            } else {
                ty.describe()
            };
            let collation = a
                .collation
                .or(b.collation)
                .or(ty.is_text().then_some(Collation::Exact));
            columns.push(BoundColumn {
                label: a.label.clone(),
                ty,
                collation,
                described,
                weight: a.weight.saturating_add(b.weight),
            });
        }
        let upper = !all && self.version >= Version::V2024_2;
        let word = match (op, all) {
            (SetOp::Union, true) => "UNION ALL",
            (SetOp::Union, false) => "UNION",
            (SetOp::Intersect, _) => "INTERSECT",
            (SetOp::Except, _) => "EXCEPT",
        };
        let (left, right) = (leg(&left, &columns, upper), leg(&right, &columns, upper));
        Ok(BoundQuery {
            sql: format!("{left} {word} {right}"),
            columns,
        })
    }
}

/// A leg with its columns in the common types. From 2024.2 on, text that collates
/// in upper case comes back in it.
fn leg(query: &BoundQuery, columns: &[BoundColumn], upper: bool) -> String {
    let items = columns
        .iter()
        .zip(&query.columns)
        .enumerate()
        .map(|(n, (wanted, column))| {
            let mut typed = Typed::computed(format!("c{}", n + 1), column.ty.clone());
            typed.collation = column.collation;
            let sql = convert::to(&typed, &wanted.ty);
            let text = matches!(wanted.ty, Type::Varchar(_));
            match wanted.collation {
                Some(collation) if upper && text && collation != Collation::Exact => {
                    format!("iris_collated({sql},'{}') AS c{}", collation.sql(), n + 1)
                }
                _ => format!(
                    "{sql}{} AS c{}",
                    collate(&wanted.ty, wanted.collation),
                    n + 1
                ),
            }
        });
    format!(
        "SELECT {} FROM ({})",
        items.collect::<Vec<_>>().join(","),
        query.sql
    )
}

/// VARCHAR over DOUBLE over NUMERIC over the whole numbers.
fn common(a: &Type, b: &Type) -> Type {
    match (a, b) {
        _ if a == b => a.clone(),
        _ if a.is_number() && b.is_number() => common_number(a, b),
        (Type::Varchar(x), Type::Varchar(y)) => Type::Varchar(x.and_then(|x| y.map(|y| x.max(y)))),
        _ if a.is_timestamp() && b.is_timestamp() => Type::Timestamp,
        _ => Type::Varchar(None),
    }
}
