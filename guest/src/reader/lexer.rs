//! Cuts a text into tokens, by PostgreSQL's lexical rules widened by those of IRIS.
//!
//! PostgreSQL manual, section 4.1 "Lexical Structure"; what IRIS adds are names
//! that begin with `%` or `$`, the placeholder `?` and the braces of ODBC escapes.

use std::ops::Range;

use super::lexeme::{Kind, Lexeme, ends_operand};
use crate::diagnostic::position_of;
use crate::wit::Diagnostic;

/// The word before the character that escapes in a `U&'…'`.
pub(super) const UESCAPE: &str = "UESCAPE";

/// A text and its tokens.
#[derive(Debug)]
pub(crate) struct Tokens<'a> {
    pub(crate) text: &'a str,
    pub(crate) lexemes: Vec<Lexeme>,
    /// Comments within comments, which IRIS does not read.
    pub(crate) nested_comments: Vec<Range<usize>>,
    /// `/*#OPTIONS …*/`, which IRIS reads.
    pub(crate) option_comments: Vec<Range<usize>>,
}

/// Cuts a text into tokens.
///
/// # Errors
/// What PostgreSQL says of a literal, identifier or comment that does not end.
pub(crate) fn lex(text: &str) -> Result<Tokens<'_>, Diagnostic> {
    if text.as_bytes().contains(&0) {
        return Err(Diagnostic::error(
            "22021",
            "invalid byte sequence for encoding \"UTF8\": 0x00",
        ));
    }
    if u32::try_from(text.len()).is_err() {
        return Err(Diagnostic::error("54000", "statement text is too long"));
    }
    let mut lexer = Lexer {
        tokens: Tokens {
            text,
            lexemes: Vec::with_capacity(text.len().min(1 << 16) / 5 + 4),
            nested_comments: Vec::new(),
            option_comments: Vec::new(),
        },
        bytes: text.as_bytes(),
        at: 0,
        question_marks: 0,
        numbered: false,
    };
    while let Some(byte) = lexer.skip_blanks()? {
        let start = lexer.at;
        let kind = lexer.token(byte)?;
        lexer.push(kind, start);
    }
    if lexer.question_marks > 0 && lexer.numbered {
        return Err(Diagnostic::error(
            "42601",
            "placeholders ? and $n cannot be mixed",
        ));
    }
    Ok(lexer.tokens)
}

struct Lexer<'a> {
    tokens: Tokens<'a>,
    bytes: &'a [u8],
    at: usize,
    question_marks: u32,
    /// Whether a `$n` was found.
    numbered: bool,
}

impl Lexer<'_> {
    #[allow(
        clippy::cast_possible_truncation,
        reason = "`lex` refuses longer texts"
    )]
    fn push(&mut self, kind: Kind, start: usize) {
        self.tokens.lexemes.push(Lexeme {
            kind,
            start: start as u32,
            end: self.at as u32,
        });
    }

    fn peek(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    /// The first byte of the next token.
    fn skip_blanks(&mut self) -> Result<Option<u8>, Diagnostic> {
        loop {
            match self.peek(0) {
                0 => return Ok(None),
                b' ' | b'\t' | b'\n' | b'\r' | 0x0B | 0x0C => self.at += 1,
                b'-' if self.peek(1) == b'-' => self.skip_line(),
                b'/' if self.peek(1) == b'*' => self.skip_comment()?,
                byte => return Ok(Some(byte)),
            }
        }
    }

    fn skip_line(&mut self) {
        while !matches!(self.peek(0), 0 | b'\n' | b'\r') {
            self.at += 1;
        }
    }

    fn skip_comment(&mut self) -> Result<(), Diagnostic> {
        let start = self.at;
        let (mut depth, mut nested) = (0_usize, false);
        loop {
            match (self.peek(0), self.peek(1)) {
                (0, _) => return Err(self.unterminated("/* comment", start)),
                (b'/', b'*') => {
                    nested |= depth > 0;
                    depth += 1;
                    self.at += 2;
                }
                (b'*', b'/') => {
                    depth -= 1;
                    self.at += 2;
                    if depth == 0 {
                        break;
                    }
                }
                _ => self.at += 1,
            }
        }
        if nested {
            self.tokens.nested_comments.push(start..self.at);
        } else if self.bytes[start..].starts_with(b"/*#OPTIONS") {
            self.tokens.option_comments.push(start..self.at);
        }
        Ok(())
    }

    fn token(&mut self, byte: u8) -> Result<Kind, Diagnostic> {
        let start = self.at;
        match byte {
            b'\'' => self.string(start, Kind::String),
            b'"' => self.quoted_identifier(start, Kind::QuotedIdentifier),
            b'0'..=b'9' => Ok(self.number()),
            b'.' if self.peek(1).is_ascii_digit() => Ok(self.number()),
            b'$' => self.dollar(),
            b'e' | b'E' if self.peek(1) == b'\'' => self.prefixed(1, Kind::EscapeString),
            b'n' | b'N' if self.peek(1) == b'\'' => self.prefixed(1, Kind::NationalString),
            b'b' | b'B' if self.peek(1) == b'\'' => self.prefixed(1, Kind::BitString),
            b'x' | b'X' if self.peek(1) == b'\'' => self.prefixed(1, Kind::HexString),
            b'u' | b'U' if self.peek(1) == b'&' && self.peek(2) == b'\'' => {
                let kind = self.prefixed(2, Kind::UnicodeString)?;
                self.escape_clause();
                Ok(kind)
            }
            b'u' | b'U' if self.peek(1) == b'&' && self.peek(2) == b'"' => {
                self.at += 2;
                let kind = self.quoted_identifier(start, Kind::UnicodeIdentifier)?;
                self.escape_clause();
                Ok(kind)
            }
            b'(' | b')' | b'[' | b']' | b'{' | b'}' | b',' | b';' | b'.' | b'\\' => {
                self.at += 1;
                Ok(Kind::Punctuation)
            }
            b':' => {
                self.at += if matches!(self.peek(1), b':' | b'=') {
                    2
                } else {
                    1
                };
                Ok(Kind::Punctuation)
            }
            b'%' if self.begins_percent_word() => Ok(self.word()),
            b'?' if !matches!(self.peek(1), b'|' | b'&')
                && !ends_operand(self.tokens.text, self.tokens.lexemes.last().copied()) =>
            {
                self.at += 1;
                self.question_marks += 1;
                Ok(Kind::Placeholder(self.question_marks))
            }
            _ if is_operator(byte) => Ok(self.operator()),
            _ => Ok(self.word()),
        }
    }

    fn prefixed(&mut self, prefix: usize, kind: Kind) -> Result<Kind, Diagnostic> {
        let start = self.at;
        self.at += prefix;
        self.string(start, kind)
    }

    /// `UESCAPE '!'` belongs to the literal before it.
    fn escape_clause(&mut self) {
        let rest = self.tokens.text.get(self.at..).unwrap_or_default();
        let Some((word, quoted)) = rest.trim_start().split_at_checked(UESCAPE.len()) else {
            return;
        };
        let mut characters = quoted.trim_start().chars();
        if word.eq_ignore_ascii_case(UESCAPE)
            && characters.next() == Some('\'')
            && characters.next().is_some()
            && characters.next() == Some('\'')
        {
            self.at = self.tokens.text.len() - characters.as_str().len();
        }
    }

    /// From the opening quote to behind the closing one, with continuations.
    fn string(&mut self, start: usize, kind: Kind) -> Result<Kind, Diagnostic> {
        loop {
            self.at += 1;
            loop {
                // Strings may be long, and hold little but what they say.
                let rest = self.bytes.get(self.at..).unwrap_or_default();
                let Some(plain) = memchr::memchr3(b'\'', b'\\', 0, rest) else {
                    return Err(self.unterminated("quoted string", start));
                };
                self.at += plain;
                match self.peek(0) {
                    0 => return Err(self.unterminated("quoted string", start)),
                    b'\\' if kind == Kind::EscapeString => self.at += 2,
                    b'\'' if self.peek(1) == b'\'' => self.at += 2,
                    b'\'' => break,
                    _ => self.at += 1,
                }
            }
            self.at += 1;
            let Some(next) = self.continuation() else {
                return Ok(kind);
            };
            self.at = next;
        }
    }

    /// The quote that continues a string: separated by white space with at
    /// least one line break.
    fn continuation(&self) -> Option<usize> {
        let (mut at, mut line_break) = (self.at, false);
        loop {
            match self.bytes.get(at)? {
                b'\n' | b'\r' => line_break = true,
                b' ' | b'\t' | 0x0B | 0x0C => {}
                b'\'' if line_break => return Some(at),
                _ => return None,
            }
            at += 1;
        }
    }

    fn quoted_identifier(&mut self, start: usize, kind: Kind) -> Result<Kind, Diagnostic> {
        self.at += 1;
        let opening = self.at;
        loop {
            match self.peek(0) {
                0 => return Err(self.unterminated("quoted identifier", start)),
                b'"' if self.peek(1) == b'"' => self.at += 2,
                b'"' => break,
                _ => self.at += 1,
            }
        }
        self.at += 1;
        if self.at == opening + 1 {
            return Err(Diagnostic::error(
                "42601",
                "zero-length delimited identifier at or near \"\"\"\"",
            )
            .at(self.tokens.text, start));
        }
        Ok(kind)
    }

    /// Digits may be parted by single underscores, and integers be of another base. (PostgreSQL
    /// manual, 4.1.2.6.)
    fn number(&mut self) -> Kind {
        let is_based = self.peek(0) == b'0'
            && base(self.peek(1)).is_some_and(|base| {
                let first = usize::from(self.peek(2) == b'_');
                char::from(self.peek(2 + first)).is_digit(base)
            });
        if let (true, Some(base)) = (is_based, base(self.peek(1))) {
            self.at += 2;
            if self.peek(0) == b'_' {
                self.at += 1;
            }
            self.digits(base);
        } else {
            self.decimal();
        }
        Kind::Number
    }

    fn decimal(&mut self) {
        self.digits(10);
        if self.peek(0) == b'.' && self.peek(1) != b'.' {
            self.at += 1;
            self.digits(10);
        }
        let sign = usize::from(matches!(self.peek(1), b'+' | b'-'));
        if matches!(self.peek(0), b'e' | b'E') && self.peek(1 + sign).is_ascii_digit() {
            self.at += 1 + sign;
            self.digits(10);
        }
    }

    /// Digits, with an underscore between two of them here and there.
    fn digits(&mut self, base: u32) {
        let is_digit = |byte| char::from(byte).is_digit(base);
        while is_digit(self.peek(0)) {
            self.at += 1;
            if self.peek(0) == b'_' && is_digit(self.peek(1)) {
                self.at += 1;
            }
        }
    }

    /// `$1`, `$tag$…$tag$` or `$ZVERSION`.
    fn dollar(&mut self) -> Result<Kind, Diagnostic> {
        let start = self.at;
        if self.peek(1).is_ascii_digit() {
            return self.parameter();
        }
        let mut end = self.at + 1;
        while self
            .bytes
            .get(end)
            .is_some_and(|byte| is_word_part(*byte) && *byte != b'$')
        {
            end += 1;
        }
        if self.bytes.get(end) != Some(&b'$') {
            return Ok(self.word());
        }
        let tag = &self.tokens.text[start..=end];
        let body = end + 1;
        let Some(length) = self.tokens.text[body..].find(tag) else {
            return Err(self.unterminated("dollar-quoted string", start));
        };
        self.at = body + length + tag.len();
        Ok(Kind::DollarString)
    }

    fn parameter(&mut self) -> Result<Kind, Diagnostic> {
        let start = self.at;
        self.at += 1;
        while self.peek(0).is_ascii_digit() {
            self.at += 1;
        }
        let name = &self.tokens.text[start..self.at];
        match name[1..].parse::<u32>() {
            // The protocol counts parameters in 16 bits.
            Ok(number @ 1..=65535) => {
                self.numbered = true;
                Ok(Kind::Placeholder(number))
            }
            _ => Err(
                Diagnostic::error("42P02", format!("there is no parameter {name}"))
                    .at(self.tokens.text, start),
            ),
        }
    }

    fn word(&mut self) -> Kind {
        self.at += 1;
        while is_word_part(self.peek(0)) {
            self.at += 1;
        }
        Kind::Word
    }

    /// Whether a `%` begins one of IRIS's names: not where a binary operator
    /// can stand, unless the name is one of those that follow an operand.
    fn begins_percent_word(&self) -> bool {
        if !self.peek(1).is_ascii_alphabetic() {
            return false;
        }
        let lexemes = &self.tokens.lexemes;
        let text = self.tokens.text;
        if !ends_operand(text, lexemes.last().copied()) {
            return true;
        }
        let mut end = self.at + 1;
        while self.bytes.get(end).is_some_and(|byte| is_word_part(*byte)) {
            end += 1;
        }
        let word = &text[self.at..end];
        super::percent::follows_operand(word) || follows_top(text, lexemes)
    }

    /// The longest run of operator characters, less what PostgreSQL takes off it.
    fn operator(&mut self) -> Kind {
        let start = self.at;
        while is_operator(self.peek(0)) {
            let comment = matches!((self.peek(0), self.peek(1)), (b'-', b'-') | (b'/', b'*'));
            // `?` is IRIS's placeholder unless it is part of a JSON operator.
            let question =
                self.peek(0) == b'?' && self.at > start && self.bytes[self.at - 1] != b'@';
            let name = self.peek(0) == b'%' && self.peek(1).is_ascii_alphabetic();
            if (comment || question || name) && self.at > start {
                break;
            }
            self.at += 1;
            if self.bytes[start] == b'?' && !matches!(self.peek(0), b'|' | b'&') {
                break;
            }
        }
        // A multiple-character operator ends in + or - only if it has one of these.
        let special = |byte: &u8| b"~!@#%^&|`?".contains(byte);
        while self.at > start + 1
            && matches!(self.bytes[self.at - 1], b'+' | b'-')
            && !self.bytes[start..self.at].iter().any(special)
        {
            self.at -= 1;
        }
        // `*` and `/` end at once: `count(*)`, `t.*-1`.
        if self.bytes[start] == b'*' && self.at > start + 1 {
            self.at = start + 1;
        }
        Kind::Operator
    }

    fn unterminated(&self, what: &str, start: usize) -> Diagnostic {
        let mut diagnostic = Diagnostic::error(
            "42601",
            format!(
                "unterminated {what} at or near \"{}\"",
                &self.tokens.text[start..]
            ),
        );
        diagnostic.position = Some(position_of(self.tokens.text, start));
        diagnostic
    }
}

/// Whether the last tokens are the count of a `TOP`.
fn follows_top(text: &str, lexemes: &[Lexeme]) -> bool {
    let Some(last) = lexemes.last() else {
        return false;
    };
    let mut before = lexemes.len() - 1;
    if last.is_symbol(text, ")") {
        before = before.saturating_sub(2);
    }
    before > 0 && lexemes[before - 1].is(text, "TOP")
}

fn is_operator(byte: u8) -> bool {
    b"+-*/<>=~!@#%^&|`?".contains(&byte)
}

fn is_word_part(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' || byte >= 0x80
}
/// That of an integer whose second character is this.
pub(super) fn base(letter: u8) -> Option<u32> {
    match letter.to_ascii_lowercase() {
        b'x' => Some(16),
        b'o' => Some(8),
        b'b' => Some(2),
        _ => None,
    }
}
