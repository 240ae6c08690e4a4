//! FROM: tables, joins, subqueries, table functions.

use super::Parser;
use crate::Version;
use crate::ast::{JoinCondition, JoinKind, JsonColumn, JsonTable, TableRef, TableSource};
use crate::error::{Result, SqlError};
use crate::lexer::Kind;

/// Hints right after FROM; they change plans, not results.
const FROM_HINTS: [&str; 14] = [
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
    "%IGNOREINDICES",
];

impl Parser<'_> {
    pub(super) fn table_references(&mut self) -> Result<Vec<TableRef>> {
        while let Some(hint) = self.accept_any(&FROM_HINTS) {
            if matches!(hint, "%FIRSTTABLE" | "%IGNOREINDEX" | "%IGNOREINDICES") {
                self.name_as_written()?;
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
        let lateral = self.accept_lateral();
        if self.is_word("JSON_TABLE") && self.symbol_at(1, "(") && self.since(Version::V2024_1) {
            return self.nested(Self::json_table);
        }
        if self.accept_symbol("(") {
            if self.at_query() || self.is_symbol("(") && self.query_behind_parentheses() {
                let query = self.nested(Self::subquery)?;
                self.expect_symbol(")")?;
                let alias = self.alias()?;
                let source = if lateral {
                    TableSource::Lateral(Box::new(query))
                } else {
                    TableSource::Subquery(Box::new(query))
                };
                return Ok(TableRef::Source { source, alias });
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

    /// The word in front of a subquery or a table function; for the latter it changes nothing.
    fn accept_lateral(&mut self) -> bool {
        let followed = self.symbol_at(1, "(")
            || matches!(self.peek_at(1), Kind::Word(_))
                && (self.symbol_at(2, "(") || self.symbol_at(2, "."));
        followed && self.accept("LATERAL")
    }

    /// `JSON_TABLE(json, 'path' COLUMNS(name type PATH 'path', …)) [AS alias]`
    fn json_table(&mut self) -> Result<TableRef> {
        self.advance();
        self.expect_symbol("(")?;
        let document = self.value()?;
        self.expect_symbol(",")?;
        let path = self.text()?;
        self.expect("COLUMNS")?;
        let columns = self.parenthesised_list(|p| {
            let name = p.identifier()?;
            let ty = p.type_name()?;
            p.expect("PATH")?;
            let path = p.text()?;
            Ok(JsonColumn { name, ty, path })
        })?;
        self.expect_symbol(")")?;
        Ok(TableRef::Source {
            source: TableSource::JsonTable(Box::new(JsonTable {
                document,
                path,
                columns,
            })),
            alias: self.alias()?,
        })
    }
}
