//! Operands: literals, names, calls, and the forms with a syntax of their own.

use super::Parser;
use crate::ast::{Expr, ObjectName};
use crate::error::{Result, SqlError};
use crate::lexer::Kind;
use crate::reserved::is_reserved;

/// Words that may not be identifiers but name a function when `(` follows.
const RESERVED_FUNCTIONS: [&str; 13] = [
    "CHAR",
    "CHARACTER_LENGTH",
    "CHAR_LENGTH",
    "COALESCE",
    "DATE",
    "LEFT",
    "LOWER",
    "NULLIF",
    "RIGHT",
    "SPACE",
    "HOUR",
    "MINUTE",
    "SECOND",
];

/// Functions over rows.
const AGGREGATES: [&str; 16] = [
    "COUNT",
    "SUM",
    "AVG",
    "MIN",
    "MAX",
    "LIST",
    "%DLIST",
    "JSON_ARRAYAGG",
    "XMLAGG",
    "STDDEV",
    "STDDEV_SAMP",
    "STDDEV_POP",
    "VARIANCE",
    "VAR_SAMP",
    "VAR_POP",
    "APPROX_COUNT_DISTINCT",
];

/// Collation and format functions, allowed without parentheses.
const PREFIXES: [&str; 16] = [
    "%EXACT",
    "%SQLUPPER",
    "%SQLSTRING",
    "%TRUNCATE",
    "%PLUS",
    "%MINUS",
    "%MVR",
    "%SPACE",
    "%ALPHAUP",
    "%STRING",
    "%UPPER",
    "%EXTERNAL",
    "%INTERNAL",
    "%ODBCIN",
    "%ODBCOUT",
    "UPPER",
];

/// Functions that only windows give a meaning.
const WINDOW_FUNCTIONS: [&str; 11] = [
    "ROW_NUMBER",
    "RANK",
    "DENSE_RANK",
    "PERCENT_RANK",
    "CUME_DIST",
    "NTILE",
    "LAG",
    "LEAD",
    "FIRST_VALUE",
    "LAST_VALUE",
    "NTH_VALUE",
];

impl Parser<'_> {
    pub(super) fn primary(&mut self, in_condition: bool) -> Result<Expr> {
        match self.peek().clone() {
            Kind::Text(text) => {
                self.advance();
                Ok(Expr::Text(text))
            }
            Kind::Number(text) => {
                self.advance();
                Ok(Expr::Number(text))
            }
            Kind::Parameter => {
                self.advance();
                self.parameters += 1;
                Ok(Expr::Parameter(self.parameters - 1))
            }
            Kind::Symbol("(") => self.parenthesised(in_condition),
            Kind::Symbol("{") => self.escape(),
            Kind::Delimited(_) => self.column_or_call(),
            Kind::Word(word) => self.word(&word.to_uppercase()),
            _ => Err(self.unexpected(-12, "a term")),
        }
    }

    fn parenthesised(&mut self, in_condition: bool) -> Result<Expr> {
        self.advance();
        if self.at_query() {
            let query = self.nested(Self::subquery)?;
            self.expect_symbol(")")?;
            return Ok(Expr::Subquery(Box::new(query)));
        }
        let inner = if in_condition {
            self.nested(Self::disjunction)?
        } else {
            self.value()?
        };
        self.expect_symbol(")")?;
        Ok(inner)
    }

    fn word(&mut self, word: &str) -> Result<Expr> {
        let calls = self.symbol_at(1, "(");
        match word {
            "NULL" => {
                self.advance();
                Ok(Expr::Null)
            }
            "CASE" => self.nested(Self::case),
            "CAST" if calls => self.nested(Self::cast),
            "CONVERT" if calls => self.nested(Self::convert),
            "TRIM" if calls => self.nested(Self::trim),
            "SUBSTRING" if calls => self.nested(Self::substring),
            "POSITION" if calls => self.nested(Self::position),
            "TO_VECTOR" if calls && self.since(crate::Version::V2024_1) => {
                self.nested(Self::vector_literal)
            }
            "CURRENT_TIME" | "CURRENT_TIMESTAMP" => self.current(word),
            "CURRENT_DATE" | "SYSDATE" => self.special(word),
            "USER" => self.special(word),
            "%ID" | "%VID" | "%TABLENAME" | "%CLASSNAME" | "%KEY" | "%VALUE" => {
                self.advance();
                Ok(Expr::Column {
                    qualifier: None,
                    name: word.to_owned(),
                })
            }
            _ if PREFIXES.contains(&word) => self.prefix(word),
            _ if calls && AGGREGATES.contains(&word) => self.nested(|p| p.aggregate(word)),
            _ if calls && RESERVED_FUNCTIONS.contains(&word) => {
                self.advance();
                self.call(word.to_owned(), false)
            }
            _ if word.starts_with('$') && !calls => self.special(word),
            _ if calls && let Some(call) = self.special_call(word) => call,
            _ if is_reserved(word) => Err(self.unexpected(-12, "a term")),
            _ => self.column_or_call(),
        }
    }

    fn special(&mut self, word: &str) -> Result<Expr> {
        self.advance();
        Ok(Expr::Special(word.to_owned(), None))
    }

    fn current(&mut self, word: &str) -> Result<Expr> {
        self.advance();
        let mut precision = None;
        if self.accept_symbol("(") {
            precision = u32::try_from(self.unsigned()?).ok().filter(|p| *p <= 9);
            self.expect_symbol(")")?;
        }
        Ok(Expr::Special(word.to_owned(), precision))
    }

    /// `a`, `t.a`, `s.t.a`, `f(…)`, `s.f(…)`, any of them with `OVER`.
    fn column_or_call(&mut self) -> Result<Expr> {
        let mut parts = vec![self.identifier()?];
        while parts.len() < 4 && self.accept_symbol(".") {
            parts.push(self.path_part()?);
        }
        if self.is_symbol("(") {
            return self.call(parts.join(".").to_uppercase(), false);
        }
        let name = parts.pop().unwrap_or_default();
        let qualifier = parts.pop().map(|table| ObjectName {
            schema: parts.pop(),
            name: table,
        });
        self.arrows(Expr::Column { qualifier, name })
    }

    /// `->name`, any number of times.
    fn arrows(&mut self, mut base: Expr) -> Result<Expr> {
        let mut chain = 0;
        while self.accept_symbol("->") {
            chain += 1;
            if chain > super::DEEPEST {
                return Err(SqlError::new(-400, "<FRAMESTACK> too many arrows"));
            }
            base = Expr::Arrow {
                base: Box::new(base),
                name: self.path_part()?,
            };
        }
        Ok(base)
    }

    /// After a dot, `%ID` and its kin are allowed too.
    fn path_part(&mut self) -> Result<String> {
        for pseudo in ["%ID", "%VID", "%TABLENAME", "%CLASSNAME", "%KEY", "%VALUE"] {
            if self.accept(pseudo) {
                return Ok(pseudo.to_owned());
            }
        }
        self.identifier()
    }

    pub(super) fn call(&mut self, name: String, braced: bool) -> Result<Expr> {
        let args = self.nested(Self::arguments)?;
        let call = Expr::Call {
            name: name.clone(),
            args,
            braced,
        };
        if WINDOW_FUNCTIONS.contains(&name.as_str())
            || self.is_word("OVER") && self.symbol_at(1, "(")
        {
            return self.over(call);
        }
        Ok(call)
    }

    pub(super) fn arguments(&mut self) -> Result<Vec<Expr>> {
        self.expect_symbol("(")?;
        let args = if self.is_symbol(")") {
            Vec::new()
        } else {
            self.comma_list(Self::value)?
        };
        self.expect_symbol(")")?;
        Ok(args)
    }
}
