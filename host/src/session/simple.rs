//! The Query message.
//!
//! PostgreSQL manual, "Simple Query" and "Multiple Statements in a Simple Query".

use std::sync::Arc;

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncWrite};

use super::carry::Delivery;
use super::failure::Failure;
use super::statement::Values;
use super::transaction::{SettingsEffect, Status, Transaction};
use super::{Batch, Session, utf8};
use crate::diagnostic::Diagnostic;
use crate::rules::wit::Protocol;
use crate::rules::wit_plan::PreparedStep;
use crate::rules::{Plan, Substituted, Translation};

impl<S: AsyncRead + AsyncWrite + Unpin> Session<S> {
    pub(super) async fn query(&mut self, text: &Bytes) -> Result<(), Failure> {
        // "the simple Query … destroys the unnamed statement and portal".
        self.statements.remove("");
        self.drop_portal("").await?;
        self.batch = Batch::None;
        self.begin_timing();
        let known = self.known(utf8(text)?, Protocol::Simple);
        let outcome = match known {
            Some(translations) => self.statements_of_query(text, translations).await,
            None => match self.query_with_literals(utf8(text)?).await {
                Ok(Ran::No) => {
                    let translations = self.translate(utf8(text)?, Protocol::Simple, &[]).await?;
                    self.statements_of_query(text, translations).await
                }
                outcome => outcome.map(|_| ()),
            },
        };
        self.batch = Batch::None;
        if let Err(failure) = outcome {
            self.end_implicit(Ending::Rollback).await?;
            return Err(failure);
        }
        self.end_implicit(Ending::Commit).await?;
        if self.transaction.status() == Status::Idle {
            self.drop_portals().await?;
        }
        self.ready().await
    }

    /// "When a simple Query message contains more than one SQL statement, those
    /// statements are executed as a single transaction".
    async fn statements_of_query(
        &mut self,
        text: &Bytes,
        mut translations: Arc<[Arc<Translation>]>,
    ) -> Result<(), Failure> {
        self.read_all(&translations).await?;
        if translations.len() > 1 {
            self.batch = Batch::Query;
        }
        let several = are_several(&translations);
        let mut facts = self.facts.clone();
        for number in 0..translations.len() {
            if self.facts != facts {
                // What a statement sets, or makes for the session, is for those behind it.
                facts = self.facts.clone();
                translations = self.translate(utf8(text)?, Protocol::Simple, &[]).await?;
            }
            let Some(translation) = translations.get(number).cloned() else {
                return Err(Diagnostic::rules_failed().into());
            };
            self.heed_interruption().await?;
            if let Some(asked) = &mut self.asked {
                asked.go_to(number);
            }
            self.allow_read(&translation, Protocol::Simple, &[]).await?;
            if let Some(command) = &translation.alone
                && translations.len() > 1
            {
                return Err(Diagnostic::in_transaction_block(command).into());
            }
            self.begin_settings();
            // What changes something is undone if any statement behind it fails.
            let is_followed = number + 1 < translations.len();
            let may_change =
                translation.plan.changes() || matches!(translation.plan, Plan::Lookup(_));
            if (several || is_followed && may_change)
                && self.transaction.status() == Status::Idle
                && touches_server(&translation.plan)
            {
                self.begin_implicit().await?;
            }
            self.statement_in_time(Run::AsWritten(&translation)).await?;
        }
        Ok(())
    }

    pub(super) async fn statement_of_query(&mut self, run: Run<'_>) -> Result<Ran, Failure> {
        let mark = self.client.mark();
        self.is_outdated = false;
        let ran = self.run_of_query(run).await;
        // In a Query message nobody holds on to what was described before.
        if ran.is_err() && std::mem::take(&mut self.is_outdated) && self.client.take_back(&mark) {
            return self.run_of_query(run).await;
        }
        ran
    }

    async fn run_of_query(&mut self, run: Run<'_>) -> Result<Ran, Failure> {
        match run {
            Run::AsWritten(translation) => self.run_as_written(translation).await,
            Run::WithLiterals(translation, literals) => {
                self.run_with_literals(translation, literals).await
            }
        }
    }

    async fn run_as_written(&mut self, translation: &Arc<Translation>) -> Result<Ran, Failure> {
        self.traffic.statement();
        // A Query message binds no values.
        if !translation.plan.parameters().is_empty() {
            return Err(Diagnostic::no_parameter(translation.plan.parameters().len()).into());
        }
        let (translation, looked) = self.resolve(translation, Protocol::Simple, &[]).await?;
        let outcome = self.run_once(&translation).await;
        if let Err(failure) = &outcome {
            self.distrust(looked.as_ref(), failure);
        }
        outcome.map(|()| Ran::Yes)
    }

    async fn run_once(&mut self, translation: &Translation) -> Result<(), Failure> {
        let shape = self.shape(translation, &[]).await?;
        let delivery = Delivery {
            shape: &shape,
            declared: &[],
            values: &Values::none(self.clock()),
            formats: &self.simple_formats(&translation.plan),
            announce: true,
            row_limit: 0,
        };
        self.carry_out(translation, delivery).await?;
        Ok(())
    }

    /// From here on what is set is undone with the transaction around several statements,
    /// also where IRIS needs to be told of none.
    pub(super) fn begin_settings(&mut self) {
        if self.transaction.status() == Status::Idle {
            self.follow(SettingsEffect::Begin);
        }
    }

    /// Begins the transaction around several statements.
    pub(super) async fn begin_implicit(&mut self) -> Result<(), Failure> {
        self.leave_portal().await?;
        let generation = Arc::clone(&self.rules.generation);
        let begin = &generation.manifest().housekeeping.begin;
        self.begin_on_upstream(begin).await?;
        self.transaction = Transaction::implicit();
        self.follow(SettingsEffect::Begin);
        Ok(())
    }

    /// Ends it, if there is one.
    pub(super) async fn end_implicit(&mut self, ending: Ending) -> Result<(), Failure> {
        let effect = match ending {
            Ending::Commit => SettingsEffect::Commit,
            Ending::Rollback => SettingsEffect::Rollback,
        };
        match self.transaction.status() {
            Status::Implicit => {}
            Status::Idle => {
                if self.follow(effect) {
                    self.refresh_facts();
                }
                return Ok(());
            }
            Status::Open | Status::Failed => return Ok(()),
        }
        self.cursors_follow(effect).await?;
        let transaction = std::mem::take(&mut self.transaction);
        if ending == Ending::Rollback && transaction.has_defined() {
            self.notice(&Diagnostic::schema_change_stays());
        }
        let outcome = match ending {
            Ending::Commit => {
                if self.follow(SettingsEffect::Commit) {
                    self.refresh_facts();
                }
                let was_connected = self.is_connected();
                let committed = self.run_commands(|housekeeping| &housekeeping.commit).await;
                if was_connected && let Err(lost @ Failure::Lost(_)) = committed {
                    return Err(lost.while_committing());
                }
                if let Err(Failure::Statement(_)) = &committed {
                    self.roll_back().await?;
                }
                committed
            }
            Ending::Rollback => {
                self.follow(SettingsEffect::Rollback);
                self.refresh_facts();
                self.roll_back().await
            }
        };
        self.end_temporary(effect).await?;
        outcome
    }
}

/// What a statement of a Query message is carried out by.
#[derive(Clone, Copy)]
pub(super) enum Run<'a> {
    /// By what the rules make of it.
    AsWritten(&'a Arc<Translation>),
    /// By what they make of it with parameters in place of its constants.
    WithLiterals(&'a Arc<Translation>, &'a Substituted),
}

/// Whether a statement was carried out.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Ran {
    Yes,
    /// It has to be in another way; nothing has happened.
    No,
}

/// How the transaction around several statements ends.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    Commit,
    Rollback,
}

/// Whether there is more to the transaction around the statements of a Query than one of them: "If the
/// BEGIN follows some statements that were executed as an implicit transaction block, those statements
/// are not immediately committed; in effect, they are retroactively included into the new regular
/// transaction block" (manual, "Multiple Statements in a Simple Query").
fn are_several(translations: &[Arc<Translation>]) -> bool {
    let mut touching = false;
    translations
        .iter()
        .any(|translation| match &translation.plan {
            Plan::Transaction(_) => touching,
            plan => touches_server(plan) && std::mem::replace(&mut touching, true),
        })
}

/// Whether a plan needs the transaction around the statements of a Query.
fn touches_server(plan: &Plan) -> bool {
    match plan {
        Plan::Forward(_)
        | Plan::Sequence(_)
        | Plan::Lookup(_)
        | Plan::Copy(_)
        | Plan::Cursor(_) => true,
        Plan::Prepared(plan) => matches!(plan.step, PreparedStep::Execute(_)),
        Plan::Empty
        | Plan::Answer(_)
        | Plan::Catalog(_)
        | Plan::Transaction(_)
        | Plan::Setting(_)
        | Plan::Console(_)
        | Plan::Refuse(_) => false,
    }
}
