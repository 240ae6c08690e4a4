//! Time-outs that a client sets: of statements, and of its own silence.
//!
//! PostgreSQL manual, "Client Connection Defaults", "Statement Behavior".

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::Instant;

use super::failure::Failure;
use super::transaction::Status;
use super::{Next, Session};
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

    fn limit_in(&self, setting: &str) -> Option<Duration> {
        duration(self.settings.get(setting)?)
    }

    /// Answers a message within `statement_timeout`: "Abort any statement that takes
    /// more than the specified amount of time."
    pub(super) async fn answer_in_time(&mut self, message: Message) -> Result<Next, Failure> {
        let runs = matches!(message, Message::Query(_) | Message::Execute(_));
        if runs {
            self.interrupted.clear();
        }
        let limit = runs.then(|| self.limit_in("statement_timeout")).flatten();
        let Some(limit) = limit else {
            return self.answer_message(message).await;
        };
        let interrupted = self.interrupted.clone();
        let deadline = Instant::now() + limit;
        self.deadline = Some(deadline);
        let (handled, is_late) = {
            let mut work = Box::pin(self.answer_message(message));
            tokio::select! {
                handled = &mut work => (handled, false),
                () = tokio::time::sleep_until(deadline) => {
                    interrupted.interrupt().await;
                    (work.await, true)
                }
            }
        };
        self.deadline = None;
        match handled {
            Err(Failure::Statement(diagnostic)) if is_late && diagnostic.sqlstate == "57014" => {
                Err(Diagnostic::statement_timeout().into())
            }
            handled => handled,
        }
    }
}

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
