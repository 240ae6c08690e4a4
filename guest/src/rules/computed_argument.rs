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
//! It works where the other rules refuse a statement.
//!
//! # Versions
//! All.

use sqlparser::ast::{Expr, Statement};

use crate::computed::{self, accesses, is_made_here};
use crate::diagnostic::Diagnosed;
use crate::placeholder;
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};
use crate::types::oid;
use crate::walk::{self, Hooks};

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
        if !pass.arranges || !placeholder::are_taken(tree) {
            return Ok(false);
        }
        let mut arguments = Arguments {
            pass,
            changed: false,
        };
        walk::statement(tree, &mut arguments)?;
        Ok(arguments.changed)
    }
}

struct Arguments<'a, 'b> {
    pass: &'a mut Pass<'b>,
    changed: bool,
}

impl Hooks for Arguments<'_, '_> {
    /// Outer expressions come first, so that what is bound is as much as there can be.
    fn enter_expression(&mut self, expression: &mut Expr) -> Diagnosed<()> {
        if !accesses(expression) && !is_made_here(expression) {
            return Ok(());
        }
        let Some(value) = computed::without_columns(expression, self.pass)? else {
            return Ok(());
        };
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
