//! # What it does
//! Casts what a view, or a table made from a query, computes to the type that
//! PostgreSQL gives it.
//!
//! # Why
//! The type of the column lasts: IRIS takes `a + 1` for BIGINT, and a literal for a
//! string of as many characters as it has, in which no longer one fits.
//!
//! # Example
//! `CREATE VIEW v AS SELECT 'x' AS a` becomes
//! `CREATE VIEW v AS SELECT CAST('x' AS VARCHAR(3641144)) AS a`.
//!
//! # Limits
//! A column of a set operation is cast if all its selects give it the same type.
//!
//! # Versions
//! All.

use sqlparser::ast::{DataType, Expr, SelectItem, SetExpr, Statement};

use crate::build;
use crate::diagnostic::Diagnosed;
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};
use crate::scope::{ItemType, Scopes};
use crate::types::{self, oid};
use crate::wit::Oid;

pub(crate) struct DefinedQuery;

impl Rule for DefinedQuery {
    fn name(&self) -> &'static str {
        "defined_query"
    }

    fn summary(&self) -> &'static str {
        "casts the computed columns of views and of tables made from queries"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::DEFINITION.and(Marks::INTO))
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let query = match tree {
            Statement::CreateView(view) => &mut view.query,
            Statement::CreateTable(table) => match &mut table.query {
                Some(query) => query,
                None => return Ok(false),
            },
            _ => return Ok(false),
        };
        let types = Scopes::new(pass.relations, &pass.parameters).types_of_legs(query);
        let mut legs = Vec::new();
        collect(&mut query.body, &mut legs);
        let width = types.iter().map(Vec::len).min().unwrap_or(0);
        if legs.len() != types.len() || legs.iter().any(|leg| leg.len() != width) {
            return Ok(false);
        }
        let mut changed = false;
        for column in 0..width {
            let Some(target) = common(&types, column).and_then(target) else {
                continue;
            };
            for (leg, types) in legs.iter_mut().zip(&types) {
                let (Some(item), Some(known)) = (leg.get_mut(column), types.get(column)) else {
                    continue;
                };
                changed |= !known.stored && cast(item, &target);
            }
        }
        Ok(changed)
    }
}

/// The select lists of a query, from the left.
fn collect<'a>(body: &'a mut SetExpr, legs: &mut Vec<&'a mut Vec<SelectItem>>) {
    match body {
        SetExpr::Select(select) => legs.push(&mut select.projection),
        SetExpr::Query(query) => collect(&mut query.body, legs),
        SetExpr::SetOperation { left, right, .. } => {
            collect(left, legs);
            collect(right, legs);
        }
        _ => {}
    }
}

/// The type of a column, if all legs give it the same one.
fn common(types: &[Vec<ItemType>], column: usize) -> Option<Oid> {
    let mut legs = types.iter().map(|leg| leg.get(column)?.type_oid);
    let first = legs.next()??;
    legs.all(|leg| leg == Some(first)).then_some(first)
}

fn cast(item: &mut SelectItem, target: &DataType) -> bool {
    let (SelectItem::ExprWithAlias { expr, .. } | SelectItem::UnnamedExpr(expr)) = item else {
        return false;
    };
    if is_cast(expr) || matches!(expr, Expr::Identifier(_) | Expr::CompoundIdentifier(_)) {
        return false;
    }
    *expr = build::cast(build::take(expr), target.clone());
    true
}

fn is_cast(expression: &Expr) -> bool {
    matches!(build::unnested(expression), Expr::Cast { .. })
}

/// Where IRIS's own choice is another one.
fn target(known: Oid) -> Option<DataType> {
    match known {
        oid::TEXT => types::of(&DataType::Text)?.cast_target(&DataType::Text),
        oid::INT4 => Some(DataType::Integer(None)),
        oid::INT8 => Some(DataType::BigInt(None)),
        _ => None,
    }
}
