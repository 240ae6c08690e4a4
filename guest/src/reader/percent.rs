//! IRIS's words that begin with `%`, where the reader must know more than their shape.

use super::lexeme::{Kind, Lexeme};

/// Predicates that stand between two operands.
const INFIX: &[&str] = &[
    "%FIND",
    "%INLIST",
    "%INSET",
    "%MATCHES",
    "%PATTERN",
    "%STARTSWITH",
];

/// What follows the argument of an aggregate; the parser knows nothing of it.
const OF_AGGREGATES: &[&str] = &["%AFTERHAVING", "%FOREACH"];

/// Columns that no table defines.
const PSEUDO_COLUMNS: &[&str] = &["%CLASSNAME", "%ID", "%ROWID", "%TABLENAME", "%VID"];

/// Whether the parser understands every `%` word of a statement: as a predicate, a
/// column, a function or a collation. It would take a hint such as `%NOLOCK` for a
/// name and what follows for its alias.
pub(crate) fn are_understood(text: &str, lexemes: &[Lexeme]) -> bool {
    let is_percent = |lexeme: &Lexeme| {
        lexeme.kind == Kind::Word && text.as_bytes()[lexeme.range().start] == b'%'
    };
    lexemes
        .iter()
        .enumerate()
        .filter(|(_, lexeme)| is_percent(lexeme))
        .all(|(index, lexeme)| {
            let word = lexeme.text(text);
            let known = |list: &[&str]| list.iter().any(|known| word.eq_ignore_ascii_case(known));
            let called = lexemes
                .get(index + 1)
                .is_some_and(|next| next.is_symbol(text, "(") || next.is_symbol(text, "."));
            let collation = index > 0 && lexemes[index - 1].is(text, "COLLATE");
            known(INFIX) || known(PSEUDO_COLUMNS) || collation || called && !known(OF_AGGREGATES)
        })
}

/// Whether a word can follow an operand, where `%` is else PostgreSQL's modulo.
pub(crate) fn follows_operand(word: &str) -> bool {
    is_infix(word)
        || OF_AGGREGATES
            .iter()
            .any(|known| word.eq_ignore_ascii_case(known))
}

/// Whether a word is an infix predicate.
pub(crate) fn is_infix(word: &str) -> bool {
    INFIX
        .iter()
        .any(|predicate| word.eq_ignore_ascii_case(predicate))
}
