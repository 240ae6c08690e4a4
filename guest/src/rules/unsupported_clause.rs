//! # What it does
//! Refuses `WITH RECURSIVE`, unless nothing in it refers to itself.
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

use sqlparser::ast::{ObjectName, Query, Spanned, Statement, With};

use crate::diagnostic::Diagnosed;
use crate::labels;
use crate::look::{self, Node};
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};
use crate::walk::{self, Hooks};
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
        let mut walk = Walk {
            text: pass.text,
            changed: false,
        };
        walk::statement(tree, &mut walk)?;
        Ok(walk.changed)
    }
}

struct Walk<'a> {
    text: &'a str,
    changed: bool,
}

impl Hooks for Walk<'_> {
    fn enter_query(&mut self, query: &mut Query) -> Diagnosed<()> {
        let Some(with) = &mut query.with else {
            return Ok(());
        };
        if !with.recursive {
            return Ok(());
        }
        if refers_ahead(with) {
            return Err(Diagnostic::not_supported(
                "WITH RECURSIVE is not supported",
                "follow the references in the application, one level at a time",
            )
            .at(self.text, offset(&*with)));
        }
        with.recursive = false;
        self.changed = true;
        Ok(())
    }
}

/// Whether a query of a WITH names itself or one behind it.
fn refers_ahead(with: &With) -> bool {
    let names: Vec<String> = with
        .cte_tables
        .iter()
        .map(|table| labels::folded(&table.alias.name))
        .collect();
    with.cte_tables.iter().enumerate().any(|(index, table)| {
        look::finds(&*table.query, &mut |node| match node {
            Node::Relation(ObjectName(parts)) => match parts.as_slice() {
                [name] => name.as_ident().is_some_and(|name| {
                    let name = labels::folded(name);
                    names.iter().skip(index).any(|other| *other == name)
                }),
                _ => false,
            },
            _ => false,
        })
    })
}

/// Where the client wrote it.
fn offset(node: &impl Spanned) -> usize {
    node.span().start.column.saturating_sub(1) as usize
}
