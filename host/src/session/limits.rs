//! Time-outs that a client sets: of statements, and of its own silence.
//!
//! PostgreSQL manual, "Client Connection Defaults", "Statement Behavior".

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::Instant;

use super::failure::Failure;
use super::simple::{Ran, Run};
use super::transaction::Status;
use super::{Next, Session};
use crate::cancel::Interrupted;
use crate::diagnostic::Diagnostic;
use crate::frontend::message::Message;

/// What ends a session whose client says nothing.
pub(super) struct Silence {
    pub(super) limit: Duration,
    pub(super) farewell: Diagnostic,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Session<S> {
    /// How long the client may be silent after ReadyForQuery, if there is a limit.
    pub(super) fn silence(&self) -> Option<Silence> {
        if !self.is_idle {
            return None;
        }
        let (setting, farewell): (_, fn() -> Diagnostic) = match self.transaction.status() {
            Status::Idle | Status::Implicit => {
                ("idle_session_timeout", Diagnostic::idle_session_timeout)
            }
            Status::Open | Status::Failed => (
                "idle_in_transaction_session_timeout",
                Diagnostic::idle_in_transaction_timeout,
            ),
        };
        let limit = self.limit_in(setting)?;
        Some(Silence {
            limit,
            farewell: farewell(),
        })
    }

    pub(super) fn limit_in(&self, setting: &str) -> Option<Duration> {
        duration(self.settings.get(setting)?)
    }

    /// Answers a message, within `statement_timeout` where that is about the message as a
    /// whole: "In extended query protocol, the timeout starts running when any query-related
    /// message (Parse, Bind, Execute, Describe) arrives, and it is canceled by completion of an
    /// Execute or Sync message" (manual, `statement_timeout`).
    pub(super) async fn answer_in_time(&mut self, message: Message) -> Result<Next, Failure> {
        let (is_timed, ends) = match &message {
            Message::Parse(_) | Message::Bind(_) | Message::Describe(_) => (true, false),
            Message::Execute(_) => (true, true),
            Message::Query(_) | Message::Sync => (false, true),
            _ => (false, false),
        };
        let deadline = match is_timed && !self.skipping {
            true => self.next_deadline(),
            false => None,
        };
        let handled = match deadline {
            None => self.answer_message(message).await,
            Some(deadline) => {
                let interrupted = self.interrupted.clone();
                within(
                    deadline,
                    &interrupted,
                    self.last_resort(),
                    self.answer_message(message),
                )
                .await
            }
        };
        if ends || self.skipping {
            self.deadline = None;
        }
        handled
    }

    /// Carries out one statement of a Query message within `statement_timeout`: "If multiple
    /// SQL statements appear in a single simple-query message, the timeout is applied to each
    /// statement separately."
    pub(super) async fn statement_in_time(&mut self, run: Run<'_>) -> Result<Ran, Failure> {
        let outcome = match self.next_deadline() {
            None => self.statement_of_query(run).await,
            Some(deadline) => {
                let interrupted = self.interrupted.clone();
                within(
                    deadline,
                    &interrupted,
                    self.last_resort(),
                    self.statement_of_query(run),
                )
                .await
            }
        };
        self.deadline = None;
        outcome
    }

    /// How long what was interrupted may go on. Where the server is waited for, its connection is given up before
    /// ([`crate::line::Line::next`]).
    fn last_resort(&self) -> Duration {
        self.pool.patience().cancel.saturating_mul(2)
    }

    /// A Query message came: "The timeout is measured from the time a command arrives at the server".
    pub(super) fn begin_timing(&mut self) {
        self.deadline = None;
        self.next_deadline();
    }

    /// When what begins now is to end, if nothing that began before decides that.
    fn next_deadline(&mut self) -> Option<Instant> {
        let limit = self.limit_in("statement_timeout");
        self.deadline = match limit {
            None => None,
            Some(limit) => self.deadline.or_else(|| Instant::now().checked_add(limit)),
        };
        self.deadline
    }
}

/// Ends after a time, or never.
pub(super) async fn expiry(limit: Option<Duration>) {
    match limit {
        Some(limit) => tokio::time::sleep(limit).await,
        None => std::future::pending().await,
    }
}

/// Work that is interrupted when its time is over, and given up after `grace`.
async fn within<T>(
    deadline: Instant,
    interrupted: &Interrupted,
    grace: Duration,
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    let mut work = Box::pin(work);
    let (outcome, is_late) = tokio::select! {
        outcome = &mut work => (outcome, false),
        () = tokio::time::sleep_until(deadline) => {
            drop(interrupted.interrupt());
            match tokio::time::timeout(grace, &mut work).await {
                Ok(outcome) => (outcome, true),
                // Whatever its connection is in the middle of, it is dropped with the session.
                Err(_) => return Err(Failure::session(Diagnostic::client_hangs())),
            }
        }
    };
    if is_late && outcome.is_ok() {
        // It was done in the same moment.
        interrupted.clear();
    }
    match outcome {
        Err(Failure::Statement(diagnostic)) if is_late && diagnostic.sqlstate == "57014" => {
            Err(Diagnostic::statement_timeout().into())
        }
        Err(Failure::Lost(mut diagnostic)) if is_late && diagnostic.sqlstate == "57014" => {
            diagnostic.message = Diagnostic::statement_timeout().message;
            Err(Failure::Lost(diagnostic))
        }
        outcome => outcome,
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Session<S> {
    /// Waits in the place of the server: "pg_sleep makes the current session's process sleep
    /// until the given number of seconds have elapsed" (manual, "Delaying Execution").
    ///
    /// # Errors
    /// A request to interrupt comes first, of the client or at the end of `statement_timeout`.
    pub(super) async fn sleep(&mut self, seconds: f64) -> Result<(), Failure> {
        if seconds.is_nan() || seconds <= 0.0 {
            return Ok(());
        }
        let pause = Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX);
        let pause = pause.min(LONGEST_PAUSE);
        tokio::select! {
            () = tokio::time::sleep(pause) => Ok(()),
            () = asked(&self.interrupted) => Err(Diagnostic::user_request().into()),
        }
    }
}

/// Ends when a request to interrupt came, also before.
pub(super) async fn asked(interrupted: &Interrupted) {
    loop {
        // It hears of what happens from here on.
        let came = interrupted.came();
        if interrupted.take() {
            return;
        }
        came.await;
    }
}

/// Nobody waits for more, and clocks end somewhere.
const LONGEST_PAUSE: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

/// A time as settings write it: milliseconds, or with a unit. `None`: no limit.
fn duration(value: &str) -> Option<Duration> {
    let value = value.trim();
    let digits = value.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == ' ');
    let number: f64 = digits.parse().ok()?;
    let milliseconds = match value[digits.len()..].trim() {
        "us" => 0.001,
        "" | "ms" => 1.0,
        "s" => 1_000.0,
        "min" => 60_000.0,
        "h" => 3_600_000.0,
        "d" => 86_400_000.0,
        _ => return None,
    };
    let duration = Duration::try_from_secs_f64(number * milliseconds / 1_000.0).ok()?;
    (!duration.is_zero()).then_some(duration)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_units() {
        for (value, expected) in [
            ("0", None),
            ("250", Some(250)),
            ("250ms", Some(250)),
            ("1.5s", Some(1_500)),
            ("2 min", Some(120_000)),
            ("1h", Some(3_600_000)),
            ("-1", None),
            ("soon", None),
        ] {
            assert_eq!(
                duration(value),
                expected.map(Duration::from_millis),
                "{value}"
            );
        }
    }
}
