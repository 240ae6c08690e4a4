//! The transaction a session is in, as PostgreSQL sees it. Pure.
//!
//! IRIS goes on after a failed statement and forgets a savepoint that it rolled
//! back to; PostgreSQL does neither, so the state is kept here.
//!
//! PostgreSQL manual, "Message Formats", ReadyForQuery ("'E' if in a failed transaction block
//! (queries will be rejected until block is ended)"); "Multiple Statements in a Simple Query" for the
//! implicit block; BEGIN, COMMIT, ROLLBACK and SAVEPOINT.

use crate::diagnostic::Diagnostic;
use crate::rules::wit_plan::TransactionStep;

/// Where the session stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Status {
    /// No transaction.
    #[default]
    Idle,
    /// The transaction around several statements of one Query message.
    Implicit,
    /// Between BEGIN and its end.
    Open,
    /// As `Open`, after an error.
    Failed,
}

impl Status {
    /// The status of ReadyForQuery ("Message Formats"): "'I' if idle (not in a transaction block);
    /// 'T' if in a transaction block; or 'E' if in a failed transaction block".
    pub(crate) fn indicator(self) -> u8 {
        match self {
            Self::Idle | Self::Implicit => b'I',
            Self::Open => b'T',
            Self::Failed => b'E',
        }
    }
}

/// The state of a session's transaction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Transaction {
    status: Status,
    savepoints: Vec<Savepoint>,
    /// Names given so far, so that none is given twice in one transaction.
    named: u32,
    /// Whether a query has run: its modes are settled then.
    queried: bool,
    /// Whether a definition was carried out in an implicit one.
    defined: bool,
}

/// PostgreSQL's savepoints may share a name; IRIS's may not.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Savepoint {
    name: String,
    identifier: String,
}

/// What a transaction statement comes to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Decision {
    pub(crate) run: Run,
    pub(crate) warning: Option<Diagnostic>,
    /// Replaces the tag of the plan.
    pub(crate) tag: Option<&'static str>,
    /// The state once what is to be run has been run.
    pub(crate) after: Transaction,
    pub(crate) settings: SettingsEffect,
    /// AND CHAIN: a new transaction begins at once.
    pub(crate) chain: bool,
}

/// What IRIS is told.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Run {
    Nothing,
    /// The commands of the plan, with the identifier of the savepoint.
    Plan {
        identifier: String,
    },
    /// The rules' own ROLLBACK, whatever the client said.
    Rollback,
}

/// What becomes of the session's settings; levels count savepoints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SettingsEffect {
    Keep,
    Begin,
    Savepoint,
    RollbackTo(usize),
    Release(usize),
    Commit,
    Rollback,
    /// A statement failed: the transaction, or what has come since its last savepoint, is aborted at
    /// once, although its block goes on.
    Abort,
}

impl Transaction {
    pub(crate) fn status(&self) -> Status {
        self.status
    }

    /// How many savepoints there are.
    pub(crate) fn savepoints(&self) -> usize {
        self.savepoints.len()
    }

    /// Whether statements other than those that end the failure are refused.
    pub(crate) fn is_failed(&self) -> bool {
        self.status == Status::Failed
    }

    /// The state after a statement failed.
    pub(crate) fn after_error(&self) -> Self {
        match self.status {
            Status::Open => Self {
                status: Status::Failed,
                ..self.clone()
            },
            _ => self.clone(),
        }
    }

    /// The state after a query, which settles the transaction's modes.
    pub(crate) fn note_query(&mut self) {
        self.queried = self.status == Status::Open;
    }

    /// The state after a definition.
    pub(crate) fn note_definition(&mut self) {
        self.defined = true;
    }

    /// Whether it has a definition that cannot be undone.
    pub(crate) fn has_defined(&self) -> bool {
        self.defined
    }

    /// Whether a mode of the transaction may still be set.
    ///
    /// # Errors
    /// PostgreSQL refuses it after a query or in a subtransaction.
    pub(crate) fn may_set(&self, mode: &str, before: &str, after: &str) -> Result<(), Diagnostic> {
        let within = !self.savepoints.is_empty();
        let message = match mode {
            "transaction_isolation" if before != after && within => {
                "SET TRANSACTION ISOLATION LEVEL must not be called in a subtransaction"
            }
            "transaction_isolation" if before != after && self.queried => {
                "SET TRANSACTION ISOLATION LEVEL must be called before any query"
            }
            "transaction_read_only" if before == "on" && after == "off" && within => {
                "cannot set transaction read-write mode inside a read-only transaction"
            }
            "transaction_read_only" if before == "on" && after == "off" && self.queried => {
                "transaction read-write mode must be set before any query"
            }
            "transaction_deferrable" if within => {
                "SET TRANSACTION [NOT] DEFERRABLE cannot be called within a subtransaction"
            }
            "transaction_deferrable" if self.queried => {
                "SET TRANSACTION [NOT] DEFERRABLE must be called before any query"
            }
            _ => return Ok(()),
        };
        Err(Diagnostic::mode_too_late(message))
    }

    /// The state inside the implicit transaction of a Query message.
    pub(crate) fn implicit() -> Self {
        Self {
            status: Status::Implicit,
            ..Self::default()
        }
    }

    /// The state after AND CHAIN.
    pub(crate) fn chained() -> Self {
        Self {
            status: Status::Open,
            ..Self::default()
        }
    }

    /// Whether a step may be taken in a failed transaction.
    pub(crate) fn ends_failure(step: &TransactionStep) -> bool {
        matches!(
            step,
            TransactionStep::Commit(_)
                | TransactionStep::Rollback(_)
                | TransactionStep::RollbackTo(_)
        )
    }

    /// What a transaction statement comes to here.
    ///
    /// # Errors
    /// PostgreSQL refuses it in this state.
    pub(crate) fn decide(&self, step: &TransactionStep) -> Result<Decision, Diagnostic> {
        match step {
            TransactionStep::Begin(_) => self.begin(),
            TransactionStep::Commit(chain) => self.commit(*chain),
            TransactionStep::Rollback(chain) => self.rollback(*chain),
            TransactionStep::Savepoint(name) => self.savepoint(name),
            TransactionStep::RollbackTo(name) => self.rollback_to(name),
            TransactionStep::Release(name) => self.release(name),
        }
    }

    fn begin(&self) -> Result<Decision, Diagnostic> {
        let open = Self {
            status: Status::Open,
            ..self.clone()
        };
        match self.status {
            Status::Idle => Ok(Decision {
                settings: SettingsEffect::Begin,
                ..Decision::run(
                    Run::Plan {
                        identifier: String::new(),
                    },
                    open,
                )
            }),
            // The implicit transaction becomes an explicit one.
            Status::Implicit => Ok(Decision::run(Run::Nothing, open)),
            Status::Open => Ok(Decision {
                warning: Some(Diagnostic::already_in_transaction()),
                ..Decision::run(Run::Nothing, open)
            }),
            Status::Failed => Err(Diagnostic::in_failed_transaction()),
        }
    }

    fn commit(&self, chain: bool) -> Result<Decision, Diagnostic> {
        self.chain_allowed(chain, "COMMIT AND CHAIN")?;
        let plan = Run::Plan {
            identifier: String::new(),
        };
        let ended = SettingsEffect::Commit;
        Ok(match self.status {
            Status::Idle => Decision {
                warning: Some(Diagnostic::not_in_transaction()),
                settings: ended,
                ..Decision::run(Run::Nothing, Self::default())
            },
            Status::Implicit => Decision {
                warning: Some(Diagnostic::not_in_transaction()),
                settings: ended,
                ..Decision::run(plan, Self::default())
            },
            Status::Open => Decision {
                settings: ended,
                chain,
                ..Decision::run(plan, Self::default())
            },
            Status::Failed => Decision {
                tag: Some("ROLLBACK"),
                settings: SettingsEffect::Rollback,
                chain,
                ..Decision::run(Run::Rollback, Self::default())
            },
        })
    }

    fn rollback(&self, chain: bool) -> Result<Decision, Diagnostic> {
        self.chain_allowed(chain, "ROLLBACK AND CHAIN")?;
        let run = match self.status {
            Status::Idle => Run::Nothing,
            _ => Run::Plan {
                identifier: String::new(),
            },
        };
        let warned = matches!(self.status, Status::Idle | Status::Implicit);
        Ok(Decision {
            warning: warned.then(Diagnostic::not_in_transaction),
            settings: SettingsEffect::Rollback,
            chain,
            ..Decision::run(run, Self::default())
        })
    }

    fn chain_allowed(&self, chain: bool, command: &str) -> Result<(), Diagnostic> {
        match self.status {
            Status::Idle | Status::Implicit if chain => {
                Err(Diagnostic::only_in_transaction(command))
            }
            _ => Ok(()),
        }
    }

    fn savepoint(&self, name: &str) -> Result<Decision, Diagnostic> {
        self.in_block("SAVEPOINT")?;
        if self.is_failed() {
            return Err(Diagnostic::in_failed_transaction());
        }
        let mut after = self.clone();
        after.named += 1;
        let identifier = format!("pgiris_{}", after.named);
        after.savepoints.push(Savepoint {
            name: name.to_owned(),
            identifier: identifier.clone(),
        });
        Ok(Decision {
            settings: SettingsEffect::Savepoint,
            ..Decision::run(Run::Plan { identifier }, after)
        })
    }

    fn rollback_to(&self, name: &str) -> Result<Decision, Diagnostic> {
        self.in_block("ROLLBACK TO SAVEPOINT")?;
        let index = self.find(name)?;
        let mut after = Self {
            status: Status::Open,
            ..self.clone()
        };
        after.savepoints.truncate(index + 1);
        let identifier = after.savepoints[index].identifier.clone();
        Ok(Decision {
            settings: SettingsEffect::RollbackTo(index),
            ..Decision::run(Run::Plan { identifier }, after)
        })
    }

    fn release(&self, name: &str) -> Result<Decision, Diagnostic> {
        self.in_block("RELEASE SAVEPOINT")?;
        if self.is_failed() {
            return Err(Diagnostic::in_failed_transaction());
        }
        let index = self.find(name)?;
        let mut after = self.clone();
        let identifier = after.savepoints[index].identifier.clone();
        after.savepoints.truncate(index);
        Ok(Decision {
            settings: SettingsEffect::Release(index),
            ..Decision::run(Run::Plan { identifier }, after)
        })
    }

    fn in_block(&self, command: &str) -> Result<(), Diagnostic> {
        match self.status {
            Status::Idle | Status::Implicit => Err(Diagnostic::only_in_transaction(command)),
            Status::Open | Status::Failed => Ok(()),
        }
    }

    /// The newest savepoint of that name.
    fn find(&self, name: &str) -> Result<usize, Diagnostic> {
        self.savepoints
            .iter()
            .rposition(|savepoint| savepoint.name == name)
            .ok_or_else(|| Diagnostic::no_savepoint(name))
    }
}

impl Decision {
    fn run(run: Run, after: Transaction) -> Self {
        Self {
            run,
            warning: None,
            tag: None,
            after,
            settings: SettingsEffect::Keep,
            chain: false,
        }
    }
}

#[cfg(test)]
mod tests;
