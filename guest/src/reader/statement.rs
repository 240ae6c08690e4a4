//! One statement of a text: where it begins and ends, and its words.

use std::ops::Range;

use super::lexeme::{Kind, Lexeme};
use super::lexer::Tokens;
use crate::diagnostic::characters;
use crate::wit::Diagnostic;

/// A statement: the tokens between two semicolons.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Source<'a> {
    /// The whole text, of which this is a part.
    pub(crate) text: &'a str,
    pub(crate) lexemes: &'a [Lexeme],
    nested_comments: &'a [Range<usize>],
    option_comments: &'a [Range<usize>],
    /// The byte where it begins, and how many characters precede that.
    begin: (usize, usize),
}

/// The statements of a text, without empty ones.
///
/// A semicolon within parentheses or braces separates nothing: PostgreSQL's
/// rules and IRIS's procedures have such. Nor does one between the BEGIN and the END
/// of a routine's body.
pub(crate) fn split<'a>(tokens: &'a Tokens<'a>) -> Vec<Source<'a>> {
    let mut statements = Vec::with_capacity(1);
    let (mut first, mut depth) = (0, 0_usize);
    let mut body = Body::default();
    // Counted on from statement to statement, not each time from the beginning.
    let mut begin = (0, 0);
    let mut source = |range: Range<usize>| {
        let lexemes = &tokens.lexemes[range];
        if let Some(first) = lexemes.first() {
            begin = counted_on(tokens.text, begin, first.range().start);
        }
        Source {
            text: tokens.text,
            lexemes,
            nested_comments: &tokens.nested_comments,
            option_comments: &tokens.option_comments,
            begin,
        }
    };
    for (index, lexeme) in tokens.lexemes.iter().enumerate() {
        if lexeme.kind == Kind::Word {
            body.word(tokens.text, *lexeme, index - first);
        }
        if lexeme.kind != Kind::Punctuation {
            continue;
        }
        match lexeme.text(tokens.text) {
            "(" | "{" => depth += 1,
            ")" | "}" => depth = depth.saturating_sub(1),
            ";" if depth == 0 && !body.is_open() => {
                body = Body::default();
                if index > first {
                    statements.push(source(first..index));
                }
                first = index + 1;
            }
            _ => {}
        }
    }
    if first < tokens.lexemes.len() {
        statements.push(source(first..tokens.lexemes.len()));
    }
    statements
}

/// A byte of a text and how many characters precede it, from an earlier one.
fn counted_on(text: &str, from: (usize, usize), byte: usize) -> (usize, usize) {
    let between = text.as_bytes().get(from.0..byte).unwrap_or_default();
    (byte, from.1 + characters(between))
}

/// How deep in the body of a routine a word stands.
#[derive(Default)]
struct Body {
    creates: bool,
    routine: bool,
    blocks: usize,
}

impl Body {
    /// `place` counts the tokens of the statement from 0.
    fn word(&mut self, text: &str, lexeme: Lexeme, place: usize) {
        const ROUTINES: &[&str] = &["FUNCTION", "PROCEDURE", "TRIGGER", "METHOD", "QUERY"];
        let is = |keyword: &str| lexeme.is(text, keyword);
        if place == 0 {
            self.creates = is("CREATE");
        } else if self.creates && place < 4 && ROUTINES.iter().any(|word| is(word)) {
            self.routine = true;
        } else if self.routine && (is("BEGIN") || self.blocks > 0 && is("CASE")) {
            self.blocks += 1;
        } else if self.blocks > 0 && is("END") {
            self.blocks -= 1;
        }
    }

    fn is_open(&self) -> bool {
        self.blocks > 0
    }
}

impl<'a> Source<'a> {
    /// The bytes of the text that it covers.
    pub(crate) fn range(&self) -> Range<usize> {
        let start = self
            .lexemes
            .first()
            .map_or(0, |lexeme| lexeme.range().start);
        let end = self
            .lexemes
            .last()
            .map_or(start, |lexeme| lexeme.range().end);
        start..end
    }

    /// How many characters of the text precede a byte of it, which is not before its begin.
    pub(crate) fn characters_before(&self, byte: usize) -> usize {
        counted_on(self.text, self.begin, byte).1
    }

    /// The comments in a range that IRIS would end too early.
    pub(crate) fn nested_comments(
        &self,
        within: Range<usize>,
    ) -> impl Iterator<Item = Range<usize>> {
        self.nested_comments
            .iter()
            .filter(move |comment| within.start <= comment.start && comment.end <= within.end)
            .cloned()
    }

    /// The comments inside it that IRIS takes as options.
    pub(crate) fn option_comments(&self) -> impl Iterator<Item = &'a str> {
        let range = self.range();
        self.option_comments
            .iter()
            .filter(move |comment| range.start <= comment.start && comment.end <= range.end)
            .map(|comment| &self.text[comment.clone()])
    }

    /// The statement without its first `tokens`.
    pub(crate) fn from(&self, tokens: usize) -> Source<'a> {
        Source {
            lexemes: self.lexemes.get(tokens..).unwrap_or_default(),
            ..*self
        }
    }

    /// Whether its words begin with these keywords.
    pub(crate) fn begins(&self, keywords: &[&str]) -> bool {
        keywords.len() <= self.lexemes.len()
            && keywords
                .iter()
                .zip(self.lexemes)
                .all(|(keyword, lexeme)| lexeme.is(self.text, keyword))
    }

    /// The highest `n` among its placeholders.
    pub(crate) fn parameter_count(&self) -> usize {
        self.lexemes
            .iter()
            .filter_map(|lexeme| match lexeme.kind {
                Kind::Placeholder(number) => usize::try_from(number).ok(),
                _ => None,
            })
            .max()
            .unwrap_or(0)
    }

    /// The error of PostgreSQL's grammar at the n-th token, or at the end.
    pub(crate) fn syntax_error(&self, index: usize) -> Diagnostic {
        match self.lexemes.get(index) {
            Some(lexeme) => Diagnostic::syntax_error_near(lexeme.text(self.text))
                .at(self.text, lexeme.range().start),
            None => Diagnostic::syntax_error_at_end().at(self.text, self.range().end),
        }
    }
}
