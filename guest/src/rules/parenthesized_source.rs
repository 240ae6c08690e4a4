//! # What it does
//! Takes the parentheses away from the query of an INSERT.
//!
//! # Why
//! IRIS permits none there. (InterSystems SQL Reference, "INSERT".)
//!
//! # Example
//! `INSERT INTO t (a) (SELECT b FROM u)` becomes `INSERT INTO t (a) SELECT b FROM u`.
//!
//! # Limits
//! A first leg of a set operation that is ordered or limited keeps its own, which IRIS refuses.
//!
//! # Versions
//! All.

use sqlparser::ast::{Query, SetExpr, Statement, Values};

use crate::diagnostic::Diagnosed;
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};

pub(crate) struct ParenthesizedSource;

impl Rule for ParenthesizedSource {
    fn name(&self) -> &'static str {
        "parenthesized_source"
    }

    fn summary(&self) -> &'static str {
        "takes the parentheses away from the query of an INSERT"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::INSERT)
    }

    fn rewrite(&self, tree: &mut Statement, _pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let Statement::Insert(insert) = tree else {
            return Ok(false);
        };
        let mut changed = false;
        while let Some(source) = insert.source.take() {
            let is_bare = is_bare(&source);
            match *source {
                Query { body, .. } if is_bare && matches!(*body, SetExpr::Query(_)) => {
                    if let SetExpr::Query(inner) = *body {
                        insert.source = Some(inner);
                        changed = true;
                    }
                }
                mut other => {
                    changed |= open_first_leg(&mut other.body);
                    insert.source = Some(Box::new(other));
                    break;
                }
            }
        }
        Ok(changed)
    }
}

/// Takes the parentheses away from the first leg of a set operation, if nothing but they
/// makes it a query of its own.
fn open_first_leg(mut body: &mut SetExpr) -> bool {
    while let SetExpr::SetOperation { left, .. } = body {
        if matches!(**left, SetExpr::SetOperation { .. }) {
            body = left;
            continue;
        }
        let SetExpr::Query(query) = &mut **left else {
            return false;
        };
        if !is_bare(query) || !matches!(*query.body, SetExpr::Select(_)) {
            return false;
        }
        let inner = std::mem::replace(&mut query.body, Box::new(SetExpr::Values(nothing())));
        *left = inner;
        return true;
    }
    false
}

/// What stands in a place that is filled at once.
fn nothing() -> Values {
    Values {
        explicit_row: false,
        value_keyword: false,
        rows: Vec::new(),
    }
}

/// Whether nothing stands around the query's body.
fn is_bare(query: &Query) -> bool {
    query.with.is_none()
        && query.order_by.is_none()
        && query.limit_clause.is_none()
        && query.fetch.is_none()
        && query.locks.is_empty()
}
