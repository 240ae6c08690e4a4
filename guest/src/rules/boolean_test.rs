//! # What it does
//! Writes `IS TRUE`, `IS FALSE` and `IS UNKNOWN` with comparisons and `IS NULL`.
//!
//! # Why
//! IRIS tests for NULL only.
//!
//! # Example
//! `WHERE done IS NOT TRUE` becomes `WHERE (done <> 1 OR done IS NULL)`.
//!
//! # Limits
//! None known: the result is never NULL, as in PostgreSQL.
//!
//! # Versions
//! All.

use sqlparser::ast::{BinaryOperator, DataType, Expr, Statement};

use crate::build;
use crate::conditions::{self, Place};
use crate::copies::Copies;
use crate::diagnostic::Diagnosed;
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};
use crate::typing;

pub(crate) struct BooleanTest;

impl Rule for BooleanTest {
    fn name(&self) -> &'static str {
        "boolean_test"
    }

    fn summary(&self) -> &'static str {
        "writes IS TRUE, IS FALSE and IS UNKNOWN with comparisons and IS NULL"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::BOOLEAN)
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let copies = &mut pass.copies;
        conditions::change(tree, &mut |expression, place| {
            let test = match expression {
                Expr::IsTrue(inner) => Test {
                    inner: build::take(inner),
                    bit: Some(1),
                    negated: false,
                },
                Expr::IsNotTrue(inner) => Test {
                    inner: build::take(inner),
                    bit: Some(1),
                    negated: true,
                },
                Expr::IsFalse(inner) => Test {
                    inner: build::take(inner),
                    bit: Some(0),
                    negated: false,
                },
                Expr::IsNotFalse(inner) => Test {
                    inner: build::take(inner),
                    bit: Some(0),
                    negated: true,
                },
                Expr::IsUnknown(inner) => Test {
                    inner: build::take(inner),
                    bit: None,
                    negated: false,
                },
                Expr::IsNotUnknown(inner) => Test {
                    inner: build::take(inner),
                    bit: None,
                    negated: true,
                },
                _ => return Ok(false),
            };
            *expression = match place {
                _ if test.bit.is_none() && !typing::is_predicate(&test.inner) => {
                    test.of_value(copies)?
                }
                Place::Value => build::cast(test.case(copies)?, DataType::Bit(None)),
                Place::Condition if typing::is_predicate(&test.inner) => {
                    build::binary(test.case(copies)?, BinaryOperator::Eq, build::number(1))
                }
                Place::Condition => test.of_value(copies)?,
            };
            Ok(true)
        })
    }
}

struct Test {
    inner: Expr,
    /// None: UNKNOWN.
    bit: Option<u8>,
    negated: bool,
}

impl Test {
    fn of_value(self, copies: &mut Copies) -> Diagnosed<Expr> {
        let Self {
            inner,
            bit,
            negated,
        } = self;
        let inner = build::nested(inner);
        let null = Box::new(copies.copy(&inner)?);
        let Some(bit) = bit else {
            return Ok(if negated {
                Expr::IsNotNull(null)
            } else {
                Expr::IsNull(null)
            });
        };
        let bit = build::number(bit);
        Ok(build::nested(if negated {
            build::binary(
                build::binary(inner, BinaryOperator::NotEq, bit),
                BinaryOperator::Or,
                Expr::IsNull(null),
            )
        } else {
            build::binary(
                build::binary(inner, BinaryOperator::Eq, bit),
                BinaryOperator::And,
                Expr::IsNotNull(null),
            )
        }))
    }

    /// 1 or 0, in a form that knows no third value.
    fn case(self, copies: &mut Copies) -> Diagnosed<Expr> {
        let Self {
            inner,
            bit,
            negated,
        } = self;
        let inner = if typing::is_predicate(&inner) {
            inner
        } else {
            build::binary(build::nested(inner), BinaryOperator::Eq, build::number(1))
        };
        let yes = build::number(u8::from(!negated));
        let no = build::number(u8::from(negated));
        let branches = match bit {
            Some(1) => vec![(inner, yes)],
            Some(_) => vec![(build::not(inner), yes)],
            None => vec![(copies.copy(&inner)?, no.clone()), (build::not(inner), no)],
        };
        let otherwise = if bit.is_some() {
            build::number(u8::from(negated))
        } else {
            build::number(u8::from(!negated))
        };
        Ok(build::case(branches, Some(otherwise)))
    }
}
