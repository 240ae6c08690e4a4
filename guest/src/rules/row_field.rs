//! # What it does
//! Writes a column of a whole row, `(t).a`, as the column that it is.
//!
//! # Why
//! IRIS has no rows as values. PostgreSQL's `t` in an expression is the row of the table `t`, unless
//! there is a column of that name.
//!
//! # Example
//! `SELECT (t).a FROM t` becomes `SELECT t.a FROM t`.
//!
//! # Limits
//! `(t).*` and fields of what is no table are refused.
//!
//! # Versions
//! All.

use sqlparser::ast::{AccessExpr, Expr, Statement};

use crate::build;
use crate::diagnostic::Diagnosed;
use crate::labels;
use crate::place;
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};
use crate::scope::{ScopedHooks, Scopes, Source, scoped};
use crate::types::words;
use crate::wit::Diagnostic;

pub(crate) struct RowField;

impl Rule for RowField {
    fn name(&self) -> &'static str {
        "row_field"
    }

    fn summary(&self) -> &'static str {
        "writes columns of whole rows as columns"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::FIELD)
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let mut walk = Walk {
            text: pass.text,
            changed: false,
        };
        scoped(tree, pass.relations, &pass.parameters, &mut walk)?;
        Ok(walk.changed)
    }
}

struct Walk<'a> {
    /// The client's.
    text: &'a str,
    changed: bool,
}

impl ScopedHooks for Walk<'_> {
    fn enter_expression(&mut self, expr: &mut Expr, scopes: &mut Scopes<'_>) -> Diagnosed<()> {
        let column = column_of(expr, scopes);
        if let Some(column) = column.map_err(|error| error.at(self.text, place::of(expr)))? {
            *expr = column;
            self.changed = true;
        }
        Ok(())
    }
}

/// The column that a field of a row is; none if nothing can be said of it.
fn column_of(expr: &Expr, scopes: &Scopes<'_>) -> Diagnosed<Option<Expr>> {
    let Expr::CompoundFieldAccess { root, access_chain } = expr else {
        return Ok(None);
    };
    let (Expr::Nested(_), [AccessExpr::Dot(Expr::Identifier(field))]) =
        (&**root, access_chain.as_slice())
    else {
        return Ok(None);
    };
    let mut parts = match build::unnested(root) {
        Expr::Identifier(table) => vec![table.clone()],
        Expr::CompoundIdentifier(parts) => parts.clone(),
        _ => return Ok(None),
    };
    if let Some(column) = scopes.column(root) {
        let type_name = column.type_oid.map_or("text", words);
        let message = format!(
            "column notation .{} applied to type {type_name}, which is not a composite type",
            labels::folded(field)
        );
        return Err(Diagnostic::error("42809", message));
    }
    let table = parts.last().map(labels::folded).unwrap_or_default();
    let mut sources = scopes.around().flatten();
    let called = |source: &Source| parts.last().is_some_and(|table| source.is_called(table));
    if !sources.any(called) {
        let mut sources = scopes.around().flatten();
        let all_known = sources.all(|source| source.columns.is_some());
        return match all_known && parts.len() == 1 {
            true => Err(Diagnostic::error(
                "42703",
                format!("column \"{table}\" does not exist"),
            )),
            false => Ok(None),
        };
    }
    parts.push(field.clone());
    Ok(Some(Expr::CompoundIdentifier(parts)))
}
