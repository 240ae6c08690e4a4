//! Words of PostgreSQL's that say nothing about a table of IRIS, and that the parser
//! does not know.

use sqlparser::tokenizer::Token;

use super::lexeme::{Kind, Lexeme};
use super::statement::Source;

/// How many words from this one on are left out.
pub(super) fn words(source: &Source<'_>, index: usize) -> Option<usize> {
    let lexeme = *source.lexemes.get(index)?;
    if lexeme.is(source.text, "ONLY") {
        return only(source, index).then_some(1);
    }
    if lexeme.is(source.text, "PG_CATALOG") {
        return schema_of_type(source, index).then_some(2);
    }
    if lexeme.is(source.text, "TABLESPACE") {
        return tablespace(source, index).then_some(2);
    }
    if lexeme.is(source.text, "WHERE") {
        return predicate(source, index);
    }
    None
}

/// `ONLY` before the name of a table: no table of IRIS's has others below it.
fn only(source: &Source<'_>, index: usize) -> bool {
    let text = source.text;
    let before = index
        .checked_sub(1)
        .and_then(|index| source.lexemes.get(index));
    let next = source.lexemes.get(index + 1);
    before.is_some_and(|before| {
        ["FROM", "UPDATE", "JOIN", "USING", "INTO"]
            .iter()
            .any(|word| before.is(text, word))
    }) && next.is_some_and(|next| matches!(next.kind, Kind::Word | Kind::QuotedIdentifier))
}

/// Whether a type follows the word before.
fn is_cast(source: &Source<'_>, index: usize) -> bool {
    index.checked_sub(1).is_some_and(|before| {
        let before = source.lexemes[before];
        before.is_symbol(source.text, "::") || before.is(source.text, "AS")
    })
}

/// A type of PostgreSQL's by its name in `pg_type`.
pub(super) struct QuotedType {
    /// The name that the parser knows, of the elements of an array.
    pub(super) word: &'static str,
    is_array: bool,
}

impl QuotedType {
    pub(super) fn tokens(self) -> impl Iterator<Item = Token> {
        let brackets = [Token::LBracket, Token::RBracket];
        let brackets = brackets.into_iter().filter(move |_| self.is_array);
        std::iter::once(Token::make_word(self.word, None)).chain(brackets)
    }
}

/// `"pg_catalog"."int4"` in a cast, as programs write types that they found in the catalogue.
pub(super) fn quoted_type(source: &Source<'_>, index: usize) -> Option<QuotedType> {
    let text = source.text;
    let [schema, dot, name] = source.lexemes.get(index..index + 3)? else {
        return None;
    };
    if schema.text(text) != "\"pg_catalog\"" || !dot.is_symbol(text, ".") || !is_cast(source, index)
    {
        return None;
    }
    let name = name.text(text).strip_prefix('"')?.strip_suffix('"')?;
    let element = name.strip_prefix('_');
    let mut known = CATALOGUE_TYPES.iter();
    let word = known.find(|known| known.to_ascii_lowercase() == element.unwrap_or(name))?;
    Some(QuotedType {
        word,
        is_array: element.is_some(),
    })
}

/// `pg_catalog.` before the name of a type in a cast: all types are there.
fn schema_of_type(source: &Source<'_>, index: usize) -> bool {
    let text = source.text;
    let dot = source.lexemes.get(index + 1);
    let name = source.lexemes.get(index + 2);
    is_cast(source, index)
        && dot.is_some_and(|dot| dot.is_symbol(text, "."))
        && name.is_some_and(|name| CATALOGUE_TYPES.iter().any(|known| name.is(text, known)))
}

/// The names in `pg_type` that the parser knows as words of its own.
const CATALOGUE_TYPES: &[&str] = &[
    "BOOL",
    "BYTEA",
    "DATE",
    "FLOAT4",
    "FLOAT8",
    "INT2",
    "INT4",
    "INT8",
    "INTERVAL",
    "JSON",
    "JSONB",
    "NUMERIC",
    "TEXT",
    "TIME",
    "TIMESTAMP",
    "TIMESTAMPTZ",
    "TIMETZ",
    "UUID",
    "VARCHAR",
];

/// `TABLESPACE name` behind the definition of a table or index: IRIS maps tables to databases
/// in its configuration.
fn tablespace(source: &Source<'_>, index: usize) -> bool {
    let text = source.text;
    let begins = ["TABLE", "INDEX"].iter().any(|kind| {
        let first = source.lexemes.iter().skip(1).take(3);
        source.begins(&["CREATE"]) && first.into_iter().any(|lexeme| lexeme.is(text, kind))
    });
    let before = index
        .checked_sub(1)
        .and_then(|index| source.lexemes.get(index));
    let next = source.lexemes.get(index + 1);
    let behind = source.lexemes.get(index + 2);
    begins
        && before
            .is_some_and(|before| before.is_symbol(text, ")") || matches!(before.kind, Kind::Word))
        && next.is_some_and(|next| matches!(next.kind, Kind::Word | Kind::QuotedIdentifier))
        && behind.is_none_or(|behind| {
            ["AS", "WHERE", "WITH"]
                .iter()
                .any(|word| behind.is(text, word))
        })
}

/// `WHERE …` between the columns of an ON CONFLICT and DO: it tells which of the partial
/// indexes are meant, and IRIS has none.
fn predicate(source: &Source<'_>, index: usize) -> Option<usize> {
    let text = source.text;
    let before = |back: usize| {
        index
            .checked_sub(back)
            .and_then(|index| source.lexemes.get(index))
    };
    if !before(1)?.is_symbol(text, ")") {
        return None;
    }
    // Up to the parenthesis that the columns begin with, which nest in nothing.
    let opening = (2..LONGEST_TARGET)
        .find(|back| before(*back).is_none_or(|lexeme| lexeme.is_symbol(text, "(")))?;
    let is = |back: usize, word: &str| before(back).is_some_and(|one| one.is(text, word));
    if !is(opening + 1, "CONFLICT") || !is(opening + 2, "ON") {
        return None;
    }
    let mut depth = 0_usize;
    let behind: &[Lexeme] = source.lexemes.get(index..)?;
    behind.iter().position(|lexeme| {
        if lexeme.is_symbol(text, "(") {
            depth += 1;
        } else if lexeme.is_symbol(text, ")") {
            depth = depth.saturating_sub(1);
        }
        depth == 0 && lexeme.is(text, "DO")
    })
}

/// Tokens of the longest list of columns of an ON CONFLICT that is looked through.
const LONGEST_TARGET: usize = 80;
