//! # What it does
//! Writes dates and times in literals in the form that both databases read, and refuses those that
//! PostgreSQL refuses, or reads in ways of its own. The fields of a date are in the order of the session's
//! `DateStyle`; a month may be a name.
//!
//! # Why
//! IRIS makes 1840-12-31 of a text that it cannot read as a date, where PostgreSQL reads many
//! forms and fails on the rest. (InterSystems SQL Reference, CAST.)
//!
//! # Example
//! `'20240229'::date` becomes `CAST('2024-02-29' AS DATE)`; `'2024-02-30'::date` is refused with
//! SQLSTATE 22008, `'yesterday'::date` with 0A000.
//!
//! # Limits
//! Texts in columns and parameters are IRIS's to read. Offsets of time zones are known, their names are
//! refused.
//!
//! # Versions
//! All.

use sqlparser::ast::{DataType, Expr, Spanned, Statement, Value};

use crate::build;
use crate::diagnostic::Diagnosed;
use crate::moment_text::{self, Order};
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};
use crate::types::{self, oid};
use crate::untyped;
use crate::walk;
use crate::wit::{Diagnostic, Oid};

pub(crate) struct DatetimeLiteral;

impl Rule for DatetimeLiteral {
    fn name(&self) -> &'static str {
        "datetime_literal"
    }

    fn summary(&self) -> &'static str {
        "writes dates and times in literals as IRIS reads them, or refuses them"
    }

    fn concerns(&self, marks: Marks) -> bool {
        // A literal in VALUES, a set operation or an array may have become a date.
        marks.has(
            Marks::CAST
                .and(Marks::VALUES)
                .and(Marks::SET_OPERATION)
                .and(Marks::QUANTIFIER),
        )
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let text = pass.text;
        let order = Order::of(&pass.scene);
        let mut changed = false;
        walk::expressions(tree, &mut |expression| {
            let (value, data_type) = match expression {
                Expr::Cast {
                    expr, data_type, ..
                } => match build::unnested_mut(expr) {
                    Expr::Value(value) => (value, &*data_type),
                    _ => return Ok(()),
                },
                Expr::TypedString(typed) if !typed.uses_odbc_syntax => {
                    (&mut typed.value, &typed.data_type)
                }
                _ => return Ok(()),
            };
            let (Some(target), Value::SingleQuotedString(literal)) =
                (type_of(data_type), &value.value)
            else {
                return Ok(());
            };
            let at = value.span().start.column.saturating_sub(1);
            let at = usize::try_from(at).unwrap_or(usize::MAX);
            let literal = literal.replace("''", "'");
            if target == oid::TIME && has_fraction(&literal) {
                return Err(Diagnostic::not_supported(
                    "a time with a fraction of a second is not supported here",
                    "IRIS cuts it off: leave the cast away beside a column, or pass it as a parameter",
                )
                .at(text, at));
            }
            if let DataType::Timestamp(Some(digits @ 0..=5), _) = data_type {
                let read = moment_text::rounded(&literal, target, *digits, order);
                let rounded = read.map_err(|refusal| refusal.at(text, at))?;
                value.value = Value::SingleQuotedString(rounded);
                changed = true;
                return Ok(());
            }
            let settled = untyped::settled(&literal, target, order);
            if let Some(Expr::Value(settled)) = settled.map_err(|refusal| refusal.at(text, at))? {
                value.value = settled.value;
                changed = true;
            }
            Ok(())
        })?;
        Ok(changed)
    }
}

/// Whether there is something behind the point of the seconds.
fn has_fraction(clock: &str) -> bool {
    let digits = clock.split_once('.').map_or("", |(_, fraction)| fraction);
    digits
        .bytes()
        .take_while(u8::is_ascii_digit)
        .any(|digit| digit != b'0')
}

fn type_of(data_type: &DataType) -> Option<Oid> {
    let known = types::of(data_type)?.oid;
    match known {
        oid::DATE | oid::TIME | oid::TIMESTAMP | oid::TIMESTAMPTZ => Some(known),
        oid::TIMETZ => Some(oid::TIME),
        _ => None,
    }
}

/// Whether `YYYY-MM-DD` is a day; none if the text has another form.
pub(crate) fn is_date(text: &str) -> Option<bool> {
    let mut parts = text.split('-');
    let year = number(parts.next()?, 4..=4)?;
    let month = number(parts.next()?, 1..=2)?;
    let day = number(parts.next()?, 1..=2)?;
    if parts.next().is_some() {
        return None;
    }
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return Some(false),
    };
    Some(year > 0 && (1..=days).contains(&day))
}

/// Whether `HH:MM[:SS[.ffffff]]` is a time; none if the text has another form.
pub(crate) fn is_time(text: &str) -> Option<bool> {
    let (clock, fraction) = text.split_once('.').unwrap_or((text, "0"));
    number(fraction, 1..=9)?;
    let mut parts = clock.split(':');
    let hour = number(parts.next()?, 1..=2)?;
    let minute = number(parts.next()?, 2..=2)?;
    let second = match parts.next() {
        Some(second) => number(second, 2..=2)?,
        None => 0,
    };
    if parts.next().is_some() {
        return None;
    }
    Some(hour < 24 && minute < 60 && second < 60)
}

fn number(digits: &str, length: std::ops::RangeInclusive<usize>) -> Option<u32> {
    let plain = length.contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| digits.parse().ok()).flatten()
}
