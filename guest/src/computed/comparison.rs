//! Conditions on what is taken out of documents and arrays.

use sqlparser::ast::{BinaryOperator, Expr, UnaryOperator};

use super::elements::Quantifier;
use super::{Compiled, Compiler, Computed, is_number, is_read, is_text, known};
use crate::types::{kept, oid};
use crate::typing;
use crate::wit::{Function, Oid};

impl Compiler<'_> {
    pub(super) fn comparison(
        &mut self,
        left: &Expr,
        operator: &BinaryOperator,
        right: &Expr,
    ) -> Compiled {
        use BinaryOperator as O;
        let (left, right) = (known!(self.compile(left)?), known!(self.compile(right)?));
        match operator {
            O::And | O::Or => {
                let function = match operator {
                    O::And => Function::Both,
                    _ => Function::Either,
                };
                let left = known!(self.settled(left, oid::BOOL)?);
                let right = known!(self.settled(right, oid::BOOL)?);
                Ok(Some(left.with(right).then(function, 0, oid::BOOL)))
            }
            O::Eq | O::NotEq | O::Lt | O::LtEq | O::Gt | O::GtEq => {
                self.compared(left, operator, right)
            }
            _ => Ok(None),
        }
    }

    pub(super) fn compared(
        &mut self,
        left: Computed,
        operator: &BinaryOperator,
        right: Computed,
    ) -> Compiled {
        use BinaryOperator as O;
        let both = known!(common(left.type_oid, right.type_oid));
        let is_ordered = is_read(both) || is_text(both) || both == oid::JSONB;
        let is_compared = is_ordered || kept::is_array(both);
        let for_equality = matches!(operator, O::Eq | O::NotEq);
        // Of arrays the texts are compared, which may differ in the decimals of numbers.
        let differs = matches!(
            kept::element_of(both),
            Some(oid::NUMERIC | oid::FLOAT4 | oid::FLOAT8 | oid::JSON | oid::JSONB)
        );
        if !is_compared || differs || !is_ordered && !for_equality {
            return Ok(None);
        }
        let left = known!(self.settled(left, both)?);
        let right = known!(self.settled(right, both)?);
        let (function, first, second) = match operator {
            O::Eq => (Function::Equals, left, right),
            O::NotEq => (Function::Differs, left, right),
            O::Lt => (Function::Less, left, right),
            O::LtEq => (Function::LessOrEqual, left, right),
            O::Gt => (Function::Less, right, left),
            _ => (Function::LessOrEqual, right, left),
        };
        Ok(Some(first.with(second).then(function, both, oid::BOOL)))
    }

    /// A condition in words.
    pub(super) fn predicate(&mut self, expression: &Expr) -> Compiled {
        let negated = |condition: Computed, negated: bool| match negated {
            true => condition.then(Function::Negated, 0, oid::BOOL),
            false => condition,
        };
        match expression {
            Expr::UnaryOp {
                op: UnaryOperator::Not,
                expr,
            } => {
                let inner = known!(self.compile(expr)?);
                let inner = known!(self.settled(inner, oid::BOOL)?);
                Ok(Some(negated(inner, true)))
            }
            Expr::IsNull(inner) | Expr::IsNotNull(inner) => {
                let inner = known!(self.compile(inner)?);
                let test = inner.then(Function::IsNull, 0, oid::BOOL);
                Ok(Some(negated(
                    test,
                    matches!(expression, Expr::IsNotNull(_)),
                )))
            }
            Expr::IsDistinctFrom(left, right) => {
                let same = known!(self.is_same(left, right)?);
                Ok(Some(negated(same, true)))
            }
            Expr::IsNotDistinctFrom(left, right) => self.is_same(left, right),
            Expr::IsTrue(inner) => self.is(inner, true, false),
            Expr::IsNotTrue(inner) => self.is(inner, true, true),
            Expr::IsFalse(inner) => self.is(inner, false, false),
            Expr::IsNotFalse(inner) => self.is(inner, false, true),
            Expr::InList {
                expr,
                list,
                negated: is_negated,
            } => {
                let mut any: Option<Computed> = None;
                for item in list {
                    let test = known!(self.comparison(expr, &BinaryOperator::Eq, item)?);
                    any = Some(match any {
                        None => test,
                        Some(any) => any.with(test).then(Function::Either, 0, oid::BOOL),
                    });
                }
                Ok(any.map(|any| negated(any, *is_negated)))
            }
            Expr::Between {
                expr,
                low,
                high,
                negated: is_negated,
            } => {
                let low = known!(self.comparison(expr, &BinaryOperator::GtEq, low)?);
                let high = known!(self.comparison(expr, &BinaryOperator::LtEq, high)?);
                Ok(Some(negated(low.and(high), *is_negated)))
            }
            Expr::Like {
                negated: is_negated,
                any: false,
                expr,
                pattern,
                escape_char: None,
            }
            | Expr::ILike {
                negated: is_negated,
                any: false,
                expr,
                pattern,
                escape_char: None,
            } => {
                let function = match expression {
                    Expr::Like { .. } => Function::Like,
                    _ => Function::LikeInAnyCase,
                };
                let test = known!(self.like(expr, pattern, function)?);
                Ok(Some(negated(test, *is_negated)))
            }
            Expr::AnyOp {
                left,
                compare_op,
                right,
                ..
            } => self.among(left, compare_op, right, Quantifier::Any),
            Expr::AllOp {
                left,
                compare_op,
                right,
            } => self.among(left, compare_op, right, Quantifier::All),
            _ => Ok(None),
        }
    }

    /// IS NOT DISTINCT FROM, to which NULL is equal to NULL.
    fn is_same(&mut self, left: &Expr, right: &Expr) -> Compiled {
        let equal = known!(self.comparison(left, &BinaryOperator::Eq, right)?);
        let no = Computed::constant(Some("f".to_owned()), oid::BOOL);
        let equal = equal.with(no).then(Function::Coalesced, 0, oid::BOOL);
        let (left, right) = (known!(self.compile(left)?), known!(self.compile(right)?));
        let is_null = |value: Computed| value.then(Function::IsNull, 0, oid::BOOL);
        let nothing = is_null(left).and(is_null(right));
        Ok(Some(equal.with(nothing).then(
            Function::Either,
            0,
            oid::BOOL,
        )))
    }

    /// IS TRUE and IS FALSE, of which NULL is neither.
    fn is(&mut self, condition: &Expr, wanted: bool, negated: bool) -> Compiled {
        let condition = known!(self.compile(condition)?);
        let mut test = known!(self.settled(condition, oid::BOOL)?);
        if !wanted {
            test = test.then(Function::Negated, 0, oid::BOOL);
        }
        let otherwise = Computed::constant(Some("f".to_owned()), oid::BOOL);
        test = test.with(otherwise).then(Function::Coalesced, 0, oid::BOOL);
        Ok(Some(match negated {
            true => test.then(Function::Negated, 0, oid::BOOL),
            false => test,
        }))
    }

    fn like(&mut self, text: &Expr, pattern: &Expr, function: Function) -> Compiled {
        let text = known!(self.compile(text)?);
        let pattern = known!(self.compile(pattern)?);
        let text = known!(self.settled(text, oid::TEXT)?);
        let pattern = known!(self.settled(pattern, oid::TEXT)?);
        Ok(Some(text.with(pattern).then(function, 0, oid::BOOL)))
    }
}

/// The type in which two values are compared.
pub(super) fn common(left: Oid, right: Oid) -> Option<Oid> {
    match (left, right) {
        (0, 0) => None,
        (0, known) | (known, 0) => Some(if is_text(known) { oid::TEXT } else { known }),
        (left, right) if is_text(left) && is_text(right) => Some(oid::TEXT),
        (left, right) if is_number(left) && is_number(right) => typing::wider(left, right),
        (left, right) => (left == right).then_some(left),
    }
}
