//! Rules that are exchanged while a session lasts.
//!
//! A message is answered by the rules that are published when it comes, a portal by those
//! that were when it was bound. A prepared statement is translated again when it is bound
//! the next time; that it returns something else then is PostgreSQL's "cached plan must not
//! change result type".

use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};

use super::Session;
use super::failure::Failure;
use super::transaction::Status;
use crate::pool::Rules;

impl<S: AsyncRead + AsyncWrite + Unpin> Session<S> {
    /// Takes the rules that are published now.
    pub(super) async fn follow_rules(&mut self) -> Result<(), Failure> {
        let edition = *self.editions.borrow();
        if edition == self.edition {
            return Ok(());
        }
        let rules = self.shared.pool.rules();
        if !Arc::ptr_eq(&rules.generation, &self.rules.generation) {
            let wanted = commands(&rules);
            if wanted != commands(&self.rules) {
                // What they need of a connection cannot be had in the middle of a transaction:
                // it ends with the rules that it began with.
                if self.transaction.status() != Status::Idle {
                    return Ok(());
                }
                for command in &wanted {
                    self.lease.run(command).await?;
                }
            }
            self.rules = rules;
            self.refresh_facts();
        }
        self.edition = edition;
        Ok(())
    }
}

/// What a connection is told before its first statement.
fn commands(rules: &Rules) -> Vec<String> {
    let commands = &rules.generation.manifest().housekeeping.connect;
    commands.iter().map(|command| command.concat()).collect()
}
