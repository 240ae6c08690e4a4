//! # What it does
//! Writes casts so that they give what PostgreSQL's give: they round as PostgreSQL
//! rounds, spell as it spells, and fail where it fails.
//!
//! # Why
//! IRIS makes 0 of text that is no number and 1840-12-31 of what is no date, cuts
//! fractions, and knows no overflow. (InterSystems SQL Reference, CAST.)
//!
//! # Example
//! `n::int` of a numeric becomes `CAST({fn ROUND(n, 0)} AS INTEGER)`, and of another
//! type than its own a value is checked: `CASE WHEN … THEN CONVERT(BIT, 'error') ELSE … END`.
//!
//! # Limits
//! The type of what is cast must be known. In columns, dates and times are read in ISO's
//! form alone, `uuid` with its hyphens; other forms fail. A `double precision` as text
//! fails where PostgreSQL writes an exponent. A `time` has no fraction.
//!
//! # Versions
//! All.

use sqlparser::ast::{CastKind, DataType, Expr, SelectItem, SetExpr, Statement};

use crate::build;
use crate::casts::{self, Operand};
use crate::diagnostic::Diagnosed;
use crate::place;
use crate::placeholder;
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};
use crate::scope::{ScopedHooks, Scopes, scoped};
use crate::types::{self, Digits, oid};
use crate::wit::{Diagnostic, Oid};

pub(crate) struct CheckedCast;

impl Rule for CheckedCast {
    fn name(&self) -> &'static str {
        "checked_cast"
    }

    fn summary(&self) -> &'static str {
        "gives casts PostgreSQL's results and errors"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::CAST)
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let (relations, parameters) = (pass.relations, pass.parameters.clone());
        let mut walk = Walk {
            pass,
            binds: placeholder::are_taken(tree),
            open: Vec::new(),
            changed: false,
        };
        scoped(tree, relations, &parameters, &mut walk)?;
        let changed = walk.changed;
        if changed {
            show_clocks(tree);
        }
        Ok(changed)
    }
}

struct Walk<'a, 'b> {
    pass: &'a mut Pass<'b>,
    /// Whether IRIS takes bound values.
    binds: bool,
    /// What the operands of the casts around are, innermost last: inside they are
    /// written for IRIS before the cast is.
    open: Vec<(Option<Oid>, Option<Digits>)>,
    changed: bool,
}

impl ScopedHooks for Walk<'_, '_> {
    fn enter_expression(&mut self, expr: &mut Expr, scopes: &mut Scopes<'_>) -> Diagnosed<()> {
        if let Some(inner) = operand_of(expr) {
            self.open
                .push((scopes.type_of(inner), scopes.digits_to_cast(inner)));
        }
        Ok(())
    }

    fn leave_expression(&mut self, expr: &mut Expr, _scopes: &mut Scopes<'_>) -> Diagnosed<()> {
        if operand_of(expr).is_some()
            && let Some((oid, digits)) = self.open.pop()
        {
            self.changed |= self.write(expr, oid, digits)?;
        }
        Ok(())
    }
}

/// A result column that is announced as a time may be the text of one.
fn show_clocks(tree: &mut Statement) {
    let Statement::Query(query) = tree else {
        return;
    };
    let SetExpr::Select(select) = &mut *query.body else {
        return;
    };
    for item in &mut select.projection {
        if let SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } = item
            && let Some(clock) = casts::clock_of(expr).cloned()
        {
            *expr = clock;
        }
    }
}

fn operand_of(expr: &Expr) -> Option<&Expr> {
    match expr {
        Expr::Cast {
            kind: CastKind::Cast | CastKind::DoubleColon,
            expr,
            ..
        } => Some(expr),
        _ => None,
    }
}

impl Walk<'_, '_> {
    /// Tells whether the cast was changed.
    fn write(
        &mut self,
        cast: &mut Expr,
        oid: Option<Oid>,
        digits: Option<Digits>,
    ) -> Diagnosed<bool> {
        let Expr::Cast {
            kind,
            expr: inner,
            data_type,
            ..
        } = cast
        else {
            return Ok(false);
        };
        // CAST(x AS BIT) is IRIS's own, and gives its booleans.
        if *kind == CastKind::DoubleColon && matches!(data_type, DataType::Bit(_)) {
            return Err(Diagnostic::not_supported(
                "cast to type bit is not supported",
                "IRIS has no bit strings; cast to boolean or to an integer",
            )
            .at(self.pass.text, place::of(inner)));
        }
        let Some(target) = types::of(data_type) else {
            return Ok(false);
        };
        // A parameter has the type of its cast, and the digits that the client sends.
        let is_bound = placeholder::number_of(build::unnested(inner)).is_some()
            && oid.is_none_or(|oid| oid == target.oid);
        if is_bound && !casts::limits_bound(&target, data_type) {
            return Ok(false);
        }
        if self.binds && target.oid == oid::BYTEA {
            let bound = casts::bound_literal(inner);
            let place = place::of(inner);
            if let Some(bound) = bound.map_err(|error| error.at(self.pass.text, place))? {
                *cast = bound;
                return Ok(true);
            }
        }
        let mut operand = Operand {
            expr: build::take(inner),
            oid: oid.or(is_bound.then_some(target.oid)),
            digits,
            copies: &mut self.pass.copies,
        };
        match casts::cast(&mut operand, &target, data_type) {
            Ok(Some(written)) => {
                *cast = written;
                Ok(true)
            }
            Ok(None) => {
                **inner = operand.expr;
                Ok(false)
            }
            Err(refusal) => Err(refusal.at(self.pass.text, place::of(&operand.expr))),
        }
    }
}
