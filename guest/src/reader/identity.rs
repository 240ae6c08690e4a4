//! The options of `AS IDENTITY (…)`, which the parser reads in one order only.
//!
//! PostgreSQL manual, "CREATE TABLE": they are those of CREATE SEQUENCE.

use sqlparser::tokenizer::Token;

use super::lexeme::{Kind, Lexeme};
use super::statement::Source;
use crate::diagnostic::Diagnosed;
use crate::wit::Diagnostic;

/// Where they end, and what they say, with the signs of the numbers.
#[derive(Default)]
pub(super) struct IdentityOptions {
    /// The closing parenthesis.
    pub(super) last: usize,
    step: Option<String>,
    minimum: Option<String>,
    maximum: Option<String>,
    start: Option<String>,
}

impl IdentityOptions {
    /// In the parser's order; none if the counter is one of IRIS's, from 1 in steps of 1.
    pub(super) fn tokens(&self) -> Vec<Token> {
        let is_one = |number: &Option<String>| number.as_deref().is_none_or(|one| one == "1");
        if is_one(&self.step) && is_one(&self.start) {
            return Vec::new();
        }
        let options = [
            (["INCREMENT", "BY"].as_slice(), &self.step),
            (["MINVALUE"].as_slice(), &self.minimum),
            (["MAXVALUE"].as_slice(), &self.maximum),
            (["START", "WITH"].as_slice(), &self.start),
        ];
        let mut tokens = vec![Token::LParen];
        for (words, number) in options {
            let Some(number) = number else {
                continue;
            };
            tokens.extend(words.iter().map(|word| Token::make_keyword(word)));
            let digits = number.strip_prefix('-');
            if digits.is_some() {
                tokens.push(Token::Minus);
            }
            let digits = digits.unwrap_or(number).to_owned();
            tokens.push(Token::Number(digits, false));
        }
        tokens.push(Token::RParen);
        tokens
    }
}

/// Those behind `AS IDENTITY`, if this is its last word and they follow.
///
/// # Errors
/// A counter that goes in circles.
pub(super) fn options(source: &Source<'_>, index: usize) -> Diagnosed<Option<IdentityOptions>> {
    let text = source.text;
    let at = |index: usize| source.lexemes.get(index).copied();
    let is = |index: usize, word: &str| at(index).is_some_and(|lexeme| lexeme.is(text, word));
    let opens = at(index + 1).is_some_and(|lexeme| lexeme.is_symbol(text, "("));
    if !opens || !is(index, "IDENTITY") || index == 0 || !is(index - 1, "AS") {
        return Ok(None);
    }
    let mut options = IdentityOptions::default();
    let mut place = index + 2;
    while let Some(lexeme) = at(place) {
        if lexeme.is_symbol(text, ")") {
            options.last = place;
            return Ok(Some(options));
        }
        let word = place;
        place += 1;
        let slot = match () {
            () if is(word, "START") => &mut options.start,
            () if is(word, "INCREMENT") => &mut options.step,
            () if is(word, "MINVALUE") && !is(word - 1, "NO") => &mut options.minimum,
            () if is(word, "MAXVALUE") && !is(word - 1, "NO") => &mut options.maximum,
            () if is(word, "CYCLE") && !is(word - 1, "NO") => {
                return Err(Diagnostic::not_supported(
                    "CYCLE of an identity column is not supported",
                    "make the type of the column large enough",
                )
                .at(text, lexeme.range().start));
            }
            () => continue,
        };
        place += usize::from(is(place, "WITH") || is(place, "BY"));
        let Some((number, next)) = number(source, place) else {
            return Ok(None);
        };
        *slot = Some(number);
        place = next;
    }
    Ok(None)
}

/// A whole number with its sign, and the place behind it.
fn number(source: &Source<'_>, place: usize) -> Option<(String, usize)> {
    let at = |index: usize| source.lexemes.get(index);
    let is = |lexeme: &Lexeme, symbol: &str| lexeme.text(source.text) == symbol;
    let first = at(place)?;
    let signed = is(first, "-") || is(first, "+");
    let digits = at(place + usize::from(signed)).filter(|digits| digits.kind == Kind::Number)?;
    let sign = if is(first, "-") { "-" } else { "" };
    let text = digits.text(source.text);
    Some((format!("{sign}{text}"), place + 1 + usize::from(signed)))
}
