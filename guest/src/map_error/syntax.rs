//! Syntax errors in PostgreSQL's words, where the client's text tells the place.

use crate::reader::parse::{Stumble, stumble};
use crate::reader::statement::Source;
use crate::wit::Diagnostic;

/// What PostgreSQL's grammar says, if the rules could not read the text either, or where IRIS
/// says before which words it stopped; IRIS's own words are the detail.
pub(super) fn told(
    diagnostic: &mut Diagnostic,
    source: &Source<'_>,
    sqlcode: i32,
    own: &str,
) -> Option<()> {
    let found = match stumble(source) {
        Some(Stumble::Command) if sqlcode == -51 => source.syntax_error(0),
        Some(Stumble::Token(index)) => {
            source.syntax_error(reserved_before(source, index, own).unwrap_or(index))
        }
        Some(Stumble::Command) | None => match stopped_at(source, own) {
            Some(index) => source.syntax_error(index),
            None => Diagnostic::error("42601", super::SYNTAX_ERROR),
        },
    };
    let own = std::mem::replace(diagnostic, found);
    diagnostic.detail = own.detail.or(Some(own.message));
    Some(())
}

/// The reserved word that IRIS found in the place of a name, before this token.
fn reserved_before(source: &Source<'_>, index: usize, own: &str) -> Option<usize> {
    let (_, rest) = own.split_once("reserved word ")?;
    let word = rest.split_whitespace().next()?;
    (0..index).find(|index| {
        let lexeme = source.lexemes.get(*index);
        lexeme.is_some_and(|lexeme| lexeme.is(source.text, word))
    })
}

/// The token before which IRIS stopped: `… found ^WHERE x.id = 1`.
fn stopped_at(source: &Source<'_>, own: &str) -> Option<usize> {
    let (_, rest) = own.rsplit_once('^')?;
    let rest = rest.trim();
    if rest.is_empty() {
        return Some(source.lexemes.len());
    }
    let mut candidates: Vec<usize> = (0..source.lexemes.len()).collect();
    let wanted: Vec<&str> = rest.split_whitespace().collect();
    for count in 1..=wanted.len() {
        candidates.retain(|index| begins(source, *index, wanted.get(..count).unwrap_or_default()));
        if let [only] = candidates.as_slice() {
            return Some(*only);
        }
    }
    None
}

/// Whether these words, of any case and with any blanks between them, begin with a token.
fn begins(source: &Source<'_>, index: usize, wanted: &[&str]) -> bool {
    let Some(lexeme) = source.lexemes.get(index) else {
        return false;
    };
    let mut rest = source.text.get(lexeme.range().start..).unwrap_or_default();
    wanted.iter().all(|word| {
        rest = rest.trim_start();
        let Some((head, tail)) = rest.split_at_checked(word.len()) else {
            return false;
        };
        rest = tail;
        head.eq_ignore_ascii_case(word)
    })
}
