//! What the lexer finds: kinds of tokens with their place in the client's text.

use std::ops::Range;

/// The kind of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A keyword or a regular identifier; also IRIS's `%ID` and `$ZVERSION`.
    Word,
    /// `"…"`
    QuotedIdentifier,
    /// `U&"…"`
    UnicodeIdentifier,
    /// `'…'`, possibly continued on another line.
    String,
    /// `E'…'`
    EscapeString,
    /// `U&'…'`, with its UESCAPE clause if there is one.
    UnicodeString,
    /// `$tag$…$tag$`
    DollarString,
    /// `N'…'`
    NationalString,
    /// `B'…'`
    BitString,
    /// `X'…'`
    HexString,
    /// Unsigned.
    Number,
    /// `$n`, or the n-th `?`.
    Placeholder(u32),
    /// A run of operator characters.
    Operator,
    /// One of `( ) [ ] { } , ; . : \`, or `::`, `:=`.
    Punctuation,
}

/// A token: its kind and the bytes it covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lexeme {
    pub(crate) kind: Kind,
    pub(crate) start: u32,
    pub(crate) end: u32,
}

impl Lexeme {
    pub(crate) fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    pub(crate) fn text(self, text: &str) -> &str {
        &text[self.range()]
    }

    /// Whether it is this keyword, in any case.
    pub(crate) fn is(self, text: &str, keyword: &str) -> bool {
        self.kind == Kind::Word && self.text(text).eq_ignore_ascii_case(keyword)
    }

    /// Whether it is this operator or punctuation.
    pub(crate) fn is_symbol(self, text: &str, symbol: &str) -> bool {
        matches!(self.kind, Kind::Operator | Kind::Punctuation) && self.text(text) == symbol
    }
}

/// Words after which an operand must follow: what stands behind them is no
/// binary operator, so `%` begins a name and `?` is a placeholder.
const BEFORE_OPERAND: &[&str] = &[
    "ALL",
    "AND",
    "ANY",
    "AS",
    "ASC",
    "BETWEEN",
    "BY",
    "CALL",
    "CASE",
    "COLLATE",
    "DELETE",
    "DESC",
    "DISTINCT",
    "ELSE",
    "ESCAPE",
    "EXCEPT",
    "EXISTS",
    "FETCH",
    "FROM",
    "HAVING",
    "ILIKE",
    "IN",
    "INSERT",
    "INTERSECT",
    "INTO",
    "JOIN",
    "LIKE",
    "LIMIT",
    "NEXT",
    "FIRST",
    "NOT",
    "OFFSET",
    "ON",
    "OR",
    "RETURN",
    "SELECT",
    "SET",
    "SOME",
    "TABLE",
    "THEN",
    "TOP",
    "TRANSACTION",
    "UNION",
    "UPDATE",
    "USING",
    "VALUES",
    "WHEN",
    "WHERE",
    "WITH",
];

/// Whether an operand ends with this token.
pub(crate) fn ends_operand(text: &str, before: Option<Lexeme>) -> bool {
    let Some(before) = before else { return false };
    match before.kind {
        Kind::Operator => false,
        Kind::Punctuation => matches!(before.text(text), ")" | "]" | "}"),
        Kind::Word => {
            let word = before.text(text);
            !word.starts_with('%')
                && !BEFORE_OPERAND
                    .iter()
                    .any(|keyword| word.eq_ignore_ascii_case(keyword))
                || word.eq_ignore_ascii_case("%ID")
                || word.eq_ignore_ascii_case("%VID")
        }
        _ => true,
    }
}
