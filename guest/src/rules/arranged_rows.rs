//! # What it does
//! Leaves it to the broker to group, order, choose and count rows by what IRIS cannot compute: IRIS
//! is asked for the rows alone.
//!
//! # Why
//! IRIS has neither JSON operators nor arrays, no aggregates with an order, and no functions that
//! return rows.
//!
//! # Example
//! `SELECT doc ->> 'k', count(*) FROM t GROUP BY 1 ORDER BY 2` becomes `SELECT doc FROM t`, of whose
//! rows the broker makes groups.
//!
//! # Limits
//! It works where the other rules refuse a statement, on the outermost query, which has no GROUPING
//! SETS and FOR UPDATE, on what UPDATE and DELETE change, and on ON CONFLICT of one row. All rows that the conditions
//! leave that IRIS decides come to the broker, and what it groups or sorts must have room in the
//! memory of the session (`clients.memory`).
//!
//! # Versions
//! All.

use sqlparser::ast::Statement;

use crate::arranged;
use crate::diagnostic::Diagnosed;
use crate::reader::marks::Marks;
use crate::rule::{Means, Pass, Rule};
use crate::rules::document_change::DocumentChange;
use crate::rules::document_comparison::DocumentComparison;
use crate::rules::on_conflict::{self, OnConflictClause};
use crate::rules::regular_expression;
use crate::writing;
use crate::writing::target;

pub(crate) struct ArrangedRows;

impl Rule for ArrangedRows {
    fn name(&self) -> &'static str {
        "arranged_rows"
    }

    fn summary(&self) -> &'static str {
        "lets the broker group, order and choose rows by what it computes"
    }

    fn concerns(&self, _marks: Marks) -> bool {
        true
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        if pass.means < Means::Arranged || regular_expression::has_unmatched(tree) {
            return Ok(false);
        }
        refuse_views(tree, pass)?;
        if on_conflict::may_compute(tree) {
            return OnConflictClause.rewrite(tree, pass);
        }
        // By their names the operators on documents are the broker's.
        let mut named = tree.clone();
        DocumentChange.rewrite(&mut named, pass)?;
        DocumentComparison.rewrite(&mut named, pass)?;
        let Some(parts) = arranged::parts(&mut named, pass)? else {
            return Ok(false);
        };
        if matches!(tree, Statement::Query(_)) {
            // The arrangement tells them.
            pass.origins.clear();
            pass.enums.clear();
        }
        pass.split = Some(parts);
        // What is written for IRIS may need rules that the client's words do not.
        pass.brought.add(Marks::CAST);
        Ok(true)
    }
}

/// What the other rules have refused for good, of what writes.
fn refuse_views(tree: &Statement, pass: &Pass<'_>) -> Diagnosed<()> {
    let tables = target::table_of(tree);
    for table in &tables {
        writing::refuse_view(table, "this statement", pass)?;
    }
    match (tree, writing::returning(tree)) {
        (Statement::Update(_) | Statement::Insert(_), Some(items)) => {
            writing::refuse_own_reads(items, &tables, pass)
        }
        _ => Ok(()),
    }
}
