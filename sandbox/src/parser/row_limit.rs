//! TOP, LIMIT, OFFSET, FETCH and the undocumented paging words of SELECT.

use super::Parser;
use crate::Version;
use crate::ast::{Expr, Limit, Top};
use crate::error::{Result, SqlError};
use crate::lexer::Kind;

impl Parser<'_> {
    /// `%ROWOFFSET n %ROWLIMIT m`
    pub(super) fn row_paging(&mut self) -> Result<Option<Limit>> {
        let offset = if self.accept("%ROWOFFSET") {
            Some(self.primary(false)?)
        } else {
            None
        };
        let count = if self.accept("%ROWLIMIT") {
            Some(self.primary(false)?)
        } else {
            None
        };
        Ok((offset.is_some() || count.is_some()).then_some(Limit { count, offset }))
    }

    pub(super) fn top(&mut self) -> Result<Option<Top>> {
        if !self.accept("TOP") {
            return Ok(None);
        }
        if self.accept("ALL") {
            return Ok(Some(Top::All));
        }
        let parenthesised = self.accept_symbol("(");
        let allowed = matches!(
            self.peek(),
            Kind::Number(_) | Kind::Text(_) | Kind::Parameter
        ) || matches!(self.peek(), Kind::Symbol("-" | "+"));
        if !allowed {
            return Err(self.unexpected(-1, "integer"));
        }
        let count = self.sign_of_count()?;
        if parenthesised {
            self.expect_symbol(")")?;
        }
        Ok(Some(Top::Count(count)))
    }

    fn sign_of_count(&mut self) -> Result<Expr> {
        let negative = self.accept_symbol("-");
        self.accept_symbol("+");
        let count = self.primary(false)?;
        Ok(if negative {
            Expr::Negate(Box::new(count))
        } else {
            count
        })
    }

    /// Since 2025.1: `LIMIT [ALL] n [OFFSET m [ROWS]]` or
    /// `[OFFSET m [ROWS]] FETCH [FIRST|NEXT] n [ROWS] [ONLY]`.
    pub(super) fn limit(&mut self) -> Result<Option<Limit>> {
        if !self.since(Version::V2025_1) {
            return Ok(None);
        }
        let mut limit = Limit {
            count: None,
            offset: None,
        };
        let limited = self.accept("LIMIT");
        if limited {
            self.accept("ALL");
            limit.count = Some(self.row_count()?);
        }
        if self.accept("OFFSET") {
            limit.offset = Some(self.row_count()?);
            self.accept_any(&["ROWS", "ROW"]);
        }
        if self.is_word("FETCH") {
            if limited {
                return Err(SqlError::code(-386));
            }
            self.fetch(&mut limit)?;
        }
        Ok((limit.count.is_some() || limit.offset.is_some()).then_some(limit))
    }

    fn fetch(&mut self, limit: &mut Limit) -> Result<()> {
        self.advance();
        self.accept_any(&["FIRST", "NEXT"]);
        limit.count = Some(self.row_count()?);
        self.accept_any(&["ROWS", "ROW"]);
        self.accept("ONLY");
        if self.is_word("LIMIT") {
            return Err(SqlError::code(-386));
        }
        Ok(())
    }

    /// Does a LIMIT or an OFFSET stand here? Neither word is reserved.
    pub(super) fn at_row_limit(&self) -> bool {
        let counted = matches!(
            self.peek_at(1),
            Kind::Number(_) | Kind::Parameter | Kind::Text(_) | Kind::Symbol("-" | "+")
        );
        self.since(Version::V2025_1)
            && (self.is_word("LIMIT") && (counted || Self::word_is(self.peek_at(1), "ALL"))
                || self.is_word("OFFSET") && counted)
    }

    fn row_count(&mut self) -> Result<Expr> {
        match self.peek() {
            Kind::Number(_) | Kind::Parameter | Kind::Text(_) | Kind::Symbol("-" | "+") => {
                self.sign_of_count()
            }
            _ => Err(self.unexpected(-80, "integer")),
        }
    }
}
