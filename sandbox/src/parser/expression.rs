//! Operators and conditions, by precedence.
//!
//! A value ends in front of the first comparison operator; a condition needs
//! one. That alone gives most codes measured for booleans used as values.

use super::{LONGEST_CHAIN, Parser};
use crate::ast::{BinaryOp, CompareOp, Expr, JsonKind, Quantifier};
use crate::error::{Result, SqlError};
use crate::lexer::Kind;

impl Parser<'_> {
    /// A value; never a condition.
    pub(super) fn value(&mut self) -> Result<Expr> {
        self.nested(|p| p.sum(false))
    }

    /// A condition; a bare value is -14.
    pub(super) fn condition(&mut self) -> Result<Expr> {
        let expr = self.nested(Self::disjunction)?;
        self.require_condition(expr)
    }

    pub(super) fn require_condition(&self, expr: Expr) -> Result<Expr> {
        if expr.is_condition() {
            Ok(expr)
        } else {
            Err(self.unexpected(-14, "comparison operator"))
        }
    }

    /// A condition or a value, for the inside of parentheses within a condition.
    pub(super) fn disjunction(&mut self) -> Result<Expr> {
        let first = self.conjunction()?;
        if !self.is_word("OR") && !self.is_symbol("!") {
            return Ok(first);
        }
        let mut operands = vec![self.require_condition(first)?];
        while self.accept("OR") || self.accept_symbol("!") {
            let next = self.conjunction()?;
            operands.push(self.require_condition(next)?);
        }
        Ok(Expr::Or(operands))
    }

    fn conjunction(&mut self) -> Result<Expr> {
        let first = self.negation()?;
        if !self.is_word("AND") && !self.is_symbol("&") {
            return Ok(first);
        }
        let mut operands = vec![self.require_condition(first)?];
        while self.accept("AND") || self.accept_symbol("&") {
            let next = self.negation()?;
            operands.push(self.require_condition(next)?);
        }
        Ok(Expr::And(operands))
    }

    fn negation(&mut self) -> Result<Expr> {
        if !self.accept("NOT") {
            return self.predicate();
        }
        let operand = self.nested(Self::negation)?;
        Ok(Expr::Not(Box::new(self.require_condition(operand)?)))
    }

    fn predicate(&mut self) -> Result<Expr> {
        if self.is_word("EXISTS") {
            self.advance();
            self.expect_symbol("(")?;
            let query = self.nested(Self::subquery)?;
            self.expect_symbol(")")?;
            return Ok(Expr::Exists(Box::new(query)));
        }
        if self.are_words(&["FOR", "SOME"]) {
            return self.nested(Self::for_some);
        }
        let left = self.sum(true)?;
        if left.is_condition() {
            return Ok(left);
        }
        self.predicate_after(left)
    }

    fn predicate_after(&mut self, left: Expr) -> Result<Expr> {
        if self.at_operator() {
            return self.operator_predicate(left);
        }
        if self.accept("IS") {
            return self.is_predicate(left);
        }
        let negated = self.is_word("NOT") && {
            self.advance();
            true
        };
        if negated && self.at_operator() {
            return Ok(Expr::Not(Box::new(self.operator_predicate(left)?)));
        }
        let operand = Box::new(left);
        if self.accept("BETWEEN") {
            let low = Box::new(self.sum(false)?);
            self.expect("AND")?;
            let high = Box::new(self.sum(false)?);
            return Ok(Expr::Between {
                operand,
                low,
                high,
                negated,
            });
        }
        if self.accept("IN") {
            return self.in_predicate(operand, negated);
        }
        if self.accept("LIKE") {
            let pattern = Box::new(self.sum(false)?);
            let escape = if self.accept("ESCAPE") {
                Some(Box::new(self.sum(false)?))
            } else {
                None
            };
            return Ok(Expr::Like {
                operand,
                pattern,
                escape,
                negated,
            });
        }
        if self.accept("%STARTSWITH") {
            return Ok(Expr::StartsWith {
                operand,
                prefix: Box::new(self.sum(false)?),
                negated,
            });
        }
        if self.accept("%MATCHES") {
            return Ok(Expr::Matches {
                operand,
                pattern: Box::new(self.sum(false)?),
                negated,
            });
        }
        if self.accept("%PATTERN") {
            return Ok(Expr::Pattern {
                operand,
                pattern: Box::new(self.sum(false)?),
                negated,
            });
        }
        if self.accept("%INLIST") {
            let list = Box::new(self.sum(false)?);
            self.size_hint()?;
            return Ok(Expr::InIrisList {
                operand,
                list,
                negated,
            });
        }
        if negated {
            return Err(self.unexpected(-14, "BETWEEN, IN, LIKE or %STARTSWITH"));
        }
        Ok(*operand)
    }

    /// Does one of `= <> != < <= > >= [ ]` stand here?
    fn at_operator(&self) -> bool {
        matches!(
            self.peek(),
            Kind::Symbol("=" | "<>" | "!=" | "<" | "<=" | ">" | ">=" | "[" | "]")
        )
    }

    fn operator_predicate(&mut self, left: Expr) -> Result<Expr> {
        if let Some(op) = self.compare_op() {
            return self.comparison(op, left);
        }
        let contains = self.accept_symbol("[") || !self.accept_symbol("]");
        let (left, right) = (Box::new(left), Box::new(self.sum(false)?));
        Ok(if contains {
            Expr::Contains(left, right)
        } else {
            Expr::Compare(CompareOp::Greater, left, right)
        })
    }

    /// `SIZE ((n))` after `%INLIST`.
    fn size_hint(&mut self) -> Result<()> {
        if self.accept("SIZE") {
            self.expect_symbol("(")?;
            self.expect_symbol("(")?;
            self.unsigned()?;
            self.expect_symbol(")")?;
            self.expect_symbol(")")?;
        }
        Ok(())
    }

    fn compare_op(&mut self) -> Option<CompareOp> {
        let Kind::Symbol(symbol) = self.peek() else {
            return None;
        };
        let op = match *symbol {
            "=" => CompareOp::Equal,
            "<>" | "!=" => CompareOp::NotEqual,
            "<" => CompareOp::Less,
            "<=" => CompareOp::LessOrEqual,
            ">" => CompareOp::Greater,
            ">=" => CompareOp::GreaterOrEqual,
            _ => return None,
        };
        self.advance();
        Some(op)
    }

    fn comparison(&mut self, op: CompareOp, left: Expr) -> Result<Expr> {
        let quantifier = match self.accept_any(&["ANY", "SOME", "ALL"]) {
            Some("ALL") => Some(Quantifier::All),
            Some(_) => Some(Quantifier::Any),
            None => None,
        };
        let left = Box::new(left);
        let Some(quantifier) = quantifier else {
            return Ok(Expr::Compare(op, left, Box::new(self.sum(false)?)));
        };
        self.expect_symbol("(")?;
        let query = self.nested(Self::subquery)?;
        self.expect_symbol(")")?;
        Ok(Expr::Quantified(op, quantifier, left, Box::new(query)))
    }

    fn is_predicate(&mut self, left: Expr) -> Result<Expr> {
        let negated = self.accept("NOT");
        if self.accept("JSON") {
            let kind = match self.accept_any(&["VALUE", "SCALAR", "ARRAY", "OBJECT"]) {
                Some("ARRAY") => JsonKind::Array,
                Some("OBJECT") => JsonKind::Object,
                _ => JsonKind::Value,
            };
            return Ok(Expr::IsJson {
                operand: Box::new(left),
                kind,
                negated,
            });
        }
        self.expect("NULL")?;
        Ok(Expr::IsNull {
            operand: Box::new(left),
            negated,
        })
    }

    fn in_predicate(&mut self, operand: Box<Expr>, negated: bool) -> Result<Expr> {
        if matches!(*operand, Expr::Subquery(_)) {
            return Err(SqlError::new(-1, "subquery on the left of IN"));
        }
        self.expect_symbol("(")?;
        if self.at_query() {
            let query = Box::new(self.nested(Self::subquery)?);
            self.expect_symbol(")")?;
            return Ok(Expr::InQuery {
                operand,
                query,
                negated,
            });
        }
        let items = self.comma_list(|p| p.nested(|p| p.sum(false)))?;
        self.expect_symbol(")")?;
        Ok(Expr::InList {
            operand,
            items,
            negated,
        })
    }

    /// `+`, `-`, `||`. With `in_condition`, parentheses may hold a condition.
    pub(super) fn sum(&mut self, in_condition: bool) -> Result<Expr> {
        let mut left = self.product(in_condition)?;
        let mut chain = 0;
        loop {
            let op = match self.peek() {
                _ if left.is_condition() => return Ok(left),
                Kind::Symbol("+") => BinaryOp::Add,
                Kind::Symbol("-") => BinaryOp::Subtract,
                Kind::Symbol("||") => BinaryOp::Concat,
                _ => return Ok(left),
            };
            self.advance();
            chain = longer(chain)?;
            left = Expr::Binary(op, Box::new(left), Box::new(self.product(false)?));
        }
    }

    fn product(&mut self, in_condition: bool) -> Result<Expr> {
        let mut left = self.sign(in_condition)?;
        let mut chain = 0;
        loop {
            let op = match self.peek() {
                _ if left.is_condition() => return Ok(left),
                Kind::Symbol("*") => BinaryOp::Multiply,
                Kind::Symbol("/") => BinaryOp::Divide,
                Kind::Symbol("\\") => BinaryOp::IntegerDivide,
                Kind::Symbol("#") => BinaryOp::Modulo,
                _ => return Ok(left),
            };
            self.advance();
            chain = longer(chain)?;
            left = Expr::Binary(op, Box::new(left), Box::new(self.sign(false)?));
        }
    }

    fn sign(&mut self, in_condition: bool) -> Result<Expr> {
        if self.accept_symbol("-") {
            return Ok(Expr::Negate(Box::new(self.nested(|p| p.sign(false))?)));
        }
        if self.accept_symbol("+") {
            return Ok(Expr::Plus(Box::new(self.nested(|p| p.sign(false))?)));
        }
        self.primary(in_condition)
    }
}

fn longer(chain: u32) -> Result<u32> {
    if chain >= LONGEST_CHAIN {
        return Err(SqlError::new(
            -400,
            "<FRAMESTACK> too many operators in one expression",
        ));
    }
    Ok(chain + 1)
}
