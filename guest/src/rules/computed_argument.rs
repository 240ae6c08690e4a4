//! # What it does
//! Binds what the broker computes of constants and of the client's parameters, in the place of what
//! IRIS cannot compute.
//!
//! # Why
//! IRIS has no operators on documents and arrays, and not all of PostgreSQL's functions; where they
//! take no columns, their result is the same for all rows.
//!
//! # Example
//! `INSERT INTO t (doc) VALUES (jsonb_set($1, '{a}', '1'))` becomes `INSERT INTO t (doc) VALUES (?)`.
//!
//! # Limits
//! It works where the other rules refuse a statement. `random()` is not bound but in VALUES: it is
//! another number in each row.
//!
//! # Versions
//! All.

use sqlparser::ast::{BinaryOperator, Expr, SelectItem, SetExpr, Statement};

use crate::computed::{self, accesses, is_made_here};
use crate::diagnostic::Diagnosed;
use crate::look::{self, Node};
use crate::placeholder;
use crate::reader::marks::Marks;
use crate::rule::{Means, Pass, Rule};
use crate::types::oid;
use crate::walk::{self, Hooks};
use crate::wit::{Diagnostic, Oid};

pub(crate) struct ComputedArgument;

impl Rule for ComputedArgument {
    fn name(&self) -> &'static str {
        "computed_argument"
    }

    fn summary(&self) -> &'static str {
        "binds what the broker computes of constants and parameters"
    }

    fn concerns(&self, _marks: Marks) -> bool {
        true
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        if pass.means == Means::Rules || !placeholder::are_taken(tree) {
            return Ok(false);
        }
        let is_last = pass.means == Means::Bound;
        // What is selected has a label and a type that are told of rows that the broker makes.
        if is_last && selects_computed(tree) {
            return Err(nothing_bound());
        }
        let mut arguments = Arguments {
            is_once: is_computed_once(tree),
            pass,
            changed: false,
        };
        walk::statement(tree, &mut arguments)?;
        match arguments.changed {
            // The other rules would refuse the statement once more.
            false if is_last => Err(nothing_bound()),
            changed => Ok(changed),
        }
    }
}

struct Arguments<'a, 'b> {
    /// Whether each expression is computed for one row.
    is_once: bool,
    pass: &'a mut Pass<'b>,
    changed: bool,
}

impl Hooks for Arguments<'_, '_> {
    /// Outer expressions come first, so that what is bound is as much as there can be.
    fn enter_expression(&mut self, expression: &mut Expr) -> Diagnosed<()> {
        let counts = counts(expression);
        if !self.is_once && computed::changes(expression) {
            return Ok(());
        }
        if !counts && !accesses(expression) && !is_made_here(expression) {
            return Ok(());
        }
        let Some(value) = computed::without_columns(expression, self.pass)? else {
            return Ok(());
        };
        if counts && !is_of_moments(value.type_oid) {
            return Ok(());
        }
        let type_oid = match value.type_oid {
            0 => oid::TEXT,
            known => known,
        };
        let number = self.pass.arguments.len();
        self.pass.arguments.push(value.instructions);
        *expression = placeholder::computed(number, type_oid);
        self.changed = true;
        Ok(())
    }
}

/// Whether an operator counts with its operands, which may be moments and intervals.
fn counts(expression: &Expr) -> bool {
    use BinaryOperator as O;
    matches!(
        expression,
        Expr::BinaryOp {
            op: O::Plus | O::Minus | O::Multiply | O::Divide,
            ..
        }
    )
}

fn is_of_moments(type_oid: Oid) -> bool {
    matches!(type_oid, oid::TIMESTAMP | oid::TIMESTAMPTZ | oid::INTERVAL)
}

/// Whether a statement inserts rows that are written down.
fn is_computed_once(tree: &Statement) -> bool {
    let Statement::Insert(insert) = tree else {
        return false;
    };
    let source = insert.source.as_ref();
    source.is_some_and(|source| matches!(&*source.body, SetExpr::Values(_)))
}

fn nothing_bound() -> Diagnostic {
    Diagnostic::not_supported("nothing can be bound", "bind it in the client")
}

fn selects_computed(tree: &Statement) -> bool {
    look::finds(tree, &mut |node| match node {
        Node::Select(select) => select.projection.iter().any(|item| match item {
            SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => {
                accesses(expr) || is_made_here(expr)
            }
            _ => false,
        }),
        _ => false,
    })
}
