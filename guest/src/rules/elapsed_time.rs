//! # What it does
//! Compares the difference of two timestamps with an interval, and takes its seconds and days.
//!
//! # Why
//! In PostgreSQL the difference is an interval; IRIS has none. What is asked of it mostly needs none:
//! `a - b > interval` is `a > b + interval`, since a day has 24 hours there.
//!
//! # Example
//! `WHERE now() - ts > interval '1 hour'` becomes `WHERE now() > ts + interval '1 hour'`, and
//! `extract(epoch from a - b)` becomes `(extract(epoch from a) - extract(epoch from b))`.
//!
//! # Limits
//! The difference as a value, its other fields, `age`, and a comparison with what is not written down
//! are left to `interval_arithmetic`.
//!
//! # Versions
//! All.

use sqlparser::ast::{BinaryOperator, DateTimeField, Expr, ExtractSyntax, Statement};

use crate::build;
use crate::diagnostic::Diagnosed;
use crate::interval::Interval;
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};
use crate::scope::{ScopedHooks, Scopes, scoped};
use crate::types::oid;

pub(crate) struct ElapsedTime;

impl Rule for ElapsedTime {
    fn name(&self) -> &'static str {
        "elapsed_time"
    }

    fn summary(&self) -> &'static str {
        "compares differences of timestamps, and takes their seconds and days"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::ARITHMETIC)
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let mut walk = Walk { changed: false };
        scoped(tree, pass.relations, &pass.parameters, &mut walk)?;
        Ok(walk.changed)
    }
}

struct Walk {
    changed: bool,
}

impl ScopedHooks for Walk {
    fn enter_expression(&mut self, expr: &mut Expr, scopes: &mut Scopes<'_>) -> Diagnosed<()> {
        let written = match expr {
            Expr::BinaryOp { left, op, right } => compared(left, op, right, scopes),
            Expr::Extract { field, expr, .. } => field_of(field, expr, scopes),
            _ => None,
        };
        if let Some(written) = written {
            *expr = written;
            self.changed = true;
        }
        Ok(())
    }
}

/// `a - b > interval` as `a > b + interval`.
fn compared(
    left: &mut Expr,
    op: &BinaryOperator,
    right: &mut Expr,
    scopes: &Scopes<'_>,
) -> Option<Expr> {
    use BinaryOperator as O;
    if !matches!(op, O::Eq | O::NotEq | O::Lt | O::LtEq | O::Gt | O::GtEq) {
        return None;
    }
    let (difference, interval, is_left) = match (Interval::of(left), Interval::of(right)) {
        (None, Some(_)) => (left, right, true),
        (Some(_), None) => (right, left, false),
        _ => return None,
    };
    // PostgreSQL compares a month as 30 days.
    if Interval::of(interval)?.has_months() {
        return None;
    }
    let (later, earlier) = difference_of(difference, scopes)?;
    let sum = build::nested(build::binary(earlier, O::Plus, build::take(interval)));
    Some(match is_left {
        true => build::binary(later, op.clone(), sum),
        false => build::binary(sum, op.clone(), later),
    })
}

/// Fields of the difference that can be told from the seconds.
fn field_of(field: &DateTimeField, value: &mut Expr, scopes: &Scopes<'_>) -> Option<Expr> {
    let name = field.to_string().to_ascii_lowercase();
    if !matches!(name.as_str(), "epoch" | "day" | "days") {
        return None;
    }
    let (later, earlier) = difference_of(value, scopes)?;
    let seconds = seconds_between(earlier, later);
    Some(match name.as_str() {
        "epoch" => seconds,
        _ => build::call(
            "trunc",
            vec![build::binary(
                seconds,
                BinaryOperator::Divide,
                build::number(86_400),
            )],
        ),
    })
}

/// The seconds from one moment to another.
pub(super) fn seconds_between(earlier: Expr, later: Expr) -> Expr {
    let epoch = |moment: Expr| Expr::Extract {
        field: DateTimeField::Epoch,
        syntax: ExtractSyntax::From,
        expr: Box::new(moment),
    };
    let difference = build::binary(epoch(later), BinaryOperator::Minus, epoch(earlier));
    build::nested(difference)
}

/// Both sides of a difference of timestamps, taken out.
fn difference_of(expr: &mut Expr, scopes: &Scopes<'_>) -> Option<(Expr, Expr)> {
    match expr {
        Expr::Nested(inner) => difference_of(inner, scopes),
        Expr::BinaryOp {
            left,
            op: BinaryOperator::Minus,
            right,
        } => {
            let is_moment = |oid| matches!(oid, oid::TIMESTAMP | oid::TIMESTAMPTZ);
            let types = (scopes.type_of(left)?, scopes.type_of(right)?);
            // A date becomes a timestamp beside one.
            let is_date = |oid| oid == oid::DATE;
            let fits = is_moment(types.0) && (is_moment(types.1) || is_date(types.1))
                || is_date(types.0) && is_moment(types.1);
            fits.then(|| (build::take(left), build::take(right)))
        }
        _ => None,
    }
}
