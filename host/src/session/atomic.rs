//! Several statements of the upstream that take effect together or not at all: what PostgreSQL
//! manual, "Multiple Statements in a Simple Query", says of a transaction holds for each of the client's
//! statements ("those statements are executed as a single transaction").

use tokio::io::{AsyncRead, AsyncWrite};

use super::Session;
use super::failure::Failure;
use super::transaction::Status;

/// The identifier of the savepoint around them.
const SAVEPOINT: &str = "pgiris_atomic";

/// What is around them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Atomic {
    /// A transaction of their own.
    Alone,
    /// A savepoint in the client's transaction.
    Savepoint,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Session<S> {
    pub(super) async fn begin_atomic(&mut self) -> Result<Atomic, Failure> {
        if self.transaction.status() == Status::Idle {
            self.run_commands(|housekeeping| &housekeeping.begin)
                .await?;
            return Ok(Atomic::Alone);
        }
        self.run_named(|housekeeping| &housekeeping.savepoint, SAVEPOINT)
            .await?;
        Ok(Atomic::Savepoint)
    }

    /// They take effect, or are undone if they failed.
    pub(super) async fn end_atomic<T>(
        &mut self,
        atomic: Atomic,
        outcome: Result<T, Failure>,
    ) -> Result<T, Failure> {
        if outcome.is_err() {
            // What was to end them is not to end their undoing.
            self.outlast_requests().await;
        }
        match (&outcome, atomic) {
            (Ok(_), Atomic::Alone) => {
                let was_connected = self.is_connected();
                let committed = self.run_commands(|housekeeping| &housekeeping.commit).await;
                match was_connected {
                    true => committed.map_err(Failure::while_committing)?,
                    false => committed?,
                }
            }
            (Err(Failure::Statement(_)), Atomic::Alone) => {
                self.run_commands(|housekeeping| &housekeeping.rollback)
                    .await?;
            }
            (Err(Failure::Statement(_)), Atomic::Savepoint) => {
                self.run_named(|housekeeping| &housekeeping.rollback_to, SAVEPOINT)
                    .await?;
            }
            (Ok(_), Atomic::Savepoint) | (Err(_), _) => {}
        }
        outcome
    }
}
