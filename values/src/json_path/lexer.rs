//! The words of a path (`jsonpath_scan.l`), among others those that are cut in an unexpected way: of
//! all that may begin at a place the longest is taken.

use super::Wrong;

/// A word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    End,
    /// A character that stands for itself.
    Character(char),
    /// `&&` and other signs of two characters, of which `!=` is written `<>`.
    Sign(&'static str),
    Integer(String),
    Number(String),
    Text(String),
    Variable(String),
    /// A name that is no keyword.
    Name(String),
    /// A keyword in small letters, and as it is written.
    Keyword(&'static str, String),
}

const KEYWORDS: &[&str] = &[
    "is",
    "to",
    "abs",
    "lax",
    "flag",
    "last",
    "size",
    "type",
    "with",
    "floor",
    "double",
    "exists",
    "starts",
    "strict",
    "ceiling",
    "unknown",
    "datetime",
    "keyvalue",
    "like_regex",
];

/// Those that are only known in small letters.
const CONSTANTS: &[&str] = &["null", "true", "false"];

const SPECIAL: &str = "?%$.[]{}()|&!=<>@#,*:-+/";

fn is_blank(one: char) -> bool {
    matches!(one, ' ' | '\t' | '\n' | '\r' | '\x0c')
}

fn is_other(one: char) -> bool {
    !is_blank(one) && !SPECIAL.contains(one) && !matches!(one, '\\' | '"')
}

pub(super) struct Lexer<'a> {
    rest: &'a str,
    /// What the last rule took: an error shows it.
    taken: &'a str,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            // What is behind a zero is behind the end to PostgreSQL.
            rest: text.split('\0').next().unwrap_or_default(),
            taken: "",
        }
    }

    /// `jsonpath_yyerror`
    pub(super) fn wrong(&self, message: &str) -> Wrong {
        Wrong::new(
            "42601",
            match self.taken {
                "" => format!("{message} at end of jsonpath input"),
                taken => format!("{message} at or near \"{taken}\" of jsonpath input"),
            },
        )
    }

    /// The next word; an error shows what ends it.
    ///
    /// # Errors
    /// There is none.
    pub(super) fn next(&mut self) -> Result<Token, Wrong> {
        loop {
            self.rest = self.rest.trim_start_matches(is_blank);
            if self.rest.is_empty() {
                self.taken = "";
                return Ok(Token::End);
            }
            if self.rest.starts_with("/*") {
                self.comment()?;
                continue;
            }
            if let Some(token) = self.word()? {
                return Ok(token);
            }
        }
    }

    /// A word; none for a name that a comment ends, which is forgotten.
    fn word(&mut self) -> Result<Option<Token>, Wrong> {
        for (sign, meant) in [
            ("&&", "&&"),
            ("||", "||"),
            ("**", "**"),
            ("<=", "<="),
            ("==", "=="),
            ("<>", "<>"),
            ("!=", "<>"),
            (">=", ">="),
        ] {
            if self.rest.starts_with(sign) {
                self.take(sign.len());
                return Ok(Some(Token::Sign(meant)));
            }
        }
        if let Some(behind) = self.rest.strip_prefix('$') {
            if behind.starts_with('"') {
                self.take(2);
                return self.quoted().map(Token::Variable).map(Some);
            }
            let length = length_of(behind, is_other);
            if length > 0 {
                let name = self.take(1 + length).get(1..).unwrap_or_default();
                return Ok(Some(Token::Variable(name.to_owned())));
            }
        }
        if let Some(number) = self.number()? {
            return Ok(Some(number));
        }
        match self.rest.chars().next() {
            Some('"') => {
                self.take(1);
                self.quoted().map(Token::Text).map(Some)
            }
            Some(special) if SPECIAL.contains(special) => {
                self.take(1);
                Ok(Some(Token::Character(special)))
            }
            _ => self.name(),
        }
    }

    fn take(&mut self, length: usize) -> &'a str {
        let (taken, rest) = self
            .rest
            .split_at_checked(length)
            .unwrap_or((self.rest, ""));
        self.rest = rest;
        self.taken = taken;
        taken
    }

    fn comment(&mut self) -> Result<(), Wrong> {
        let behind = self.rest.get(2..).unwrap_or_default();
        match behind.find("*/") {
            Some(at) => {
                self.take(at + 4);
                Ok(())
            }
            None => {
                self.rest = "";
                self.taken = "";
                Err(self.wrong("unexpected end of comment"))
            }
        }
    }

    /// A number; none if a longer name begins here, or something else.
    fn number(&mut self) -> Result<Option<Token>, Wrong> {
        let digits = |text: &str| length_of(text, |one| one.is_ascii_digit());
        let text = self.rest;
        let behind = |length: usize| text.get(length..).unwrap_or_default();
        let integer = match text.starts_with('0') {
            true => 1,
            false => digits(text),
        };
        let mut length = integer;
        let mut is_integer = true;
        if let Some(decimals) = behind(integer).strip_prefix('.') {
            let count = digits(decimals);
            if integer > 0 || count > 0 {
                (length, is_integer) = (integer + 1 + count, false);
            }
        }
        if length == 0 {
            return Ok(None);
        }
        let mut fails = 0;
        if let Some(power) = behind(length).strip_prefix(['e', 'E']) {
            let sign = usize::from(power.starts_with(['+', '-']));
            match digits(power.get(sign..).unwrap_or_default()) {
                0 => fails = length + 1 + sign,
                count => (length, is_integer) = (length + 1 + sign + count, false),
            }
        }
        let junk = match behind(length).chars().next() {
            // By bytes a name with another character is longer.
            Some(one) if is_other(one) && (one.is_ascii() || !is_name(text, length)) => {
                length + one.len_utf8()
            }
            _ => 0,
        };
        let longest = length.max(junk).max(fails);
        if length_of(text, is_other) > longest {
            return Ok(None);
        }
        let taken = self.take(longest).to_owned();
        match longest {
            _ if longest == length && is_integer => Ok(Some(Token::Integer(taken))),
            _ if longest == length => Ok(Some(Token::Number(taken))),
            _ => Err(self.wrong(match longest == junk {
                true => "trailing junk after numeric literal",
                false => "invalid numeric literal",
            })),
        }
    }

    fn name(&mut self) -> Result<Option<Token>, Wrong> {
        let mut name = String::new();
        loop {
            let length = length_of(self.rest, is_other);
            name.push_str(self.rest.get(..length).unwrap_or_default());
            self.rest = self.rest.get(length..).unwrap_or_default();
            match self.rest.chars().next() {
                Some('\\') => self.escaped(&mut name)?,
                // What is before a comment is forgotten.
                Some('/') if self.rest.starts_with("/*") => return Ok(None),
                Some(one) if is_blank(one) => {
                    self.take(length_of(self.rest, is_blank));
                    break;
                }
                _ => {
                    self.taken = "";
                    break;
                }
            }
        }
        Ok(Some(keyword(name)))
    }

    /// Up to the next `"`.
    fn quoted(&mut self) -> Result<String, Wrong> {
        let mut text = String::new();
        loop {
            let length = length_of(self.rest, |one| !matches!(one, '"' | '\\'));
            text.push_str(self.rest.get(..length).unwrap_or_default());
            self.rest = self.rest.get(length..).unwrap_or_default();
            match self.rest.chars().next() {
                None => {
                    self.taken = "";
                    return Err(self.wrong("unexpected end of quoted string"));
                }
                Some('"') => {
                    self.take(1);
                    return Ok(text);
                }
                Some(_) => self.escaped(&mut text)?,
            }
        }
    }

    /// A character, or several by their codes, behind `\`.
    fn escaped(&mut self, text: &mut String) -> Result<(), Wrong> {
        let mut characters = self.rest.chars().skip(1);
        let Some(kind) = characters.next() else {
            self.take(1);
            return Err(self.wrong("unexpected end after backslash"));
        };
        match kind {
            'u' => return self.codes(text),
            'x' => {
                let code = self.rest.get(2..4).filter(|code| is_hexadecimal(code));
                let Some(code) = code else {
                    let digits = self.rest.get(2..).unwrap_or_default();
                    let count = length_of(digits, |one| one.is_ascii_hexdigit()).min(1);
                    self.take(2 + count);
                    return Err(self.wrong("invalid hex character sequence"));
                };
                let code = u32::from_str_radix(code, 16).unwrap_or_default();
                self.take(4);
                return Codes::default().add(code, text);
            }
            _ => {}
        }
        self.take(1 + kind.len_utf8());
        text.push(match kind {
            'b' => '\x08',
            'f' => '\x0c',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'v' => '\x0b',
            other => other,
        });
        Ok(())
    }

    /// Codes one behind the other: two of them may be one character.
    fn codes(&mut self, text: &mut String) -> Result<(), Wrong> {
        let mut codes = Codes::default();
        while self.rest.starts_with("\\u") {
            let code = self.code()?;
            codes.add(code, text)?;
        }
        codes.end()
    }

    fn code(&mut self) -> Result<u32, Wrong> {
        let digits = self.rest.get(2..).unwrap_or_default();
        let (lead, most, digits) = match digits.strip_prefix('{') {
            Some(digits) => (3, 6, digits),
            None => (2, 4, digits),
        };
        let count = length_of(digits, |one| one.is_ascii_hexdigit()).min(most);
        let code = digits.get(..count).unwrap_or_default();
        let is_whole = match lead {
            3 => {
                count > 0
                    && digits
                        .get(count..)
                        .is_some_and(|rest| rest.starts_with('}'))
            }
            _ => count == 4,
        };
        if !is_whole {
            // Of four digits one less is looked for.
            self.take(lead + count);
            return Err(self.wrong("invalid unicode sequence"));
        }
        self.take(lead + count + usize::from(lead == 3));
        Ok(u32::from_str_radix(code, 16).unwrap_or_default())
    }
}

/// Codes of UTF-16.
#[derive(Default)]
struct Codes {
    high: Option<u32>,
}

impl Codes {
    /// `addUnicode`
    fn add(&mut self, code: u32, text: &mut String) -> Result<(), Wrong> {
        let invalid = || Wrong::new("22P02", "invalid input syntax for type jsonpath");
        let code = match (self.high.take(), code) {
            (Some(_), 0xd800..0xdc00) => {
                let detail = "Unicode high surrogate must not follow a high surrogate.";
                return Err(invalid().detailed(detail));
            }
            (None, 0xd800..0xdc00) => {
                self.high = Some(code);
                return Ok(());
            }
            (Some(high), 0xdc00..0xe000) => 0x10000 + ((high - 0xd800) << 10) + (code - 0xdc00),
            (Some(_), _) | (None, 0xdc00..0xe000) => return self.alone(),
            (None, code) => code,
        };
        if code == 0 {
            let detail = "\\u0000 cannot be converted to text.";
            return Err(Wrong::new("22P05", "unsupported Unicode escape sequence").detailed(detail));
        }
        let one = char::from_u32(code)
            .ok_or_else(|| Wrong::new("42601", "invalid Unicode code point"))?;
        text.push(one);
        Ok(())
    }

    fn alone(&self) -> Result<(), Wrong> {
        let detail = "Unicode low surrogate must follow a high surrogate.";
        Err(Wrong::new("22P02", "invalid input syntax for type jsonpath").detailed(detail))
    }

    fn end(&self) -> Result<(), Wrong> {
        match self.high {
            Some(_) => self.alone(),
            None => Ok(()),
        }
    }
}

fn is_name(text: &str, length: usize) -> bool {
    length_of(text, is_other) > length
}

fn is_hexadecimal(code: &str) -> bool {
    code.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// How many bytes the characters have that are such, from the first one.
fn length_of(text: &str, is_such: impl Fn(char) -> bool) -> usize {
    text.find(|one| !is_such(one)).unwrap_or(text.len())
}

/// `checkKeyword`
fn keyword(name: String) -> Token {
    let same = |word: &&&str| name.eq_ignore_ascii_case(word);
    let constant = CONSTANTS.iter().find(|word| **word == name);
    match constant.or_else(|| KEYWORDS.iter().find(same)) {
        Some(word) => Token::Keyword(word, name),
        None => Token::Name(name),
    }
}
