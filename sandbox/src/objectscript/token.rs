//! Cuts ObjectScript into tokens.

use super::{fault, unknown};
use crate::error::Result;

/// What a token is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A command, a variable, a method: letters and digits, perhaps after `%`.
    Word(String),
    /// `$NAME`, upper case, without arguments.
    Dollar(String),
    Text(String),
    /// In canonical form.
    Number(String),
    /// `{name}` or `{name*N}`.
    Field(String, char),
    Symbol(&'static str),
    End,
}

/// A token and the line it stands on.
#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) line: usize,
    /// No blank stands before it.
    pub(super) glued: bool,
}

/// Longest first.
const SYMBOLS: [&str; 35] = [
    "'=", "'<", "'>", "'[", "']", "'&", "'!", "<=", ">=", "&&", "||", "**", "+", "-", "*", "/",
    "\\", "#", "_", "=", "'", "<", ">", "&", "!", "[", "]", "(", ")", ",", ":", "{", "}", ".", "^",
];

/// Longest field reference, in bytes; a search for its end must not read on and on.
const LONGEST_FIELD: usize = 400;

/// All tokens, the last one being [`Kind::End`].
pub(super) fn tokens(code: &str) -> Result<Vec<Token>> {
    let mut lexer = Lexer {
        code,
        at: 0,
        line: 0,
    };
    let mut tokens = Vec::new();
    loop {
        let before = lexer.at;
        lexer.skip_blanks()?;
        let (line, glued) = (lexer.line, lexer.at == before);
        let kind = lexer.next()?;
        let last = kind == Kind::End;
        tokens.push(Token { kind, line, glued });
        if last {
            return Ok(tokens);
        }
    }
}

struct Lexer<'a> {
    code: &'a str,
    at: usize,
    line: usize,
}

impl Lexer<'_> {
    fn rest(&self) -> &str {
        &self.code[self.at..]
    }

    fn advance(&mut self, bytes: usize) {
        let end = (self.at + bytes).min(self.code.len());
        self.line += self.code[self.at..end].matches('\n').count();
        self.at = end;
    }

    fn skip_blanks(&mut self) -> Result<()> {
        loop {
            let rest = self.rest();
            let blanks = rest.len() - rest.trim_start().len();
            self.advance(blanks);
            let rest = self.rest();
            if rest.starts_with("//") || rest.starts_with(';') || rest.starts_with("#;") {
                self.advance(rest.find('\n').unwrap_or(rest.len()));
            } else if rest.starts_with("/*") {
                let end = rest.find("*/").ok_or_else(|| unknown("/*"))?;
                self.advance(end + 2);
            } else {
                return Ok(());
            }
        }
    }

    fn next(&mut self) -> Result<Kind> {
        let Some(first) = self.rest().chars().next() else {
            return Ok(Kind::End);
        };
        match first {
            '"' => self.text(),
            '$' => self.dollar(),
            '{' => Ok(self.brace()),
            c if c.is_ascii_digit() || c == '.' && self.digit_at(1) => Ok(self.number()),
            c if c.is_alphabetic() || c == '%' => Ok(Kind::Word(self.word(first.len_utf8()))),
            _ => self.symbol(),
        }
    }

    fn digit_at(&self, ahead: usize) -> bool {
        self.rest()
            .as_bytes()
            .get(ahead)
            .is_some_and(u8::is_ascii_digit)
    }

    fn text(&mut self) -> Result<Kind> {
        let mut text = String::new();
        self.advance(1);
        loop {
            let end = self.rest().find('"').ok_or_else(|| fault("<SYNTAX> \""))?;
            text.push_str(&self.rest()[..end]);
            self.advance(end + 1);
            if !self.rest().starts_with('"') {
                return Ok(Kind::Text(text));
            }
            text.push('"');
            self.advance(1);
        }
    }

    fn dollar(&mut self) -> Result<Kind> {
        let name = self.word(1);
        if name.len() == 1 {
            return Err(unknown(&self.rest().chars().take(20).collect::<String>()));
        }
        Ok(Kind::Dollar(name.to_uppercase()))
    }

    /// A word whose first `lead` bytes are taken as they are.
    fn word(&mut self, lead: usize) -> String {
        let rest = self.rest();
        let more = rest[lead..].find(|c: char| !c.is_alphanumeric());
        let length = more.map_or(rest.len(), |more| lead + more);
        let word = rest[..length].to_owned();
        self.advance(length);
        word
    }

    fn number(&mut self) -> Kind {
        let rest = self.rest();
        let mut seen_dot = false;
        let length = rest.find(|c: char| {
            let dot = c == '.' && !seen_dot;
            seen_dot |= dot;
            !(c.is_ascii_digit() || dot)
        });
        let length = length.unwrap_or(rest.len());
        let number = crate::decimal::canonical(&crate::decimal::leading(&rest[..length]));
        self.advance(length);
        Kind::Number(number)
    }

    /// A field reference if there is a name in the braces, else the brace of a block.
    fn brace(&mut self) -> Kind {
        let rest = &self.rest()[1..];
        let Some(end) = rest.bytes().take(LONGEST_FIELD).position(|b| b == b'}') else {
            return self.opening();
        };
        let inner = &rest[..end];
        let (name, version) = match inner.rsplit_once('*') {
            Some((name, version)) if !name.is_empty() => (name, version),
            _ => (inner, " "),
        };
        let is_name = name == "*"
            || name.starts_with(|c: char| c.is_alphabetic() || matches!(c, '%' | '_'))
                && name
                    .chars()
                    .all(|c| c.is_alphanumeric() || matches!(c, '%' | '_' | '.' | '$' | '#' | '@'));
        let version = version.to_uppercase();
        let known = matches!(version.as_str(), " " | "N" | "O" | "C");
        let word_only = version == " " && super::parse::is_command(name);
        if !is_name || !known || word_only {
            return self.opening();
        }
        let kind = Kind::Field(name.to_owned(), version.chars().next().unwrap_or(' '));
        self.advance(end + 2);
        kind
    }

    fn opening(&mut self) -> Kind {
        self.advance(1);
        Kind::Symbol("{")
    }

    fn symbol(&mut self) -> Result<Kind> {
        for symbol in SYMBOLS {
            if self.rest().starts_with(symbol) {
                self.advance(symbol.len());
                return Ok(Kind::Symbol(symbol));
            }
        }
        Err(unknown(&self.rest().chars().take(20).collect::<String>()))
    }
}
