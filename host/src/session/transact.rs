//! BEGIN to ROLLBACK: what the state decides, told to IRIS and to the settings.
//!
//! PostgreSQL manual, BEGIN to ROLLBACK TO SAVEPOINT; "Multiple Statements in a Simple Query" for those
//! within an implicit block.

use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};

use super::Session;
use super::carry::Completion;
use super::failure::Failure;
use super::transaction::{Run, SettingsEffect, Status, Transaction};
use crate::config::PoolMode;
use crate::diagnostic::Diagnostic;
use crate::frontend::reply;
use crate::rules::wit_plan::{self, SettingScope, TransactionStep};

impl<S: AsyncRead + AsyncWrite + Unpin> Session<S> {
    /// A definition, which IRIS does not undo, was carried out. Its client is told at once in a
    /// transaction block; around several statements of one message only if they are undone.
    pub(super) fn defined(&mut self) {
        match self.transaction.status() {
            Status::Open => self.notice(&Diagnostic::schema_change_in_transaction()),
            Status::Implicit => self.transaction.note_definition(),
            Status::Idle | Status::Failed => {}
        }
    }

    pub(super) async fn transact(
        &mut self,
        plan: &wit_plan::Transaction,
    ) -> Result<Completion, Failure> {
        if self.pool.mode() == PoolMode::Statement && matches!(plan.step, TransactionStep::Begin(_))
        {
            return Err(Diagnostic::no_transaction_blocks().into());
        }
        let decision = self.transaction.decide(&plan.step)?;
        if let Some(warning) = &decision.warning {
            self.notice(warning);
        }
        self.cursors_follow(decision.settings).await?;
        if decision.run != Run::Nothing {
            self.leave_portal().await?;
        }
        match &decision.run {
            Run::Nothing => {}
            Run::Plan { .. } if matches!(plan.step, TransactionStep::Begin(_)) => {
                self.begin_on_upstream(&plan.commands).await?;
                let generation = Arc::clone(&self.rules.generation);
                if plan.commands != generation.manifest().housekeeping.begin {
                    // Modes outlast a transaction on IRIS; who gets the connection next has others.
                    self.held()?.unready();
                }
            }
            Run::Plan { identifier } => {
                let commits =
                    matches!(plan.step, TransactionStep::Commit(_)) && self.is_connected();
                let run = self.run_on_upstream(&plan.commands, identifier).await;
                match commits {
                    true => run.map_err(Failure::while_committing)?,
                    false => run?,
                }
            }
            Run::Rollback => {
                self.run_commands(|housekeeping| &housekeeping.rollback)
                    .await?
            }
        }
        let status = self.transaction.status();
        let was_open = status != Status::Idle;
        let modes = decision.chain.then(|| self.modes());
        self.transaction = decision.after;
        if was_open && (decision.chain || self.transaction.status() == Status::Idle) {
            self.moments.ended();
        }
        self.follow(decision.settings);
        if matches!(
            plan.step,
            TransactionStep::Commit(_) | TransactionStep::Rollback(_)
        ) {
            self.drop_portals().await?;
        }
        if was_open && self.transaction.status() == Status::Idle {
            self.undo_at_end().await?;
            self.end_temporary(decision.settings).await?;
        }
        match &plan.step {
            // BEGIN inside a transaction makes it no less read-only.
            TransactionStep::Begin(mode) if status == Status::Open => {
                if matches!(mode.access, wit_plan::Access::ReadOnly) {
                    self.note("transaction_read_only", "on");
                }
            }
            TransactionStep::Begin(mode) => self.note_mode(mode),
            _ => {}
        }
        if decision.chain {
            self.run_commands(|housekeeping| &housekeeping.begin)
                .await?;
            self.transaction = Transaction::chained();
            // It begins with them, and has them still when it fails.
            for (name, value) in modes.into_iter().flatten() {
                self.note(name, &value);
            }
            self.follow(SettingsEffect::Begin);
        }
        self.refresh_facts();
        let tag = decision.tag.unwrap_or(&plan.tag.word);
        reply::command_complete(&mut self.client.output, tag);
        Ok(Completion::Done)
    }

    /// What SHOW transaction_isolation says inside the transaction.
    fn note_mode(&mut self, mode: &wit_plan::TransactionMode) {
        let isolation = match mode.isolation {
            wit_plan::Isolation::ReadUncommitted => "read uncommitted",
            wit_plan::Isolation::ReadCommitted => "read committed",
            wit_plan::Isolation::RepeatableRead => "repeatable read",
            wit_plan::Isolation::Serializable => "serializable",
        };
        let read_only = if matches!(mode.access, wit_plan::Access::ReadOnly) {
            "on"
        } else {
            "off"
        };
        self.note("transaction_isolation", isolation);
        self.note("transaction_read_only", read_only);
    }

    fn note(&mut self, name: &str, value: &str) {
        let set = self
            .settings
            .set(name, Some(value), SettingScope::Transaction);
        debug_assert!(set.is_ok(), "it is a setting, and this a value of it");
    }

    /// The modes of the transaction, which AND CHAIN hands on.
    fn modes(&self) -> [(&'static str, String); 3] {
        [
            "transaction_isolation",
            "transaction_read_only",
            "transaction_deferrable",
        ]
        .map(|name| (name, self.settings.get(name).unwrap_or_default().to_owned()))
    }

    /// Takes back what lasts longer on IRIS than in PostgreSQL. What is refused was
    /// not there any more.
    pub(super) async fn undo_at_end(&mut self) -> Result<(), Failure> {
        for text in std::mem::take(&mut self.at_end) {
            if let Err(refusal) = self.held()?.try_run(&text).await? {
                tracing::debug!(text, ?refusal, "was not to be undone");
            }
        }
        Ok(())
    }
}
