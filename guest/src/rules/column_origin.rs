//! # What it does
//! Notes which columns of tables the result columns show.
//!
//! # Why
//! PostgreSQL tells it in RowDescription, by the table's OID and the column's number. JDBC reads names of tables and
//! keys of rows to be updated from it; IRIS tells neither.
//!
//! # Example
//! Of `SELECT name, upper(name) FROM t` the first column is column 2 of `t`, the second none.
//!
//! # Limits
//! The statement stays as it is, so the rule is never listed among those that changed one. Where two objects of a
//! namespace fall on one OID, the catalogue gives one of them another than this rule.
//!
//! # Versions
//! All.

use sqlparser::ast::Statement;

use crate::diagnostic::Diagnosed;
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};
use crate::scope::Scopes;
use crate::wit::{ColumnChange, ColumnRule, Origin};
use crate::writing::{self, target};

pub(crate) struct ColumnOrigin;

impl Rule for ColumnOrigin {
    fn name(&self) -> &'static str {
        "column_origin"
    }

    fn summary(&self) -> &'static str {
        "notes which columns of tables the result columns show"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::FROM.and(Marks::RETURNING))
    }

    fn only_notes(&self) -> bool {
        true
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        pass.origins = origins(tree, pass).unwrap_or_default();
        Ok(false)
    }
}

fn origins(tree: &Statement, pass: &Pass<'_>) -> Option<Vec<Option<Origin>>> {
    if let Statement::Query(query) = tree {
        return Scopes::new(pass.relations, &pass.parameters).origins_of(query);
    }
    let items = writing::returning(tree)?;
    let sources = target::sources_of(tree);
    Scopes::within(pass.relations, &pass.parameters, &sources).origins_of_items(items, &sources)
}

/// What the rules say of the result columns, with what is known of their origins.
pub(crate) fn with_origins(
    mut columns: Vec<ColumnRule>,
    origins: &[Option<Origin>],
) -> Vec<ColumnRule> {
    if origins.iter().all(Option::is_none) {
        return columns;
    }
    if columns.is_empty() {
        columns.push(ColumnRule::Rest);
    }
    let is_one = |rule: &&ColumnRule| matches!(rule, ColumnRule::One(_));
    let ones = columns.iter().filter(is_one).count();
    let Some(rest) = origins.len().checked_sub(ones) else {
        return columns;
    };
    if rest > 0 && ones == columns.len() {
        return columns;
    }
    let mut origins = origins.iter().copied();
    let mut told = Vec::with_capacity(origins.len());
    for rule in columns {
        match rule {
            ColumnRule::One(change) => told.push(ColumnRule::One(ColumnChange {
                origin: origins.next().flatten(),
                ..change
            })),
            ColumnRule::Rest => {
                told.extend(origins.by_ref().take(rest).map(of_origin));
            }
        }
    }
    told
}

fn of_origin(origin: Option<Origin>) -> ColumnRule {
    ColumnRule::One(ColumnChange {
        label: None,
        type_oid: None,
        scale: None,
        computed: None,
        digits: None,
        origin,
    })
}
