//! From the tokens of one statement to its tree.

use sqlparser::ast::Statement as Tree;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::Token;

use super::depth::{DEEPEST_NESTING, LONGEST_CHAIN, is_bearable};
use super::dialect::Superset;
use super::marks::Marks;
use super::percent;
use super::signs;
use super::statement::Source;
use super::tokens::{Parsable, parsable};
use crate::diagnostic::Diagnosed;
use crate::wit::Diagnostic;

/// A statement as far as it could be read.
pub(crate) enum Reading {
    /// Understood.
    Tree(Box<Tree>, Marks),
    /// Neither PostgreSQL's SQL nor IRIS's as far as the parser knows them.
    Unreadable,
}

/// # Errors
/// A literal that PostgreSQL refuses, or a statement nested too deep.
pub(crate) fn parse(source: &Source<'_>) -> Diagnosed<Reading> {
    if !is_bearable(source.text, source.lexemes) {
        return Err(too_deep());
    }
    if !is_readable(source) || !percent::are_understood(source.text, source.lexemes) {
        return Ok(Reading::Unreadable);
    }
    let Parsable { tokens, marks } = parsable(source)?;
    let mut parser = Parser::new(&Superset)
        .with_recursion_limit(DEEPEST_NESTING)
        .with_tokens_with_locations(tokens);
    match parser.parse_statement() {
        Ok(mut tree) if parser.peek_token_ref().token == Token::EOF => {
            if marks.has(Marks::SIGN) {
                signs::bind(&mut tree)?;
            }
            Ok(Reading::Tree(Box::new(tree), marks))
        }
        Err(ParserError::RecursionLimitExceeded) => Err(too_deep()),
        // Some version of IRIS would take the word for an alias of the table.
        _ if source.lexemes.len() > 1
            && ends_with(source, &["LIMIT", "OFFSET", "FETCH"])
            && source.begins(&["SELECT"]) =>
        {
            Err(source.syntax_error(source.lexemes.len()))
        }
        _ => Ok(Reading::Unreadable),
    }
}

/// Whether its last word is one of these.
fn ends_with(source: &Source<'_>, words: &[&str]) -> bool {
    source
        .lexemes
        .last()
        .is_some_and(|last| words.iter().any(|word| last.is(source.text, word)))
}

/// Where a statement stops being SQL.
pub(crate) enum Stumble {
    /// At this token, or behind the last.
    Token(usize),
    /// It is no statement that the parser would read; IRIS or a rule may know it.
    Command,
}

/// Where the parser stops reading a statement; none if it reads it all.
pub(crate) fn stumble(source: &Source<'_>) -> Option<Stumble> {
    if !is_bearable(source.text, source.lexemes) {
        return None;
    }
    if !is_readable(source) {
        return Some(Stumble::Command);
    }
    let tokens = parsable(source).ok()?.tokens;
    let mut parser = Parser::new(&Superset)
        .with_recursion_limit(DEEPEST_NESTING)
        .with_tokens_with_locations(tokens);
    let column = match parser.parse_statement() {
        Ok(_) if parser.peek_token_ref().token == Token::EOF => return None,
        Ok(_) => Some(parser.peek_token_ref().span.start.column),
        Err(ParserError::ParserError(message)) => column_in(&message),
        Err(_) => return None,
    };
    let start = column.and_then(|column| u32::try_from(column.checked_sub(1)?).ok());
    let lexemes = source.lexemes;
    let index = start.and_then(|start| lexemes.iter().position(|lexeme| lexeme.start == start));
    Some(Stumble::Token(index.unwrap_or(lexemes.len())))
}

/// The place that the parser's message ends with.
fn column_in(message: &str) -> Option<u64> {
    let (_, column) = message.rsplit_once("Column: ")?;
    column.trim().parse().ok()
}

/// Statements that rules may change. The parser knows more, of other databases,
/// and some of them contain statements without end.
const READABLE: &[&str] = &[
    "ALTER", "CALL", "COMMENT", "CREATE", "DELETE", "DROP", "EXPLAIN", "INSERT", "MERGE", "SELECT",
    "TABLE", "TRUNCATE", "UPDATE", "VALUES", "WITH",
];

fn is_readable(source: &Source<'_>) -> bool {
    let text = source.text;
    let Some(first) = source.lexemes.first() else {
        return false;
    };
    let second = |words: &[&str]| {
        source
            .lexemes
            .iter()
            .skip(1)
            .take(3)
            .any(|lexeme| words.iter().any(|word| lexeme.is(text, word)))
    };
    if first.is(text, "CREATE")
        && second(&[
            "FUNCTION",
            "PROCEDURE",
            "TRIGGER",
            "METHOD",
            "QUERY",
            "AGGREGATE",
        ])
    {
        return false;
    }
    if first.is(text, "EXPLAIN") && second(&["EXPLAIN"]) {
        return false;
    }
    first.is_symbol(text, "(") || READABLE.iter().any(|word| first.is(text, word))
}

fn too_deep() -> Diagnostic {
    Diagnostic::error("54001", "stack depth limit exceeded")
        .with_detail(format!(
            "A statement may nest {DEEPEST_NESTING} levels deep and chain {LONGEST_CHAIN} operators."
        ))
        .with_hint("break the statement up, or write long OR chains as IN lists")
}
