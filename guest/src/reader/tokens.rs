//! Turns a statement's tokens into those of the parser.
//!
//! The parser's line is always 1 and its column a byte offset into the client's
//! text plus 1, so that every position it reports leads back to the text.

use std::ops::Range;

use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::{Location, Span, Token, TokenWithSpan, Word};

use super::chain::Chain;
use super::fetch_count::{self, FetchCount};
use super::identity;
use super::lexeme::{Kind, Lexeme};
use super::lexer::base;
use super::marks::{self, Marks};
use super::overriding::Overriding;
use super::several::Several;
use super::source_call::SourceCall;
use super::statement::Source;
use super::strings::between_quotes;
use super::symbols::{operator, punctuation};
use super::trimmed;
use super::unneeded;
use crate::diagnostic::Diagnosed;
use crate::functions;
use crate::labels::LONGEST_NAME;
use crate::placeholder;
use crate::reserved;
use crate::rules::long_identifier::cut;
use crate::rules::quoted_name::is_refused;
use crate::wit::Diagnostic;

/// A statement for the parser.
pub(crate) struct Parsable {
    pub(crate) tokens: Vec<TokenWithSpan>,
    pub(crate) marks: Marks,
}

/// # Errors
/// A literal that PostgreSQL refuses.
pub(crate) fn parsable(source: &Source<'_>) -> Diagnosed<Parsable> {
    let mut parsable = Parsable {
        tokens: Vec::with_capacity(source.lexemes.len() + 1),
        marks: Marks::default(),
    };
    let upsert = source.begins(&["INSERT", "OR", "UPDATE"]);
    let mut overriding = Overriding::default();
    let mut several = Several::default();
    let mut chain = Chain::default();
    let mut source_call = SourceCall::default();
    // The ROWS ONLY, or ROWS WITH TIES, of a FETCH that was written as a LIMIT.
    let mut rows_only = None;
    let mut rows_with_ties = None;
    let mut index = 0;
    while let Some(&lexeme) = source.lexemes.get(index) {
        let before = index.checked_sub(1).map(|before| source.lexemes[before]);
        let span = span(lexeme);
        several.see(source.text, lexeme);
        chain.see(source.text, lexeme);
        source_call.see(source.text, lexeme);
        if rows_with_ties == Some(index) {
            for word in ["FETCH", "FIRST"] {
                let token = Token::make_keyword(word);
                parsable.tokens.push(TokenWithSpan::new(token, span));
            }
        }
        for token in trimmed::missing(source, index).into_iter().flatten() {
            parsable.tokens.push(TokenWithSpan::new(token, span));
        }
        if lexeme.kind == Kind::Operator && has_operands(source, index, before) {
            parsable.marks.add(Marks::OPERANDS);
        }
        if lexeme.is(source.text, "ISNULL") && is_test(source, index, before) {
            // The parser would take it for an alias.
            parsable.marks.add(marks::of_word("IS"));
            for word in ["IS", "NULL"] {
                let token = Token::make_keyword(word);
                parsable.tokens.push(TokenWithSpan::new(token, span));
            }
        } else if lexeme.is(source.text, "TOP") {
            index += parsable.top(source, index, before);
        } else if let Some(words) = unneeded::words(source, index) {
            parsable.marks.add(Marks::UNNEEDED);
            index += words - 1;
        } else if let Some(name) = unneeded::quoted_type(source, index) {
            parsable.marks.add(Marks::UNNEEDED);
            parsable.marks.add(marks::of_word(name.word));
            let tokens = name.tokens().map(|token| TokenWithSpan::new(token, span));
            parsable.tokens.extend(tokens);
            index += 2;
        } else if let Some((words, more)) = overriding.words(source, index) {
            // The parser knows neither clause, but one of another database.
            for word in more {
                let token = Token::make_word(word, None);
                parsable.tokens.push(TokenWithSpan::new(token, span));
                parsable.marks.add(marks::of_word(word));
            }
            index += words - 1;
        } else if rows_only == Some(index) {
            index += 1;
        } else if let Some(count) = fetch_count::opened(source, index) {
            parsable.marks.add(Marks::UNNEEDED);
            match count {
                FetchCount::Value(last) => {
                    if let Some(value) = source.lexemes.get(index + 1) {
                        let token = parsable.token(source.text, *value, Some(lexeme))?;
                        parsable.tokens.push(TokenWithSpan::new(token, span));
                    }
                    index = last;
                }
                FetchCount::Expression { behind, ties } => {
                    // The parser reads an expression behind LIMIT alone.
                    parsable
                        .tokens
                        .truncate(parsable.tokens.len().saturating_sub(2));
                    for token in [Token::make_keyword("LIMIT"), Token::LParen] {
                        parsable.tokens.push(TokenWithSpan::new(token, span));
                    }
                    match ties {
                        true => rows_with_ties = Some(behind),
                        false => rows_only = Some(behind),
                    }
                }
            }
        } else if lexeme.is(source.text, "ALL")
            && before.is_some_and(|before| before.is(source.text, "LIMIT"))
        {
            // The parser would forget that it was written.
            parsable
                .tokens
                .push(TokenWithSpan::new(Token::make_keyword("NULL"), span));
        } else if lexeme.is(source.text, "TABLE")
            && (is_query(source.text, before) || is_inserted(source, index))
        {
            // The parser would forget how the name was quoted.
            parsable.marks.add(Marks::FROM.and(Marks::VALUES));
            for token in [
                Token::make_keyword("SELECT"),
                Token::Mul,
                Token::make_keyword("FROM"),
            ] {
                parsable.tokens.push(TokenWithSpan::new(token, span));
            }
        } else if let Some(words) = lock_words(source, index) {
            // The parser knows two kinds of locks; IRIS has none.
            parsable.marks.add(Marks::LOCK);
            let last = source.lexemes[index + words].text(source.text);
            for word in ["FOR", last] {
                parsable
                    .tokens
                    .push(TokenWithSpan::new(Token::make_word(word, None), span));
            }
            index += words;
        } else if let Some(options) = identity::options(source, index)? {
            let token = parsable.token(source.text, lexeme, before)?;
            for token in std::iter::once(token).chain(options.tokens()) {
                parsable.tokens.push(TokenWithSpan::new(token, span));
            }
            index = options.last;
        } else if index == 2
            && lexeme.is(source.text, "CONCURRENTLY")
            && source.begins(&["DROP", "INDEX"])
        {
            // The parser does not know it; the rule `drop_list` writes the statement anew.
        } else if upsert && index == 2 {
            // The parser knows this statement by another name, see `printer`.
            parsable
                .tokens
                .push(TokenWithSpan::new(Token::make_keyword("REPLACE"), span));
        } else {
            let token = parsable.token(source.text, lexeme, before)?;
            parsable.tokens.push(TokenWithSpan::new(token, span));
        }
        index += 1;
    }
    parsable.marks.add(several.marks());
    parsable.marks.add(chain.marks());
    parsable.marks.add(source_call.marks());
    Ok(parsable)
}

/// Whether ISNULL stands behind what it tests: it is a function of IRIS, too.
fn is_test(source: &Source<'_>, index: usize, before: Option<Lexeme>) -> bool {
    let text = source.text;
    let is_call = source
        .lexemes
        .get(index + 1)
        .is_some_and(|next| next.is_symbol(text, "("));
    let is_alias = before.is_some_and(|before| before.is(text, "AS"));
    !is_call && !is_alias && ends_operand(text, before)
}

/// Whether an operator has operands of which none is a parameter; a sign of a number is
/// none.
fn has_operands(source: &Source<'_>, index: usize, before: Option<Lexeme>) -> bool {
    let is_parameter = |lexeme: Lexeme| matches!(lexeme.kind, Kind::Placeholder(_));
    let next = source.lexemes.get(index + 1).copied();
    if next.is_some_and(is_parameter) || before.is_some_and(is_parameter) {
        return false;
    }
    ends_operand(source.text, before)
        || match source.lexemes[index].text(source.text) {
            "*" => false,
            "+" | "-" => next.is_some_and(|next| next.kind != Kind::Number),
            _ => true,
        }
}

/// How many words follow in FOR NO KEY UPDATE and FOR KEY SHARE.
fn lock_words(source: &Source<'_>, index: usize) -> Option<usize> {
    let follow = |words: &[&str]| {
        let mut behind = source.lexemes.iter().skip(index);
        words
            .iter()
            .all(|word| {
                behind
                    .next()
                    .is_some_and(|lexeme| lexeme.is(source.text, word))
            })
            .then_some(words.len() - 1)
    };
    follow(&["FOR", "NO", "KEY", "UPDATE"]).or_else(|| follow(&["FOR", "KEY", "SHARE"]))
}

/// Whether TABLE is the beginning of a query behind this.
fn is_query(text: &str, before: Option<Lexeme>) -> bool {
    before.is_none_or(|before| {
        before.is_symbol(text, "(")
            || ["UNION", "ALL", "INTERSECT", "EXCEPT", "DISTINCT"]
                .iter()
                .any(|word| before.is(text, word))
    })
}

/// Whether TABLE is the beginning of the query of an INSERT: the parser would read on behind the
/// name of the table.
fn is_inserted(source: &Source<'_>, index: usize) -> bool {
    let text = source.text;
    let before = source.lexemes.get(..index).unwrap_or_default();
    let next = source.lexemes.get(index + 1);
    let is_into = before.last().is_some_and(|last| last.is(text, "INTO"));
    !is_into
        && (source.begins(&["INSERT"]) || source.begins(&["WITH"]))
        && before.iter().any(|lexeme| lexeme.is(text, "INTO"))
        && next.is_some_and(|next| matches!(next.kind, Kind::Word | Kind::QuotedIdentifier))
}

/// Whether what comes next takes it for a left side: behind a comma `*` means all
/// columns, and `-` is a sign.
fn ends_operand(text: &str, before: Option<Lexeme>) -> bool {
    before.is_some_and(|before| match before.kind {
        Kind::Operator => false,
        Kind::Punctuation => matches!(before.text(text), ")" | "]"),
        Kind::Word => !["SELECT", "RETURNING", "DISTINCT", "ALL"]
            .iter()
            .any(|word| before.is(text, word)),
        _ => true,
    })
}

impl Parsable {
    fn token(&mut self, text: &str, lexeme: Lexeme, before: Option<Lexeme>) -> Diagnosed<Token> {
        let source = lexeme.text(text);
        Ok(match lexeme.kind {
            Kind::Word => {
                if source.len() > LONGEST_NAME {
                    self.marks.add(Marks::LONG_NAME);
                    return Ok(Token::make_word(cut(source), None));
                }
                self.marks.add(marks::of_word(source));
                let is_name = before
                    .is_some_and(|before| before.is(text, "AS") || before.is_symbol(text, "."));
                if is_name && is_reserved(source) {
                    self.marks.add(Marks::RESERVED);
                }
                if lexeme.is(text, "FROM") && self.selects_nothing(text, before) {
                    self.marks.add(Marks::EMPTY_LIST);
                }
                Token::make_word(source, None)
            }
            Kind::Number => Token::Number(self.number(lexeme, text)?, false),
            Kind::Placeholder(number) => {
                self.marks.add(Marks::PARAMETER);
                Token::Placeholder(placeholder::parameter(number))
            }
            Kind::Operator => {
                if !matches!(source, "*" | "+" | "-") || ends_operand(text, before) {
                    self.marks.add(marks::of_operator(source));
                }
                operator(source)
            }
            Kind::Punctuation => {
                if source == "::" {
                    self.marks.add(Marks::CAST);
                }
                if source == "[" {
                    self.marks.add(Marks::ACCESS);
                }
                if let Some(name) =
                    before.filter(|before| source == "(" && before.kind == Kind::Word)
                {
                    self.marks.add(functions::marks_of(name.text(text)));
                }
                punctuation(source)
            }
            Kind::QuotedIdentifier => {
                if source.len() > 2 && marks::is_of_catalog(&source[1..source.len() - 1]) {
                    self.marks.add(Marks::CATALOG);
                }
                if source == "\"public\"" {
                    self.marks.add(Marks::SCHEMA);
                }
                let name = &source[1..source.len() - 1];
                if is_refused(name) {
                    self.marks.add(Marks::ODD_NAME);
                }
                if name.len() > LONGEST_NAME && name.replace("\"\"", "\"").len() > LONGEST_NAME {
                    self.marks.add(Marks::LONG_NAME);
                    let name = name.replace("\"\"", "\"");
                    return Ok(quoted(cut(&name).replace('"', "\"\"")));
                }
                quoted(name.to_owned())
            }
            Kind::UnicodeIdentifier => {
                self.marks.add(Marks::LITERAL.and(Marks::ODD_NAME));
                quoted(
                    between_quotes(text, lexeme)
                        .map_err(|error| error.at(text, lexeme.range().start))?
                        .into_owned(),
                )
            }
            Kind::BitString => {
                self.marks.add(Marks::BIT);
                Token::SingleQuotedByteStringLiteral(source[2..source.len() - 1].to_owned())
            }
            Kind::HexString => {
                self.marks.add(Marks::BIT);
                Token::HexStringLiteral(source[2..source.len() - 1].to_owned())
            }
            kind => {
                let value = between_quotes(text, lexeme)
                    .map_err(|error| error.at(text, lexeme.range().start))?;
                if kind != Kind::String || value.len() + 2 != source.len() {
                    self.marks.add(Marks::LITERAL);
                }
                // `text 'x'`: the literal of a type.
                if before.is_some_and(|before| matches!(before.kind, Kind::Word)) {
                    self.marks.add(Marks::CAST);
                }
                Token::SingleQuotedString(value.into_owned())
            }
        })
    }

    /// A number as IRIS writes it.
    ///
    /// # Errors
    /// A name begins where it ends, or it is of another base and has no place in 128 bits.
    fn number(&mut self, lexeme: Lexeme, text: &str) -> Diagnosed<String> {
        let Range { start, end } = lexeme.range();
        let source = &text[start..end];
        let is_of_name =
            |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || !letter.is_ascii();
        let junk = text[end..].find(|letter| !is_of_name(letter));
        let junk = &text[start..junk.map_or(text.len(), |junk| end + junk)];
        if junk.len() > source.len() {
            let message = format!("trailing junk after numeric literal at or near \"{junk}\"");
            return Err(Diagnostic::error("42601", message).at(text, start));
        }
        let plain = source.replace('_', "");
        let base = plain.as_bytes().get(1).copied().and_then(base);
        if base.is_some() || plain.len() < source.len() {
            self.marks.add(Marks::LITERAL);
        }
        let Some(base) = base else {
            return Ok(plain);
        };
        let number = u128::from_str_radix(&plain[2..], base);
        number.map(|number| number.to_string()).map_err(|_| {
            let hint = "write it as a decimal number";
            let what = "an integer of more than 128 bits in another base is not supported";
            Diagnostic::not_supported(what, hint).at(text, start)
        })
    }

    /// Whether a select list may be empty, behind this and in front of FROM.
    fn selects_nothing(&self, text: &str, before: Option<Lexeme>) -> bool {
        before.is_some_and(|before| {
            ["SELECT", "DISTINCT", "ALL"]
                .iter()
                .any(|word| before.is(text, word))
                // DISTINCT ON (…)
                || self.marks.has(Marks::DISTINCT) && before.is_symbol(text, ")")
        })
    }

    /// `TOP n`, or the name `top`. Returns how many further tokens were taken.
    fn top(&mut self, source: &Source<'_>, index: usize, before: Option<Lexeme>) -> usize {
        let lexeme = source.lexemes[index];
        let text = source.text;
        let leads = before.is_some_and(|before| {
            ["SELECT", "DISTINCT", "ALL"]
                .iter()
                .any(|word| before.is(text, word))
                || before.is_symbol(text, ")")
        });
        let next = source.lexemes.get(index + 1);
        let bare = match next {
            Some(next) if next.is(text, "ALL") => Some(placeholder::bare_all()),
            Some(Lexeme {
                kind: Kind::Placeholder(number),
                ..
            }) => Some(placeholder::bare_parameter(*number)),
            Some(next) if next.kind == Kind::Number || next.is_symbol(text, "(") => None,
            _ => {
                self.name(lexeme, text);
                return 0;
            }
        };
        if !leads {
            self.name(lexeme, text);
            return 0;
        }
        self.tokens
            .push(TokenWithSpan::new(Token::make_keyword("TOP"), span(lexeme)));
        let (Some(bare), Some(next)) = (bare, next) else {
            return 0;
        };
        for token in [Token::LParen, Token::Placeholder(bare), Token::RParen] {
            self.tokens.push(TokenWithSpan::new(token, span(*next)));
        }
        1
    }

    fn name(&mut self, lexeme: Lexeme, text: &str) {
        self.marks.add(Marks::RESERVED);
        let word = Word {
            value: lexeme.text(text).to_owned(),
            quote_style: None,
            keyword: Keyword::NoKeyword,
        };
        self.tokens
            .push(TokenWithSpan::new(Token::Word(word), span(lexeme)));
    }
}

/// Whether IRIS takes a word for something else than a name.
fn is_reserved(word: &str) -> bool {
    reserved::in_iris(&word.to_ascii_uppercase())
}

fn quoted(value: String) -> Token {
    Token::Word(Word {
        value,
        quote_style: Some('"'),
        keyword: Keyword::NoKeyword,
    })
}

fn span(lexeme: Lexeme) -> Span {
    let location = |offset: u32| Location::new(1, u64::from(offset) + 1);
    Span::new(location(lexeme.start), location(lexeme.end))
}
