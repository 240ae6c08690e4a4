//! Rules that are exchanged while a session lasts.
//!
//! A message is answered by the rules that are published when it comes, a portal by those
//! that were when it was bound. A prepared statement is translated again when it is bound
//! the next time; that it returns something else then is PostgreSQL's "cached plan must not
//! change result type". What a session has under way on a connection to a server of the version before, it ends
//! there, by the rules that it began with.

use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};

use super::Session;
use super::failure::Failure;
use super::transaction::Status;
use crate::lease::Lease;

impl<S: AsyncRead + AsyncWrite + Unpin> Session<S> {
    /// Takes the rules that are published now.
    pub(super) async fn follow_rules(&mut self) -> Result<(), Failure> {
        let edition = *self.editions.borrow();
        if edition == self.edition {
            return Ok(());
        }
        let is_elsewhere = |lease: &Lease| lease.is_outdated() && !lease.is_lost();
        if self.lease.as_ref().is_some_and(is_elsewhere) {
            self.heed_recall().await?;
            if self.lease.as_ref().is_some_and(is_elsewhere) {
                return Ok(());
            }
        }
        let rules = self.pool.server().rules();
        let is_other = !Arc::ptr_eq(&rules.generation, &self.rules.generation)
            // IRIS is another one.
            || !Arc::ptr_eq(&rules.snapshots, &self.rules.snapshots);
        if is_other {
            if rules.connect != self.rules.connect {
                // What they need of a connection cannot be had in the middle of a transaction:
                // it ends with the rules that it began with.
                if self.transaction.status() != Status::Idle {
                    return Ok(());
                }
                if let Some(lease) = self.lease.as_mut().filter(|lease| !lease.is_lost()) {
                    lease.ready(&rules.connect).await?;
                }
            }
            self.rules = rules;
            self.refresh_facts();
        }
        self.edition = edition;
        Ok(())
    }
}
