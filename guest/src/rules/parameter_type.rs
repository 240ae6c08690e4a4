//! # What it does
//! Gives a parameter the type of what it is computed with or compared to.
//!
//! # Why
//! IRIS takes a `?` beside an operator for a VARCHAR and tells the client so, which
//! then sends a number as text or refuses to.
//!
//! # Example
//! In `SELECT n + $1 FROM t` the parameter is an `int4` if `n` is one.
//!
//! # Limits
//! What the types of the other side are must be known. Where a statement only
//! compares or stores, IRIS tells the types itself.
//!
//! # Versions
//! All.

use sqlparser::ast::{BinaryOperator, Expr, Statement};

use crate::diagnostic::Diagnosed;
use crate::placeholder;
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};
use crate::scope::{ScopedHooks, Scopes, scoped};
use crate::types::oid;
use crate::wit::Oid;

pub(crate) struct ParameterType;

impl Rule for ParameterType {
    fn name(&self) -> &'static str {
        "parameter_type"
    }

    fn summary(&self) -> &'static str {
        "gives parameters the types of what they are computed with"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::PARAMETER)
    }

    fn only_notes(&self) -> bool {
        true
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let mut walk = Walk { found: Vec::new() };
        scoped(tree, pass.relations, &pass.parameters, &mut walk)?;
        let before = pass.parameters.clone();
        pass.parameter_types(walk.found);
        Ok(before != pass.parameters)
    }
}

struct Walk {
    found: Vec<(u32, Oid)>,
}

impl ScopedHooks for Walk {
    fn leave_expression(&mut self, expr: &mut Expr, scopes: &mut Scopes<'_>) -> Diagnosed<()> {
        match expr {
            Expr::BinaryOp { left, op, right } => {
                self.note(left, op, right, scopes);
                self.note(right, op, left, scopes);
            }
            Expr::Between {
                expr, low, high, ..
            } => {
                self.note(low, &BinaryOperator::Eq, expr, scopes);
                self.note(high, &BinaryOperator::Eq, expr, scopes);
            }
            // Several are compared as an array of the left side's type.
            Expr::InList { expr, list, .. } if list.len() > 1 => {
                for item in list {
                    if let Some(number) = placeholder::number_of(crate::build::unnested(item))
                        && let Some(known) = scopes.type_of(expr)
                    {
                        self.found.push((number, known));
                    }
                }
            }
            Expr::InList { expr, list, .. } => {
                for item in list {
                    self.note(item, &BinaryOperator::Eq, expr, scopes);
                }
            }
            _ => {}
        }
        Ok(())
    }
}

impl Walk {
    /// Notes a parameter with the type of the other side.
    fn note(&mut self, side: &Expr, op: &BinaryOperator, other: &Expr, scopes: &Scopes<'_>) {
        if let Some(number) = placeholder::number_of(crate::build::unnested(side))
            && let Some(known) = scopes.type_of(other)
            && let Some(oid) = beside(op, known)
        {
            self.found.push((number, oid));
        }
    }
}

/// What PostgreSQL takes an untyped operand for, beside one of this type.
fn beside(op: &BinaryOperator, known: Oid) -> Option<Oid> {
    use BinaryOperator as O;
    let known = match known {
        oid::VARCHAR => oid::TEXT,
        other => other,
    };
    match op {
        O::Eq | O::NotEq | O::Lt | O::LtEq | O::Gt | O::GtEq => Some(known),
        O::Plus | O::Minus | O::Multiply | O::Divide | O::Modulo => match known {
            oid::INT2 | oid::INT4 | oid::INT8 | oid::NUMERIC | oid::FLOAT4 | oid::FLOAT8 => {
                Some(known)
            }
            _ => None,
        },
        O::StringConcat => Some(oid::TEXT),
        _ => None,
    }
}
