//! # What it does
//! Counts a column that is NOT NULL where a statement counts the rows of a table by its name.
//!
//! # Why
//! IRIS has no rows as values. In an outer join it must be told which rows are there.
//!
//! # Example
//! `SELECT count(o.*) FROM c LEFT JOIN o ON o.c = c.id` becomes
//! `SELECT count(o.id) FROM c LEFT JOIN o ON o.c = c.id`, if `id` is the primary key of `o`.
//!
//! # Limits
//! Where no column is known to be NOT NULL, as in subqueries and views, it is refused.
//!
//! # Versions
//! All.

use sqlparser::ast::{
    Expr, FunctionArg, FunctionArgExpr, FunctionArguments, ObjectName, Spanned, Statement,
};

use crate::aggregates::takes_row;
use crate::build;
use crate::diagnostic::Diagnosed;
use crate::labels;
use crate::look::{self, Node};
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};
use crate::scope::{ScopedHooks, Scopes, scoped};
use crate::wit::Diagnostic;

pub(crate) struct CountedRow;

impl Rule for CountedRow {
    fn name(&self) -> &'static str {
        "counted_row"
    }

    fn summary(&self) -> &'static str {
        "counts a column of a table for count(t.*)"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::AGGREGATE)
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let counts = |node: Node<'_>| matches!(node, Node::Expression(Expr::Function(function)) if takes_row(function));
        if !look::finds(tree, &mut { counts }) {
            return Ok(false);
        }
        let (relations, parameters) = (pass.relations, pass.parameters.clone());
        let mut walk = Walk {
            pass,
            changed: false,
        };
        scoped(tree, relations, &parameters, &mut walk)?;
        Ok(walk.changed)
    }
}

struct Walk<'a, 'b> {
    pass: &'a Pass<'b>,
    changed: bool,
}

impl ScopedHooks for Walk<'_, '_> {
    fn enter_expression(&mut self, expr: &mut Expr, scopes: &mut Scopes<'_>) -> Diagnosed<()> {
        let Expr::Function(function) = expr else {
            return Ok(());
        };
        if build::function_name(function).as_deref() != Some("count") {
            return Ok(());
        }
        let FunctionArguments::List(list) = &mut function.args else {
            return Ok(());
        };
        for argument in &mut list.args {
            if let FunctionArg::Unnamed(FunctionArgExpr::QualifiedWildcard(table)) = argument {
                let row = self.row(table, scopes)?;
                *argument = FunctionArg::Unnamed(FunctionArgExpr::Expr(row));
                self.changed = true;
            }
        }
        Ok(())
    }
}

impl Walk<'_, '_> {
    fn row(&self, name: &ObjectName, scopes: &Scopes<'_>) -> Diagnosed<Expr> {
        let called = name.0.last().and_then(|part| part.as_ident());
        let source = called.and_then(|called| {
            let mut sources = scopes.sources().iter();
            sources.find(|source| source.is_called(called))
        });
        let table = source.and_then(|source| source.table.as_ref());
        let relation = table.and_then(|table| self.pass.relations.find(table));
        let column = relation.and_then(|relation| {
            let mut columns = relation.columns.iter();
            columns.find(|column| !column.nullable)
        });
        match (called, column) {
            (Some(called), Some(column)) => Ok(Expr::CompoundIdentifier(vec![
                called.clone(),
                labels::identifier(&column.name),
            ])),
            _ => {
                let at = name.span().start.column.saturating_sub(1);
                let at = usize::try_from(at).unwrap_or(0);
                Err(Diagnostic::not_supported(
                    "count of rows of which no column is known to be NOT NULL is not supported",
                    "count such a column, or an expression that is NULL where there is no row",
                )
                .at(self.pass.text, at))
            }
        }
    }
}
