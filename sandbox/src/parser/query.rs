//! SELECT and what combines and limits it.

use super::{LONGEST_CHAIN, Parser};
use crate::Version;
use crate::ast::{
    Cte, Distinct, JoinCondition, JoinKind, Limit, Query, Select, SelectItem, SetExpr, SetOp,
    TableRef, TableSource, Top,
};
use crate::error::{Result, SqlError};
use crate::lexer::Kind;

/// Hints right after FROM; they change plans, not results.
const FROM_HINTS: [&str; 13] = [
    "%ALLINDEX",
    "%FULL",
    "%INORDER",
    "%NOFLATTEN",
    "%NOMERGE",
    "%NOREDUCE",
    "%NOSVSO",
    "%NOTOPOPT",
    "%NOUNIONOROPT",
    "%PARALLEL",
    "%FIRSTTABLE",
    "%STARTTABLE",
    "%IGNOREINDEX",
];

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
        let body = self.nested(Self::set_expression)?;
        let mut order = Vec::new();
        if self.accept_all(&["ORDER", "BY"]) {
            order = self.comma_list(Self::order_item)?;
        }
        let limit = self.limit()?;
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
        while self
            .accept_any(&[
                "%NOFPLAN",
                "%NOLOCK",
                "%NORUNTIME",
                "%PROFILE",
                "%PROFILE_ALL",
            ])
            .is_some()
        {}
        let paging = self.row_paging()?;
        let distinct = self.distinct()?;
        let top = self.top()?;
        let items = self.comma_list(Self::select_item)?;
        if self.accept("INTO") {
            return Err(SqlError::new(-422, "SELECT INTO is not allowed here"));
        }
        let mut from = Vec::new();
        if self.accept("FROM") {
            from = self.from_list()?;
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
        })
    }

    /// `%ROWOFFSET n %ROWLIMIT m`
    fn row_paging(&mut self) -> Result<Option<Limit>> {
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

    fn top(&mut self) -> Result<Option<Top>> {
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

    fn sign_of_count(&mut self) -> Result<crate::ast::Expr> {
        let negative = self.accept_symbol("-");
        self.accept_symbol("+");
        let count = self.primary(false)?;
        Ok(if negative {
            crate::ast::Expr::Negate(Box::new(count))
        } else {
            count
        })
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
        let limits = self.since(Version::V2025_1)
            && (self.is_word("LIMIT") || self.is_word("OFFSET"))
            && (matches!(
                self.peek_at(1),
                Kind::Number(_) | Kind::Parameter | Kind::Symbol("-" | "(")
            ) || Self::word_is(self.peek_at(1), "ALL"));
        limits
            || self.are_words(&["ORDER", "BY"])
            || self.are_words(&["LATERAL"]) && self.symbol_at(1, "(")
    }

    pub(super) fn from_list(&mut self) -> Result<Vec<TableRef>> {
        while let Some(hint) = self.accept_any(&FROM_HINTS) {
            if matches!(hint, "%FIRSTTABLE" | "%STARTTABLE" | "%IGNOREINDEX") {
                self.object_name()?;
            }
        }
        self.comma_list(Self::table_reference)
    }

    fn table_reference(&mut self) -> Result<TableRef> {
        let mut left = self.nested(Self::table_primary)?;
        let mut chain = 0;
        loop {
            let natural = self.accept("NATURAL");
            let Some(kind) = self.join_kind()? else {
                return Ok(left);
            };
            chain += 1;
            if chain > super::DEEPEST {
                return Err(SqlError::new(-400, "<FRAMESTACK> too many joins"));
            }
            let right = self.nested(Self::table_primary)?;
            let condition = self.join_condition(kind, natural)?;
            left = TableRef::Join {
                kind,
                left: Box::new(left),
                right: Box::new(right),
                condition,
            };
        }
    }

    fn join_kind(&mut self) -> Result<Option<JoinKind>> {
        let kind = if self.accept("CROSS") {
            JoinKind::Cross
        } else if self.accept("INNER") || self.is_word("JOIN") {
            JoinKind::Inner
        } else {
            let kind = match self.peek() {
                Kind::Word(word) if word.eq_ignore_ascii_case("LEFT") => JoinKind::Left,
                Kind::Word(word) if word.eq_ignore_ascii_case("RIGHT") => JoinKind::Right,
                Kind::Word(word) if word.eq_ignore_ascii_case("FULL") => JoinKind::Full,
                _ => return Ok(None),
            };
            self.advance();
            self.accept("OUTER");
            kind
        };
        self.expect("JOIN")?;
        Ok(Some(kind))
    }

    fn join_condition(&mut self, kind: JoinKind, natural: bool) -> Result<JoinCondition> {
        if natural {
            return Ok(JoinCondition::Natural);
        }
        if kind == JoinKind::Cross {
            return Ok(JoinCondition::None);
        }
        if self.accept("USING") {
            return Ok(JoinCondition::Using(
                self.parenthesised_list(Self::identifier)?,
            ));
        }
        self.expect("ON")?;
        Ok(JoinCondition::On(self.condition()?))
    }

    fn table_primary(&mut self) -> Result<TableRef> {
        if self.is_word("LATERAL") && self.symbol_at(1, "(") {
            return Err(SqlError::new(-1, "LATERAL is not imitated by the sandbox"));
        }
        if self.accept_symbol("(") {
            if self.at_query() || self.is_symbol("(") && self.query_behind_parentheses() {
                let query = self.nested(Self::subquery)?;
                self.expect_symbol(")")?;
                let alias = self.alias()?;
                return Ok(TableRef::Source {
                    source: TableSource::Subquery(Box::new(query)),
                    alias,
                });
            }
            let joined = self.nested(Self::table_reference)?;
            self.expect_symbol(")")?;
            return Ok(joined);
        }
        let name = self.object_name()?;
        if self.is_symbol("(") {
            self.expect_symbol("(")?;
            let args = if self.is_symbol(")") {
                Vec::new()
            } else {
                self.comma_list(Self::value)?
            };
            self.expect_symbol(")")?;
            let alias = self.alias()?;
            return Ok(TableRef::Source {
                source: TableSource::Function { name, args },
                alias,
            });
        }
        let alias = self.alias()?;
        Ok(TableRef::Source {
            source: TableSource::Named(name),
            alias,
        })
    }

    fn query_behind_parentheses(&self) -> bool {
        let mut ahead = 0;
        while self.symbol_at(ahead, "(") {
            ahead += 1;
        }
        Self::word_is(self.peek_at(ahead), "SELECT")
    }

    /// Since 2025.1: `LIMIT n [OFFSET m]`, `[OFFSET m] FETCH n`.
    fn limit(&mut self) -> Result<Option<Limit>> {
        if !self.since(Version::V2025_1) {
            return Ok(None);
        }
        let mut limit = Limit {
            count: None,
            offset: None,
        };
        let mut fetched = false;
        let mut limited = false;
        loop {
            if self.is_word("LIMIT") && !limited {
                self.advance();
                limited = true;
                if !self.accept("ALL") || matches!(self.peek(), Kind::Number(_) | Kind::Parameter) {
                    limit.count = Some(self.row_count()?);
                }
            } else if self.is_word("OFFSET") && limit.offset.is_none() {
                self.advance();
                limit.offset = Some(self.row_count()?);
                self.accept_any(&["ROWS", "ROW"]);
            } else if self.is_word("FETCH") && !fetched {
                self.advance();
                fetched = true;
                self.accept_any(&["FIRST", "NEXT"]);
                limit.count = Some(self.row_count()?);
                self.accept_any(&["ROWS", "ROW"]);
                self.accept("ONLY");
            } else {
                break;
            }
        }
        if fetched && limited {
            return Err(SqlError::code(-386));
        }
        Ok((fetched || limited || limit.offset.is_some()).then_some(limit))
    }

    fn row_count(&mut self) -> Result<crate::ast::Expr> {
        match self.peek() {
            Kind::Number(_) | Kind::Parameter | Kind::Text(_) | Kind::Symbol("-" | "+") => {
                self.sign_of_count()
            }
            _ => Err(self.unexpected(-80, "integer")),
        }
    }
}
