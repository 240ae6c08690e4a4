//! Text to [`Statement`], by recursive descent with a bounded depth.
//!
//! What a version lacks is not in its grammar, so it fails with the code of
//! whatever the older grammar expected at that place.

mod administration;
mod alter;
mod column;
mod create;
mod default_schema;
mod dml;
mod drop;
mod expression;
mod for_some;
mod function;
mod index;
mod plans;
mod primary;
mod query;
mod routine;
mod row_limit;
mod special;
mod statement;
mod table_reference;
mod trigger;
mod types;
mod view;
mod window;

use crate::Version;
use crate::ast::{ObjectName, Statement, TypeName};
use crate::error::{Result, SqlError};
use crate::lexer::{Kind, Token, tokens};
use crate::options::Settings;
use crate::reserved::is_reserved;

/// How deep expressions and queries may nest. Every level costs a fixed piece
/// of the caller's stack, here and in the binder; 2 MiB threads must suffice.
const DEEPEST: u32 = 60;

/// How many operands one chain of operators may have: the tree leans to one
/// side and SQLite refuses expressions deeper than 1,000.
const LONGEST_CHAIN: u32 = 300;

/// How many items a list may have: more is no work of a person or a driver, and
/// every item costs memory many times its text.
const LONGEST_LIST: usize = 100_000;

/// The statement and how many `?` it has.
pub(crate) fn parse(sql: &str, version: Version) -> Result<(Statement, usize)> {
    parse_as(sql, version, &Settings::default())
}

/// The same under the options of an instance.
pub(crate) fn parse_as(
    sql: &str,
    version: Version,
    settings: &Settings,
) -> Result<(Statement, usize)> {
    let mut parser = Parser::new(sql, version)?;
    parser.default_schema.clone_from(&settings.default_schema);
    if !settings.delimited_identifiers {
        parser.take_quotes_for_strings();
    }
    let statement = parser.statement()?;
    parser.end()?;
    Ok((statement, parser.parameters))
}

/// A type name on its own, as definitions are kept.
pub(crate) fn type_name(text: &str) -> Result<TypeName> {
    let mut parser = Parser::new(text, Version::NEWEST)?;
    let name = parser.type_name()?;
    parser.end()?;
    Ok(name)
}

struct Parser<'a> {
    sql: &'a str,
    tokens: Vec<Token>,
    at: usize,
    depth: u32,
    parameters: usize,
    version: Version,
    /// Of names without a schema, if it is not the usual one.
    default_schema: Option<String>,
    /// Names of common table expressions so far; they have no schema.
    cte_names: Vec<String>,
    /// Where the default schema was put in front of a name.
    filled: Vec<usize>,
}

impl<'a> Parser<'a> {
    fn new(sql: &'a str, version: Version) -> Result<Self> {
        Ok(Self {
            default_schema: None,
            cte_names: Vec::new(),
            filled: Vec::new(),
            sql,
            tokens: tokens(sql)?,
            at: 0,
            depth: 0,
            parameters: 0,
            version,
        })
    }

    /// Nothing may follow.
    fn end(&mut self) -> Result<()> {
        match self.peek() {
            Kind::End => Ok(()),
            _ => Err(self.unexpected(-25, "end of query")),
        }
    }

    fn peek(&self) -> &Kind {
        &self.tokens[self.at].kind
    }

    /// The token `ahead` places further; the last one when there are no more.
    fn peek_at(&self, ahead: usize) -> &Kind {
        &self.tokens[(self.at + ahead).min(self.tokens.len() - 1)].kind
    }

    fn advance(&mut self) -> Kind {
        let kind = self.peek().clone();
        self.at = (self.at + 1).min(self.tokens.len() - 1);
        kind
    }

    /// Runs `parse` one level deeper.
    fn nested<T>(&mut self, parse: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if self.depth >= DEEPEST {
            return Err(SqlError::new(
                -400,
                "<FRAMESTACK> statement nested too deeply",
            ));
        }
        self.depth += 1;
        let result = parse(self);
        self.depth -= 1;
        result
    }

    /// The error of finding another token than `wanted`.
    fn unexpected(&self, code: i32, wanted: &str) -> SqlError {
        let token = &self.tokens[self.at];
        let found = match &token.kind {
            Kind::End => "end of statement".to_owned(),
            _ => self.sql[token.start..token.end].chars().take(40).collect(),
        };
        let place = &self.sql[token.start.min(self.sql.len())..];
        let place: String = place.chars().take(30).collect();
        match token.kind {
            Kind::Symbol(":") => SqlError::new(-28, format!("host variable at ({place})")),
            _ => SqlError::new(code, format!("{wanted} expected, {found} found ^{place}")),
        }
    }

    fn word_is(kind: &Kind, word: &str) -> bool {
        matches!(kind, Kind::Word(found) if found.eq_ignore_ascii_case(word))
    }

    fn is_word(&self, word: &str) -> bool {
        Self::word_is(self.peek(), word)
    }

    /// Do these words stand next?
    fn are_words(&self, words: &[&str]) -> bool {
        words
            .iter()
            .enumerate()
            .all(|(n, word)| Self::word_is(self.peek_at(n), word))
    }

    fn accept(&mut self, word: &str) -> bool {
        let found = self.is_word(word);
        if found {
            self.advance();
        }
        found
    }

    fn accept_all(&mut self, words: &[&str]) -> bool {
        let found = self.are_words(words);
        if found {
            words.iter().for_each(|_| drop(self.advance()));
        }
        found
    }

    /// The first of `words` that stands here, taken.
    fn accept_any(&mut self, words: &[&'static str]) -> Option<&'static str> {
        words.iter().copied().find(|word| self.accept(word))
    }

    fn expect(&mut self, word: &str) -> Result<()> {
        if self.accept(word) {
            Ok(())
        } else {
            Err(self.unexpected(-1, word))
        }
    }

    fn is_symbol(&self, symbol: &str) -> bool {
        matches!(self.peek(), Kind::Symbol(found) if *found == symbol)
    }

    fn symbol_at(&self, ahead: usize, symbol: &str) -> bool {
        matches!(self.peek_at(ahead), Kind::Symbol(found) if *found == symbol)
    }

    fn accept_symbol(&mut self, symbol: &str) -> bool {
        let found = self.is_symbol(symbol);
        if found {
            self.advance();
        }
        found
    }

    fn expect_symbol(&mut self, symbol: &str) -> Result<()> {
        if self.accept_symbol(symbol) {
            Ok(())
        } else {
            Err(self.unexpected(-1, symbol))
        }
    }

    /// A name that is not a reserved word unless delimited.
    fn identifier(&mut self) -> Result<String> {
        match self.peek().clone() {
            Kind::Delimited(name) => {
                self.advance();
                Ok(name)
            }
            Kind::Word(name) if is_reserved(&name) => Err(SqlError::new(
                -1,
                format!(
                    "IDENTIFIER expected, reserved word {} found",
                    name.to_uppercase()
                ),
            )),
            Kind::Word(name) if name.chars().count() <= 128 => {
                self.advance();
                Ok(name)
            }
            _ => Err(self.unexpected(-1, "IDENTIFIER")),
        }
    }

    /// `name`, `schema.name`; a catalog in front is read and ignored.
    fn object_name(&mut self) -> Result<ObjectName> {
        let start = self.tokens[self.at].start;
        let name = self.name_as_written()?;
        Ok(self.in_default_schema(name, start))
    }

    /// The same without the default schema.
    fn name_as_written(&mut self) -> Result<ObjectName> {
        let mut parts = vec![self.identifier()?];
        while parts.len() < 3 && self.accept_symbol(".") {
            parts.push(self.identifier()?);
        }
        let name = parts.pop().unwrap_or_default();
        Ok(ObjectName {
            schema: parts.pop(),
            name,
        })
    }

    fn comma_list<T>(&mut self, mut item: impl FnMut(&mut Self) -> Result<T>) -> Result<Vec<T>> {
        let mut items = vec![item(self)?];
        while self.accept_symbol(",") {
            if items.len() >= LONGEST_LIST {
                let detail = format!("the sandbox takes lists of {LONGEST_LIST} items");
                return Err(SqlError::new(-400, detail));
            }
            items.push(item(self)?);
        }
        Ok(items)
    }

    /// `(item, …)`
    fn parenthesised_list<T>(
        &mut self,
        item: impl FnMut(&mut Self) -> Result<T>,
    ) -> Result<Vec<T>> {
        self.expect_symbol("(")?;
        let items = self.comma_list(item)?;
        self.expect_symbol(")")?;
        Ok(items)
    }

    fn text(&mut self) -> Result<String> {
        match self.advance() {
            Kind::Text(text) => Ok(text),
            _ => {
                self.at -= 1;
                Err(self.unexpected(-1, "quoted string"))
            }
        }
    }

    fn unsigned(&mut self) -> Result<u64> {
        let number = match self.peek() {
            Kind::Number(text) => text.parse().ok(),
            _ => None,
        };
        let number = number.ok_or_else(|| self.unexpected(-80, "positive integer"))?;
        self.advance();
        Ok(number)
    }

    fn since(&self, version: Version) -> bool {
        self.version >= version
    }
}
