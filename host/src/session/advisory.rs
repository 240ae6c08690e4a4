//! Advisory locks of a session: PostgreSQL manual, "Advisory Lock Functions".

use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};

use super::Session;
use super::carry::Delivery;
use super::failure::Failure;
use super::limits::asked;
use super::transaction::SettingsEffect;
use crate::advisory::{Key, Mode, Name, Outcome, Until, Waiting};
use crate::config::AdvisoryLocks;
use crate::diagnostic::Diagnostic;
use crate::rules::wit_plan::{AdvisoryAction, AdvisoryLock};
use crate::value::computed::text_of;

impl<S: AsyncRead + AsyncWrite + Unpin> Session<S> {
    /// What the function returns.
    pub(super) async fn advisory_lock(
        &mut self,
        call: &AdvisoryLock,
        delivery: &Delivery<'_>,
    ) -> Result<Option<String>, Failure> {
        self.may_lock()?;
        let void = Some(String::new());
        if matches!(call.action, AdvisoryAction::UnlockAll) {
            self.advisory.unlock_all();
            return Ok(void);
        }
        // A function of NULL is NULL, and does nothing.
        let Some(key) = self.advisory_key(call, delivery)? else {
            return Ok(None);
        };
        let name = Name {
            namespace: Arc::from(self.pool.namespace()),
            key,
        };
        let mode = match call.shared {
            true => Mode::Shared,
            false => Mode::Exclusive,
        };
        let until = match call.of_transaction {
            true => Until::TransactionEnd,
            false => Until::Told,
        };
        if !matches!(call.action, AdvisoryAction::Unlock) && self.advisory.is_full() {
            return Err(Diagnostic::too_many_advisory_locks().into());
        }
        match call.action {
            AdvisoryAction::Lock => {
                if let Outcome::Waits(waiting) = self.advisory_asked(&name, mode)? {
                    self.wait_for_lock(waiting, &name, mode).await?;
                }
                self.advisory.note(name, mode, until);
                Ok(void)
            }
            AdvisoryAction::TryLock => {
                let taken = self.advisory.try_take(&name, mode);
                if taken {
                    self.advisory.note(name, mode, until);
                }
                Ok(Some(shown(taken)))
            }
            AdvisoryAction::Unlock => {
                let had = self.advisory.unlock(name, mode);
                if !had {
                    self.notice(&Diagnostic::no_such_advisory_lock(mode));
                }
                Ok(Some(shown(had)))
            }
            AdvisoryAction::UnlockAll => Ok(void),
        }
    }

    /// Follows the transaction with all that ends with it or is undone in it. Whether settings were.
    pub(super) fn follow(&mut self, effect: SettingsEffect) -> bool {
        match effect {
            SettingsEffect::Keep | SettingsEffect::Begin => {}
            SettingsEffect::Savepoint => self.advisory.savepoint(),
            SettingsEffect::RollbackTo(level) => self.advisory.rolled_back_to(level),
            SettingsEffect::Release(level) => self.advisory.released(level),
            SettingsEffect::Abort => self.advisory.aborted(),
            SettingsEffect::Commit | SettingsEffect::Rollback => self.advisory.transaction_ended(),
        }
        self.settings.follow(effect)
    }

    /// # Errors
    /// Other brokers would not know of the locks, or nobody is to have any.
    fn may_lock(&self) -> Result<(), Diagnostic> {
        match self.config.client.advisory_locks {
            AdvisoryLocks::Always => Ok(()),
            AdvisoryLocks::Alone if self.config.peers.is_empty() => Ok(()),
            AdvisoryLocks::Alone => Err(Diagnostic::advisory_locks_of_several_brokers()),
            AdvisoryLocks::Never => Err(Diagnostic::no_advisory_locks()),
        }
    }

    fn advisory_asked(&self, name: &Name, mode: Mode) -> Result<Outcome, Diagnostic> {
        match self.advisory.take(name, mode) {
            Outcome::Deadlock => Err(Diagnostic::deadlock()),
            outcome => Ok(outcome),
        }
    }

    /// # Errors
    /// `lock_timeout` is over, or someone interrupts the statement.
    async fn wait_for_lock(
        &mut self,
        mut waiting: Waiting,
        name: &Name,
        mode: Mode,
    ) -> Result<(), Failure> {
        let limit = self.limit_in("lock_timeout");
        let expired = super::expiry(limit);
        let refusal = tokio::select! {
            biased;
            () = waiting.granted() => return Ok(()),
            () = asked(&self.interrupted) => Diagnostic::user_request(),
            () = expired => Diagnostic::lock_timeout(),
        };
        self.advisory.give_up(waiting, name, mode);
        Err(refusal.into())
    }

    /// What is to be locked; none if an argument is NULL.
    fn advisory_key(
        &self,
        call: &AdvisoryLock,
        delivery: &Delivery<'_>,
    ) -> Result<Option<Key>, Diagnostic> {
        let types = &delivery.shape.parameters;
        let bound = delivery.values.bound(&call.key, types, &self.sequences)?;
        let mut numbers = Vec::with_capacity(bound.len());
        for parameter in &bound {
            let Some(value) = &parameter.value else {
                return Ok(None);
            };
            let text = text_of(parameter.type_oid, parameter.format, value)
                .map_err(|error| Diagnostic::bad_value(&error))?;
            let number: i64 = text
                .trim()
                .parse()
                .map_err(|_| Diagnostic::no_lock_key(&text))?;
            numbers.push(number);
        }
        match numbers.as_slice() {
            [key] => Ok(Some(Key::One(*key))),
            [first, second] => match (i32::try_from(*first), i32::try_from(*second)) {
                (Ok(first), Ok(second)) => Ok(Some(Key::Two(first, second))),
                _ => Err(Diagnostic::no_lock_key(&format!("{first}, {second}"))),
            },
            _ => Err(Diagnostic::rules_failed()),
        }
    }
}

fn shown(truth: bool) -> String {
    match truth {
        true => "t".to_owned(),
        false => "f".to_owned(),
    }
}
