//! `WITH RECURSIVE`, section 7.8.2.1 of the manual.

use std::collections::HashSet;
use std::rc::Rc;

use crate::catalog::Content;
use crate::failure::{Failure, Result};
use crate::plan::{Body, Common, Operation, Query};
use crate::run::{Execution, Frame};
use crate::value::Row;

/// Runs the recursive term on the rows of the last round until there are none.
pub(crate) fn rows(
    execution: &Execution<'_>,
    common: &Common,
    query: &Query,
    outer: Option<&Frame<'_>>,
) -> Result<Vec<Row>> {
    let Body::Combined {
        operation: Operation::Union,
        all,
        left,
        right,
    } = &query.body
    else {
        return execution.rows(query, outer);
    };
    let mut seen = HashSet::new();
    let mut fresh = |rows: Vec<Row>| -> Vec<Row> {
        if *all {
            return rows;
        }
        rows.into_iter()
            .filter(|row| seen.insert(Rc::clone(row)))
            .collect()
    };
    let mut round = fresh(execution.rows(left, outer)?);
    let mut result = Vec::new();
    while !round.is_empty() {
        for row in &round {
            execution.step()?;
            execution.keep(row)?;
        }
        result.extend(round.iter().cloned());
        *common.working.borrow_mut() = Some(Rc::new(Content::of(round)));
        let next = execution.rows(right, outer);
        *common.working.borrow_mut() = None;
        round = fresh(next?);
    }
    if result.len() > u32::MAX as usize {
        return Err(Failure::new("54000", "too many rows"));
    }
    Ok(result)
}
