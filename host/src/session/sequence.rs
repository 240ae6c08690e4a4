//! Several IRIS statements for one of the client's: all of them, or none.

use std::sync::Arc;

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncWrite};

use super::Session;
use super::carry::{Completion, Delivery};
use super::failure::Failure;
use super::statement::{
    Described, Shape, Values, apply_column_rules, outputs, parameter_types, placeholder_types,
};
use super::transaction::Status;
use crate::diagnostic::Diagnostic;
use crate::frontend::message::Formats;
use crate::frontend::reply::ResultColumn;
use crate::frontend::rows::rows_of;
use crate::rules::wit_plan::{Argument, Repetition, RowUse};
use crate::rules::{Plan, Sequence, Step};
use crate::upstream::{Event, Format, Oid, Operation, Parameter, UpstreamError};

/// The identifier of the savepoint around a sequence.
const SAVEPOINT: &str = "pgiris_sequence";

/// Rows that a step kept, with the types of their columns.
#[derive(Default)]
struct Slot {
    types: Vec<Oid>,
    rows: Vec<Vec<Option<Bytes>>>,
}

/// How one run of a step went.
struct Ran {
    emitted: u64,
    counted: u64,
    kept: Vec<Vec<Option<Bytes>>>,
}

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
        for step in &sequence.steps {
            let described = self
                .describe_step(step, sequence, plan, declared, &slots)
                .await?;
            let found = described.shape.columns.as_deref().unwrap_or_default();
            match step.rows {
                RowUse::Keep(slot) => {
                    slots.resize(slots.len().max(slot as usize + 1), Vec::new());
                    slots[slot as usize] = found.iter().map(|column| column.type_oid).collect();
                }
                RowUse::Emit if columns.is_none() => {
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
        plan: &Plan,
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
        let arguments = &step.arguments;
        self.describe_statement(&step.statement, types, &[], |inferred| {
            // 0 stands for what this step does not know.
            let mut found = parameter_types(plan, arguments, declared, inferred).to_vec();
            for (index, found) in found.iter_mut().enumerate() {
                let used = |argument: &Argument| {
                    matches!(argument, Argument::Parameter(number) if *number as usize == index + 1)
                };
                let known = |types: &[Oid]| types.get(index).is_some_and(|oid| *oid != 0);
                if !arguments.iter().any(used) && !known(declared) && !known(&sequence.parameters) {
                    *found = 0;
                }
            }
            found.into()
        })
        .await
    }

    pub(super) async fn sequence(
        &mut self,
        sequence: &Sequence,
        plan: &Plan,
        delivery: &Delivery<'_>,
    ) -> Result<Completion, Failure> {
        self.leave_portal().await?;
        let alone = self.transaction.status() == Status::Idle;
        if alone {
            self.run_commands(|housekeeping| &housekeeping.begin)
                .await?;
        } else {
            self.run_named(|housekeeping| &housekeeping.savepoint, SAVEPOINT)
                .await?;
        }
        match self.steps(sequence, plan, delivery).await {
            Ok(rows) => {
                if alone {
                    self.run_commands(|housekeeping| &housekeeping.commit)
                        .await?;
                }
                self.lease.after(sequence.effect);
                self.complete(&sequence.tag, rows);
                Ok(Completion::Done)
            }
            Err(Failure::Statement(diagnostic)) => {
                if alone {
                    self.run_commands(|housekeeping| &housekeeping.rollback)
                        .await?;
                } else {
                    self.run_named(|housekeeping| &housekeeping.rollback_to, SAVEPOINT)
                        .await?;
                }
                Err(Failure::Statement(diagnostic))
            }
            Err(failure) => Err(failure),
        }
    }

    /// Runs the steps; gives the number of rows for the tag.
    async fn steps(
        &mut self,
        sequence: &Sequence,
        plan: &Plan,
        delivery: &Delivery<'_>,
    ) -> Result<u64, Failure> {
        let mut slots: Vec<Slot> = Vec::new();
        let mut total = 0;
        for step in &sequence.steps {
            let types: Vec<_> = slots.iter().map(|slot| slot.types.clone()).collect();
            let described = self
                .describe_step(step, sequence, plan, delivery.declared, &types)
                .await?;
            let mut kept = Vec::new();
            for row in repetitions(step.repetition, &slots) {
                let values = bound(
                    step,
                    delivery.values,
                    &delivery.shape.parameters,
                    &slots,
                    row,
                )?;
                let ran = self.run_step(step, &described, values, delivery).await?;
                total += if step.counted { ran.counted } else { 0 };
                kept.extend(ran.kept);
            }
            if let RowUse::Keep(slot) = step.rows {
                let columns = described.shape.columns.as_deref().unwrap_or_default();
                let types = columns.iter().map(|column| column.type_oid).collect();
                slots.resize_with(slots.len().max(slot as usize + 1), Slot::default);
                slots[slot as usize] = Slot { types, rows: kept };
            }
        }
        Ok(total)
    }

    async fn run_step(
        &mut self,
        step: &Step,
        described: &Described,
        parameters: Vec<Parameter>,
        delivery: &Delivery<'_>,
    ) -> Result<Ran, Failure> {
        let emits = matches!(step.rows, RowUse::Emit);
        let outputs = match emits {
            true => outputs(delivery.shape.columns.as_deref(), delivery.formats),
            false => outputs(described.shape.columns.as_deref(), &Formats::default()),
        };
        let execute = Operation::Execute {
            id: described.id,
            parameters,
            outputs,
            row_limit: 0,
        };
        self.lease
            .connection()
            .submit(vec![execute, Operation::Sync])?;
        let mut ran = Ran {
            emitted: 0,
            counted: 0,
            kept: Vec::new(),
        };
        let mut failed: Option<UpstreamError> = None;
        loop {
            match self.lease.connection().next().await? {
                Event::Rows { frames, count } if emits => {
                    self.client.relay(&frames).await?;
                    ran.emitted += count;
                }
                Event::Rows { frames, .. } if matches!(step.rows, RowUse::Keep(_)) => {
                    ran.kept
                        .extend(rows_of(&frames).ok_or_else(Diagnostic::upstream_confused)?);
                }
                Event::Complete { row_count } => ran.counted = row_count.unwrap_or(ran.emitted),
                Event::Failed(error) => failed = Some(error),
                Event::Synced => break,
                _ => {}
            }
        }
        match failed {
            Some(error) if step.tolerated.contains(&error.sqlcode) && error.sqlcode != 0 => {
                Ok(Ran {
                    emitted: 0,
                    counted: 0,
                    kept: Vec::new(),
                })
            }
            Some(error) => Err(self.upstream_error(error)),
            None => Ok(ran),
        }
    }
}

/// For each run of a step the row of its slot that it is for.
fn repetitions(repetition: Repetition, slots: &[Slot]) -> Vec<Option<usize>> {
    let rows = |slot: u32| slots.get(slot as usize).map_or(0, |slot| slot.rows.len());
    let once = vec![None];
    match repetition {
        Repetition::Once => once,
        Repetition::ForEach(slot) => (0..rows(slot)).map(Some).collect(),
        Repetition::IfAny(slot) if rows(slot) > 0 => once,
        Repetition::IfNone(slot) if rows(slot) == 0 => once,
        Repetition::IfAny(_) | Repetition::IfNone(_) => Vec::new(),
    }
}

/// The values of a step's placeholders. A slot without rows gives NULL.
fn bound(
    step: &Step,
    values: &Values,
    types: &[Oid],
    slots: &[Slot],
    row: Option<usize>,
) -> Result<Vec<Parameter>, Diagnostic> {
    let mut parameters = values.bound(&step.arguments, types);
    for (parameter, argument) in parameters.iter_mut().zip(&step.arguments) {
        if let Argument::Kept(kept) = argument {
            let column = kept.column as usize;
            let slot = slots
                .get(kept.slot as usize)
                .ok_or_else(Diagnostic::rules_failed)?;
            let current = match step.repetition {
                Repetition::ForEach(number) if number == kept.slot => row.unwrap_or(0),
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
