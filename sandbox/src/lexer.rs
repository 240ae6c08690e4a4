//! Cuts a statement into tokens; knows words, literals and comments, but no grammar.

mod code;
mod comment_options;

use crate::error::{Result, SqlError};
use comment_options::is_json_object;

/// Longest statement, in bytes: the IRIS limit of one string. Longer text is
/// refused before anything is allocated for it.
const LONGEST_STATEMENT: usize = 3_641_144;

/// What a token is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A bare word: keyword or identifier, `%word` and `$word` included.
    Word(String),
    /// A delimited identifier, without its quotes.
    Delimited(String),
    /// A string literal, without its quotes.
    Text(String),
    /// A number as written.
    Number(String),
    /// What stands in the braces of COMPUTECODE and of routines: not SQL.
    Code(String),
    /// `?`
    Parameter,
    /// An operator or a punctuation mark.
    Symbol(&'static str),
    /// A character that no IRIS SQL contains outside literals.
    Stray(char),
    /// After the last token.
    End,
}

/// A token and where it stands, in bytes.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// Longest first, so that `<=` is not read as `<`.
const SYMBOLS: [&str; 30] = [
    "||", "<>", "<=", ">=", "!=", "->", "(", ")", ",", ".", "+", "-", "*", "/", "\\", "#", "=",
    "<", ">", "[", "]", "&", "!", "{", "}", ":", ";", "@", "|", "^",
];

/// All tokens of `sql`, the last one being [`Kind::End`].
pub(crate) fn tokens(sql: &str) -> Result<Vec<Token>> {
    if sql.len() > LONGEST_STATEMENT {
        return Err(SqlError::new(-400, "<MAXSTRING> statement too long"));
    }
    let mut lexer = Lexer { sql, at: 0 };
    let mut tokens = Vec::new();
    loop {
        lexer.skip_blanks()?;
        let start = lexer.at;
        let kind = if sql[start..].starts_with('{') && code::expected(&tokens) {
            lexer.code()?
        } else {
            lexer.next_kind()?
        };
        let last = kind == Kind::End;
        tokens.push(Token {
            kind,
            start,
            end: lexer.at,
        });
        if last {
            return Ok(tokens);
        }
    }
}

struct Lexer<'a> {
    sql: &'a str,
    at: usize,
}

impl Lexer<'_> {
    fn rest(&self) -> &str {
        &self.sql[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn skip_blanks(&mut self) -> Result<()> {
        loop {
            let rest = self.rest();
            let trimmed = rest.trim_start();
            self.at += rest.len() - trimmed.len();
            if self.rest().starts_with("--") {
                self.at += self.rest().find('\n').unwrap_or(self.rest().len());
            } else if self.rest().starts_with("/*") {
                self.skip_block_comment()?;
            } else {
                return Ok(());
            }
        }
    }

    fn skip_block_comment(&mut self) -> Result<()> {
        let Some(length) = self.rest()[2..].find("*/") else {
            return Err(SqlError::new(-1, "end of comment missing"));
        };
        let body = self.rest()[2..2 + length].trim();
        if let Some(options) = body.strip_prefix("#OPTIONS")
            && !is_json_object(options)
        {
            return Err(SqlError::new(-153, "comment options are not a JSON object"));
        }
        self.at += length + 4;
        Ok(())
    }

    fn code(&mut self) -> Result<Kind> {
        let length = code::length(self.rest()).ok_or_else(|| SqlError::new(-1, "} missing"))?;
        let code = self.rest()[1..length - 1].to_owned();
        self.at += length;
        Ok(Kind::Code(code))
    }

    fn next_kind(&mut self) -> Result<Kind> {
        let Some(first) = self.peek() else {
            return Ok(Kind::End);
        };
        match first {
            '\'' => Ok(Kind::Text(self.quoted('\'')?)),
            '"' => self.delimited(),
            '?' => {
                self.at += 1;
                Ok(Kind::Parameter)
            }
            '0'..='9' => self.number(),
            '.' if self.rest()[1..].starts_with(|c: char| c.is_ascii_digit()) => self.number(),
            _ if starts_word(first) => Ok(self.word()),
            _ => Ok(self.symbol(first)),
        }
    }

    fn quoted(&mut self, quote: char) -> Result<String> {
        let mut text = String::new();
        self.at += 1;
        loop {
            let Some(end) = self.rest().find(quote) else {
                return Err(SqlError::code(-3));
            };
            text.push_str(&self.rest()[..end]);
            self.at += end + 1;
            if !self.rest().starts_with(quote) {
                return Ok(text);
            }
            text.push(quote);
            self.at += 1;
        }
    }

    /// A delimited identifier has at least one letter or digit and none of `,` `.` `^` `->`.
    fn delimited(&mut self) -> Result<Kind> {
        let name = self.quoted('"')?;
        let refused = !name.chars().any(char::is_alphanumeric)
            || name.contains([',', '.', '^'])
            || name.contains("->")
            || name.starts_with('*')
            || name.contains('\0')
            || name.eq_ignore_ascii_case("%vid")
            || name.chars().count() > 128;
        if refused {
            return Err(SqlError::new(
                -1,
                format!("invalid delimited identifier \"{name}\""),
            ));
        }
        Ok(Kind::Delimited(name))
    }

    fn number(&mut self) -> Result<Kind> {
        let start = self.at;
        self.digits();
        if self.peek() == Some('.') {
            self.at += 1;
            self.digits();
        }
        if matches!(self.peek(), Some('e' | 'E')) {
            let after = self.rest()[1..].trim_start_matches(['+', '-']);
            if after.starts_with(|c: char| c.is_ascii_digit()) {
                self.at += self.rest().len() - after.len();
                let exponent_at = self.at;
                self.digits();
                if self.sql[exponent_at..self.at]
                    .parse::<u32>()
                    .is_ok_and(|e| e <= 308)
                {
                    return Ok(Kind::Number(self.sql[start..self.at].to_owned()));
                }
                return Err(SqlError::code(-7));
            }
            if !after.starts_with(continues_word) {
                return Err(SqlError::code(-2));
            }
        }
        // `0x1F` is no number with an alias.
        if self.peek().is_some_and(char::is_alphabetic) {
            return Err(SqlError::new(-1, "letter after number"));
        }
        Ok(Kind::Number(self.sql[start..self.at].to_owned()))
    }

    fn digits(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    }

    fn word(&mut self) -> Kind {
        let rest = self.rest();
        let first = rest.chars().next().map_or(0, char::len_utf8);
        let length = rest[first..]
            .find(|c| !continues_word(c))
            .map_or(rest.len(), |n| n + first);
        let word = rest[..length].to_owned();
        self.at += length;
        match word.as_str() {
            "_" => Kind::Symbol("||"),
            "%" => Kind::Stray('%'),
            "$" => Kind::Stray('$'),
            _ => Kind::Word(word),
        }
    }

    fn symbol(&mut self, first: char) -> Kind {
        for symbol in SYMBOLS {
            if self.rest().starts_with(symbol) {
                self.at += symbol.len();
                return Kind::Symbol(symbol);
            }
        }
        self.at += first.len_utf8();
        Kind::Stray(first)
    }
}

fn starts_word(c: char) -> bool {
    c.is_alphabetic() || matches!(c, '%' | '_' | '$')
}

fn continues_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '@' | '#' | '$')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(sql: &str) -> Vec<Kind> {
        tokens(sql)
            .unwrap()
            .into_iter()
            .map(|token| token.kind)
            .collect()
    }

    #[test]
    fn a_hash_glued_to_a_name_belongs_to_it() {
        assert_eq!(kinds("a#b"), [Kind::Word("a#b".into()), Kind::End]);
        assert_eq!(kinds("a # b").len(), 4);
    }

    #[test]
    fn quotes_are_doubled_and_comments_are_blanks() {
        assert_eq!(
            kinds("'it''s' --x\n/* y */"),
            [Kind::Text("it's".into()), Kind::End]
        );
    }

    #[test]
    fn malformed_tokens_have_codes_of_their_own() {
        for (sql, code) in [
            ("'a", -3),
            ("1E309", -7),
            ("1E+", -2),
            ("\"a.b\"", -1),
            ("\"\"", -1),
            ("/* a", -1),
        ] {
            assert_eq!(tokens(sql).unwrap_err().sqlcode, code, "{sql}");
        }
    }
}
