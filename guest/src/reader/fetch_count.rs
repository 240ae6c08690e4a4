//! The count of FETCH in parentheses, which the parser does not read.
//!
//! PostgreSQL manual, "SELECT": a count that is no constant must stand in parentheses, and
//! any may; SQLAlchemy puts it there.

use super::lexeme::Kind;
use super::statement::Source;
use crate::diagnostic::Diagnosed;
use crate::wit::Diagnostic;

/// What stands in parentheses behind FETCH FIRST or NEXT.
pub(super) enum FetchCount {
    /// `(n)` or `($1::int)`: the count is the token that follows, the closing parenthesis
    /// this one.
    Value(usize),
    /// An expression, as LIMIT takes one; ROWS ONLY begins with this token.
    Expression(usize),
}

/// The count that this token opens, if it opens one.
///
/// # Errors
/// The count is an expression, and WITH TIES follows.
pub(super) fn opened(source: &Source<'_>, index: usize) -> Diagnosed<Option<FetchCount>> {
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
        (true, true, _) => return Ok(Some(FetchCount::Value(index + 2))),
        (true, false, true) => return Ok(Some(FetchCount::Value(index + 4))),
        _ => {}
    }
    let is_word = |index: usize, words: &[&str]| {
        at(index).is_some_and(|one| words.iter().any(|word| one.is(text, word)))
    };
    match closing(source, index) {
        Some(last) if is_word(last + 1, &["ROW", "ROWS"]) && is_word(last + 2, &["ONLY"]) => {
            Ok(Some(FetchCount::Expression(last + 1)))
        }
        _ => Err(Diagnostic::not_supported(
            "FETCH … WITH TIES with an expression is not supported",
            "give a number or a parameter",
        )
        .at(text, at(index).map_or(0, |lexeme| lexeme.range().start))),
    }
}

/// The parenthesis that closes the one at `index`.
fn closing(source: &Source<'_>, index: usize) -> Option<usize> {
    let mut open = 0_usize;
    for (place, lexeme) in source.lexemes.iter().enumerate().skip(index) {
        if lexeme.is_symbol(source.text, "(") {
            open += 1;
        } else if lexeme.is_symbol(source.text, ")") {
            open -= 1;
            if open == 0 {
                return Some(place);
            }
        }
    }
    None
}
