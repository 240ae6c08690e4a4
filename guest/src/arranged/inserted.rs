//! INSERT ... SELECT of rows that the broker makes.

use sqlparser::ast::{Insert, Statement};

use super::{arrange, computes, described, known};
use crate::computed::written;
use crate::diagnostic::Diagnosed;
use crate::labels;
use crate::part::Part;
use crate::rule::Pass;
use crate::writing;

/// Arranges the rows of INSERT ... SELECT, and inserts what came of it.
pub(super) fn parts(mut insert: Insert, pass: &mut Pass<'_>) -> Diagnosed<Option<Vec<Part>>> {
    let Some(source) = insert.source.as_deref_mut() else {
        return Ok(None);
    };
    if insert.returning.is_some() || insert.on.is_some() {
        return Ok(None);
    }
    let arrangement = known!(arrange(source, pass)?);
    if !arrangement.stages.iter().any(computes) {
        return Ok(None);
    }
    let relation = known!(writing::relation_of(&insert, pass));
    let width = arrangement.columns.len();
    let names: Vec<Option<String>> = insert.columns.iter().map(labels::of_name).collect();
    let are_assigned = arrangement
        .columns
        .iter()
        .enumerate()
        .all(|(index, value)| {
            let column = match names.is_empty() {
                true => relation.columns.get(index),
                false => names
                    .get(index)
                    .and_then(|name| relation.column(name.as_deref()?)),
            };
            column.is_some_and(|column| written::is_assigned(value.type_oid, column))
        });
    let is_given = |column: &str| match names.is_empty() {
        true => {
            let given = relation.columns.iter().take(width);
            given.into_iter().any(|known| known.name == column)
        }
        false => names
            .iter()
            .flatten()
            .any(|name| name.eq_ignore_ascii_case(column)),
    };
    // Each row would have to be given a value of the sequence.
    let counts = relation
        .sequences
        .iter()
        .any(|(column, _)| !is_given(column));
    if !are_assigned || counts {
        return Ok(None);
    }
    let rules = match insert.source.as_deref_mut() {
        Some(source) => described::rules_of(source, pass),
        None => Vec::new(),
    };
    let arrangement = described::kept(arrangement, rules)?;
    let (query, times) = known!(writing::kept_rows(&mut insert, width, pass));
    Ok(Some(vec![
        Part {
            arrangement: Some(arrangement),
            ..query
        },
        Part {
            repetition: times,
            ..Part::whole(Statement::Insert(insert))
        },
    ]))
}
