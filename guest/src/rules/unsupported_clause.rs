//! # What it does
//! Refuses `WITH RECURSIVE`.
//!
//! # Why
//! IRIS has no recursion, and would call it a syntax error.
//!
//! # Example
//! `WITH RECURSIVE r AS (…) SELECT n FROM r` is refused with SQLSTATE 0A000.
//!
//! # Limits
//! None: nothing is done instead.
//!
//! # Versions
//! All.

use sqlparser::ast::{Insert, Query, Spanned, Statement};

use crate::diagnostic::Diagnosed;
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};
use crate::wit::Diagnostic;

pub(crate) struct UnsupportedClause;

impl Rule for UnsupportedClause {
    fn name(&self) -> &'static str {
        "unsupported_clause"
    }

    fn summary(&self) -> &'static str {
        "refuses clauses that IRIS has no equivalent for"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::CLAUSE)
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        match tree {
            Statement::Insert(insert) => refuse_insert(insert, pass.text)?,
            Statement::Query(query) => refuse_recursion(query, pass.text)?,
            _ => {}
        }
        Ok(false)
    }
}

fn refuse_insert(insert: &Insert, text: &str) -> Diagnosed<()> {
    let Some(source) = &insert.source else {
        return Ok(());
    };
    refuse_recursion(source, text)
}

fn refuse_recursion(query: &Query, text: &str) -> Diagnosed<()> {
    match &query.with {
        Some(with) if with.recursive => Err(Diagnostic::not_supported(
            "WITH RECURSIVE is not supported",
            "follow the references in the application, one level at a time",
        )
        .at(text, offset(with))),
        _ => Ok(()),
    }
}

/// Where the client wrote it.
fn offset(node: &impl Spanned) -> usize {
    node.span().start.column.saturating_sub(1) as usize
}
