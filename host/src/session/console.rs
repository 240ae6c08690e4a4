//! The admin console in a session.

use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};

use super::Session;
use super::carry::{Completion, Delivery};
use super::failure::Failure;
use super::limits::asked;
use crate::console::{Command, Done};
use crate::diagnostic::Diagnostic;
use crate::frontend::reply::{self, ResultColumn};

impl<S: AsyncRead + AsyncWrite + Unpin> Session<S> {
    /// Carries a command out. A CancelRequest ends what it waits for, and undoes nothing.
    pub(super) async fn console(
        &mut self,
        command: &Command,
        delivery: &Delivery<'_>,
    ) -> Result<Completion, Failure> {
        let Some(console) = self.console.clone() else {
            // Only the console makes such plans.
            return Err(Diagnostic::rules_failed().into());
        };
        let done = tokio::select! {
            biased;
            done = console.carry_out(command) => done?,
            () = asked(&self.interrupted) => return Err(Diagnostic::user_request().into()),
        };
        match done {
            Done::Tag(tag, notices) => {
                for notice in &notices {
                    reply::notice_response(&mut self.client.output, notice);
                }
                self.completed = tag.to_owned();
                reply::command_complete(&mut self.client.output, tag);
                Ok(Completion::Done)
            }
            Done::Rows(rows) => {
                self.own_rows(&rows, delivery).await?;
                self.completed = format!("SHOW {}", rows.len());
                reply::command_complete(&mut self.client.output, "SHOW");
                Ok(Completion::Done)
            }
        }
    }
}

/// What Describe tells of a command.
pub(super) fn console_columns(command: &Command) -> Option<Arc<[ResultColumn]>> {
    let column = |(label, type_oid): &(&str, crate::upstream::Oid)| ResultColumn {
        label: (*label).to_owned(),
        type_oid: *type_oid,
        type_modifier: -1,
        written: None,
        computed: None,
        origin: None,
    };
    Some(command.table()?.iter().map(column).collect())
}
