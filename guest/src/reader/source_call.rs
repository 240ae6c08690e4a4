//! Whether a call stands where a table does.

use super::lexeme::{Kind, Lexeme};
use super::marks::Marks;

/// What has been seen of it.
#[derive(Default)]
pub(super) struct SourceCall {
    at: At,
    is_there: bool,
}

#[derive(Default, PartialEq)]
enum At {
    #[default]
    Elsewhere,
    /// Behind a word that a table follows.
    Source,
    /// Behind a name there.
    Name,
}

impl SourceCall {
    pub(super) fn see(&mut self, text: &str, lexeme: Lexeme) {
        self.is_there |= self.at == At::Name && lexeme.is_symbol(text, "(");
        self.at = match lexeme.kind {
            Kind::Word if ["FROM", "JOIN"].iter().any(|word| lexeme.is(text, word)) => At::Source,
            Kind::Word | Kind::QuotedIdentifier if self.at == At::Source => At::Name,
            _ if self.at == At::Name && lexeme.is_symbol(text, ".") => At::Source,
            _ => At::Elsewhere,
        };
    }

    pub(super) fn marks(&self) -> Marks {
        match self.is_there {
            true => Marks::SOURCE_CALL,
            false => Marks::NOTHING,
        }
    }
}
