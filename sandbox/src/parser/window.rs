//! Aggregates, OVER and its frames, and the items of ORDER BY.

use super::Parser;
use crate::ast::{Aggregate, Expr, Frame, FrameBound, OrderItem};
use crate::error::Result;

impl Parser<'_> {
    pub(super) fn aggregate(&mut self, name: &str) -> Result<Expr> {
        self.advance();
        self.expect_symbol("(")?;
        let distinct = self.accept("DISTINCT");
        let mut by = Vec::new();
        if distinct && self.is_word("BY") && self.symbol_at(1, "(") {
            self.advance();
            by = self.parenthesised_list(Self::value)?;
        } else if !distinct {
            self.accept("ALL");
        }
        let argument = if name == "COUNT" && !distinct && self.accept_symbol("*") {
            None
        } else {
            Some(self.value()?)
        };
        let foreach = if self.accept("%FOREACH") {
            Some(self.parenthesised_list(Self::value)?)
        } else {
            None
        };
        let after_having = self.accept("%AFTERHAVING");
        self.expect_symbol(")")?;
        let call = Expr::Aggregate(Box::new(Aggregate {
            name: name.to_owned(),
            distinct,
            by,
            argument,
            foreach,
            after_having,
        }));
        if self.is_word("OVER") && self.symbol_at(1, "(") {
            self.over(call)
        } else {
            Ok(call)
        }
    }

    pub(super) fn over(&mut self, call: Expr) -> Result<Expr> {
        self.expect("OVER")?;
        self.expect_symbol("(")?;
        let mut partition = Vec::new();
        if self.accept_all(&["PARTITION", "BY"]) {
            partition = self.comma_list(Self::value)?;
        }
        let mut order = Vec::new();
        if self.accept_all(&["ORDER", "BY"]) {
            order = self.comma_list(Self::order_item)?;
        }
        let frame = if self.accept("ROWS") {
            Some(self.frame()?)
        } else {
            None
        };
        self.expect_symbol(")")?;
        Ok(Expr::Window {
            call: Box::new(call),
            partition,
            order,
            frame,
        })
    }

    pub(super) fn order_item(&mut self) -> Result<OrderItem> {
        let start = self.at;
        let expr = self.value()?;
        let ordinal = match &expr {
            Expr::Number(text) if self.at == start + 1 => text.parse().ok(),
            _ => None,
        };
        let descending = self.accept("DESC");
        if !descending {
            self.accept("ASC");
        }
        Ok(OrderItem {
            expr,
            ordinal,
            descending,
        })
    }

    pub(super) fn frame(&mut self) -> Result<Frame> {
        if !self.accept("BETWEEN") {
            return Ok(Frame {
                start: self.frame_bound()?,
                end: None,
            });
        }
        let start = self.frame_bound()?;
        self.expect("AND")?;
        Ok(Frame {
            start,
            end: Some(self.frame_bound()?),
        })
    }

    pub(super) fn frame_bound(&mut self) -> Result<FrameBound> {
        if self.accept_all(&["UNBOUNDED", "PRECEDING"]) {
            return Ok(FrameBound::UnboundedPreceding);
        }
        if self.accept_all(&["UNBOUNDED", "FOLLOWING"]) {
            return Ok(FrameBound::UnboundedFollowing);
        }
        if self.accept_all(&["CURRENT", "ROW"]) {
            return Ok(FrameBound::CurrentRow);
        }
        let count = self.unsigned()?;
        if self.accept("PRECEDING") {
            return Ok(FrameBound::Preceding(count));
        }
        self.expect("FOLLOWING")?;
        Ok(FrameBound::Following(count))
    }
}
