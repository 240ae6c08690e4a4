//! BEGIN to ROLLBACK: what the state decides, told to IRIS and to the settings.

use tokio::io::{AsyncRead, AsyncWrite};

use super::Session;
use super::carry::Completion;
use super::failure::Failure;
use super::transaction::{Run, SettingsEffect, Status, Transaction};
use crate::frontend::reply;
use crate::rules::wit_plan::{self, SettingScope, TransactionStep};

impl<S: AsyncRead + AsyncWrite + Unpin> Session<S> {
    pub(super) async fn transact(
        &mut self,
        plan: &wit_plan::Transaction,
    ) -> Result<Completion, Failure> {
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
            Run::Plan { identifier } => self.run_on_upstream(&plan.commands, identifier).await?,
            Run::Rollback => {
                self.run_commands(|housekeeping| &housekeeping.rollback)
                    .await?
            }
        }
        let was_open = self.transaction.status() != Status::Idle;
        self.transaction = decision.after;
        self.settings.follow(decision.settings);
        if was_open && self.transaction.status() == Status::Idle {
            self.drop_portals().await?;
        }
        if let TransactionStep::Begin(mode) = &plan.step {
            self.note_mode(mode);
        }
        if decision.chain {
            self.run_commands(|housekeeping| &housekeeping.begin)
                .await?;
            self.transaction = Transaction::chained();
            self.settings.follow(SettingsEffect::Begin);
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
        for (name, value) in [
            ("transaction_isolation", isolation),
            ("transaction_read_only", read_only),
        ] {
            let set = self
                .settings
                .set(name, Some(value), SettingScope::Transaction);
            debug_assert!(
                set.is_ok(),
                "both are settings, and these are values of theirs"
            );
        }
    }
}
