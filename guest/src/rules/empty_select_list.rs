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

use std::ops::ControlFlow;

use sqlparser::ast::{
    Expr, ObjectName, Query, Select, SelectItem, SetExpr, Statement, Visit, Visitor,
};

use crate::build;
use crate::diagnostic::Diagnosed;
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

    fn concerns(&self, _marks: Marks) -> bool {
        true
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        if Visit::visit(&*tree, &mut Empty).is_continue() {
            return Ok(false);
        }
        walk::expressions(tree, &mut |expression| {
            if let Expr::Exists { subquery, .. } = expression {
                fill(subquery);
            }
            Ok(())
        })?;
        if Visit::visit(&*tree, &mut Empty).is_continue() {
            return Ok(true);
        }
        let mut names = ReservedName(None);
        let _ = Visit::visit(&*tree, &mut names);
        if let Some((word, column)) = names.0 {
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

/// Looks for a select list without items.
struct Empty;

impl Visitor for Empty {
    type Break = ();

    fn pre_visit_select(&mut self, select: &Select) -> ControlFlow<()> {
        match select.projection.is_empty() {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    }
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

/// Looks for such a word in place of a table, as in `SELECT FROM WHERE`, and where it stands.
struct ReservedName(Option<(String, usize)>);

impl Visitor for ReservedName {
    type Break = ();

    fn pre_visit_relation(&mut self, relation: &ObjectName) -> ControlFlow<()> {
        let word = relation.0.first().and_then(|part| part.as_ident());
        let Some(word) = word.filter(|word| {
            let folded = word.value.to_ascii_lowercase();
            word.quote_style.is_none() && CLAUSES.contains(&folded.as_str())
        }) else {
            return ControlFlow::Continue(());
        };
        let column = word.span.start.column.saturating_sub(1);
        let column = usize::try_from(column).unwrap_or_default();
        self.0 = Some((word.value.clone(), column));
        ControlFlow::Break(())
    }
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
