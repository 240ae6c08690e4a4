//! Whether a statement that names tables names an `id`.

use super::lexeme::{Kind, Lexeme};
use super::marks::Marks;

/// What has been seen of it.
#[derive(Default)]
pub(super) struct Several {
    /// Whether there is a word before which tables stand.
    names_table: bool,
    names_id: bool,
}

impl Several {
    pub(super) fn see(&mut self, text: &str, lexeme: Lexeme) {
        match lexeme.kind {
            Kind::Word => {
                let word = lexeme.text(text);
                let introduces = ["FROM", "JOIN", "UPDATE", "INTO", "USING"]
                    .iter()
                    .any(|known| word.eq_ignore_ascii_case(known));
                self.names_table |= introduces;
                self.names_id |= word.eq_ignore_ascii_case("id");
            }
            Kind::QuotedIdentifier if lexeme.text(text) == "\"id\"" => {
                self.names_id = true;
            }
            _ => {}
        }
    }

    pub(super) fn marks(&self) -> Marks {
        match self.names_id && self.names_table {
            true => Marks::BARE_ID,
            false => Marks::NOTHING,
        }
    }
}
