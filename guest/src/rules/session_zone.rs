//! # What it does
//! Writes the offset of the session's time zone into a `timestamptz` that says none, and
//! converts one to what the clocks of that zone show; its text says the offset, too.
//!
//! # Why
//! IRIS has no time zones, and timestamps with one are kept in UTC.
//!
//! # Example
//! `SELECT '2024-07-01 12:00'::timestamptz` becomes, where `TimeZone` is `America/New_York`,
//! `SELECT '2024-07-01 12:00:00-04'::timestamptz`.
//!
//! # Limits
//! The offsets of a zone are written out, from the first that is known to those of the year 2099;
//! after that there is an error where clocks are changed every year. Texts that become a `timestamptz`
//! are refused where `TimeZone` is another zone than UTC, unless they are written down. A column tells if it was made with a time zone.
//!
//! # Versions
//! All.

use sqlparser::ast::{BinaryOperator, Expr, Function, Select, SelectItem, Statement};

use crate::build;
use crate::casts::is_string;
use crate::copies::Copies;
use crate::diagnostic::Diagnosed;
use crate::labels;
use crate::operators::is_comparison;
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule, Scene};
use crate::rules::styled_text::makes_text;

use crate::scope::{ScopedHooks, Scopes, scoped};
use crate::types::oid;
use crate::wit::Oid;
use crate::zone::conversion::{become_plain, become_zoned, locate, refusal, written_type};
use crate::zone::{self, Zone};

pub(crate) struct SessionZone;

impl Rule for SessionZone {
    fn name(&self) -> &'static str {
        "session_zone"
    }

    fn summary(&self) -> &'static str {
        "reads and converts timestamps with time zone in the zone of the session"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(
            Marks::CAST
                .and(Marks::PREDICATE)
                .and(Marks::FUNCTION)
                .and(Marks::CONCATENATION),
        )
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        if zone::is_session_in_utc(&pass.scene) {
            return Ok(false);
        }
        let mut walk = Walk {
            scene: pass.scene,
            copies: &mut pass.copies,
            labels: Vec::new(),
            changed: false,
        };
        scoped(tree, pass.relations, &pass.parameters, &mut walk)?;
        Ok(walk.changed)
    }
}

struct Walk<'a, 'b> {
    scene: Scene<'a>,
    copies: &'b mut Copies,
    /// Of the items of each select that is open.
    labels: Vec<Vec<Option<String>>>,
    changed: bool,
}

impl ScopedHooks for Walk<'_, '_> {
    fn enter_select(&mut self, select: &mut Select, _scopes: &mut Scopes<'_>) -> Diagnosed<()> {
        self.labels
            .push(select.projection.iter().map(labels::of_item).collect());
        Ok(())
    }

    /// An item is called as it was written.
    fn leave_select(&mut self, select: &mut Select, _scopes: &mut Scopes<'_>) -> Diagnosed<()> {
        let known = self.labels.pop().unwrap_or_default();
        for (item, known) in select.projection.iter_mut().zip(known) {
            if let (SelectItem::UnnamedExpr(expr), Some(known)) = (&mut *item, known)
                && labels::of_expression(expr) != known
            {
                *item = SelectItem::ExprWithAlias {
                    expr: build::take(expr),
                    alias: labels::identifier(&known),
                };
            }
        }
        Ok(())
    }

    fn leave_expression(&mut self, expr: &mut Expr, scopes: &mut Scopes<'_>) -> Diagnosed<()> {
        match expr {
            Expr::BinaryOp { left, op, right } if is_comparison(op) => {
                self.beside(left, right, scopes)?;
                self.beside(right, left, scopes)
            }
            Expr::BinaryOp {
                left,
                op: BinaryOperator::StringConcat,
                right,
            } => {
                self.shown(left, scopes)?;
                self.shown(right, scopes)
            }
            Expr::Case {
                conditions,
                else_result,
                ..
            } => {
                let results = conditions.iter_mut().map(|when| &mut when.result);
                self.among(results.chain(else_result.as_deref_mut()).collect(), scopes)
            }
            Expr::Function(function) if is_choice(function) => {
                self.among(build::arguments_mut(function), scopes)
            }
            Expr::Function(function) if makes_text(function) => build::arguments_mut(function)
                .into_iter()
                .try_for_each(|argument| self.shown(argument, scopes)),
            Expr::Function(function) if clock_of(function).is_some() => {
                self.looked_at(function, scopes)
            }
            Expr::Between {
                expr, low, high, ..
            } => {
                self.beside(expr, low, scopes)?;
                self.beside(expr, high, scopes)
            }
            Expr::InList { expr, list, .. } => list
                .iter_mut()
                .try_for_each(|item| self.beside(expr, item, scopes)),
            _ => self.cast(expr, scopes),
        }
    }
}

impl Walk<'_, '_> {
    /// What is compared with a moment that has a zone.
    fn beside(&mut self, zoned: &Expr, other: &mut Expr, scopes: &Scopes<'_>) -> Diagnosed<()> {
        if scopes.type_of(zoned) != Some(oid::TIMESTAMPTZ) {
            return Ok(());
        }
        let from = scopes.type_of(other);
        if let Some(zone) = Zone::of(&self.scene)? {
            self.changed |= become_zoned(other, from, &zone, self.copies)?;
        }
        Ok(())
    }

    /// Literals among values of which one has a zone.
    fn among(&mut self, values: Vec<&mut Expr>, scopes: &Scopes<'_>) -> Diagnosed<()> {
        let is_zoned = |value: &&mut Expr| scopes.type_of(value) == Some(oid::TIMESTAMPTZ);
        if !values.iter().any(is_zoned) {
            return Ok(());
        }
        let Some(zone) = Zone::of(&self.scene)? else {
            return Ok(());
        };
        for value in values {
            let from = scopes.type_of(value);
            self.changed |= become_zoned(value, from, &zone, self.copies)?;
        }
        Ok(())
    }

    /// What is joined to a text.
    fn shown(&mut self, joined: &mut Expr, scopes: &Scopes<'_>) -> Diagnosed<()> {
        if scopes.type_of(joined) == Some(oid::TIMESTAMPTZ)
            && let Some(zone) = Zone::of(&self.scene)?
        {
            self.changed |= become_plain(joined, oid::TEXT, &zone, self.copies)?;
        }
        Ok(())
    }

    /// What a function shows that looks at clocks.
    fn looked_at(&mut self, function: &mut Function, scopes: &Scopes<'_>) -> Diagnosed<()> {
        let Some((index, always)) = clock_of(function) else {
            return Ok(());
        };
        let mut arguments = build::arguments_mut(function);
        let Some(moment) = arguments.get_mut(index) else {
            return Ok(());
        };
        if scopes.type_of(moment) == Some(oid::TIMESTAMPTZ)
            && (always || cut_moment(moment, scopes).is_some())
            && let Some(zone) = Zone::of(&self.scene)?
        {
            self.changed |= self.plain(moment, oid::TIMESTAMP, &zone, scopes)?;
        }
        Ok(())
    }

    /// A moment on the clocks. What is cut on them is not cut in UTC before.
    fn plain(
        &mut self,
        moment: &mut Expr,
        target: Oid,
        zone: &Zone,
        scopes: &Scopes<'_>,
    ) -> Diagnosed<bool> {
        let is_moment = matches!(target, oid::DATE | oid::TIME | oid::TIMESTAMP);
        match cut_moment(moment, scopes).filter(|_| is_moment) {
            Some(inner) => become_plain(inner, oid::TIMESTAMP, zone, self.copies),
            None => become_plain(moment, target, zone, self.copies),
        }
    }

    fn cast(&mut self, expr: &mut Expr, scopes: &Scopes<'_>) -> Diagnosed<()> {
        let Some(target) = written_type(expr).filter(|target| concerned(expr, *target, scopes))
        else {
            return Ok(());
        };
        let Some(zone) = Zone::of(&self.scene)? else {
            return Ok(());
        };
        self.changed |= match (target, expr) {
            (oid::TIMESTAMPTZ, Expr::Cast { expr: inner, .. })
                if is_computed_text(inner, scopes) =>
            {
                return Err(refusal(oid::TEXT, target));
            }
            (oid::TIMESTAMPTZ, Expr::Cast { expr: inner, .. })
                if matches!(scopes.type_of(inner), Some(oid::DATE | oid::TIMESTAMP))
                    && written_type(inner).is_none() =>
            {
                become_zoned(inner, scopes.type_of(inner), &zone, self.copies)?
            }
            (oid::TIMESTAMPTZ, expr) => locate(expr, &zone),
            (_, Expr::Cast { expr: inner, .. }) => self.plain(inner, target, &zone, scopes)?,
            _ => false,
        };
        Ok(())
    }
}

/// A text that is not written down.
fn is_computed_text(expr: &Expr, scopes: &Scopes<'_>) -> bool {
    build::string_in(expr).is_none() && scopes.type_of(expr).is_some_and(is_string)
}

/// The argument of a function that looks at clocks, and whether it is not converted where the
/// function is written.
fn clock_of(function: &Function) -> Option<(usize, bool)> {
    match build::function_name(function)?.as_str() {
        "date" => Some((0, true)),
        "date_part" => Some((1, false)),
        "to_char" => {
            let template = build::arguments(function).get(1).copied();
            let template = template.and_then(build::string_in)?.to_ascii_uppercase();
            let shows_zone = ["TZ", "OF"].iter().any(|zone| template.contains(zone));
            (!shows_zone).then_some((0, false))
        }
        _ => None,
    }
}

/// The moment with a time zone that `date_trunc` cuts, if an expression is that.
fn cut_moment<'e>(expr: &'e mut Expr, scopes: &Scopes<'_>) -> Option<&'e mut Expr> {
    let Expr::Function(function) = build::unnested_mut(expr) else {
        return None;
    };
    let is_cut = build::function_name(function).is_some_and(|name| name == "date_trunc");
    let mut arguments = build::arguments_mut(function).into_iter();
    let (Some(_), Some(moment), None) = (arguments.next(), arguments.next(), arguments.next())
    else {
        return None;
    };
    (is_cut && scopes.type_of(moment) == Some(oid::TIMESTAMPTZ)).then_some(moment)
}

/// Whether a function gives one of its arguments back.
fn is_choice(function: &Function) -> bool {
    build::function_name(function)
        .is_some_and(|name| matches!(name.as_str(), "coalesce" | "nullif" | "greatest" | "least"))
}

/// Whether the zone decides what is given.
fn concerned(expr: &Expr, target: Oid, scopes: &Scopes<'_>) -> bool {
    match (target, expr) {
        (oid::TIMESTAMPTZ, _) => true,
        (_, Expr::Cast { expr, .. }) => {
            zone::zoned(expr).unwrap_or_else(|| scopes.type_of(expr) == Some(oid::TIMESTAMPTZ))
        }
        _ => false,
    }
}
