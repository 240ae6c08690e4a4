//! # What it does
//! Carries `ON CONFLICT` out: tries to insert, and if a key clashes does nothing or
//! updates the row that is in the way.
//!
//! # Why
//! IRIS has no `ON CONFLICT`; its `INSERT OR UPDATE` updates whatever key clashes,
//! and knows no other values than those to insert.
//!
//! # Example
//! `INSERT INTO t (k, a) VALUES (1, 2) ON CONFLICT DO NOTHING` becomes
//! `INSERT INTO t (k, a) VALUES (1, 2)`, tolerating SQLCODE -119.
//!
//! # Limits
//! `excluded` is not known of columns that have a default other than a literal or a clock
//! and are not given. Of several rows that are inserted and updated, RETURNING shows first the inserted
//! ones whose key is NULL, and all inserted ones if DO UPDATE has a condition or a query.
//!
//! # Versions
//! All.

use std::collections::HashSet;

use sqlparser::ast::{Expr, Insert, OnConflictAction, OnInsert, Parens, Statement};

use super::{column_label, returning, value_rows};
use crate::computed::may_be_computed;
use crate::conflict_target::key;
use crate::diagnostic::Diagnosed;
use crate::look::{self, Node};
use crate::part::Times;
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};
use crate::wit::Diagnostic;
use crate::writing::clash::{Clash, twice};
use crate::writing::proposed::{Row, columns};
use crate::writing::{self, relation_of, target};

pub(crate) struct OnConflictClause;

impl Rule for OnConflictClause {
    fn name(&self) -> &'static str {
        "on_conflict"
    }

    fn summary(&self) -> &'static str {
        "inserts, and does nothing or updates where a key clashes"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::CONFLICT)
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let Statement::Insert(insert) = tree else {
            return Ok(false);
        };
        let conflict = match insert.on.take() {
            Some(OnInsert::OnConflict(conflict)) => conflict,
            other => {
                insert.on = other;
                return Ok(false);
            }
        };
        let Some(relation) = relation_of(insert, pass) else {
            // IRIS will say what is wrong with the table.
            insert.returning = None;
            return Ok(true);
        };
        let from = target::table_of(&Statement::Insert(insert.clone()));
        if conflict.conflict_target.is_some() || insert.returning.is_some() {
            for table in &from {
                writing::refuse_view(table, "ON CONFLICT", pass)?;
            }
        }
        let key = key(&conflict, relation)?;
        let mut before = None;
        let mut times = pass.times.clone();
        if !returning::is_one_row(insert) {
            let Some((query, rows)) = writing::kept_query(insert, pass) else {
                return Err(Diagnostic::not_supported(
                    "ON CONFLICT is not supported for this query",
                    "name the columns that it gives",
                ));
            };
            before = Some(query);
            times = rows;
        }
        let row = Row::of(insert, relation, &times)?;
        row.type_parameters(pass);
        let meant = match key.map(|key| row.meets(key)).transpose()? {
            // Without a value for the key nothing can clash with it.
            Some(None) if before.is_none() && matches!(times, Times::Once) => return Ok(true),
            Some(None) => {
                return Err(Diagnostic::not_supported(
                    "ON CONFLICT is not supported without values for the key",
                    "name its columns, or leave ON CONFLICT out",
                ));
            }
            Some(Some(meant)) => Some(meant),
            None => None,
        };
        let mut items = insert.returning.take();
        if let Some(items) = &mut items {
            writing::refuse_own_reads(items, &from, pass)?;
            column_label::describe(items, &from, pass);
        }
        insert.table_alias = None;
        let clash = Clash {
            insert: insert.clone(),
            from,
            meant,
            id: pass.part_id(),
            times,
            row,
            key,
        };
        let parts = match conflict.action {
            OnConflictAction::DoNothing => clash.nothing(items),
            OnConflictAction::DoUpdate(update) => clash.update(update, items, pass)?,
        };
        pass.split = Some(before.into_iter().chain(parts).collect());
        Ok(true)
    }
}

/// Whether a statement inserts one row, and if a key clashes sets columns to what the broker may have
/// to compute.
pub(crate) fn may_compute(tree: &mut Statement) -> bool {
    let Statement::Insert(insert) = tree else {
        return false;
    };
    let Some(OnInsert::OnConflict(conflict)) = &insert.on else {
        return false;
    };
    let OnConflictAction::DoUpdate(update) = &conflict.action else {
        return false;
    };
    let computes = |assignment: &sqlparser::ast::Assignment| {
        look::finds(
            &assignment.value,
            &mut |node| matches!(node, Node::Expression(one) if may_be_computed(one)),
        )
    };
    update.assignments.iter().any(computes) && returning::is_one_row(insert)
}

/// One command must not update a row twice; as far as its text tells.
pub(crate) fn refuse_twice(
    insert: &Insert,
    rows: &[Parens<Vec<Expr>>],
    pass: &Pass<'_>,
) -> Diagnosed<()> {
    let Some(OnInsert::OnConflict(conflict)) = &insert.on else {
        return Ok(());
    };
    let (OnConflictAction::DoUpdate(_), Some(relation)) =
        (&conflict.action, relation_of(insert, pass))
    else {
        return Ok(());
    };
    let Some(key) = key(conflict, relation)? else {
        return Ok(());
    };
    let columns = columns(insert, relation);
    let places: Option<Vec<usize>> = key
        .columns
        .iter()
        .map(|column| {
            columns
                .iter()
                .position(|name| name.eq_ignore_ascii_case(column))
        })
        .collect();
    let mut seen = HashSet::new();
    for row in rows {
        let values: Option<Vec<String>> = places
            .iter()
            .flatten()
            .map(|place| value_rows::text_of(row.content.get(*place)?))
            .collect();
        let Some(values) = values.filter(|values| !values.is_empty()) else {
            continue;
        };
        if !seen.insert(values) {
            return Err(twice());
        }
    }
    Ok(())
}
