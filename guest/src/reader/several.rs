//! Whether a statement names an `id` without its table, and several tables.

use super::lexeme::{Kind, Lexeme};
use super::marks::Marks;

/// How many tokens may stand between FROM and the comma behind its first table, with its
/// schema and its alias.
const NEAR: usize = 6;

/// What has been seen of it.
#[derive(Default)]
pub(super) struct Several {
    /// Words before which tables stand.
    tables: usize,
    /// Tokens since the last of them.
    since: usize,
    lists: bool,
    bare_id: bool,
}

impl Several {
    pub(super) fn see(&mut self, text: &str, lexeme: Lexeme, before: Option<Lexeme>) {
        self.since += 1;
        match lexeme.kind {
            Kind::Word => {
                let word = lexeme.text(text);
                let introduces = ["FROM", "JOIN", "UPDATE", "INTO", "USING"]
                    .iter()
                    .any(|known| word.eq_ignore_ascii_case(known));
                if introduces {
                    self.tables += 1;
                    self.since = 0;
                } else if word.eq_ignore_ascii_case("id") {
                    let is_qualified = before.is_some_and(|before| before.is_symbol(text, "."));
                    self.bare_id |= !is_qualified;
                }
            }
            Kind::QuotedIdentifier if lexeme.text(text) == "\"id\"" => {
                let is_qualified = before.is_some_and(|before| before.is_symbol(text, "."));
                self.bare_id |= !is_qualified;
            }
            Kind::Punctuation if lexeme.text(text) == "," => {
                self.lists |= self.tables > 0 && self.since <= NEAR;
            }
            _ => {}
        }
    }

    pub(super) fn marks(&self) -> Marks {
        match self.bare_id && (self.lists || self.tables > 1) {
            true => Marks::BARE_ID,
            false => Marks::NOTHING,
        }
    }
}
