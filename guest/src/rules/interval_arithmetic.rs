//! # What it does
//! Leaves it to the broker to compute with intervals that are not written down: differences of
//! timestamps and times, their sums and averages, `age`, sums and products of intervals, what is added
//! to a date, and the fields of all these. Where they are compared or sorted by, their seconds are.
//!
//! # Why
//! IRIS has no intervals. What it keeps in a column of them is PostgreSQL's text.
//!
//! # Example
//! `SELECT b - a FROM t` becomes a query for `'{"' || b || '","' || a || '"}'`, of which the broker takes
//! the difference. `ORDER BY b - a` becomes
//! `ORDER BY (extract(epoch from b) - extract(epoch from a))`, and `HAVING avg(b - a) > interval '1 hour'`
//! compares the average of that with 3600.
//!
//! # Limits
//! An item of the select list, at the outermost level, without DISTINCT, GROUP BY and set operations
//! of it, or a condition on the columns of one table. `age` of a `timestamptz`, and what is added to one,
//! only where `TimeZone` is UTC.
//!
//! # Versions
//! All.

use sqlparser::ast::{
    BinaryOperator, DataType, Expr, Function, Query, Statement, TimezoneInfo, UnaryOperator,
};

use crate::aggregates;
use crate::build;
use crate::diagnostic::Diagnosed;
use crate::interval::{self, Interval, Spared};
use crate::look::{self, Node};
use crate::operators::is_comparison;
use crate::order_item;
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};
use crate::rules::date_arithmetic;
use crate::rules::elapsed_time::seconds_between;
use crate::scope::{ScopedHooks, Scopes, scoped};
use crate::types::{self, oid};
use crate::typing::is_untyped;
use crate::wit::Oid;
use crate::zone;

pub(crate) struct IntervalArithmetic;

impl Rule for IntervalArithmetic {
    fn name(&self) -> &'static str {
        "interval_arithmetic"
    }

    fn summary(&self) -> &'static str {
        "lets the broker compute with intervals"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::ARITHMETIC.and(Marks::PREDICATE).and(Marks::FUNCTION))
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let may_be_there = pass.relations.have_columns_of(oid::INTERVAL)
            || pass.parameters.contains(&oid::INTERVAL)
            || look::finds(
                tree,
                &mut |node| matches!(node, Node::Expression(expression) if may_be_interval(expression)),
            );
        if !may_be_there {
            return Ok(false);
        }
        let mut walk = Walk {
            is_utc: zone::is_session_in_utc(&pass.scene),
            spared: Spared::default(),
            changed: false,
        };
        scoped(tree, pass.relations, &pass.parameters, &mut walk)?;
        if walk.changed {
            pass.brought
                .add(Marks::ACCESS.and(Marks::FUNCTION).and(Marks::ARITHMETIC));
        }
        Ok(walk.changed)
    }
}

/// Whether an expression is an interval, or computes one, by its form.
fn may_be_interval(expression: &Expr) -> bool {
    match expression {
        Expr::BinaryOp {
            op: BinaryOperator::Minus,
            ..
        }
        | Expr::Interval(_) => true,
        Expr::Cast { data_type, .. } => {
            types::of(data_type).is_some_and(|known| known.oid == oid::INTERVAL)
        }
        Expr::Function(function) => build::function_name(function)
            .is_some_and(|name| name == "age" || name == "make_interval"),
        _ => false,
    }
}

struct Walk {
    is_utc: bool,
    /// What is added to a date by DATEADD.
    spared: Spared,
    changed: bool,
}

impl ScopedHooks for Walk {
    fn enter_query(&mut self, query: &mut Query, scopes: &mut Scopes<'_>) -> Diagnosed<()> {
        let keys: Vec<Option<Expr>> = match order_item::items(query) {
            Some(items) => items
                .iter()
                .map(|item| {
                    let meant = order_item::meant(&query.body, &item.expr, scopes)?;
                    self.seconds(&meant, scopes)
                })
                .collect(),
            None => return Ok(()),
        };
        if let Some(items) = order_item::items_mut(query) {
            for (item, key) in items.iter_mut().zip(keys) {
                if let Some(key) = key {
                    item.expr = key;
                    self.changed = true;
                }
            }
        }
        Ok(())
    }

    fn enter_expression(&mut self, expr: &mut Expr, scopes: &mut Scopes<'_>) -> Diagnosed<()> {
        let written = match expr {
            Expr::BinaryOp { left, op, right } if is_comparison(op) => self
                .compared(&[left, right], scopes)
                .map(|sides| match sides {
                    [left, right] => build::binary(left, op.clone(), right),
                }),
            Expr::Between {
                expr,
                negated,
                low,
                high,
            } => self
                .compared(&[expr, low, high], scopes)
                .map(|[expr, low, high]| Expr::Between {
                    expr: Box::new(expr),
                    negated: *negated,
                    low: Box::new(low),
                    high: Box::new(high),
                }),
            Expr::BinaryOp {
                left,
                op: BinaryOperator::Plus | BinaryOperator::Minus,
                right,
            } => {
                for side in [left, right] {
                    if date_arithmetic::steps_of(side, scopes).is_some() {
                        self.spared.add(side);
                    }
                }
                None
            }
            Expr::Function(function) => self.aggregated(function, scopes),
            _ => None,
        };
        if let Some(written) = written {
            *expr = written;
            self.changed = true;
        }
        Ok(())
    }

    fn leave_expression(&mut self, expr: &mut Expr, scopes: &mut Scopes<'_>) -> Diagnosed<()> {
        if self.spared.has(expr) || Interval::of(expr).is_some() {
            return Ok(());
        }
        let written = match expr {
            Expr::BinaryOp { left, op, right } => self.operation(left, op, right, scopes),
            Expr::UnaryOp {
                op: UnaryOperator::Minus,
                expr,
            } if is_interval(expr, scopes) => {
                Some(build::call("interval_um", vec![build::take(expr)]))
            }
            Expr::Extract { field, expr, .. } if is_interval(expr, scopes) => {
                let name = build::string(&field.to_string().to_ascii_lowercase());
                Some(build::call(
                    "extract_interval",
                    vec![name, build::take(expr)],
                ))
            }
            Expr::Function(function) => self.called(function, scopes),
            _ => None,
        };
        if let Some(written) = written {
            *expr = written;
            self.changed = true;
        }
        Ok(())
    }
}

impl Walk {
    /// The seconds of values that are compared; none unless all are intervals whose seconds are
    /// known, and one is not written down.
    fn compared<const N: usize>(
        &self,
        values: &[&Expr; N],
        scopes: &Scopes<'_>,
    ) -> Option<[Expr; N]> {
        let mut is_computed = false;
        let mut seconds = Vec::with_capacity(N);
        for value in values {
            let computed = self.seconds(value, scopes);
            is_computed |= computed.is_some();
            seconds.push(computed.or_else(|| Some(number(Interval::of(value)?.span())))?);
        }
        is_computed.then(|| seconds.try_into().ok()).flatten()
    }

    /// The seconds of a difference of timestamps, or of its average, sum, least or greatest.
    fn seconds(&self, expr: &Expr, scopes: &Scopes<'_>) -> Option<Expr> {
        match expr {
            Expr::Nested(inner) => self.seconds(inner, scopes),
            Expr::BinaryOp {
                left,
                op: BinaryOperator::Minus,
                right,
            } => {
                let (later, earlier) = self.moments(left, right, scopes)?;
                Some(seconds_between(earlier, later))
            }
            Expr::Function(function) => {
                let difference = aggregates::of_kind(function)?;
                let seconds = self.seconds(difference, scopes)?;
                Some(aggregates::with_argument(function, seconds))
            }
            _ => None,
        }
    }

    /// `avg(a - b)` and its kin: days and seconds apart, as PostgreSQL adds them up.
    fn aggregated(&self, function: &Function, scopes: &Scopes<'_>) -> Option<Expr> {
        let name = build::function_name(function)?;
        let seconds = self.seconds(aggregates::of_kind(function)?, scopes)?;
        let days = |seconds: Expr| {
            let quotient = build::binary(
                build::nested(seconds),
                BinaryOperator::Divide,
                build::number(DAY),
            );
            build::call("trunc", vec![quotient])
        };
        let in_days = |days: Expr| {
            build::nested(build::binary(
                build::nested(days),
                BinaryOperator::Multiply,
                build::number(DAY),
            ))
        };
        let minus = |left, right| build::binary(left, BinaryOperator::Minus, right);
        let of = |value: Expr| aggregates::with_argument(function, value);
        let (whole_days, rest) = match name.as_str() {
            "sum" => (
                of(days(seconds.clone())),
                of(minus(seconds.clone(), in_days(days(seconds)))),
            ),
            "avg" => {
                let mean = of(days(seconds.clone()));
                let whole = build::call("trunc", vec![mean.clone()]);
                let part = in_days(minus(mean, whole.clone()));
                let rest = of(minus(seconds.clone(), in_days(days(seconds))));
                (whole, build::binary(part, BinaryOperator::Plus, rest))
            }
            _ => {
                let found = of(seconds);
                let whole = days(found.clone());
                (whole.clone(), minus(found, in_days(whole)))
            }
        };
        let none = || build::number(0);
        let whole_days = build::cast(whole_days, DataType::Int(None));
        Some(build::call(
            "interval_made",
            vec![none(), none(), none(), whole_days, none(), none(), rest],
        ))
    }

    /// What an operator with an interval, or one that gives one, is by the name of its code.
    fn operation(
        &self,
        left: &mut Expr,
        op: &BinaryOperator,
        right: &mut Expr,
        scopes: &Scopes<'_>,
    ) -> Option<Expr> {
        use BinaryOperator as O;
        if *op == O::Minus
            && let Some((later, earlier)) = self.moments(left, right, scopes)
        {
            return Some(build::call("timestamp_mi", vec![later, earlier]));
        }
        let mut types = (scopes.type_of(left), scopes.type_of(right));
        // A literal beside an interval is one, unless it is a factor.
        if between_intervals(op).is_some() {
            match types {
                (Some(oid::INTERVAL), None) if is_untyped(right) => types.1 = types.0,
                (None, Some(oid::INTERVAL)) if is_untyped(left) && *op != O::Plus => {
                    types.0 = types.1;
                }
                _ => {}
            }
        }
        let is_number = |oid| {
            matches!(
                oid,
                oid::INT2 | oid::INT4 | oid::INT8 | oid::NUMERIC | oid::FLOAT4 | oid::FLOAT8
            )
        };
        let (code, swapped) = match (types.0?, op, types.1?) {
            (oid::TIME, O::Minus, oid::TIME) => ("time_mi_time", false),
            (oid::INTERVAL, op, oid::INTERVAL) => (between_intervals(op)?, false),
            (oid::INTERVAL, O::Multiply, other) if is_number(other) => ("interval_mul", false),
            (other, O::Multiply, oid::INTERVAL) if is_number(other) => ("interval_mul", true),
            (oid::INTERVAL, O::Divide, other) if is_number(other) => ("interval_div", false),
            (_, O::Plus, oid::INTERVAL) => return self.later(left, op, right, scopes),
            (oid::INTERVAL, O::Plus, _) => return self.later(right, op, left, scopes),
            (_, O::Minus, oid::INTERVAL) => return self.later(left, op, right, scopes),
            _ => return None,
        };
        let (left, right) = (build::take(left), build::take(right));
        let operands = if swapped {
            vec![right, left]
        } else {
            vec![left, right]
        };
        Some(build::call(code, operands))
    }

    /// A moment and an interval that is not written down.
    fn later(
        &self,
        moment: &mut Expr,
        op: &BinaryOperator,
        interval: &mut Expr,
        scopes: &Scopes<'_>,
    ) -> Option<Expr> {
        if self.spared.has(interval) {
            return None;
        }
        let type_oid = scopes.type_of(moment)?;
        let code = match (type_oid, op) {
            (oid::TIMESTAMPTZ, BinaryOperator::Plus) => "timestamptz_pl_interval",
            (oid::TIMESTAMPTZ, _) => "timestamptz_mi_interval",
            (_, BinaryOperator::Plus) => "timestamp_pl_interval",
            _ => "timestamp_mi_interval",
        };
        let moment = self.plain(moment, type_oid)?;
        Some(build::call(code, vec![moment, build::take(interval)]))
    }

    fn called(&self, function: &Function, scopes: &Scopes<'_>) -> Option<Expr> {
        let name = build::function_name(function)?;
        let arguments = build::arguments(function);
        match (name.as_str(), arguments.as_slice()) {
            ("age", [later, earlier]) => {
                let types = (scopes.type_of(later)?, scopes.type_of(earlier)?);
                let both = vec![self.plain(later, types.0)?, self.plain(earlier, types.1)?];
                Some(build::call("timestamp_age", both))
            }
            ("age", [earlier]) if self.is_utc => {
                let today = build::cast(build::call("now", Vec::new()), DataType::Date);
                let earlier = self.plain(earlier, scopes.type_of(earlier)?)?;
                Some(build::call(
                    "timestamp_age",
                    vec![timestamp(today), earlier],
                ))
            }
            ("make_interval", _) => {
                Some(build::call("interval_made", interval::in_order(function)?))
            }
            ("date_part", [field, interval]) if is_interval(interval, scopes) => {
                let operands = vec![(*field).clone(), (*interval).clone()];
                Some(build::call("interval_part", operands))
            }
            _ => None,
        }
    }

    /// Both sides of a difference that is an interval, as timestamps without a time zone.
    fn moments(&self, left: &Expr, right: &Expr, scopes: &Scopes<'_>) -> Option<(Expr, Expr)> {
        let types = (scopes.type_of(left)?, scopes.type_of(right)?);
        match types {
            (oid::DATE, oid::DATE) => None,
            // The difference is the same in every zone.
            (oid::TIMESTAMPTZ, oid::TIMESTAMPTZ) => Some((in_utc(left), in_utc(right))),
            _ => Some((self.plain(left, types.0)?, self.plain(right, types.1)?)),
        }
    }

    /// A moment as a timestamp without a time zone, on the clocks of the session.
    fn plain(&self, moment: &Expr, type_oid: Oid) -> Option<Expr> {
        match type_oid {
            oid::TIMESTAMP => Some(moment.clone()),
            oid::DATE => Some(timestamp(moment.clone())),
            oid::TIMESTAMPTZ if self.is_utc => Some(in_utc(moment)),
            _ => None,
        }
    }
}

const DAY: u32 = 86_400;

/// The code of an operator of two intervals.
fn between_intervals(op: &BinaryOperator) -> Option<&'static str> {
    use BinaryOperator as O;
    Some(match op {
        O::Plus => "interval_pl",
        O::Minus => "interval_mi",
        O::Eq => "interval_eq",
        O::NotEq => "interval_ne",
        O::Lt => "interval_lt",
        O::LtEq => "interval_le",
        O::Gt => "interval_gt",
        O::GtEq => "interval_ge",
        _ => return None,
    })
}

fn is_interval(expr: &Expr, scopes: &Scopes<'_>) -> bool {
    scopes.type_of(expr) == Some(oid::INTERVAL)
}

fn timestamp(value: Expr) -> Expr {
    build::cast(
        build::nested(value),
        DataType::Timestamp(None, TimezoneInfo::None),
    )
}

fn in_utc(moment: &Expr) -> Expr {
    build::call("timezone", vec![build::string("UTC"), moment.clone()])
}

/// Microseconds as seconds.
fn number(micros: i128) -> Expr {
    let (whole, fraction) = (
        micros.unsigned_abs() / 1_000_000,
        micros.unsigned_abs() % 1_000_000,
    );
    let digits = format!("{whole}.{fraction:06}");
    let digits = digits.trim_end_matches('0').trim_end_matches('.');
    let number = build::number(digits);
    match micros < 0 {
        true => build::nested(build::negative(number)),
        false => number,
    }
}
