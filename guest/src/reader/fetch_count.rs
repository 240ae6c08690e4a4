//! The count of FETCH in parentheses, which the parser does not read.
//!
//! PostgreSQL manual, "SELECT": a count that is no constant must stand in parentheses, and
//! any may; SQLAlchemy puts it there.

use super::lexeme::Kind;
use super::statement::Source;

/// What stands in parentheses behind FETCH FIRST or NEXT.
pub(super) enum FetchCount {
    /// `(n)` or `($1::int)`: the count is the token that follows, the closing parenthesis
    /// this one.
    Value(usize),
    /// An expression, as LIMIT takes one; ROWS ONLY, or ROWS WITH TIES, begins with this token.
    Expression { behind: usize, ties: bool },
}

/// The count that this token opens, if it opens one.
pub(super) fn opened(source: &Source<'_>, index: usize) -> Option<FetchCount> {
    let text = source.text;
    let at = |index: usize| source.lexemes.get(index);
    let is_symbol =
        |index: usize, symbol: &str| at(index).is_some_and(|one| one.is_symbol(text, symbol));
    let behind = |back: usize, words: &[&str]| {
        let before = index.checked_sub(back).and_then(at);
        before.is_some_and(|before| words.iter().any(|word| before.is(text, word)))
    };
    if !is_symbol(index, "(") || !behind(1, &["FIRST", "NEXT"]) || !behind(2, &["FETCH"]) {
        return None;
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
        (true, true, _) => return Some(FetchCount::Value(index + 2)),
        (true, false, true) => return Some(FetchCount::Value(index + 4)),
        _ => {}
    }
    let is_word = |index: usize, words: &[&str]| {
        at(index).is_some_and(|one| words.iter().any(|word| one.is(text, word)))
    };
    let behind = closing(source, index)? + 1;
    let ties = is_word(behind + 1, &["WITH"]) && is_word(behind + 2, &["TIES"]);
    (is_word(behind, &["ROW", "ROWS"]) && (ties || is_word(behind + 1, &["ONLY"])))
        .then_some(FetchCount::Expression { behind, ties })
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
