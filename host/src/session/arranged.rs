//! Rows that the broker chooses, groups and orders itself before the client sees them.

use std::sync::Arc;

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncWrite};

use super::Session;
use super::answer::write_values;
use super::carry::Delivery;
use super::failure::Failure;
use super::interruption::stops;
use super::sequence::Work;
use super::sequences::Sequences;
use super::statement::Values;
use crate::diagnostic::Diagnostic;
use crate::frontend::rows::rows_of;
use crate::rules::wit_plan::{self, Argument, Arrangement, Instruction};
use crate::upstream::Oid;
use crate::value::arranged::{Finished, Pipeline, Row, Stage, Stopped};
use crate::value::computed::text_of;

impl<S: AsyncRead + AsyncWrite + Unpin> Session<S> {
    /// An arrangement with the values of the client's parameters, and rows that are kept.
    pub(super) fn pipeline(
        &self,
        arrangement: &Arrangement,
        delivery: &Delivery<'_>,
        work: &Work,
    ) -> Result<Pipeline, Diagnostic> {
        let bound = Bound {
            values: delivery.values,
            types: &delivery.shape.parameters,
            sequences: &self.sequences,
            work,
        };
        let stages = arrangement.stages.iter();
        let stages = stages.map(|stage| bound.stage(stage));
        let pipeline = Pipeline::new(stages.collect::<Result<_, _>>()?, work.memory());
        let stops = stops(self.interrupted.clone(), self.deadline);
        Ok(pipeline.stopped_by(stops))
    }

    /// What is made of rows of the server's, as far as it is there; with the pipeline.
    pub(super) async fn arrange(
        &mut self,
        mut pipeline: Pipeline,
        frames: &Bytes,
    ) -> Result<(Vec<Row>, Pipeline), Diagnostic> {
        let rows = rows_of(frames).ok_or_else(Diagnostic::upstream_confused)?;
        let expands = pipeline.expands();
        let push = move || {
            for row in rows {
                if pipeline.is_full() {
                    break;
                }
                pipeline.push(row)?;
            }
            Ok::<_, Stopped>((pipeline.take(), pipeline))
        };
        let pushed = match expands {
            // Others of the same thread do not wait for it.
            true => {
                let pushed = tokio::task::spawn_blocking(push).await;
                pushed.map_err(|_| Diagnostic::rules_failed())?
            }
            false => push(),
        };
        pushed.map_err(|stopped| self.stopped(stopped))
    }

    /// What is made of all rows together, when they are there; with the pipeline, if it makes more.
    pub(super) async fn arranged_at_end(
        &mut self,
        mut pipeline: Pipeline,
    ) -> Result<(Vec<Row>, Option<Pipeline>), Diagnostic> {
        // Many rows are sorted for long.
        let finished = tokio::task::spawn_blocking(move || {
            let finished = pipeline.finish()?;
            let rows = pipeline.take();
            Ok((rows, (finished == Finished::Partly).then_some(pipeline)))
        });
        let made = finished.await.map_err(|_| Diagnostic::rules_failed())?;
        made.map_err(|stopped| self.stopped(stopped))
    }

    pub(super) async fn send_arranged(
        &mut self,
        rows: &[Row],
        delivery: &Delivery<'_>,
    ) -> Result<(), Failure> {
        let columns = delivery.shape.columns.as_deref().unwrap_or_default();
        for row in rows {
            let start = self.client.output.len();
            let value = |index: usize| row.get(index)?.as_deref();
            write_values(&mut self.client.output, columns, delivery.formats, value)?;
            self.relay_from(start).await?;
        }
        Ok(())
    }

    pub(super) fn stopped(&self, stopped: Stopped) -> Diagnostic {
        match stopped {
            Stopped::Value(error) => Diagnostic::bad_value(&error),
            Stopped::Interrupted => self.interruption().unwrap_or_else(Diagnostic::user_request),
            Stopped::Memory => Diagnostic::arranges_too_much(self.config.client.memory),
        }
    }
}

/// What the stages of an arrangement take from elsewhere.
struct Bound<'a> {
    values: &'a Values,
    types: &'a [Oid],
    sequences: &'a Sequences,
    work: &'a Work,
}

impl Bound<'_> {
    fn instructions(&self, list: &[Instruction]) -> Result<Arc<[Instruction]>, Diagnostic> {
        self.values.bound_in(list, self.types)
    }

    fn stage(&self, stage: &wit_plan::Stage) -> Result<Stage, Diagnostic> {
        use wit_plan::Stage as S;
        let all = |lists: &[Vec<Instruction>]| -> Result<Vec<Arc<[Instruction]>>, Diagnostic> {
            lists.iter().map(|list| self.instructions(list)).collect()
        };
        Ok(match stage {
            S::Computed(values) => Stage::Computed(all(values)?),
            S::KeptIf(condition) => Stage::KeptIf(self.instructions(condition)?),
            S::Expanded(expansion) => Stage::Expanded {
                name: expansion.name.clone(),
                operands: all(&expansion.operands)?,
                ordinality: expansion.ordinality,
                outer: expansion.outer,
            },
            S::Grouped(grouping) => Stage::Grouped(grouping.clone()),
            S::Distinct(values) => Stage::Distinct(values.clone()),
            S::Sorted(keys) => Stage::Sorted(keys.clone()),
            S::Limited(limit) => Stage::Limited {
                limit: self.rows_in(limit.limit.as_ref())?,
                offset: self.rows_in(limit.offset.as_ref())?.unwrap_or(0),
            },
            S::Windowed(windows) => Stage::Windowed(windows.clone()),
            S::Appended(slot) => Stage::Appended(self.work.kept(*slot)?),
            S::Matched(rule) => Stage::Matched {
                kept: self.work.kept(rule.slot)?,
                rule: rule.clone(),
            },
            S::Attached(rule) => Stage::Attached {
                kept: self.work.kept(rule.slot)?,
                rule: rule.clone(),
            },
        })
    }

    /// The number of rows that an argument says; none without one.
    fn rows_in(&self, argument: Option<&Argument>) -> Result<Option<u64>, Diagnostic> {
        let Some(argument) = argument else {
            return Ok(None);
        };
        let arguments = std::slice::from_ref(argument);
        let bound = self.values.bound(arguments, self.types, self.sequences)?;
        let Some(parameter) = bound.into_iter().next() else {
            return Ok(None);
        };
        let Some(value) = parameter.value else {
            return Ok(None);
        };
        let text = text_of(parameter.type_oid, parameter.format, &value)
            .map_err(|error| Diagnostic::bad_value(&error))?;
        text.trim()
            .parse()
            .map(Some)
            .map_err(|_| Diagnostic::rules_failed())
    }
}
