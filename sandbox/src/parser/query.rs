//! SELECT and what combines and limits it.

use super::{LONGEST_CHAIN, Parser};
use crate::ast::{Cte, Distinct, Limit, Query, Select, SelectItem, SetExpr, SetOp};
use crate::error::{Result, SqlError};
use crate::lexer::Kind;

impl Parser<'_> {
    /// Does a query start here? Not looking through parentheses.
    pub(super) fn at_query(&self) -> bool {
        self.is_word("SELECT")
    }

    /// A query inside parentheses: no WITH.
    pub(super) fn subquery(&mut self) -> Result<Query> {
        if !self.at_query() && !self.is_symbol("(") {
            return Err(self.unexpected(-1, "SELECT"));
        }
        self.query_after(Vec::new())
    }

    pub(super) fn query_after(&mut self, ctes: Vec<Cte>) -> Result<Query> {
        let mut body = self.nested(Self::set_expression)?;
        let mut order = Vec::new();
        if self.accept_all(&["ORDER", "BY"]) {
            order = self.comma_list(Self::order_item)?;
        }
        let mut limit = self.limit()?;
        if order.is_empty() {
            limit = limit_last_leg(&mut body, limit);
        }
        Ok(Query {
            ctes,
            body,
            order,
            limit,
        })
    }

    /// `WITH name AS (query), …`
    pub(super) fn ctes(&mut self) -> Result<Vec<Cte>> {
        self.expect("WITH")?;
        self.comma_list(|p| {
            let name = p.identifier()?;
            p.cte_names.push(name.clone());
            p.expect("AS")?;
            p.expect_symbol("(")?;
            let query = p.nested(Self::subquery)?;
            p.expect_symbol(")")?;
            Ok(Cte { name, query })
        })
    }

    fn set_expression(&mut self) -> Result<SetExpr> {
        let mut left = self.set_operand()?;
        let mut chain = 0;
        loop {
            let op = match self.accept_any(&["UNION", "INTERSECT", "EXCEPT"]) {
                Some("UNION") => SetOp::Union,
                Some("INTERSECT") => SetOp::Intersect,
                Some(_) => SetOp::Except,
                None => return Ok(left),
            };
            chain += 1;
            if chain > LONGEST_CHAIN {
                return Err(SqlError::new(-400, "<FRAMESTACK> too many set operations"));
            }
            let all = op == SetOp::Union && self.accept("ALL");
            self.accept("%PARALLEL");
            let right = Box::new(self.set_operand()?);
            left = SetExpr::Operation {
                op,
                all,
                left: Box::new(left),
                right,
            };
        }
    }

    fn set_operand(&mut self) -> Result<SetExpr> {
        if self.accept_symbol("(") {
            let query = self.nested(Self::subquery)?;
            self.expect_symbol(")")?;
            return Ok(SetExpr::Parenthesised(Box::new(query)));
        }
        if !self.at_query() {
            return Err(self.unexpected(-1, "SELECT"));
        }
        self.advance();
        Ok(SetExpr::Select(Box::new(self.select()?)))
    }

    fn select(&mut self) -> Result<Select> {
        let mut no_lock = false;
        while let Some(word) = self.accept_any(&[
            "%NOFPLAN",
            "%NOLOCK",
            "%NORUNTIME",
            "%PROFILE",
            "%PROFILE_ALL",
        ]) {
            no_lock |= word == "%NOLOCK";
        }
        let paging = self.row_paging()?;
        let distinct = self.distinct()?;
        let top = self.top()?;
        let items = self.comma_list(Self::select_item)?;
        if self.accept("INTO") {
            return Err(SqlError::new(-422, "SELECT INTO is not allowed here"));
        }
        let mut from = Vec::new();
        if self.accept("FROM") {
            from = self.table_references()?;
        }
        let condition = if self.accept("WHERE") {
            Some(self.condition()?)
        } else {
            None
        };
        let mut group = Vec::new();
        if self.is_word("GROUP") {
            self.advance();
            self.expect("BY")?;
            group = self.comma_list(Self::value)?;
        }
        let having = if self.accept("HAVING") {
            Some(self.condition()?)
        } else {
            None
        };
        Ok(Select {
            distinct,
            top,
            paging,
            items,
            from,
            condition,
            group,
            having,
            no_lock,
        })
    }

    fn distinct(&mut self) -> Result<Distinct> {
        if self.accept("ALL") {
            return Ok(Distinct::No);
        }
        if !self.accept("DISTINCT") {
            return Ok(Distinct::No);
        }
        if self.accept("BY") {
            return Ok(Distinct::By(self.parenthesised_list(Self::value)?));
        }
        Ok(Distinct::Yes)
    }

    fn select_item(&mut self) -> Result<SelectItem> {
        if self.accept_symbol("*") {
            return Ok(SelectItem::Star);
        }
        if let Some(item) = self.table_star()? {
            return Ok(item);
        }
        let expr = self.value()?;
        let alias = self.alias()?;
        Ok(SelectItem::Expr { expr, alias })
    }

    /// `t.*`, `s.t.*`
    fn table_star(&mut self) -> Result<Option<SelectItem>> {
        let start = self.at;
        if matches!(self.peek(), Kind::Word(_) | Kind::Delimited(_)) && self.symbol_at(1, ".") {
            let dots = if self.symbol_at(2, "*") {
                1
            } else if self.symbol_at(3, ".") && self.symbol_at(4, "*") {
                2
            } else {
                return Ok(None);
            };
            let first = self.identifier()?;
            self.advance();
            let mut name = crate::ast::ObjectName {
                schema: None,
                name: first,
            };
            if dots == 2 {
                name = crate::ast::ObjectName {
                    schema: Some(name.name),
                    name: self.identifier()?,
                };
                self.advance();
            }
            self.advance();
            return Ok(Some(SelectItem::TableStar(name)));
        }
        self.at = start;
        Ok(None)
    }

    /// `[AS] alias`, taking care that clauses whose words are not reserved are not aliases.
    pub(super) fn alias(&mut self) -> Result<Option<String>> {
        if self.accept("AS") {
            return self.identifier().map(Some);
        }
        match self.peek() {
            Kind::Delimited(_) => self.identifier().map(Some),
            Kind::Word(word) if crate::reserved::is_reserved(word) || self.at_clause() => Ok(None),
            Kind::Word(_) => self.identifier().map(Some),
            _ => Ok(None),
        }
    }

    fn at_clause(&self) -> bool {
        self.at_row_limit()
            || self.are_words(&["ORDER", "BY"])
            || self.are_words(&["LATERAL"]) && self.symbol_at(1, "(")
    }
}

/// A row limit right behind the last leg of a set operation is that leg's own,
/// unless the leg has parentheses; whatever is left belongs to the whole.
fn limit_last_leg(body: &mut SetExpr, limit: Option<Limit>) -> Option<Limit> {
    if limit.is_some()
        && let SetExpr::Operation { right, .. } = body
        && let SetExpr::Select(_) = **right
    {
        let empty = SetExpr::Select(Box::default());
        let query = Query {
            ctes: Vec::new(),
            body: std::mem::replace(&mut **right, empty),
            order: Vec::new(),
            limit,
        };
        **right = SetExpr::Parenthesised(Box::new(query));
        return None;
    }
    limit
}
