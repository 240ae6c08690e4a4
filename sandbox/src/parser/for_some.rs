//! `FOR SOME (tables) (condition)`: is there a row?

use super::Parser;
use crate::ast::{Expr, Query, Select, SelectItem};
use crate::error::{Result, SqlError};

impl Parser<'_> {
    /// The same as EXISTS over a SELECT from these tables.
    pub(super) fn for_some(&mut self) -> Result<Expr> {
        self.accept_all(&["FOR", "SOME"]);
        if self.is_word("%ELEMENT") {
            return Err(SqlError::new(
                -400,
                "FOR SOME %ELEMENT is not imitated by the sandbox",
            ));
        }
        if !self.accept_symbol("(") {
            return Err(self.unexpected(-16, "("));
        }
        let from = self.table_references()?;
        self.expect_symbol(")")?;
        if !self.accept_symbol("(") {
            return Err(self.unexpected(-17, "("));
        }
        let condition = self.condition()?;
        self.expect_symbol(")")?;
        Ok(Expr::Exists(Box::new(Query::of(Select {
            items: vec![SelectItem::Expr {
                expr: Expr::Number("1".to_owned()),
                alias: None,
            }],
            from,
            condition: Some(condition),
            ..Select::default()
        }))))
    }
}
