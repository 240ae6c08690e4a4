//! # What it does
//! Adds to dates and timestamps, and subtracts from them, by DATEADD and DATEDIFF.
//!
//! # Why
//! IRIS has no intervals, and takes a date in an expression for its number of days.
//! (InterSystems SQL Reference, DATEADD, DATEDIFF.)
//!
//! # Example
//! `d + INTERVAL '1 month 2 days'` becomes `DATEADD('dd', 2, DATEADD('mm', 1, d))`, and `d + 3`
//! becomes `CAST(DATEADD('dd', 3, d) AS DATE)`.
//!
//! # Limits
//! To a `timestamptz` months and days are added in UTC where their number is not written.
//! Intervals are literals of whole units, or a number times one of them; others are left to
//! `interval_arithmetic`. Beyond 9999-12-31 there is an error, except where what is added
//! to is computed itself. Dates are known by the types of columns and casts.
//!
//! # Versions
//! All.

use pgiris_values::calendar;
use sqlparser::ast::{
    BinaryOperator, CharacterLength, DataType, Expr, Function, FunctionArguments, Spanned,
    Statement, TimezoneInfo, Value,
};

use crate::build;
use crate::copies::Copies;
use crate::diagnostic::Diagnosed;
use crate::functions::moved_clock;
use crate::interval::{Interval, named_argument};
use crate::last_moment;
use crate::placeholder;
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};
use crate::scope::{ScopedHooks, Scopes, scoped};
use crate::types::oid;
use crate::wit::Diagnostic;
use crate::zone::Zone;

pub(crate) struct DateArithmetic;

impl Rule for DateArithmetic {
    fn name(&self) -> &'static str {
        "date_arithmetic"
    }

    fn summary(&self) -> &'static str {
        "adds to dates and takes their differences by DATEADD and DATEDIFF"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::ARITHMETIC)
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let mut walk = Walk {
            changed: false,
            text: pass.text,
            zone: Zone::of(&pass.scene).ok().flatten(),
            binds: placeholder::are_taken(tree),
            copies: &mut pass.copies,
        };
        scoped(tree, pass.relations, &pass.parameters, &mut walk)?;
        Ok(walk.changed)
    }
}

struct Walk<'a> {
    changed: bool,
    text: &'a str,
    /// The session's time zone, if it is not UTC.
    zone: Option<Zone>,
    /// Whether IRIS takes bound values.
    binds: bool,
    copies: &'a mut Copies,
}

impl ScopedHooks for Walk<'_> {
    fn leave_expression(&mut self, expr: &mut Expr, scopes: &mut Scopes<'_>) -> Diagnosed<()> {
        let Expr::BinaryOp {
            left,
            op: op @ (BinaryOperator::Plus | BinaryOperator::Minus),
            right,
        } = expr
        else {
            return Ok(());
        };
        let is_plus = *op == BinaryOperator::Plus;
        let has_zone = |value: &Expr| scopes.type_of(value) == Some(oid::TIMESTAMPTZ);
        let has_zone = self.zone.is_some() && (has_zone(left) || has_zone(right));
        if let Some(result) = self.result(left, is_plus, right, scopes)? {
            // Who cuts it or shows it has to know that it is no moment on the clocks.
            *expr = match has_zone {
                true => build::cast(
                    result,
                    DataType::Timestamp(None, TimezoneInfo::WithTimeZone),
                ),
                false => result,
            };
            self.changed = true;
        }
        Ok(())
    }
}

impl Walk<'_> {
    /// Months and days that are added to a moment with a time zone, on the clocks of the session;
    /// none where nothing else comes of it than in UTC, or where their number is not written.
    fn on_clocks(
        &mut self,
        base: &Expr,
        steps: &[(&'static str, Expr)],
        is_plus: bool,
    ) -> Diagnosed<Option<Expr>> {
        let Some(zone) = &self.zone else {
            return Ok(None);
        };
        let mut counts = [0_i32; 2];
        let mut clock = Vec::new();
        for (unit, count) in steps {
            let place = match *unit {
                "mm" => &mut counts[0],
                "dd" => &mut counts[1],
                _ => {
                    clock.push((*unit, count.clone()));
                    continue;
                }
            };
            let signed = last_moment::constant(count)
                .and_then(|count| i32::try_from(if is_plus { count } else { -count }).ok());
            let Some(signed) = signed else {
                return Ok(None);
            };
            *place = signed;
        }
        let [months, days] = counts;
        if months == 0 && days == 0 {
            return Ok(None);
        }
        let moved = self
            .binds
            .then(|| moved_clock(base, months, days))
            .flatten();
        let moved = match moved {
            Some(moved) => moved,
            None => zone.stepped(
                base.clone(),
                &|shown| calendar::moved(shown, months, days),
                &|shown| {
                    let units = [("mm", months), ("dd", days)].into_iter();
                    let units = units.filter(|(_, count)| *count != 0);
                    let steps = units.map(|(unit, count)| (unit, signed(count.into())));
                    shifted(shown, steps.collect(), true)
                },
                self.copies,
            )?,
        };
        Ok(Some(shifted(moved, clock, is_plus)))
    }

    /// What is added to a moment; an error where that is behind the last one.
    fn guarded(
        &mut self,
        base: Expr,
        steps: Vec<(&'static str, Expr)>,
        is_plus: bool,
    ) -> Diagnosed<Expr> {
        if !last_moment::may_be_passed(&base, &steps, is_plus) {
            return Ok(shifted(base, steps, is_plus));
        }
        let mut known = vec![self.copies.copy(&base)?];
        for (_, count) in &steps {
            if !last_moment::is_constant(count) {
                known.push(self.copies.copy(count)?);
            }
        }
        Ok(last_moment::guarded(shifted(base, steps, is_plus), known))
    }

    fn result(
        &mut self,
        left: &mut Expr,
        is_plus: bool,
        right: &mut Expr,
        scopes: &Scopes<'_>,
    ) -> Diagnosed<Option<Expr>> {
        // Only a refusal looks for its place: that walks down the whole left side.
        let near = |left: &Expr| left.span().start.column.saturating_sub(1) as usize;
        let types = (scopes.type_of(left), scopes.type_of(right));
        // Part of a larger interval.
        if Interval::of(left).is_some() && Interval::of(right).is_some() {
            return Ok(None);
        }
        if let Some(steps) = steps_of(right, scopes) {
            if types.0 == Some(oid::TIME) {
                return Err(refused("time", "interval", self.text, near(left)));
            }
            if types.0 == Some(oid::TIMESTAMPTZ)
                && let Some(moved) = self.on_clocks(left, &steps, is_plus)?
            {
                return Ok(Some(moved));
            }
            return self.guarded(build::take(left), steps, is_plus).map(Some);
        }
        if is_plus && let Some(steps) = steps_of(left, scopes) {
            if types.1 == Some(oid::TIME) {
                return Err(refused("interval", "time", self.text, near(left)));
            }
            if types.1 == Some(oid::TIMESTAMPTZ)
                && let Some(moved) = self.on_clocks(right, &steps, true)?
            {
                return Ok(Some(moved));
            }
            return self.guarded(build::take(right), steps, true).map(Some);
        }
        Ok(match types {
            (Some(oid::DATE), Some(oid::DATE)) if !is_plus => Some(build::call(
                "DATEDIFF",
                vec![build::string("dd"), build::take(right), build::take(left)],
            )),
            (Some(oid::DATE), Some(oid::INT2 | oid::INT4)) => {
                let steps = vec![("dd", build::take(right))];
                let day = self.guarded(build::take(left), steps, is_plus)?;
                Some(build::cast(day, DataType::Date))
            }
            (Some(oid::INT2 | oid::INT4), Some(oid::DATE)) if is_plus => {
                let steps = vec![("dd", build::take(left))];
                let day = self.guarded(build::take(right), steps, true)?;
                Some(build::cast(day, DataType::Date))
            }
            (Some(oid::TIMESTAMP | oid::TIMESTAMPTZ), Some(oid::TIME))
            | (Some(oid::DATE), Some(oid::TIME))
                if !is_plus || types.0 != Some(oid::DATE) =>
            {
                let Some(steps) = clock_steps(right) else {
                    return Err(refused("timestamp", "time", self.text, near(left)));
                };
                Some(self.guarded(build::take(left), steps, is_plus)?)
            }
            (Some(oid::TIME), Some(oid::TIMESTAMP | oid::TIMESTAMPTZ)) if is_plus => {
                let Some(steps) = clock_steps(left) else {
                    return Err(refused("time", "timestamp", self.text, near(left)));
                };
                Some(self.guarded(build::take(right), steps, true)?)
            }
            (Some(oid::DATE), Some(oid::TIME)) if is_plus => {
                Some(moment(build::take(left), build::take(right)))
            }
            (Some(oid::TIME), Some(oid::DATE)) if is_plus => {
                Some(moment(build::take(right), build::take(left)))
            }
            (
                Some(oid::TIMESTAMP | oid::TIMESTAMPTZ | oid::DATE),
                Some(oid::TIMESTAMP | oid::TIMESTAMPTZ | oid::DATE),
            ) if !is_plus => {
                return Err(refused("timestamp", "timestamp", self.text, near(left)));
            }
            (Some(oid::TIME), Some(oid::TIME)) if !is_plus => {
                return Err(refused("time", "time", self.text, near(left)));
            }
            _ => None,
        })
    }
}

/// What a time of day that is written down adds.
fn clock_steps(time: &Expr) -> Option<Vec<(&'static str, Expr)>> {
    let text = match build::unnested(time) {
        Expr::Cast { expr, .. } => build::string_in(expr)?,
        Expr::TypedString(typed) => match &typed.value.value {
            Value::SingleQuotedString(text) => text.clone(),
            _ => return None,
        },
        _ => return None,
    };
    let is_plain = text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || matches!(byte, b':' | b'.'));
    let steps = Interval::written(&text).filter(|_| is_plain)?.steps();
    Some(
        steps
            .into_iter()
            .map(|(unit, count)| (unit, signed(count)))
            .collect(),
    )
}

/// Text of this length shows a date or a time in full.
fn text(value: Expr) -> Expr {
    let length = CharacterLength::IntegerLength {
        length: 18,
        unit: None,
    };
    build::cast(value, DataType::Varchar(Some(length)))
}

fn timestamp(text: Expr) -> Expr {
    build::cast(text, DataType::Timestamp(None, TimezoneInfo::None))
}

fn joined(left: Expr, right: Expr) -> Expr {
    build::binary(left, BinaryOperator::StringConcat, right)
}

/// A date with a time of day.
fn moment(date: Expr, time: Expr) -> Expr {
    let day = joined(text(date), build::string(" "));
    timestamp(joined(day, text(time)))
}

fn refused(left: &str, right: &str, text: &str, near: usize) -> Diagnostic {
    Diagnostic::not_supported(
        format!("computing with {left} and {right} is not supported"),
        "IRIS has no intervals; use DATEDIFF with a unit, or compute in the client",
    )
    .at(text, near)
}

fn added(unit: &str, count: Expr, moment: Expr) -> Expr {
    build::call("DATEADD", vec![build::string(unit), count, moment])
}

/// Months first, as in PostgreSQL: the end of a month is cut before days count.
fn shifted(moment: Expr, steps: Vec<(&'static str, Expr)>, is_plus: bool) -> Expr {
    let mut moment = moment;
    for (unit, count) in steps {
        let count = if is_plus {
            count
        } else {
            build::negative(count)
        };
        moment = added(unit, count, moment);
    }
    moment
}

/// What an interval adds, unit by unit.
pub(super) fn steps_of(expr: &Expr, scopes: &Scopes<'_>) -> Option<Vec<(&'static str, Expr)>> {
    if let Some(interval) = Interval::of(expr) {
        return Some(
            interval
                .steps()
                .into_iter()
                .map(|(unit, count)| (unit, signed(count)))
                .collect(),
        );
    }
    if let Expr::Function(function) = build::unnested(expr) {
        return made(function, scopes);
    }
    let Expr::BinaryOp {
        left,
        op: BinaryOperator::Multiply,
        right,
    } = build::unnested(expr)
    else {
        return None;
    };
    let (interval, count) = match (Interval::of(left), Interval::of(right)) {
        (Some(interval), None) => (interval, right),
        (None, Some(interval)) => (interval, left),
        _ => return None,
    };
    let is_whole = matches!(
        scopes.type_of(count),
        Some(oid::INT2 | oid::INT4 | oid::INT8)
    ) || crate::typing::is_untyped(count);
    let steps = interval.steps();
    let (&[(unit, factor)], true) = (steps.as_slice(), is_whole) else {
        return None;
    };
    let count = (**count).clone();
    let count = if factor == 1 {
        count
    } else {
        build::binary(
            build::nested(count),
            BinaryOperator::Multiply,
            signed(factor),
        )
    };
    Some(vec![(unit, count)])
}

/// What `make_interval(days => n)` adds, of whole numbers by name, one for each unit.
fn made(function: &Function, scopes: &Scopes<'_>) -> Option<Vec<(&'static str, Expr)>> {
    const UNITS: [(&str, &str, i64); 7] = [
        ("years", "mm", 12),
        ("months", "mm", 1),
        ("weeks", "dd", 7),
        ("days", "dd", 1),
        ("hours", "ss", 3_600),
        ("mins", "ss", 60),
        ("secs", "ss", 1),
    ];
    if build::function_name(function)? != "make_interval" {
        return None;
    }
    let FunctionArguments::List(list) = &function.args else {
        return None;
    };
    let mut steps: Vec<(&'static str, Expr)> = Vec::new();
    for (name, unit, factor) in UNITS {
        let mut values = list.args.iter().filter_map(named_argument);
        let Some((_, value)) = values.find(|(given, _)| given == name) else {
            continue;
        };
        let type_oid = scopes.type_of(value)?;
        let is_whole = matches!(type_oid, oid::INT2 | oid::INT4 | oid::INT8);
        if !is_whole || steps.iter().any(|(known, _)| *known == unit) {
            return None;
        }
        let count = match factor {
            1 => value.clone(),
            factor => build::binary(
                build::nested(value.clone()),
                BinaryOperator::Multiply,
                signed(factor),
            ),
        };
        steps.push((unit, count));
    }
    (steps.len() == list.args.len() && !steps.is_empty()).then_some(steps)
}

fn signed(count: i64) -> Expr {
    if count < 0 {
        build::negative(build::number(count.unsigned_abs()))
    } else {
        build::number(count)
    }
}
