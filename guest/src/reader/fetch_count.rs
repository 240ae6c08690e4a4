//! The count of FETCH in parentheses, which the parser does not read.
//!
//! PostgreSQL manual, "SELECT": a count that is no constant must stand in parentheses, and
//! any may; SQLAlchemy puts it there.

use super::lexeme::Kind;
use super::statement::Source;
use crate::diagnostic::Diagnosed;
use crate::wit::Diagnostic;

/// The token with the closing parenthesis of `(n)` or `($1::int)` behind FETCH FIRST or NEXT;
/// none if this token opens none. The count itself is the token that follows.
///
/// # Errors
/// The count is an expression.
pub(super) fn closing(source: &Source<'_>, index: usize) -> Diagnosed<Option<usize>> {
    let text = source.text;
    let at = |index: usize| source.lexemes.get(index);
    let is_symbol =
        |index: usize, symbol: &str| at(index).is_some_and(|one| one.is_symbol(text, symbol));
    let behind = |back: usize, words: &[&str]| {
        let before = index.checked_sub(back).and_then(at);
        before.is_some_and(|before| words.iter().any(|word| before.is(text, word)))
    };
    if !is_symbol(index, "(") || !behind(1, &["FIRST", "NEXT"]) || !behind(2, &["FETCH"]) {
        return Ok(None);
    }
    let is_value = at(index + 1).is_some_and(|value| {
        matches!(
            value.kind,
            Kind::Number | Kind::String | Kind::Placeholder(_)
        )
    });
    let is_cast = is_symbol(index + 2, "::")
        && at(index + 3).is_some_and(|name| name.kind == Kind::Word)
        && is_symbol(index + 4, ")");
    match (is_value, is_symbol(index + 2, ")"), is_cast) {
        (true, true, _) => Ok(Some(index + 2)),
        (true, false, true) => Ok(Some(index + 4)),
        _ => Err(Diagnostic::not_supported(
            "FETCH with an expression is not supported",
            "give a number or a parameter",
        )
        .at(text, at(index).map_or(0, |lexeme| lexeme.range().start))),
    }
}
