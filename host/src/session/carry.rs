//! Carries out plans: one function for each kind, or a word to where it stands.

use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};

use super::Session;
use super::answer::show_columns;
use super::closing::Closing;
use super::console::console_columns;
use super::failure::Failure;
use super::requirement::values_within;
use super::statement::{Parked, Shape, Values};
use super::transaction::{Status, Transaction};
use crate::diagnostic::Diagnostic;
use crate::frontend::message::Formats;
use crate::frontend::reply::{self, ResultColumn};
use crate::rules::wit::{Housekeeping, Protocol};
use crate::rules::wit_plan::{self, PreparedStep};
use crate::rules::{Plan, Translation};
use crate::trace;
use crate::upstream::Oid;

/// How a result is to reach the client.
pub(super) struct Delivery<'a> {
    pub(super) shape: &'a Shape,
    /// Parameter types the client declared.
    pub(super) declared: &'a [Oid],
    pub(super) values: &'a Values,
    pub(super) formats: &'a Formats,
    /// Whether RowDescription goes before the rows.
    pub(super) announce: bool,
    /// 0: none.
    pub(super) row_limit: u32,
}

/// How far it came.
pub(super) enum Completion {
    Done,
    /// The row limit was reached; the upstream holds the rest.
    Suspended(Closing),
    /// The row limit was reached; the rest is here.
    Parked(Box<Parked>),
}

impl<S: AsyncRead + AsyncWrite + Unpin> Session<S> {
    pub(super) async fn translate(
        &mut self,
        text: &str,
        protocol: Protocol,
        parameter_types: &[Oid],
    ) -> Result<Arc<[Arc<Translation>]>, Diagnostic> {
        if let Some(console) = &self.console {
            return console.read(text);
        }
        let query = self.query_of(text, protocol, parameter_types);
        self.rules.generation.translate(query).await
    }

    /// The plans of a text that are known already.
    pub(super) fn known(&self, text: &str, protocol: Protocol) -> Option<Arc<[Arc<Translation>]>> {
        match self.console {
            Some(_) => None,
            None => self
                .rules
                .generation
                .kept(&self.query_of(text, protocol, &[])),
        }
    }

    fn query_of<'a>(
        &'a self,
        text: &'a str,
        protocol: Protocol,
        parameter_types: &'a [Oid],
    ) -> crate::rules::Query<'a> {
        crate::rules::Query {
            text,
            protocol,
            parameter_types,
            facts: &self.facts,
            schema: crate::rules::Known::default(),
        }
    }

    /// "current transaction is aborted": only what ends that may run.
    pub(super) fn allow(&self, plan: &Plan) -> Result<(), Diagnostic> {
        if !self.transaction.is_failed() {
            return Ok(());
        }
        match plan {
            Plan::Empty => Ok(()),
            Plan::Transaction(plan) if Transaction::ends_failure(&plan.step) => Ok(()),
            _ => Err(Diagnostic::in_failed_transaction()),
        }
    }

    /// READ ONLY is kept here: IRIS would keep the mode beyond the transaction.
    pub(super) fn allow_effect(
        &self,
        tag: &wit_plan::Tag,
        effect: wit_plan::Effect,
    ) -> Result<(), Diagnostic> {
        let read_only = self.settings.get("transaction_read_only") == Some("on");
        if read_only && matches!(effect, wit_plan::Effect::Write | wit_plan::Effect::Schema) {
            return Err(Diagnostic::read_only(&tag.word));
        }
        Ok(())
    }

    /// What Describe tells of a plan.
    pub(super) async fn shape(
        &mut self,
        translation: &Translation,
        declared: &[Oid],
    ) -> Result<Shape, Failure> {
        let columns: Option<Arc<[ResultColumn]>> = match &translation.plan {
            Plan::Forward(plan) => {
                return Ok(self
                    .describe_forward(plan, &translation.plan, declared)
                    .await?
                    .shape
                    .clone());
            }
            Plan::Sequence(plan) => {
                return self
                    .describe_sequence(plan, &translation.plan, declared)
                    .await;
            }
            Plan::Answer(answer) => Some(answer.columns.iter().map(result_column).collect()),
            Plan::Catalog(plan) => Some(plan.columns.iter().map(result_column).collect()),
            Plan::Setting(plan) => show_columns(&plan.step),
            Plan::Empty | Plan::Transaction(_) | Plan::Copy(_) => None,
            Plan::Prepared(plan) => match &plan.step {
                PreparedStep::Execute(execution) => {
                    return Box::pin(self.executed_shape(execution)).await;
                }
                _ => None,
            },
            Plan::Refuse(refusal) => return Err(refusal.clone().into()),
            Plan::Console(command) => console_columns(command),
            Plan::Cursor(plan) => return Box::pin(self.cursor_shape(plan, declared)).await,
            // A question about the schema is answered before.
            Plan::Lookup(_) => return Err(Diagnostic::rules_failed().into()),
        };
        let parameters = super::statement::parameter_types(&translation.plan, &[], declared, &[]);
        Ok(Shape {
            parameters,
            columns,
        })
    }

    pub(super) async fn carry_out(
        &mut self,
        translation: &Translation,
        delivery: Delivery<'_>,
    ) -> Result<Completion, Failure> {
        if let Some(command) = &translation.alone
            && self.transaction.status() != Status::Idle
        {
            return Err(Diagnostic::in_transaction_block(command).into());
        }
        match &translation.plan {
            Plan::Forward(plan) => self.allow_effect(&plan.tag, plan.effect)?,
            Plan::Sequence(plan) => self.allow_effect(&plan.tag, plan.effect)?,
            _ => {}
        }
        let cut = values_within(
            delivery.values,
            &translation.plan,
            &delivery.shape.parameters,
        );
        let delivery = Delivery {
            values: cut.as_ref().unwrap_or(delivery.values),
            ..delivery
        };
        let required = translation.plan.required();
        delivery.values.meet(required, &delivery.shape.parameters)?;
        if matches!(
            translation.plan,
            Plan::Forward(_) | Plan::Sequence(_) | Plan::Answer(_)
        ) {
            self.transaction.note_query();
        }
        for notice in &translation.notices {
            self.notice(notice);
        }
        self.dress(delivery.shape, delivery.values, delivery.formats)?;
        let is_held_back = self.is_held_back(&translation.plan, &delivery);
        if !is_held_back {
            self.announce(&delivery);
        }
        if self.lease.is_some()
            && matches!(
                translation.plan,
                Plan::Forward(_) | Plan::Sequence(_) | Plan::Cursor(_) | Plan::Copy(_)
            )
        {
            self.tell_upstream().await?;
        }
        self.before_counting(translation).await?;
        let carried = match is_held_back {
            true => self.carry_whole(translation, &delivery).await,
            false => self.carry(translation, &delivery).await,
        };
        let completion = match carried {
            Err(lost @ Failure::Lost(_)) if !translation.plan.changes() && self.was_given_up() => {
                return Err(lost.without_effect());
            }
            carried => carried?,
        };
        if let Some(counted) = &translation.counts
            && !self.completed.ends_with(" 0")
        {
            self.sequences.counted(counted);
        }
        Ok(completion)
    }

    /// RowDescription, if the client has not been told.
    pub(super) fn announce(&mut self, delivery: &Delivery<'_>) {
        if delivery.announce
            && let Some(columns) = &delivery.shape.columns
        {
            reply::row_description(&mut self.client.output, columns, |index| {
                delivery.formats.get(index)
            });
        }
    }

    pub(super) async fn carry(
        &mut self,
        translation: &Translation,
        delivery: &Delivery<'_>,
    ) -> Result<Completion, Failure> {
        match &translation.plan {
            Plan::Empty => {
                reply::empty_query_response(&mut self.client.output);
                Ok(Completion::Done)
            }
            Plan::Forward(plan) => self.forward(plan, &translation.plan, delivery).await,
            Plan::Sequence(plan) => self.sequence(plan, delivery).await,
            Plan::Answer(plan) => self.answer(plan, delivery).await,
            Plan::Catalog(plan) => self.catalog(plan, delivery).await,
            Plan::Transaction(plan) => self.transact(plan).await,
            Plan::Setting(plan) => self.setting(plan, delivery).await,
            Plan::Refuse(refusal) => Err(refusal.clone().into()),
            Plan::Prepared(plan) => match &plan.step {
                PreparedStep::Prepare(preparation) => {
                    self.prepare_named(preparation, &plan.tag).await
                }
                PreparedStep::Execute(execution) => self.execute_named(execution, delivery).await,
                PreparedStep::Deallocate(_) | PreparedStep::DeallocateAll => self.deallocate(plan),
            },
            Plan::Cursor(plan) => self.cursor(plan, delivery).await,
            Plan::Copy(plan) => Box::pin(self.copy(plan)).await,
            Plan::Console(command) => Box::pin(self.console(command, delivery)).await,
            Plan::Lookup(_) => Err(Diagnostic::rules_failed().into()),
        }
    }

    pub(super) fn complete(&mut self, tag: &wit_plan::Tag, rows: u64) {
        self.close_with(&Closing::of(tag), rows);
    }

    pub(super) fn close_with(&mut self, closing: &Closing, rows: u64) {
        self.completed = closing.tag(rows);
        trace::completed(&self.trace, &self.completed);
        reply::command_complete(&mut self.client.output, &self.completed);
    }

    /// Runs commands of the rules' housekeeping.
    pub(super) async fn run_commands(
        &mut self,
        which: impl FnOnce(&Housekeeping) -> &Vec<wit_plan::Command>,
    ) -> Result<(), Failure> {
        self.run_named(which, "").await
    }

    /// The same, for those about a savepoint.
    pub(super) async fn run_named(
        &mut self,
        which: impl FnOnce(&Housekeeping) -> &Vec<wit_plan::Command>,
        identifier: &str,
    ) -> Result<(), Failure> {
        let generation = Arc::clone(&self.rules.generation);
        self.run_on_upstream(which(&generation.manifest().housekeeping), identifier)
            .await
    }

    /// `identifier` goes between the pieces of each command.
    pub(super) async fn run_on_upstream(
        &mut self,
        commands: &[wit_plan::Command],
        identifier: &str,
    ) -> Result<(), Failure> {
        for command in commands {
            if let Err(error) = self
                .lease()
                .await?
                .try_run(&command.join(identifier))
                .await?
            {
                return Err(self.upstream_error(error));
            }
        }
        Ok(())
    }
}

pub(super) fn result_column(column: &wit_plan::Column) -> ResultColumn {
    ResultColumn {
        label: column.label.clone(),
        type_oid: column.type_oid,
        type_modifier: column.type_modifier,
        written: None,
        computed: None,
        origin: column.origin,
    }
}
