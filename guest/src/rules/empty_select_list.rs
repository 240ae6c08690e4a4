//! # What it does
//! Writes the empty select list of an EXISTS as `1`, and refuses others.
//!
//! # Why
//! IRIS selects at least one column. (InterSystems SQL Reference, "SELECT".)
//!
//! # Example
//! `SELECT a FROM t WHERE EXISTS (SELECT FROM u)` becomes
//! `SELECT a FROM t WHERE EXISTS (SELECT 1 FROM u)`.
//!
//! # Limits
//! None: rows without columns are nothing that IRIS has.
//!
//! # Versions
//! All.

use sqlparser::ast::{Expr, Query, SelectItem, SetExpr, Statement};

use crate::build;
use crate::diagnostic::Diagnosed;
use crate::look::{self, Node};
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};
use crate::walk;
use crate::wit::Diagnostic;

pub(crate) struct EmptySelectList;

impl Rule for EmptySelectList {
    fn name(&self) -> &'static str {
        "empty_select_list"
    }

    fn summary(&self) -> &'static str {
        "gives an EXISTS a column to select"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::EMPTY_LIST)
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        if !has_empty_list(tree) {
            return Ok(false);
        }
        walk::expressions(tree, &mut |expression| {
            if let Expr::Exists { subquery, .. } = expression {
                fill(subquery);
            }
            Ok(())
        })?;
        if !has_empty_list(tree) {
            return Ok(true);
        }
        if let Some((word, column)) = reserved_name(tree) {
            let refusal = Diagnostic::syntax_error_near(&word);
            return Err(refusal.at(pass.text, column));
        }
        let refusal = Diagnostic::not_supported(
            "a select list without columns is not supported",
            "select a constant",
        );
        Err(refusal.at(pass.text, 0))
    }
}

fn has_empty_list(tree: &Statement) -> bool {
    look::finds(
        tree,
        &mut |node| matches!(node, Node::Select(select) if select.projection.is_empty()),
    )
}

/// Words that begin the clauses behind FROM; PostgreSQL reserves them all.
const CLAUSES: &[&str] = &[
    "where",
    "group",
    "having",
    "window",
    "union",
    "intersect",
    "except",
    "order",
    "limit",
    "offset",
    "fetch",
    "for",
];

/// Such a word in place of a table, as in `SELECT FROM WHERE`, and where it stands.
fn reserved_name(tree: &Statement) -> Option<(String, usize)> {
    let mut found = None;
    look::finds(tree, &mut |node| {
        let Node::Relation(name) = node else {
            return false;
        };
        let word = name.0.first().and_then(|part| part.as_ident());
        found = word
            .filter(|word| {
                let folded = word.value.to_ascii_lowercase();
                word.quote_style.is_none() && CLAUSES.contains(&folded.as_str())
            })
            .map(|word| {
                let column = word.span.start.column.saturating_sub(1);
                (
                    word.value.clone(),
                    usize::try_from(column).unwrap_or_default(),
                )
            });
        found.is_some()
    });
    found
}

fn fill(query: &mut Query) {
    let mut rest = vec![&mut *query.body];
    while let Some(body) = rest.pop() {
        match body {
            SetExpr::Select(select) if select.projection.is_empty() => {
                select.projection = vec![SelectItem::UnnamedExpr(build::number(1))];
            }
            SetExpr::Query(query) => rest.push(&mut query.body),
            SetExpr::SetOperation { left, right, .. } => rest.extend([&mut **left, &mut **right]),
            _ => {}
        }
    }
}
