//! What a sequence has sent, what came back, and what is sent next: together, as
//! long as no answer decides about it.

mod slot;

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

use bytes::Bytes;

use crate::diagnostic::Diagnostic;
use crate::frontend::message::Formats;
use crate::frontend::rows::rows_of;
use crate::rules::wit_plan::{Argument, Instruction, Repetition, RowUse};
use crate::rules::{Step, apply_column_rules, slot_of};
use crate::session::carry::Delivery;
use crate::session::sequences::Sequences;
use crate::session::statement::{Described, outputs};
use crate::upstream::{
    Format, Oid, Operation, Output, Parameter, StatementId, TEXT, UpstreamError,
};
use crate::value::arranged::{Memory, Pipeline, Row, Rows, Stopped};
use crate::value::computed;

use super::pace::Pace;
use slot::{Slot, read_by};

pub(super) use slot::kept_types;

/// The bytes of values that are sent at once: what waits for an answer takes memory.
const BYTES_AT_ONCE: usize = 1 << 20;

/// How the runs of a step went.
#[derive(Default)]
struct Ran {
    statement: Option<(StatementId, Arc<[Output]>)>,
    counted: u64,
    /// There was a run at all.
    any: bool,
    /// The last run met an SQLCODE that the step tolerates.
    tolerated: bool,
    /// The numbers of those that did.
    met: HashSet<usize>,
    /// The rows that were kept, or their first values.
    seen: HashSet<Row>,
    /// Chooses among the rows that are to be kept.
    kept_if: Option<Arc<[Instruction]>>,
    /// What is kept in the place of their values, by number.
    computed: Vec<(usize, Arc<[Instruction]>)>,
    /// What other rows are made of the rows.
    pipeline: Option<Pipeline>,
}

/// What the next answer is to.
#[derive(Clone, Copy)]
pub(super) enum Awaited {
    /// One run of a step.
    Run {
        step: usize,
        run: usize,
    },
    Sync,
}

/// What comes of the values of a row.
fn result_of(instructions: &[Instruction], row: &Row) -> Result<Option<String>, Diagnostic> {
    let column = |number: u32| row.get(number as usize)?.as_deref();
    computed::result(instructions, column).map_err(|error| Diagnostic::bad_value(&error))
}

pub(in crate::session) struct Work {
    slots: Vec<Slot>,
    ran: Vec<Ran>,
    operations: Vec<Operation>,
    awaited: VecDeque<Awaited>,
    /// Of the values that are sent next.
    bytes: usize,
    /// The first step with a run that is not sent yet.
    first: usize,
    /// Rows so far of the run whose answer is being taken.
    pub(super) rows: u64,
    /// How many rows were made of those of the step that was arranged last.
    pub(super) arranged: u64,
    memory: Memory,
    pub(super) pace: Pace,
}

impl Work {
    /// Of so many steps, whose arrangements hold of these bytes.
    pub(super) fn new(steps: usize, memory: Memory) -> Self {
        Self {
            slots: Vec::new(),
            ran: std::iter::repeat_with(Ran::default).take(steps).collect(),
            operations: Vec::new(),
            awaited: VecDeque::new(),
            bytes: 0,
            first: usize::MAX,
            rows: 0,
            arranged: 0,
            memory,
            pace: Pace::new(),
        }
    }

    pub(super) fn slot_types(&self) -> Vec<Vec<Oid>> {
        self.slots.iter().map(|slot| slot.types.clone()).collect()
    }

    /// Whether an answer that is not there yet decides about a step.
    pub(super) fn waits_for(&self, step: &Step) -> bool {
        let waits = |earlier: u32| earlier as usize >= self.first;
        let slot = |slot: u32| {
            let slot = self.slots.get(slot as usize);
            slot.is_some_and(|slot| slot.step >= self.first)
        };
        let depends = match step.repetition {
            Repetition::ForEach(number)
            | Repetition::IfAny(number)
            | Repetition::IfNone(number) => slot(number),
            Repetition::IfTolerated(earlier) | Repetition::UnlessTolerated(earlier) => {
                waits(earlier)
            }
            _ => false,
        };
        let keeps = slot_of(&step.rows).is_some_and(slot) || read_by(step).any(slot);
        let values = match &step.repetition {
            Repetition::ForValues(lists) => lists.as_slice(),
            _ => std::slice::from_ref(&step.arguments),
        };
        depends
            || keeps
            || step.only_tolerated.is_some_and(waits)
            || values.iter().flatten().any(|argument| match argument {
                Argument::Kept(kept) | Argument::AllKept(kept) => slot(kept.slot),
                // What is under way may give the sequence another one.
                Argument::CurrentValue(_) => self.first != usize::MAX,
                _ => false,
            })
    }

    /// A step that is next.
    pub(super) fn begin(
        &mut self,
        number: usize,
        step: &Step,
        described: Arc<Described>,
        delivery: &Delivery<'_>,
    ) -> Result<(), Diagnostic> {
        let columns = described.shape.columns.as_deref();
        let outputs = match (&step.arrangement, &step.rows) {
            (Some(arrangement), _) => {
                let mut arranged = columns.unwrap_or_default().to_vec();
                apply_column_rules(&mut arranged, &arrangement.rows);
                outputs(Some(&arranged), &Formats::default())
            }
            (None, RowUse::Emit) => outputs(delivery.shape.columns.as_deref(), delivery.formats),
            _ => outputs(columns, &Formats::default()),
        };
        self.ran[number].statement = Some((described.id, outputs));
        if let Some(instructions) = &step.kept_if {
            let types = &delivery.shape.parameters;
            let bound = delivery.values.bound_in(instructions, types)?;
            self.ran[number].kept_if = Some(bound);
        }
        for column in &step.computed {
            let types = &delivery.shape.parameters;
            let bound = delivery.values.bound_in(&column.instructions, types)?;
            let computed = &mut self.ran[number].computed;
            computed.push((column.number as usize, bound));
        }
        if let Some(slot) = slot_of(&step.rows) {
            let slot = slot as usize;
            let columns = columns.unwrap_or_default();
            self.slots
                .resize_with(self.slots.len().max(slot + 1), Slot::default);
            self.slots[slot] = Slot::new(number, kept_types(step, columns), self.memory());
        }
        Ok(())
    }

    /// What arrangements may hold.
    pub(in crate::session) fn memory(&self) -> Memory {
        self.memory.share()
    }

    /// The rows in a slot.
    ///
    /// # Errors
    /// No step before has begun to keep them.
    pub(in crate::session) fn kept(&self, slot: u32) -> Result<Rows, Diagnostic> {
        let slot = self.slots.get(slot as usize);
        slot.map(|slot| Arc::clone(&slot.rows))
            .ok_or_else(Diagnostic::rules_failed)
    }

    /// What other rows are made of those of the step, if there are.
    pub(super) fn arrange(&mut self, step: usize, pipeline: Option<Pipeline>) {
        self.ran[step].pipeline = pipeline;
    }

    pub(super) fn take_pipeline(&mut self, step: usize) -> Option<Pipeline> {
        self.ran[step].pipeline.take()
    }

    /// Keeps rows that were made of those of the server, as far as there is room.
    ///
    /// # Errors
    /// There is nowhere to keep them.
    pub(super) fn keep_arranged(
        &mut self,
        step: &Step,
        made: Vec<Row>,
    ) -> Result<Result<(), Stopped>, Diagnostic> {
        let slot = slot_of(&step.rows).and_then(|slot| self.slots.get_mut(slot as usize));
        let slot = slot.ok_or_else(Diagnostic::rules_failed)?;
        Ok(slot.extend(made))
    }

    /// The numbers of a step's runs: of the rows of its slot, or of its lists of
    /// values.
    pub(super) fn runs(&self, step: &Step) -> Vec<usize> {
        let rows = |slot: u32| self.slots.get(slot as usize).map_or(0, |s| s.rows.len());
        let met = |step: u32, tolerated: bool| {
            let ran = self.ran.get(step as usize);
            ran.is_some_and(|ran| ran.any && ran.tolerated == tolerated)
        };
        let runs = match &step.repetition {
            Repetition::Once => 1,
            Repetition::ForValues(lists) => lists.len(),
            Repetition::ForEach(slot) => rows(*slot),
            Repetition::IfAny(slot) => usize::from(rows(*slot) > 0),
            Repetition::IfNone(slot) => usize::from(rows(*slot) == 0),
            Repetition::IfTolerated(step) => usize::from(met(*step, true)),
            Repetition::UnlessTolerated(step) => usize::from(met(*step, false)),
            // The one is added with the step before, the other kept for later.
            Repetition::AfterEach | Repetition::AtEnd => 0,
        };
        let counterpart = step
            .only_tolerated
            .and_then(|step| self.ran.get(step as usize));
        (0..runs)
            .filter(|run| counterpart.is_none_or(|ran| ran.met.contains(run)))
            .collect()
    }

    pub(super) fn add(
        &mut self,
        number: usize,
        step: &Step,
        run: usize,
        delivery: &Delivery<'_>,
        sequences: &Sequences,
    ) -> Result<(), Diagnostic> {
        let parameters = self.bound(step, run, delivery, sequences)?;
        let (id, outputs) = self.ran[number]
            .statement
            .clone()
            .ok_or_else(Diagnostic::rules_failed)?;
        let values = parameters.iter().filter_map(|one| one.value.as_ref());
        self.bytes += values.map(Bytes::len).sum::<usize>();
        self.operations.push(Operation::Execute {
            id,
            parameters,
            outputs,
            row_limit: 0,
        });
        self.awaited.push_back(Awaited::Run { step: number, run });
        self.first = self.first.min(number);
        Ok(())
    }

    /// The values of a run's placeholders. A slot without rows gives NULL.
    fn bound(
        &self,
        step: &Step,
        run: usize,
        delivery: &Delivery<'_>,
        sequences: &Sequences,
    ) -> Result<Vec<Parameter>, Diagnostic> {
        let arguments = match &step.repetition {
            Repetition::ForValues(lists) => &lists[run],
            _ => &step.arguments,
        };
        let mut parameters =
            delivery
                .values
                .bound(arguments, &delivery.shape.parameters, sequences)?;
        for (parameter, argument) in parameters.iter_mut().zip(arguments) {
            let (Argument::Kept(kept) | Argument::AllKept(kept)) = argument else {
                continue;
            };
            let column = kept.column as usize;
            let slot = self
                .slots
                .get(kept.slot as usize)
                .ok_or_else(Diagnostic::rules_failed)?;
            let current = match step.repetition {
                Repetition::ForEach(number) if number == kept.slot => run,
                _ => 0,
            };
            let all = matches!(argument, Argument::AllKept(_));
            *parameter = Parameter {
                type_oid: match all {
                    true => TEXT,
                    false => slot.types.get(column).copied().unwrap_or(0),
                },
                format: Format::Text,
                value: match all {
                    true => slot.joined(column),
                    false => slot.value(current, column).cloned(),
                },
            };
        }
        Ok(parameters)
    }

    /// A failure does not skip what follows.
    pub(super) fn sync(&mut self) {
        if !matches!(self.awaited.back(), None | Some(Awaited::Sync)) {
            self.operations.push(Operation::Sync);
            self.awaited.push_back(Awaited::Sync);
        }
    }

    pub(super) fn is_full(&self) -> bool {
        self.pace.is_reached(self.operations.len()) || self.bytes >= BYTES_AT_ONCE
    }

    /// What is to be sent now.
    pub(super) fn operations(&mut self) -> Vec<Operation> {
        self.bytes = 0;
        self.first = usize::MAX;
        std::mem::take(&mut self.operations)
    }

    pub(super) fn awaited(&self) -> Option<Awaited> {
        self.awaited.front().copied()
    }

    /// Keeps rows if they are to be kept.
    ///
    /// # Errors
    /// They are no rows, or cannot be chosen among.
    pub(super) fn keep(
        &mut self,
        step: usize,
        rows: &RowUse,
        frames: &Bytes,
    ) -> Result<(), Diagnostic> {
        let Some(slot) = slot_of(rows) else {
            return Ok(());
        };
        let ran = &mut self.ran[step];
        let slot = self.slots.get_mut(slot as usize);
        let slot = slot.ok_or_else(Diagnostic::upstream_confused)?;
        for mut row in rows_of(frames).ok_or_else(Diagnostic::upstream_confused)? {
            if let Some(instructions) = &ran.kept_if
                && result_of(instructions, &row)?.as_deref() != Some("t")
            {
                continue;
            }
            let computed = ran.computed.iter();
            let values = computed.map(|(_, instructions)| result_of(instructions, &row));
            let values: Vec<_> = values.collect::<Result<_, _>>()?;
            for ((number, _), value) in ran.computed.iter().zip(values) {
                let place = row.get_mut(*number).ok_or_else(Diagnostic::rules_failed)?;
                *place = value.map(Bytes::from);
            }
            let first = || row.iter().take(1).cloned().collect();
            if !matches!(rows, RowUse::KeepFirst(_)) || ran.seen.insert(first()) {
                slot.push(row);
            }
        }
        Ok(())
    }

    /// The first value of the last row that a slot holds.
    pub(super) fn last_of(&self, slot: u32) -> Option<Bytes> {
        let slot = self.slots.get(slot as usize)?;
        slot.rows.last()?.first()?.clone()
    }

    /// A run has ended; gives the error if it touched nothing and must, or met
    /// again what it must not.
    pub(super) fn completed(
        &mut self,
        awaited: Awaited,
        row_count: Option<u64>,
        steps: &[Step],
    ) -> Option<Diagnostic> {
        self.awaited.pop_front();
        let rows = std::mem::take(&mut self.rows);
        let Awaited::Run { step, .. } = awaited else {
            return None;
        };
        let touched = row_count.unwrap_or(rows);
        let ran = &mut self.ran[step];
        ran.counted += touched;
        ran.any = true;
        ran.tolerated = false;
        if touched == 0 && steps[step].if_empty.is_some() {
            return steps[step].if_empty.clone();
        }
        self.repeated(step, &steps[step])
    }

    /// The error if the last row that a step kept is one that it kept before.
    fn repeated(&mut self, number: usize, step: &Step) -> Option<Diagnostic> {
        let (error, RowUse::Keep(slot)) = (step.if_repeated.as_ref()?, &step.rows) else {
            return None;
        };
        let rows = &self.slots.get(*slot as usize)?.rows;
        let seen = &mut self.ran[number].seen;
        let fresh = &rows[seen.len().min(rows.len())..];
        let repeated = fresh.iter().any(|row| !seen.insert(row.clone()));
        repeated.then(|| error.clone())
    }

    /// A run has failed, and what was to follow it up to the next Sync is skipped;
    /// tells whether that is tolerated.
    pub(super) fn tolerates(
        &mut self,
        awaited: Awaited,
        error: &UpstreamError,
        steps: &[Step],
    ) -> bool {
        self.rows = 0;
        while !matches!(self.awaited.front(), None | Some(Awaited::Sync)) {
            self.awaited.pop_front();
        }
        let Awaited::Run { step, run } = awaited else {
            return false;
        };
        let tolerated = error.sqlcode != 0 && steps[step].tolerated.contains(&error.sqlcode);
        if tolerated {
            let ran = &mut self.ran[step];
            ran.any = true;
            ran.tolerated = true;
            ran.met.insert(run);
        }
        tolerated
    }

    pub(super) fn synced(&mut self) {
        while !matches!(self.awaited.pop_front(), None | Some(Awaited::Sync)) {}
    }

    /// The number of rows for the tag.
    pub(super) fn counted(&self, steps: &[Step]) -> u64 {
        let steps = steps.iter().zip(&self.ran);
        let counted = steps.filter(|(step, _)| step.counted);
        counted.map(|(_, ran)| ran.counted).sum()
    }
}
