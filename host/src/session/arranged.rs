//! Rows that the broker chooses, groups and orders itself before the client sees them.

use std::sync::Arc;

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncWrite};

use super::Session;
use super::answer::write_values;
use super::carry::Delivery;
use super::failure::Failure;
use super::sequences::Sequences;
use super::statement::Values;
use crate::diagnostic::Diagnostic;
use crate::frontend::rows::rows_of;
use crate::rules::wit_plan::{self, Argument, Arrangement, Instruction};
use crate::upstream::Oid;
use crate::value::arranged::{Pipeline, Row, Stage, Stopped};
use crate::value::computed::text_of;

impl<S: AsyncRead + AsyncWrite + Unpin> Session<S> {
    /// An arrangement with the values of the client's parameters.
    pub(super) fn pipeline(
        &self,
        arrangement: &Arrangement,
        delivery: &Delivery<'_>,
    ) -> Result<Pipeline, Diagnostic> {
        let types = &delivery.shape.parameters;
        let stages = arrangement.stages.iter();
        let stages = stages.map(|stage| delivery.values.stage(stage, types, &self.sequences));
        Ok(Pipeline::new(
            stages.collect::<Result<_, _>>()?,
            self.memory_left(),
        ))
    }

    /// What is made of rows of the server's, as far as it is there.
    pub(super) fn arrange(
        &self,
        pipeline: &mut Pipeline,
        frames: &Bytes,
    ) -> Result<Vec<Row>, Diagnostic> {
        for row in rows_of(frames).ok_or_else(Diagnostic::upstream_confused)? {
            if pipeline.is_full() {
                break;
            }
            pipeline
                .push(row)
                .map_err(|stopped| self.stopped(stopped))?;
        }
        Ok(pipeline.take())
    }

    /// What is made of all rows together, when they are there.
    pub(super) async fn arranged_at_end(
        &mut self,
        mut pipeline: Pipeline,
    ) -> Result<Vec<Row>, Diagnostic> {
        // Many rows are sorted for long.
        let finished = tokio::task::spawn_blocking(move || {
            let outcome = pipeline.finish();
            outcome.map(|()| pipeline.take())
        });
        let rows = finished.await.map_err(|_| Diagnostic::rules_failed())?;
        rows.map_err(|stopped| self.stopped(stopped))
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

    fn stopped(&self, stopped: Stopped) -> Diagnostic {
        match stopped {
            Stopped::Value(error) => Diagnostic::bad_value(&error),
            Stopped::Memory => Diagnostic::arranges_too_much(self.config.client.memory),
        }
    }
}

impl Values {
    fn stage(
        &self,
        stage: &wit_plan::Stage,
        types: &[Oid],
        sequences: &Sequences,
    ) -> Result<Stage, Diagnostic> {
        use wit_plan::Stage as S;
        let all = |lists: &[Vec<Instruction>]| -> Result<Vec<Arc<[Instruction]>>, Diagnostic> {
            let lists = lists.iter().map(|list| self.bound_in(list, types));
            lists.collect()
        };
        Ok(match stage {
            S::Computed(values) => Stage::Computed(all(values)?),
            S::KeptIf(condition) => Stage::KeptIf(self.bound_in(condition, types)?),
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
                limit: self.rows_in(limit.limit.as_ref(), types, sequences)?,
                offset: self
                    .rows_in(limit.offset.as_ref(), types, sequences)?
                    .unwrap_or(0),
            },
        })
    }

    /// The number of rows that an argument says; none without one.
    fn rows_in(
        &self,
        argument: Option<&Argument>,
        types: &[Oid],
        sequences: &Sequences,
    ) -> Result<Option<u64>, Diagnostic> {
        let Some(argument) = argument else {
            return Ok(None);
        };
        let bound = self.bound(std::slice::from_ref(argument), types, sequences)?;
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
