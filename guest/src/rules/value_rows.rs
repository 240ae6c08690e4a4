//! # What it does
//! Inserts the rows of one `VALUES` one after the other, all or none.
//!
//! # Why
//! IRIS's `INSERT` takes one row. (InterSystems SQL Reference, "INSERT".)
//!
//! # Example
//! `INSERT INTO t (a) VALUES (1), (2)` becomes two statements of a sequence.
//!
//! # Limits
//! Each row is a statement of its own for IRIS.
//!
//! # Versions
//! All.

use sqlparser::ast::{Insert, SetExpr, Statement, Values};

use crate::diagnostic::Diagnosed;
use crate::part::Part;
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};

pub(crate) struct ValueRows;

impl Rule for ValueRows {
    fn name(&self) -> &'static str {
        "value_rows"
    }

    fn summary(&self) -> &'static str {
        "inserts the rows of one VALUES one after the other"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::CLAUSE)
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let Statement::Insert(insert) = tree else {
            return Ok(false);
        };
        let Some(rows) = rows(insert).filter(|values| values.rows.len() > 1) else {
            return Ok(false);
        };
        let all = std::mem::take(&mut rows.rows);
        let mut parts = Vec::with_capacity(all.len());
        for row in all {
            let mut one = insert.clone();
            if let Some(values) = self::rows(&mut one) {
                values.rows = vec![row];
            }
            parts.push(Part::whole(Statement::Insert(one)));
        }
        pass.split = Some(parts);
        Ok(true)
    }
}

fn rows(insert: &mut Insert) -> Option<&mut Values> {
    match &mut *insert.source.as_mut()?.body {
        SetExpr::Values(values) => Some(values),
        _ => None,
    }
}
