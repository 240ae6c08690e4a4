//! Statements about the session itself: SET and its kin, DISCARD, DEALLOCATE.

use tokio::io::{AsyncRead, AsyncWrite};

use super::carry::{Completion, Delivery};
use super::failure::Failure;
use super::transaction::{SettingsEffect, Status};
use super::{Batch, Session, settings, told};
use crate::diagnostic::Diagnostic;
use crate::rules::wit_plan::{self, DiscardTarget, PreparedStep, SettingScope, SettingStep};

impl<S: AsyncRead + AsyncWrite + Unpin> Session<S> {
    pub(super) async fn setting(
        &mut self,
        plan: &wit_plan::Setting,
        delivery: &Delivery<'_>,
    ) -> Result<Completion, Failure> {
        let told = matches!(&plan.step, SettingStep::Set(change) if told::is_told(&change.name));
        if !plan.commands.is_empty() && !told {
            self.leave_portal().await?;
            self.run_on_upstream(&plan.commands, "").await?;
            self.pin(&plan.tag.word);
        }
        match &plan.step {
            SettingStep::Show(name) => return self.show(name, &plan.tag, delivery).await,
            SettingStep::ShowAll => return self.show_all(&plan.tag, delivery).await,
            SettingStep::Set(change) if told => {
                let before = self.settings.clone();
                self.set(change)?;
                // What IRIS refuses is not set.
                if let Err(failure) = self.tell_upstream().await {
                    self.settings = before;
                    return Err(failure);
                }
            }
            SettingStep::Set(change) => self.set(change)?,
            SettingStep::Reset(name) => self.settings.reset(name)?,
            SettingStep::ResetAll => self.settings.reset_all(),
            SettingStep::Discard(target) => self.discard(*target).await?,
        }
        self.refresh_facts();
        self.complete(&plan.tag, 0);
        Ok(Completion::Done)
    }

    /// What `set_config` returns; it says nothing where it changes nothing.
    pub(super) fn changed_setting(
        &mut self,
        change: &wit_plan::SettingChange,
    ) -> Result<Option<String>, Diagnostic> {
        if self.is_in_vain(change) {
            return self.settings.canonical(change);
        }
        self.set(change)?;
        self.refresh_facts();
        Ok(self.settings.get(&change.name).map(str::to_owned))
    }

    /// Several statements of a Query are a transaction block to what must stand in one; those of a
    /// pipeline are not (`CheckTransactionBlock` of PostgreSQL 15).
    fn is_in_block(&self) -> bool {
        self.transaction.status() != Status::Idle || self.batch == Batch::Query
    }

    /// Whether a change ends with its statement.
    fn is_in_vain(&self, change: &wit_plan::SettingChange) -> bool {
        let local = matches!(change.scope, SettingScope::Transaction);
        (local || settings::is_mode(&change.name)) && !self.is_in_block()
    }

    /// SET LOCAL outside a transaction has no effect but a warning; a mode of the
    /// transaction is local however it is set.
    fn set(&mut self, change: &wit_plan::SettingChange) -> Result<(), Diagnostic> {
        let mode = settings::is_mode(&change.name);
        let local = matches!(change.scope, SettingScope::Transaction);
        if self.is_in_vain(change) {
            self.settings.canonical(change)?;
            match (mode, local) {
                (true, true) => self.notice(&Diagnostic::set_transaction_outside()),
                (false, _) => self.notice(&Diagnostic::warning(
                    "25P01",
                    "SET LOCAL can only be used in transaction blocks",
                )),
                (true, false) => {}
            }
            return Ok(());
        }
        let mut scope = change.scope;
        if mode {
            let after = self.settings.canonical(change)?.unwrap_or_default();
            let before = self.settings.get(&change.name).unwrap_or_default();
            self.transaction.may_set(&change.name, before, &after)?;
            scope = SettingScope::Transaction;
        }
        self.settings
            .set(&change.name, change.value.as_deref(), scope)
    }

    /// "DEALLOCATE is used to deallocate a previously prepared SQL statement";
    /// those of the protocol and of SQL are the same.
    pub(super) fn deallocate(&mut self, plan: &wit_plan::Prepared) -> Result<Completion, Failure> {
        match &plan.step {
            PreparedStep::Deallocate(name) if self.statements.remove(name).is_none() => {
                return Err(Diagnostic::no_statement(name).into());
            }
            PreparedStep::DeallocateAll => self.deallocate_all(),
            _ => {}
        }
        self.complete(&plan.tag, 0);
        Ok(Completion::Done)
    }

    /// The unnamed one is none of them (`DropAllPreparedStatements`).
    fn deallocate_all(&mut self) {
        self.statements.retain(|name, _| name.is_empty());
    }

    async fn discard(&mut self, target: DiscardTarget) -> Result<(), Failure> {
        if matches!(target, DiscardTarget::All) {
            if self.transaction.status() != Status::Idle {
                return Err(Diagnostic::in_transaction_block("DISCARD ALL").into());
            }
            self.cursors.clear();
            self.drop_portals().await?;
            self.deallocate_all();
            self.settings.reset_all();
            self.advisory.unlock_all();
            // It is committed at once, whatever comes behind it in a pipeline.
            self.follow(SettingsEffect::Commit);
            self.discard_pinned();
        }
        if matches!(target, DiscardTarget::All | DiscardTarget::Sequences) {
            self.sequences.discard();
        }
        if matches!(target, DiscardTarget::All | DiscardTarget::Temporary) {
            self.discard_temporary().await?;
        }
        Ok(())
    }
}
