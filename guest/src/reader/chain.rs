//! Whether a statement has a name of three parts or more, or a field of what stands in parentheses.

use super::lexeme::{Kind, Lexeme};
use super::marks::Marks;

/// What has been seen of it.
#[derive(Default)]
pub(super) struct Chain {
    /// Parts of the name at hand.
    parts: usize,
    after_dot: bool,
    after_parenthesis: bool,
    is_long: bool,
    has_field: bool,
}

impl Chain {
    pub(super) fn see(&mut self, text: &str, lexeme: Lexeme) {
        if lexeme.is_symbol(text, ".") {
            self.after_dot = true;
            self.has_field |= self.after_parenthesis;
            return;
        }
        let is_part = matches!(lexeme.kind, Kind::Word | Kind::QuotedIdentifier)
            || lexeme.is_symbol(text, "*");
        self.parts = match (is_part, self.after_dot) {
            (true, true) => self.parts + 1,
            (true, false) => 1,
            (false, _) => 0,
        };
        self.after_dot = false;
        self.after_parenthesis = lexeme.is_symbol(text, ")");
        self.is_long |= self.parts > 2;
    }

    pub(super) fn marks(&self) -> Marks {
        let mut marks = Marks::NOTHING;
        if self.is_long {
            marks.add(Marks::CHAIN);
        }
        if self.has_field {
            marks.add(Marks::FIELD);
        }
        marks
    }
}
