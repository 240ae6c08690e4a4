//! The blanks that TRIM takes away where it is not said what: the parser wants to be told.
//!
//! PostgreSQL manual, "String Functions and Operators": `trim(LEADING FROM s)`, `trim(FROM s)`.

use sqlparser::tokenizer::Token;

use super::statement::Source;

/// What is missing before the FROM that this token is; none if it is another token or if
/// nothing is.
pub(super) fn missing(source: &Source<'_>, index: usize) -> Option<Vec<Token>> {
    let text = source.text;
    let before = |back: usize| {
        let index = index.checked_sub(back)?;
        source.lexemes.get(index)
    };
    let is = |back: usize, word: &str| before(back).is_some_and(|one| one.is(text, word));
    let opens = |back: usize| {
        before(back).is_some_and(|one| one.is_symbol(text, "(")) && is(back + 1, "TRIM")
    };
    if !is(0, "FROM") {
        return None;
    }
    let blank = Token::SingleQuotedString(" ".to_owned());
    let is_side = ["LEADING", "TRAILING", "BOTH"]
        .iter()
        .any(|word| is(1, word));
    if is_side && opens(2) {
        Some(vec![blank])
    } else if opens(1) {
        Some(vec![Token::make_keyword("BOTH"), blank])
    } else {
        None
    }
}
