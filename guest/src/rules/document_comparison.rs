//! # What it does
//! Leaves it to the broker to compare documents, where their numbers may be written in several ways.
//!
//! # Why
//! IRIS compares the texts that are kept: to it `{"a": 1.0}` and `{"a": 1}` differ, which are equal to
//! PostgreSQL, and their order is that of letters.
//!
//! # Example
//! `SELECT id FROM t WHERE doc = '{"a": 1}'` becomes `… WHERE jsonb_eq(doc, '{"a": 1}')`, which the rule
//! `element_access` leaves to the broker. `doc = '{"a": "x"}'` stays as it is: without numbers, equal
//! documents have one text.
//!
//! # Limits
//! Where the broker computes, see `element_access`. DISTINCT, GROUP BY, UNION and USING look at the
//! texts.
//!
//! # Versions
//! All.

use sqlparser::ast::{BinaryOperator, DataType, Expr, Statement};

use crate::build;
use crate::diagnostic::Diagnosed;
use crate::look::{self, Node};
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};
use crate::scope::{ScopedHooks, Scopes, scoped};
use crate::types::oid;
use crate::typing;

pub(crate) struct DocumentComparison;

impl Rule for DocumentComparison {
    fn name(&self) -> &'static str {
        "document_comparison"
    }

    fn summary(&self) -> &'static str {
        "lets the broker compare documents with numbers in them"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::PREDICATE)
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let may_be_there = pass.relations.have_columns_of(oid::JSONB)
            || pass.parameters.contains(&oid::JSONB)
            || look::finds(tree, &mut |node| {
                matches!(
                    node,
                    Node::Expression(Expr::Cast {
                        data_type: DataType::JSONB,
                        ..
                    })
                )
            });
        if !may_be_there {
            return Ok(false);
        }
        let mut walk = Walk { changed: false };
        scoped(tree, pass.relations, &pass.parameters, &mut walk)?;
        if walk.changed {
            pass.brought.add(Marks::ACCESS.and(Marks::FUNCTION));
        }
        Ok(walk.changed)
    }
}

struct Walk {
    changed: bool,
}

impl ScopedHooks for Walk {
    fn leave_expression(&mut self, expr: &mut Expr, scopes: &mut Scopes<'_>) -> Diagnosed<()> {
        match expr {
            Expr::BinaryOp { left, op, right } => {
                if let Some(code) = code_of(left, op, right, scopes) {
                    *expr = build::call(code, vec![build::take(left), build::take(right)]);
                    self.changed = true;
                }
            }
            Expr::InList {
                expr: inner,
                list,
                negated,
            } if scopes.type_of(inner) == Some(oid::JSONB)
                && !list.iter().all(is_without_numbers) =>
            {
                let equal = |item: Expr| build::call("jsonb_eq", vec![(**inner).clone(), item]);
                let any = std::mem::take(list).into_iter().map(equal);
                let any = any.reduce(|left, right| build::binary(left, BinaryOperator::Or, right));
                if let Some(any) = any {
                    let any = build::nested(any);
                    *expr = if *negated { build::not(any) } else { any };
                    self.changed = true;
                }
            }
            _ => {}
        }
        Ok(())
    }
}

/// The function that compares two documents; none if they are none, or have one text if they are
/// equal.
fn code_of(
    left: &Expr,
    op: &BinaryOperator,
    right: &Expr,
    scopes: &Scopes<'_>,
) -> Option<&'static str> {
    let code = match op {
        BinaryOperator::Eq => "jsonb_eq",
        BinaryOperator::NotEq => "jsonb_ne",
        BinaryOperator::Lt => "jsonb_lt",
        BinaryOperator::LtEq => "jsonb_le",
        BinaryOperator::Gt => "jsonb_gt",
        BinaryOperator::GtEq => "jsonb_ge",
        _ => return None,
    };
    let is_document = |side: &Expr| scopes.type_of(side) == Some(oid::JSONB);
    let may_be = |side: &Expr| is_document(side) || typing::is_untyped(side);
    let are_documents = is_document(left) && may_be(right) || is_document(right) && may_be(left);
    let for_equality = matches!(op, BinaryOperator::Eq | BinaryOperator::NotEq);
    let is_one_text = for_equality && (is_without_numbers(left) || is_without_numbers(right));
    (are_documents && !is_one_text).then_some(code)
}

/// Whether a document is written down, and has no number in it.
fn is_without_numbers(side: &Expr) -> bool {
    let written = match build::unnested(side) {
        Expr::Cast { expr, .. } => build::string_in(expr),
        other => build::string_in(other),
    };
    build::is_null(build::unnested(side))
        || written.is_some_and(|text| !text.bytes().any(|byte| byte.is_ascii_digit()))
}
