//! `FOR SOME (tables) (condition)` and `FOR SOME %ELEMENT(list) (condition)`: is there one?

use super::Parser;
use crate::ast::{Expr, Query, Select, SelectItem};
use crate::error::Result;

impl Parser<'_> {
    /// The same as EXISTS over a SELECT from these tables.
    pub(super) fn for_some(&mut self) -> Result<Expr> {
        self.accept_all(&["FOR", "SOME"]);
        if self.accept("%ELEMENT") {
            return self.some_element();
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

    /// `%ELEMENT(list) [[AS] alias] (condition)`; the condition knows `%VALUE` and `%KEY`.
    fn some_element(&mut self) -> Result<Expr> {
        if !self.accept_symbol("(") {
            return Err(self.unexpected(-16, "("));
        }
        let list = Box::new(self.value()?);
        self.expect_symbol(")")?;
        let alias = self.alias()?;
        if !self.accept_symbol("(") {
            return Err(self.unexpected(-17, "("));
        }
        let condition = Box::new(self.condition()?);
        self.expect_symbol(")")?;
        Ok(Expr::SomeElement {
            list,
            alias,
            condition,
        })
    }
}
