//! What is said of the columns of rows that are arranged.

use sqlparser::ast::{Query, Statement};

use super::renumbered;
use crate::diagnostic::Diagnosed;
use crate::part::Part;
use crate::rule::Pass;
use crate::rules::column_label;
use crate::wit::{Arrangement, ColumnRule, Diagnostic, Instruction, RowUse, Sequence, Stage};

/// A sequence in which what is said of result columns is said of the rows that are arranged.
///
/// # Errors
/// The broker would have to compute their values as well.
pub(crate) fn described(mut sequence: Sequence) -> Diagnosed<Sequence> {
    let shown = sequence.steps.iter_mut().find_map(|step| match step.rows {
        RowUse::Emit => step.arrangement.as_mut(),
        _ => None,
    });
    let Some(arrangement) = shown else {
        return Ok(sequence);
    };
    let mut rules = std::mem::take(&mut sequence.columns);
    let first = computed_first(&mut rules)?;
    arrangement.stages.splice(0..0, first);
    arrangement.rows = rules;
    Ok(sequence)
}

/// What is said of the columns of a query whose rows are kept.
pub(super) fn rules_of(query: &mut Query, pass: &mut Pass<'_>) -> Vec<ColumnRule> {
    let columns = std::mem::take(&mut pass.columns);
    let computed = std::mem::take(&mut pass.computed);
    column_label::top(query, pass);
    pass.computed = computed;
    std::mem::replace(&mut pass.columns, columns)
}

/// An arrangement of rows that are kept, with what is said of the columns that it is made of.
///
/// # Errors
/// As of [`described`].
pub(super) fn kept(
    mut arrangement: Arrangement,
    mut rules: Vec<ColumnRule>,
) -> Diagnosed<Arrangement> {
    let first = computed_first(&mut rules)?;
    arrangement.stages.splice(0..0, first);
    arrangement.rows = rules;
    Ok(arrangement)
}

/// Keeps what is made of the rows of a query.
///
/// # Errors
/// As of [`described`].
pub(super) fn kept_rows(
    mut query: Query,
    arrangement: Arrangement,
    slot: u32,
    pass: &mut Pass<'_>,
) -> Diagnosed<Part> {
    let rules = rules_of(&mut query, pass);
    Ok(Part {
        rows: RowUse::Keep(slot),
        arrangement: Some(kept(arrangement, rules)?),
        ..Part::new(Statement::Query(Box::new(query)))
    })
}

/// What the broker computes of single columns is computed before all else.
///
/// # Errors
/// It is not known which columns those are.
fn computed_first(rules: &mut [ColumnRule]) -> Diagnosed<Option<Stage>> {
    let is_computed =
        |rule: &ColumnRule| matches!(rule, ColumnRule::One(change) if change.computed.is_some());
    if !rules.iter().any(is_computed) {
        return Ok(None);
    }
    let mut values = Vec::with_capacity(rules.len());
    for (number, rule) in (0..).zip(rules) {
        let ColumnRule::One(change) = rule else {
            return Err(Diagnostic::not_supported(
                "values are computed of rows that are arranged",
                "select the values, and compute them in the client",
            ));
        };
        values.push(match change.computed.take() {
            None => vec![Instruction::Column(number)],
            Some(instructions) => {
                (change.type_oid, change.scale, change.digits) = (None, None, None);
                renumbered(instructions, &|_| number)
            }
        });
    }
    Ok(Some(Stage::Computed(values)))
}
