//! The admin console: a database of the broker's own, in which an operator asks what the
//! broker does, and tells it what to do, with PgBouncer's words and from any PostgreSQL client.
//!
//! Its commands are no SQL and never reach IRIS; what a session makes of them is a
//! [`Plan::Console`], so that all of the protocol works there as elsewhere.

mod columns;
pub(crate) mod command;
mod help;
mod operate;
mod show;
mod words;

use std::sync::Arc;

use crate::broker::Shared;
use crate::diagnostic::{Diagnostic, Severity};
use crate::monitor::Monitor;
use crate::rules::{Plan, Translation};

pub(crate) use command::Command;

/// Who may enter the admin console, and as which database.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct ConsoleAccess {
    /// The name of the database; `None`: there is no console.
    pub database: Option<String>,
    /// Users who may do everything there: PgBouncer's `admin_users`.
    pub administrators: Vec<String>,
    /// Users who may only look: PgBouncer's `stats_users`.
    pub viewers: Vec<String>,
    /// Whether everybody who is let in may do everything: for brokers that let in whoever can
    /// reach them, and nobody from afar can.
    pub is_open: bool,
}

/// What the process around a broker can be asked for in its console.
#[async_trait::async_trait]
pub trait Operator: Send + Sync {
    /// What SHOW CONFIG shows.
    fn settings(&self) -> Vec<SettingFigures> {
        Vec::new()
    }

    /// RELOAD: reads the configuration again.
    ///
    /// # Errors
    /// What is wrong with it; then nothing has changed.
    async fn reload(&self) -> Result<(), String>;

    /// SHUTDOWN: begins the end. `at_once`: without waiting for transactions.
    fn shut_down(&self, at_once: bool);
}

/// A setting of the process around a broker.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SettingFigures {
    /// As the configuration names it.
    pub key: String,
    /// As it stands there; secrets are not shown.
    pub value: Option<String>,
    /// What it would be if it did not stand there.
    pub default: Option<String>,
    /// Whether RELOAD can change it.
    pub reloads: bool,
}

impl SettingFigures {
    /// A setting.
    pub fn new(
        key: impl Into<String>,
        value: Option<String>,
        default: Option<String>,
        reloads: bool,
    ) -> Self {
        Self {
            key: key.into(),
            value,
            default,
            reloads,
        }
    }
}

/// Where it is decided who may enter the console of a broker.
#[derive(Clone)]
pub struct ConsoleDoor {
    shared: Arc<Shared>,
}

impl ConsoleDoor {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    /// From now on these count, also for who is inside already: a command of somebody who may not enter any more is refused.
    pub fn set(&self, access: ConsoleAccess) {
        self.shared.console.store(Arc::new(access));
    }
}

impl std::fmt::Debug for ConsoleDoor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ConsoleDoor").finish_non_exhaustive()
    }
}

/// What somebody may do there.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Right {
    Nothing,
    Look,
    Operate,
}

impl ConsoleAccess {
    fn right(&self, user: &str) -> Right {
        let is_in = |users: &[String]| users.iter().any(|name| name == user);
        if self.is_open || is_in(&self.administrators) {
            Right::Operate
        } else if is_in(&self.viewers) {
            Right::Look
        } else {
            Right::Nothing
        }
    }
}

/// The console, as one session has it.
#[derive(Clone)]
pub(crate) struct Console {
    shared: Arc<Shared>,
    user: String,
}

impl Console {
    /// For a client that was let in and named this database; `None`: it is not the console's.
    ///
    /// # Errors
    /// The user may not enter it.
    pub(crate) fn enter(
        shared: &Arc<Shared>,
        database: &str,
        user: &str,
    ) -> Result<Option<Self>, Diagnostic> {
        let access = shared.console.load();
        if access.database.as_deref() != Some(database) {
            return Ok(None);
        }
        if access.right(user) == Right::Nothing {
            return Err(may_not_enter(user));
        }
        Ok(Some(Self {
            shared: Arc::clone(shared),
            user: user.to_owned(),
        }))
    }

    /// What the commands in a text ask for.
    ///
    /// # Errors
    /// One of them is none.
    pub(crate) fn read(&self, text: &str) -> Result<Arc<[Arc<Translation>]>, Diagnostic> {
        let commands = command::read(text)?;
        let plan = |command: Option<Command>| {
            let plan = match command {
                None => Plan::Empty,
                Some(command) => Plan::Console(command),
            };
            Arc::new(Translation::of(plan))
        };
        Ok(commands.into_iter().map(plan).collect())
    }

    /// Carries a command out.
    ///
    /// # Errors
    /// The user may not, or it cannot be done.
    pub(crate) async fn carry_out(&self, command: &Command) -> Result<Done, Diagnostic> {
        // It may have been decided anew since the last.
        match self.shared.console.load().right(&self.user) {
            Right::Nothing => {
                let mut refusal = may_not_enter(&self.user);
                refusal.severity = Severity::Error;
                return Err(refusal);
            }
            Right::Look if command.operates() => {
                return Err(Diagnostic::error(
                    "42501",
                    format!("permission denied for {}", command.word()),
                )
                .with_hint("Users who may stand in `console.administrators`."));
            }
            Right::Look | Right::Operate => {}
        }
        match command {
            Command::Show(subject) => Ok(Done::Rows(show::rows(
                *subject,
                &self.monitor(),
                &self.shared,
            ))),
            other => {
                let notices = operate::run(other, &self.shared).await?;
                Ok(Done::Tag(other.word(), notices))
            }
        }
    }

    fn monitor(&self) -> Monitor {
        Monitor::new(Arc::clone(&self.shared))
    }
}

fn may_not_enter(user: &str) -> Diagnostic {
    Diagnostic::fatal(
        "42501",
        format!("user \"{user}\" may not enter the admin console"),
    )
    .with_hint("Those who may stand in `console.administrators` and `console.viewers`.")
}

/// What a command comes to.
pub(crate) enum Done {
    /// Values in PostgreSQL's text format, row by row.
    Rows(Vec<Vec<Option<String>>>),
    /// The words of CommandComplete, and what is to be said before.
    Tag(&'static str, Vec<Diagnostic>),
}
