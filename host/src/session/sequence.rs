//! Several IRIS statements for one of the client's: all of them, or none.

use std::sync::Arc;

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncWrite};

use super::Session;
use super::carry::{Completion, Delivery};
use super::failure::Failure;
use super::statement::{
    Described, Shape, apply_column_rules, outputs, parameter_types, placeholder_types,
};
use crate::diagnostic::Diagnostic;
use crate::frontend::message::Formats;
use crate::frontend::reply::ResultColumn;
use crate::frontend::rows::rows_of;
use crate::rules::wit_plan::{Argument, Effect, Repetition, RowUse};
use crate::rules::{Plan, Sequence, Step};
use crate::upstream::{Event, Format, Oid, Operation, Parameter, TEXT, UpstreamError};

/// Rows that a step kept, with the types of their columns.
#[derive(Default)]
struct Slot {
    types: Vec<Oid>,
    rows: Vec<Vec<Option<Bytes>>>,
}

/// How the runs of a step went.
#[derive(Default)]
struct Ran {
    emitted: u64,
    counted: u64,
    kept: Vec<Vec<Option<Bytes>>>,
    /// The last run met an SQLCODE that the step tolerates.
    tolerated: bool,
    /// There was a run at all.
    any: bool,
}

/// Runs that are sent at once, when none of them decides about the next: enough
/// that the way to the server does not count, few enough that their answers
/// take little memory.
const RUNS_AT_ONCE: usize = 256;

impl<S: AsyncRead + AsyncWrite + Unpin> Session<S> {
    /// Prepares all steps. The columns are those of the first that emits.
    pub(super) async fn describe_sequence(
        &mut self,
        sequence: &Sequence,
        plan: &Plan,
        declared: &[Oid],
    ) -> Result<Shape, Failure> {
        let mut slots: Vec<Vec<Oid>> = Vec::new();
        let mut parameters = parameter_types(plan, &[], declared, &[]);
        let mut columns: Option<Arc<[ResultColumn]>> = None;
        // A step may be about what an earlier one defines: it cannot be prepared yet.
        let emits = |step: &Step| matches!(step.rows, RowUse::Emit);
        let defines =
            matches!(sequence.effect, Effect::Schema) && !sequence.steps.iter().any(emits);
        for step in sequence.steps.iter().filter(|_| !defines) {
            let described = self.describe_step(step, sequence, declared, &slots).await?;
            let found = described.shape.columns.as_deref().unwrap_or_default();
            match step.rows {
                RowUse::Keep(slot) => {
                    slots.resize(slots.len().max(slot as usize + 1), Vec::new());
                    slots[slot as usize] = found.iter().map(|column| column.type_oid).collect();
                }
                RowUse::Emit if columns.is_none() && described.shape.columns.is_some() => {
                    let mut emitted = found.to_vec();
                    apply_column_rules(&mut emitted, &sequence.columns);
                    columns = Some(emitted.into());
                }
                RowUse::Emit | RowUse::Discard => {}
            }
            parameters = merged(&parameters, &described.shape.parameters);
        }
        Ok(Shape {
            parameters,
            columns,
        })
    }

    async fn describe_step(
        &mut self,
        step: &Step,
        sequence: &Sequence,
        declared: &[Oid],
        slots: &[Vec<Oid>],
    ) -> Result<Arc<Described>, Failure> {
        let mut types = placeholder_types(&step.arguments, declared, &sequence.parameters);
        for (known, argument) in types.iter_mut().zip(&step.arguments) {
            if let Argument::Kept(kept) = argument {
                let slot = slots.get(kept.slot as usize);
                *known = slot
                    .and_then(|slot| slot.get(kept.column as usize))
                    .copied()
                    .unwrap_or(0);
            }
        }
        self.describe_statement(&step.statement, types, &[], |inferred| {
            types_in_step(step, &sequence.parameters, declared, inferred)
        })
        .await
    }

    pub(super) async fn sequence(
        &mut self,
        sequence: &Sequence,
        delivery: &Delivery<'_>,
    ) -> Result<Completion, Failure> {
        self.leave_portal().await?;
        let atomic = self.begin_atomic().await?;
        let outcome = self.steps(sequence, delivery).await;
        let rows = self.end_atomic(atomic, outcome).await?;
        self.after(sequence.effect);
        self.complete(&sequence.tag, rows);
        Ok(Completion::Done)
    }

    /// Runs the steps; gives the number of rows for the tag.
    async fn steps(
        &mut self,
        sequence: &Sequence,
        delivery: &Delivery<'_>,
    ) -> Result<u64, Failure> {
        let mut slots: Vec<Slot> = Vec::new();
        let mut outcomes: Vec<Ran> = Vec::with_capacity(sequence.steps.len());
        for step in &sequence.steps {
            let types: Vec<_> = slots.iter().map(|slot| slot.types.clone()).collect();
            let described = self
                .describe_step(step, sequence, delivery.declared, &types)
                .await?;
            let mut ran = Ran::default();
            let runs = runs(&step.repetition, &slots, &outcomes);
            for runs in runs.chunks(runs_at_once(step)) {
                let values = runs
                    .iter()
                    .map(|run| bound(step, delivery, &slots, *run))
                    .collect::<Result<Vec<_>, _>>()?;
                self.run_step(step, &described, values, delivery, &mut ran)
                    .await?;
            }
            if let RowUse::Keep(slot) = step.rows {
                let columns = described.shape.columns.as_deref().unwrap_or_default();
                let types = columns.iter().map(|column| column.type_oid).collect();
                slots.resize_with(slots.len().max(slot as usize + 1), Slot::default);
                slots[slot as usize] = Slot {
                    types,
                    rows: std::mem::take(&mut ran.kept),
                };
            }
            outcomes.push(ran);
        }
        let counted = sequence.steps.iter().zip(&outcomes);
        Ok(counted
            .filter(|(step, _)| step.counted)
            .map(|(_, ran)| ran.counted)
            .sum())
    }

    /// Runs a step once for each list of values. If a run may fail or must find
    /// something, there is one list.
    async fn run_step(
        &mut self,
        step: &Step,
        described: &Described,
        values: Vec<Vec<Parameter>>,
        delivery: &Delivery<'_>,
        ran: &mut Ran,
    ) -> Result<(), Failure> {
        let emits = matches!(step.rows, RowUse::Emit);
        let outputs = match emits {
            true => outputs(delivery.shape.columns.as_deref(), delivery.formats),
            false => outputs(described.shape.columns.as_deref(), &Formats::default()),
        };
        let execute = |parameters| Operation::Execute {
            id: described.id,
            parameters,
            outputs: Arc::clone(&outputs),
            row_limit: 0,
        };
        let mut batch: Vec<_> = values.into_iter().map(execute).collect();
        batch.push(Operation::Sync);
        self.lease.connection().submit(batch)?;
        ran.any = true;
        ran.tolerated = false;
        let mut failed: Option<UpstreamError> = None;
        let (mut rows, mut touched) = (0, 0);
        loop {
            match self.lease.connection().next().await? {
                Event::Rows { frames, count } => {
                    rows += count;
                    if emits {
                        self.client.relay(&frames).await?;
                        ran.emitted += count;
                    } else if matches!(step.rows, RowUse::Keep(_)) {
                        ran.kept
                            .extend(rows_of(&frames).ok_or_else(Diagnostic::upstream_confused)?);
                    }
                }
                Event::Complete { row_count } => {
                    touched += row_count.unwrap_or(rows);
                    rows = 0;
                }
                Event::Failed(error) => failed = Some(error),
                Event::Synced => break,
                _ => {}
            }
        }
        ran.counted += touched;
        match (failed, &step.if_empty) {
            (Some(error), _) if step.tolerated.contains(&error.sqlcode) && error.sqlcode != 0 => {
                ran.tolerated = true;
                Ok(())
            }
            (Some(error), _) => Err(self.upstream_error(error)),
            (None, Some(error)) if touched == 0 => Err(error.clone().into()),
            (None, _) => Ok(()),
        }
    }
}

/// The types of the client's parameters as far as a step tells; 0 where it does not.
fn types_in_step(step: &Step, planned: &[Oid], declared: &[Oid], inferred: &[Oid]) -> Arc<[Oid]> {
    let known = |types: &[Oid], index: usize| types.get(index).copied().filter(|oid| *oid != 0);
    let mut types: Vec<Oid> = (0..declared.len().max(planned.len()))
        .map(|index| {
            known(declared, index)
                .or_else(|| known(planned, index))
                .unwrap_or(0)
        })
        .collect();
    let lists = match &step.repetition {
        Repetition::ForValues(lists) => lists.as_slice(),
        _ => std::slice::from_ref(&step.arguments),
    };
    for (place, argument) in lists.iter().flat_map(|list| list.iter().enumerate()) {
        if let Argument::Parameter(number) = argument
            && let Some(found @ 0) = types.get_mut(*number as usize - 1)
        {
            *found = known(inferred, place).unwrap_or(TEXT);
        }
    }
    types.into()
}

/// A run whose outcome decides something is not sent together with the next.
fn runs_at_once(step: &Step) -> usize {
    if step.tolerated.is_empty() && step.if_empty.is_none() {
        RUNS_AT_ONCE
    } else {
        1
    }
}

/// What a run is for: a row of the step's slot, or one of its lists of values.
type Run = Option<usize>;

/// The runs of a step.
fn runs(repetition: &Repetition, slots: &[Slot], outcomes: &[Ran]) -> Vec<Run> {
    let rows = |slot: u32| slots.get(slot as usize).map_or(0, |slot| slot.rows.len());
    let met = |step: u32, tolerated: bool| {
        let ran = outcomes.get(step as usize);
        ran.is_some_and(|ran| ran.any && ran.tolerated == tolerated)
    };
    let once = |runs: bool| if runs { vec![None] } else { Vec::new() };
    match repetition {
        Repetition::Once => once(true),
        Repetition::ForValues(lists) => (0..lists.len()).map(Some).collect(),
        Repetition::ForEach(slot) => (0..rows(*slot)).map(Some).collect(),
        Repetition::IfAny(slot) => once(rows(*slot) > 0),
        Repetition::IfNone(slot) => once(rows(*slot) == 0),
        Repetition::IfTolerated(step) => once(met(*step, true)),
        Repetition::UnlessTolerated(step) => once(met(*step, false)),
    }
}

/// The values of a step's placeholders. A slot without rows gives NULL.
fn bound(
    step: &Step,
    delivery: &Delivery<'_>,
    slots: &[Slot],
    run: Run,
) -> Result<Vec<Parameter>, Diagnostic> {
    let arguments = match (&step.repetition, run) {
        (Repetition::ForValues(lists), Some(list)) => &lists[list],
        _ => &step.arguments,
    };
    let mut parameters = delivery
        .values
        .bound(arguments, &delivery.shape.parameters)?;
    for (parameter, argument) in parameters.iter_mut().zip(arguments) {
        if let Argument::Kept(kept) = argument {
            let column = kept.column as usize;
            let slot = slots
                .get(kept.slot as usize)
                .ok_or_else(Diagnostic::rules_failed)?;
            let current = match step.repetition {
                Repetition::ForEach(number) if number == kept.slot => run.unwrap_or(0),
                _ => 0,
            };
            *parameter = Parameter {
                type_oid: slot.types.get(column).copied().unwrap_or(0),
                format: Format::Text,
                value: slot
                    .rows
                    .get(current)
                    .and_then(|row| row.get(column))
                    .cloned()
                    .flatten(),
            };
        }
    }
    Ok(parameters)
}

/// Types found so far, with those that this step knows.
fn merged(so_far: &[Oid], step: &[Oid]) -> Arc<[Oid]> {
    let known = |index: usize| step.get(index).copied().filter(|oid| *oid != 0);
    so_far
        .iter()
        .enumerate()
        .map(|(index, oid)| known(index).unwrap_or(*oid))
        .collect()
}

#[cfg(test)]
mod tests;
