//! # What it does
//! Spells the operands of `||` that are no strings as PostgreSQL does, and refuses `||` of
//! two that are none; what binds tighter gets its parentheses.
//!
//! # Why
//! IRIS's `||` sees the logical value: a date is its number of days, a boolean 1 or 0, and a
//! number has no zeros at its ends. It reads `||`, `+` and `-` from the left to the right. (InterSystems SQL,
//! "Select mode", "Language Elements".)
//!
//! # Example
//! `'on ' || d` becomes `'on ' || CAST(d AS VARCHAR(3641144))`.
//!
//! # Limits
//! The types of the operands must be known. Arrays, `jsonb` and `bytea` are refused.
//!
//! # Versions
//! All.

use sqlparser::ast::{BinaryOperator, DataType, Expr, Statement};

use crate::build;
use crate::casts::{is_integer, is_string};
use crate::diagnostic::Diagnosed;
use crate::operators::NO_OPERATOR;
use crate::place;
use crate::placeholder;
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};
use crate::scope::{ScopedHooks, Scopes, scoped};
use crate::types::{self, oid};
use crate::wit::{Diagnostic, Oid};

pub(crate) struct TextConcatenation;

impl Rule for TextConcatenation {
    fn name(&self) -> &'static str {
        "text_concatenation"
    }

    fn summary(&self) -> &'static str {
        "spells what || joins as PostgreSQL does"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::CONCATENATION)
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let (relations, parameters) = (pass.relations, pass.parameters.clone());
        let mut walk = Walk {
            changed: false,
            pass,
        };
        scoped(tree, relations, &parameters, &mut walk)?;
        Ok(walk.changed)
    }
}

struct Walk<'a, 'b> {
    changed: bool,
    pass: &'a mut Pass<'b>,
}

impl ScopedHooks for Walk<'_, '_> {
    fn enter_expression(&mut self, expr: &mut Expr, scopes: &mut Scopes<'_>) -> Diagnosed<()> {
        let Expr::BinaryOp {
            left,
            op: BinaryOperator::StringConcat,
            right,
        } = expr
        else {
            return Ok(());
        };
        let types = (scopes.type_of(left), scopes.type_of(right));
        self.check(left, right, types)?;
        for (side, oid) in [(&mut *left, types.0), (&mut *right, types.1)] {
            if let Some(number) = placeholder::number_of(build::unnested(side)) {
                self.pass.parameter_type(number, oid::TEXT);
            }
            if let Some(oid) = oid
                && !is_string(oid)
                && !is_integer(oid)
            {
                **side = build::cast(build::take(side), DataType::Text);
                self.changed = true;
            }
        }
        if let Expr::BinaryOp {
            op: BinaryOperator::Plus | BinaryOperator::Minus,
            ..
        } = **right
        {
            **right = build::nested(build::take(right));
            self.changed = true;
        }
        Ok(())
    }
}

impl Walk<'_, '_> {
    /// PostgreSQL joins a string with anything, and nothing else with one another.
    fn check(&self, left: &Expr, right: &Expr, types: (Option<Oid>, Option<Oid>)) -> Diagnosed<()> {
        let is_array = |side: &Expr| matches!(build::unnested(side), Expr::Array(_));
        let is_json = |oid| matches!(oid, Some(oid::JSONB));
        let is_array_type = |oid: Option<Oid>| oid.is_some_and(types::kept::is_array);
        let has_bytes = [types.0, types.1].contains(&Some(oid::BYTEA));
        if has_bytes {
            return Err(Diagnostic::not_supported(
                "operator || is not supported for bytea",
                "IRIS makes a string of it: join them in the client",
            )
            .at(self.pass.text, place::of(left)));
        }
        if is_array(left)
            || is_array(right)
            || is_array_type(types.0)
            || is_array_type(types.1)
            || is_json(types.0)
            || is_json(types.1)
        {
            return Err(Diagnostic::not_supported(
                "operator || is not supported for arrays and jsonb here",
                crate::computed::HINT,
            )
            .at(self.pass.text, place::of(left)));
        }
        let other = |oid: Oid| !is_string(oid);
        match types {
            (Some(a), Some(b)) if other(a) && other(b) => {}
            _ => return Ok(()),
        }
        let words = |oid: Option<Oid>| oid.map_or("unknown", types::words);
        Err(Diagnostic::error(
            "42883",
            format!(
                "operator does not exist: {} || {}",
                words(types.0),
                words(types.1)
            ),
        )
        .with_hint(NO_OPERATOR)
        .at(self.pass.text, place::of(left)))
    }
}
