//! Several IRIS statements for one of the client's: all of them, or none.
//!
//! To the client they are one command: PostgreSQL manual, "Message Formats", CommandComplete ("For an
//! INSERT command, the tag is INSERT oid rows"), one for all of them; ErrorResponse, if one fails,
//! with nothing kept ("Simple Query": "In the event of an error, ErrorResponse is issued").

mod pace;
mod work;

use std::sync::Arc;
use std::time::Instant;

use tokio::io::{AsyncRead, AsyncWrite};
use tracing::Instrument;

use super::Session;
use super::carry::{Completion, Delivery, result_column};
use super::failure::{Failure, told_later};
use super::statement::{Described, Shape, parameter_types, placeholder_types};
use super::transaction::Status;
use crate::diagnostic::Diagnostic;
use crate::frontend::reply::ResultColumn;
use crate::rules::wit_plan::{Argument, Effect, Repetition, RowUse};
use crate::rules::{Plan, Sequence, Step, apply_column_rules, slot_of};
use crate::trace;
use crate::upstream::{Event, Oid, TEXT};
use crate::value::arranged::{Memory, Pipeline, Row};

pub(super) use work::Work;
use work::{Awaited, kept_types};

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
        // A step may be about what an earlier one defines: it cannot be prepared yet. A
        // lock is only asked for in a transaction block, which is looked at later.
        let emits = |step: &Step| matches!(step.rows, RowUse::Emit);
        let defines = matches!(sequence.effect, Effect::Schema | Effect::Pin)
            && !sequence.steps.iter().any(emits);
        for step in sequence.steps.iter().filter(|_| !defines) {
            let described = self.describe_step(step, sequence, declared, &slots).await?;
            let found = described.shape.columns.as_deref().unwrap_or_default();
            if let Some(slot) = slot_of(&step.rows) {
                slots.resize(slots.len().max(slot as usize + 1), Vec::new());
                slots[slot as usize] = kept_types(step, found);
            } else if emits(step) && columns.is_none() && described.shape.columns.is_some() {
                columns = Some(match &step.arrangement {
                    Some(arrangement) => arrangement.columns.iter().map(result_column).collect(),
                    None => {
                        let mut emitted = found.to_vec();
                        apply_column_rules(&mut emitted, &sequence.columns);
                        emitted.into()
                    }
                });
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
        self.promise_to_undo(sequence)?;
        if sequence.steps.is_empty() {
            self.complete(&sequence.tag, 0);
            return Ok(Completion::Done);
        }
        self.leave_portal().await?;
        let mut passed = 0;
        let outcome = if sequence.effect == Effect::Read && sequence.steps.len() == 1 {
            self.steps(sequence, delivery, &mut passed).await
        } else {
            let atomic = self.begin_atomic().await?;
            let mut outcome = self.steps(sequence, delivery, &mut passed).await;
            if outcome.is_ok()
                && let Some(failure) = self.client.capture_failure()
            {
                outcome = Err(failure);
            }
            self.end_atomic(atomic, outcome).await
        };
        if outcome.is_err() {
            self.half_defined(sequence, passed);
        }
        let rows = outcome?;
        self.after(sequence.effect);
        if sequence.effect == Effect::Schema && sequence.temporary.is_empty() {
            self.defined();
        }
        let is_undone = |step: &Step| matches!(step.repetition, Repetition::AtEnd);
        if sequence.effect == Effect::Pin && !sequence.steps.iter().any(is_undone) {
            self.pin(&sequence.tag.word);
        }
        self.account_for_temporary(&sequence.temporary).await?;
        self.complete(&sequence.tag, rows);
        Ok(Completion::Done)
    }

    /// A definition of several steps failed behind so many of them, which IRIS does not undo.
    fn half_defined(&mut self, sequence: &Sequence, passed: usize) {
        self.after(sequence.effect);
        let is_lasting = sequence.effect == Effect::Schema && sequence.temporary.is_empty();
        if passed == 0 || !is_lasting {
            return;
        }
        match self.transaction.status() {
            Status::Idle => self.notice(&Diagnostic::schema_change_stays()),
            _ => self.defined(),
        }
    }

    /// Notes what is to run at the end of the transaction; without a transaction
    /// block it would run at once, and PostgreSQL refuses such statements there.
    fn promise_to_undo(&mut self, sequence: &Sequence) -> Result<(), Diagnostic> {
        let at_end: Vec<String> = sequence
            .steps
            .iter()
            .filter(|step| matches!(step.repetition, Repetition::AtEnd))
            .map(|step| step.statement.pieces.concat())
            .collect();
        if at_end.is_empty() {
            return Ok(());
        }
        if matches!(self.transaction.status(), Status::Idle | Status::Implicit) {
            return Err(Diagnostic::only_in_transaction(&sequence.tag.word));
        }
        self.at_end.extend(at_end);
        Ok(())
    }

    /// Runs the steps; gives the number of rows for the tag. `passed`: how many were carried out,
    /// of a definition.
    async fn steps(
        &mut self,
        sequence: &Sequence,
        delivery: &Delivery<'_>,
        passed: &mut usize,
    ) -> Result<u64, Failure> {
        let steps = &sequence.steps;
        let mut work = Work::new(steps.len(), Memory::new(self.memory_left()));
        let work = &mut work;
        let mut first = 0;
        while first < steps.len() {
            // IRIS does not undo a definition: one that has begun is brought to its end.
            if first == 0 || sequence.effect != Effect::Schema {
                self.heed_interruption().await?;
            }
            let followers = steps[first + 1..].iter().take_while(|step| follows(step));
            let group = first..first + 1 + followers.count();
            if steps[group.clone()].iter().any(|step| work.waits_for(step)) {
                self.send_runs(steps, work, delivery)
                    .instrument(trace::execution())
                    .await?;
            }
            for number in group.clone() {
                let step = &steps[number];
                let types = work.slot_types();
                let described = self
                    .describe_step(step, sequence, delivery.declared, &types)
                    .await?;
                // It may take rows from the slot that it keeps others in.
                let arrangement = step.arrangement.as_ref();
                let pipeline = arrangement
                    .map(|arrangement| self.pipeline(arrangement, delivery, work))
                    .transpose()?;
                work.begin(number, step, described, delivery)?;
                work.arrange(number, pipeline);
            }
            for run in work.runs(&steps[first]) {
                for number in group.clone() {
                    work.add(number, &steps[number], run, delivery, &self.sequences)?;
                }
                if !steps[first].tolerated.is_empty() {
                    work.sync();
                }
                if work.is_full() {
                    self.send_runs(steps, work, delivery)
                        .instrument(trace::execution())
                        .await?;
                    if sequence.effect != Effect::Schema {
                        self.heed_interruption().await?;
                    }
                }
            }
            if sequence.effect == Effect::Schema {
                // What the next step is prepared for may not be there before.
                self.send_runs(steps, work, delivery)
                    .instrument(trace::execution())
                    .await?;
                *passed = group.end;
            }
            first = group.end;
        }
        self.send_runs(steps, work, delivery)
            .instrument(trace::execution())
            .await?;
        Ok(work.counted(steps))
    }

    /// Sends or keeps rows that were made of those of a step.
    async fn use_rows(
        &mut self,
        step: &Step,
        rows: Vec<Row>,
        work: &mut Work,
        delivery: &Delivery<'_>,
    ) -> Result<(), Failure> {
        work.arranged += rows.len() as u64;
        if let RowUse::Emit = step.rows {
            return self.send_arranged(&rows, delivery).await;
        }
        let kept = work.keep_arranged(step, rows)?;
        Ok(kept.map_err(|stopped| self.stopped(stopped))?)
    }

    /// Does so with those that are made of all rows together.
    async fn use_last_rows(
        &mut self,
        step: &Step,
        pipeline: Pipeline,
        work: &mut Work,
        delivery: &Delivery<'_>,
    ) -> Result<(), Failure> {
        let mut rest = Some(pipeline);
        while let Some(pipeline) = rest {
            let (rows, more) = self.arranged_at_end(pipeline).await?;
            self.heed_interruption().await?;
            self.use_rows(step, rows, work, delivery).await?;
            rest = more;
        }
        Ok(())
    }

    /// Sends what was gathered, and takes the answers.
    async fn send_runs(
        &mut self,
        steps: &[Step],
        work: &mut Work,
        delivery: &Delivery<'_>,
    ) -> Result<(), Failure> {
        work.sync();
        self.held()?.submit(work.operations())?;
        let sent = Instant::now();
        let mut failed: Option<Failure> = None;
        while let Some(awaited) = work.awaited() {
            match (self.answered().await?, awaited) {
                (Event::Rows { frames, count }, Awaited::Run { step, .. }) => {
                    if let Some(pipeline) = work.take_pipeline(step) {
                        if failed.is_none() {
                            match self.arrange(pipeline, &frames).await {
                                Ok((rows, pipeline)) => {
                                    work.arrange(step, Some(pipeline));
                                    let used = self.use_rows(&steps[step], rows, work, delivery);
                                    failed = told_later(used.await)?;
                                }
                                Err(error) => failed = Some(error.into()),
                            }
                        }
                    } else if failed.is_none() && matches!(steps[step].rows, RowUse::Emit) {
                        failed = told_later(self.relay(&frames).await)?;
                    } else {
                        let kept = work.keep(step, &steps[step].rows, &frames);
                        if let Err(error) = kept {
                            failed.get_or_insert(error.into());
                        }
                        if let RowUse::KeepCurrent(kept) = &steps[step].rows
                            && let Some(value) = work.last_of(kept.slot)
                        {
                            self.sequences.got(&kept.name, value);
                        }
                    }
                    work.rows += count;
                }
                (Event::Complete { mut row_count }, awaited) => {
                    if let Awaited::Run { step, .. } = awaited
                        && let Some(pipeline) = work.take_pipeline(step)
                    {
                        if failed.is_none() {
                            let used = self.use_last_rows(&steps[step], pipeline, work, delivery);
                            failed = told_later(used.await)?;
                        }
                        row_count = Some(std::mem::take(&mut work.arranged));
                    }
                    if let Some(error) = work.completed(awaited, row_count, steps) {
                        failed.get_or_insert(error.into());
                    }
                }
                (Event::Failed(error), awaited) => {
                    if !work.tolerates(awaited, &error, steps) {
                        let error = self.upstream_error(error);
                        if let Awaited::Run { step, .. } = awaited {
                            self.doubt(&steps[step].statement, &error);
                        }
                        failed.get_or_insert(error);
                    }
                }
                (Event::Synced, _) => work.synced(),
                _ => return Err(Diagnostic::upstream_confused().into()),
            }
        }
        work.pace.took(sent.elapsed());
        failed.map_or(Ok(()), Err)
    }
}

/// Whether it runs behind each run of the step before.
fn follows(step: &Step) -> bool {
    matches!(step.repetition, Repetition::AfterEach)
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
