//! Reads the statements that are a few words: transactions, settings.

use crate::diagnostic::Diagnosed;
use crate::reader::lexeme::{Kind, Lexeme};
use crate::reader::statement::Source;
use crate::reader::strings::between_quotes;
use crate::wit::Diagnostic;

/// A place in a statement's words.
#[derive(Clone)]
pub(crate) struct Words<'a> {
    pub(crate) source: &'a Source<'a>,
    at: usize,
}

impl<'a> Words<'a> {
    pub(crate) fn of(source: &'a Source<'a>) -> Self {
        Self { source, at: 0 }
    }

    pub(crate) fn next_is(&self, keyword: &str) -> bool {
        self.peek()
            .is_some_and(|lexeme| lexeme.is(self.source.text, keyword))
    }

    pub(crate) fn peek(&self) -> Option<Lexeme> {
        self.source.lexemes.get(self.at).copied()
    }

    /// Takes a keyword if it comes next.
    pub(crate) fn take(&mut self, keyword: &str) -> bool {
        let found = self.next_is(keyword);
        self.at += usize::from(found);
        found
    }

    /// Takes several keywords if they come next.
    pub(crate) fn take_all(&mut self, keywords: &[&str]) -> bool {
        let start = self.at;
        let found = keywords.iter().all(|keyword| self.take(keyword));
        if !found {
            self.at = start;
        }
        found
    }

    pub(crate) fn take_symbol(&mut self, symbol: &str) -> bool {
        let found = self
            .peek()
            .is_some_and(|lexeme| lexeme.is_symbol(self.source.text, symbol));
        self.at += usize::from(found);
        found
    }

    pub(crate) fn next_is_symbol(&self, symbol: &str) -> bool {
        self.peek()
            .is_some_and(|lexeme| lexeme.is_symbol(self.source.text, symbol))
    }

    /// What has not been taken yet, as a statement of its own.
    pub(crate) fn rest(&self) -> Source<'a> {
        self.source.from(self.at)
    }

    pub(crate) fn advance(&mut self) -> Option<Lexeme> {
        let lexeme = self.peek();
        self.at += usize::from(lexeme.is_some());
        lexeme
    }

    pub(crate) fn at_end(&self) -> bool {
        self.peek().is_none()
    }

    /// # Errors
    /// PostgreSQL's syntax error if anything is left.
    pub(crate) fn end(&self) -> Diagnosed<()> {
        if self.at_end() {
            Ok(())
        } else {
            Err(self.source.syntax_error(self.at))
        }
    }

    /// # Errors
    /// PostgreSQL's syntax error at the next word.
    pub(crate) fn fail<T>(&self) -> Diagnosed<T> {
        Err(self.source.syntax_error(self.at))
    }

    /// What stands in parentheses, if they come next.
    ///
    /// # Errors
    /// PostgreSQL's syntax error if they are not closed.
    pub(crate) fn take_parenthesised(&mut self) -> Diagnosed<()> {
        let mut open = 0_usize;
        loop {
            if self.take_symbol("(") {
                open += 1;
            } else if open == 0 {
                return Ok(());
            } else if self.take_symbol(")") {
                open -= 1;
                if open == 0 {
                    return Ok(());
                }
            } else if self.advance().is_none() {
                return self.fail();
            }
        }
    }

    /// What IRIS has no equivalent for, at the next word.
    pub(crate) fn refuse(&self, message: &str, hint: &str) -> Diagnostic {
        let at = self
            .peek()
            .map_or(self.source.range().end, |lexeme| lexeme.range().start);
        Diagnostic::not_supported(message, hint).at(self.source.text, at)
    }

    /// # Errors
    /// PostgreSQL's syntax error if the keyword does not come next.
    pub(crate) fn expect(&mut self, keyword: &str) -> Diagnosed<()> {
        if self.take(keyword) {
            Ok(())
        } else {
            self.fail()
        }
    }

    /// An identifier as PostgreSQL folds it.
    pub(crate) fn identifier(&mut self) -> Diagnosed<String> {
        let Some(lexeme) = self.peek() else {
            return self.fail();
        };
        let text = self.source.text;
        let name = match lexeme.kind {
            Kind::Word => lexeme.text(text).to_lowercase(),
            Kind::QuotedIdentifier | Kind::UnicodeIdentifier => {
                between_quotes(text, lexeme)?.replace("\"\"", "\"")
            }
            _ => return self.fail(),
        };
        self.at += 1;
        Ok(name)
    }

    /// The value of a string literal, if one comes next.
    pub(crate) fn string(&mut self) -> Diagnosed<Option<String>> {
        let Some(lexeme) = self.peek() else {
            return Ok(None);
        };
        if !matches!(
            lexeme.kind,
            Kind::String | Kind::EscapeString | Kind::UnicodeString | Kind::DollarString
        ) {
            return Ok(None);
        }
        self.at += 1;
        Ok(Some(
            between_quotes(self.source.text, lexeme)?.replace("''", "'"),
        ))
    }
}
