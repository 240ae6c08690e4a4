//! How long statements and rows may be.

use tokio::io::{AsyncRead, AsyncWrite};

use super::Session;
use crate::diagnostic::Diagnostic;
use crate::frontend::message::{Message, Parse};

impl<S: AsyncRead + AsyncWrite + Unpin> Session<S> {
    /// Refuses a message whose text is longer than a statement may be.
    pub(super) fn allow_length(&self, message: &Message) -> Result<(), Diagnostic> {
        let limit = self.config.client.statement as usize;
        match message {
            Message::Query(text) | Message::Parse(Parse { text, .. }) if text.len() > limit => {
                Err(Diagnostic::statement_too_long(text.len(), limit))
            }
            _ => Ok(()),
        }
    }

    /// The longest row that is passed on, in bytes.
    pub(super) fn longest_row(&self) -> usize {
        self.config.client.row as usize
    }
}
