//! # What it does
//! Casts a parameter that is a moment to its own type where it stands beside a date.
//!
//! # Why
//! A value that is bound IRIS takes for one of the column's type: of a moment only the day would be left.
//! (InterSystems SQL Reference, "Data Types".)
//!
//! # Example
//! Where `$1` is declared as a `timestamp`, `WHERE day < $1` becomes
//! `WHERE day < CAST(? AS TIMESTAMP)`.
//!
//! # Limits
//! Elements of arrays are compared as dates.
//!
//! # Versions
//! All.

use sqlparser::ast::{DataType, Expr, Statement, TimezoneInfo};

use crate::build;
use crate::diagnostic::Diagnosed;
use crate::operators::is_comparison;
use crate::placeholder;
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};
use crate::scope::{ScopedHooks, Scopes, scoped};
use crate::types::oid;

pub(crate) struct MomentParameter;

impl Rule for MomentParameter {
    fn name(&self) -> &'static str {
        "moment_parameter"
    }

    fn summary(&self) -> &'static str {
        "casts parameters that are moments where they stand beside dates"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::PARAMETER)
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let is_moment = |type_oid: &u32| matches!(*type_oid, oid::TIMESTAMP | oid::TIMESTAMPTZ);
        if !pass.parameters.iter().any(is_moment) {
            return Ok(false);
        }
        let mut walk = Walk { changed: false };
        scoped(tree, pass.relations, &pass.parameters, &mut walk)?;
        if walk.changed {
            pass.brought.add(Marks::CAST);
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
            Expr::BinaryOp { left, op, right } if is_comparison(op) => {
                self.beside(left, right, scopes);
                self.beside(right, left, scopes);
            }
            Expr::Between {
                expr, low, high, ..
            } => {
                self.beside(expr, low, scopes);
                self.beside(expr, high, scopes);
            }
            Expr::InList { expr, list, .. } => {
                for item in list {
                    self.beside(expr, item, scopes);
                }
            }
            _ => {}
        }
        Ok(())
    }
}

impl Walk {
    fn beside(&mut self, date: &Expr, other: &mut Expr, scopes: &Scopes<'_>) {
        let is_moment = matches!(
            scopes.type_of(other),
            Some(oid::TIMESTAMP | oid::TIMESTAMPTZ)
        );
        if is_moment
            && placeholder::number_of(build::unnested(other)).is_some()
            && scopes.type_of(date) == Some(oid::DATE)
        {
            let moment = DataType::Timestamp(None, TimezoneInfo::None);
            *other = build::cast(build::take(other), moment);
            self.changed = true;
        }
    }
}
