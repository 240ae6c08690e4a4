//! To which length the values of a `character` are filled up with blanks.
//!
//! PostgreSQL manual, "Character Types".

use sqlparser::ast::{DataType, Expr};

use crate::build;
use crate::types::{self, Kind, oid};

/// The length, if it is the same for all values of an expression of that type; asks `leaf`
/// about names and subqueries.
pub(crate) fn of(expression: &Expr, leaf: &dyn Fn(&Expr) -> Option<u64>) -> Option<u64> {
    match expression {
        Expr::Identifier(_) | Expr::CompoundIdentifier(_) | Expr::Subquery(_) => leaf(expression),
        Expr::Nested(inner) | Expr::Collate { expr: inner, .. } => of(inner, leaf),
        Expr::Cast {
            expr, data_type, ..
        } => of_type(data_type).or_else(|| of(expr, leaf)),
        Expr::Case {
            conditions,
            else_result,
            ..
        } => of_all(build::results(conditions, else_result.as_deref()), leaf),
        Expr::Function(function) => {
            let arguments = build::arguments(function);
            match build::function_name(function)?.as_str() {
                "min" | "max" | "nullif" | "first_value" | "last_value" | "nth_value"
                | "any_value" => of(arguments.first()?, leaf),
                // Their third argument is another value.
                "lag" | "lead" if arguments.len() < 3 => of(arguments.first()?, leaf),
                "coalesce" | "greatest" | "least" => of_all(arguments.into_iter(), leaf),
                _ => None,
            }
        }
        _ => None,
    }
}

fn of_all<'a>(
    expressions: impl Iterator<Item = &'a Expr>,
    leaf: &dyn Fn(&Expr) -> Option<u64>,
) -> Option<u64> {
    let mut lengths = expressions
        .filter(|expression| !build::is_null(expression))
        .map(|expression| of(expression, leaf));
    let first = lengths.next()??;
    lengths.all(|other| other == Some(first)).then_some(first)
}

/// That of `character(n)`.
pub(crate) fn of_type(data_type: &DataType) -> Option<u64> {
    let known = types::of(data_type).filter(|known| known.oid == oid::BPCHAR)?;
    match known.kind {
        Kind::Text(length) => length,
        _ => None,
    }
}
