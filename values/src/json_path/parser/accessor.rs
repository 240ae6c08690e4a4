//! What of a path takes a value apart: members, elements, levels, filters and methods.

use super::{Parser, Read};
use crate::json_path::Wrong;
use crate::json_path::lexer::Token;
use crate::json_path::tree::{LAST_LEVEL, Method, Place, Unary, What};

impl Parser<'_> {
    /// What stands behind a value; none if nothing does.
    pub(super) fn accessor(&mut self) -> Read<Option<Place>> {
        let what = match self.token {
            Token::Character('.') => {
                self.advance()?;
                self.member()?
            }
            Token::Character('[') => {
                self.advance()?;
                self.elements()?
            }
            Token::Character('?') => {
                self.advance()?;
                self.filters += 1;
                let filter = self.enclosed_predicate()?;
                self.filters -= 1;
                What::Filter(filter)
            }
            _ => return Ok(None),
        };
        Ok(Some(self.part(what)))
    }

    /// Behind a point.
    fn member(&mut self) -> Read<What> {
        let (name, keyword) = match &self.token {
            Token::Character('*') => {
                self.advance()?;
                return Ok(What::AnyKey);
            }
            Token::Sign("**") => {
                self.advance()?;
                return self.levels();
            }
            Token::Name(name) | Token::Text(name) => (name.clone(), ""),
            Token::Keyword(keyword, name) => (name.clone(), *keyword),
            _ => return Err(self.wrong()),
        };
        self.advance()?;
        if !self.is('(') {
            return Ok(What::Key(name));
        }
        let method = match keyword {
            "type" => Method::Type,
            "size" => Method::Size,
            "double" => Method::Double,
            "abs" => Method::Number(Unary::Abs),
            "floor" => Method::Number(Unary::Floor),
            "ceiling" => Method::Number(Unary::Ceiling),
            "keyvalue" => Method::KeyValue,
            "datetime" => return self.datetime(),
            _ => return Err(self.wrong()),
        };
        self.advance()?;
        self.expect(')')?;
        Ok(What::Method(method))
    }

    /// `datetime()`, perhaps of a template.
    fn datetime(&mut self) -> Read<What> {
        self.advance()?;
        if matches!(self.token, Token::Text(_)) {
            self.advance()?;
        }
        self.expect(')')?;
        let message = "jsonpath item method .datetime() is not supported";
        Err(Wrong::new("0A000", message))
    }

    /// Behind `**`.
    fn levels(&mut self) -> Read<What> {
        if !self.took('{')? {
            let (first, last) = (0, LAST_LEVEL);
            return Ok(What::AnyLevel { first, last });
        }
        let first = self.level()?;
        let mut last = first;
        if self.is_keyword("to") {
            self.advance()?;
            last = self.level()?;
        }
        self.expect('}')?;
        Ok(What::AnyLevel { first, last })
    }

    fn level(&mut self) -> Read<u32> {
        let level = match &self.token {
            Token::Keyword("last", _) => LAST_LEVEL,
            Token::Integer(digits) => digits
                .parse::<i32>()
                .ok()
                .and_then(|level| u32::try_from(level).ok())
                .ok_or_else(|| {
                    let message = format!("value \"{digits}\" is out of range for type integer");
                    Wrong::new("22003", message)
                })?,
            _ => return Err(self.wrong()),
        };
        self.advance()?;
        Ok(level)
    }

    /// Behind `[`.
    fn elements(&mut self) -> Read<What> {
        if self.took('*')? {
            self.expect(']')?;
            return Ok(What::AnyElement);
        }
        self.subscripts += 1;
        let mut elements = Vec::new();
        loop {
            let from = self.deeper(Self::expression)?;
            let mut to = None;
            if self.is_keyword("to") {
                self.advance()?;
                to = Some(self.deeper(Self::expression)?);
            }
            elements.push((from, to));
            if !self.took(',')? {
                break;
            }
        }
        self.expect(']')?;
        self.subscripts -= 1;
        Ok(What::Elements(elements))
    }
}
