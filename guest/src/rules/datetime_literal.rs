//! # What it does
//! Lets dates and times in literals through only in the form that both databases read, and
//! refuses the others.
//!
//! # Why
//! IRIS makes 1840-12-31 of a text that it cannot read as a date, where PostgreSQL reads many
//! forms and fails on the rest. (InterSystems SQL Reference, CAST.)
//!
//! # Example
//! `SELECT '2024-02-30'::date` is refused with SQLSTATE 22008, `'yesterday'::date` with 0A000.
//!
//! # Limits
//! Texts in columns and parameters are IRIS's to read. A time zone in a literal is refused, and an
//! interval that is neither added to a date nor subtracted from one.
//!
//! # Versions
//! All.

use sqlparser::ast::{DataType, Expr, Spanned, Statement, Value};

use crate::build;
use crate::diagnostic::Diagnosed;
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};
use crate::walk;
use crate::wit::Diagnostic;

pub(crate) struct DatetimeLiteral;

impl Rule for DatetimeLiteral {
    fn name(&self) -> &'static str {
        "datetime_literal"
    }

    fn summary(&self) -> &'static str {
        "refuses dates and times in literals that IRIS would read otherwise"
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
        walk::expressions(tree, &mut |expression| {
            if let Expr::Interval(interval) = &*expression {
                let at = interval.value.span().start.column.saturating_sub(1);
                return Err(Diagnostic::not_supported(
                    "an interval as a value is not supported",
                    "IRIS has no intervals; add it to a date or timestamp in the same expression",
                )
                .at(text, usize::try_from(at).unwrap_or(usize::MAX)));
            }
            let (value, data_type) = match &*expression {
                Expr::Cast {
                    expr, data_type, ..
                } => match build::unnested(expr) {
                    Expr::Value(value) => (value, data_type),
                    _ => return Ok(()),
                },
                Expr::TypedString(typed) if !typed.uses_odbc_syntax => {
                    (&typed.value, &typed.data_type)
                }
                _ => return Ok(()),
            };
            let (Some(form), Value::SingleQuotedString(literal)) =
                (form_of(data_type), &value.value)
            else {
                return Ok(());
            };
            let at = value.span().start.column.saturating_sub(1);
            let at = usize::try_from(at).unwrap_or(usize::MAX);
            check(literal.trim(), form).map_err(|refusal| refusal.at(text, at))
        })?;
        Ok(false)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Date,
    Time,
    Timestamp,
}

fn form_of(data_type: &DataType) -> Option<Form> {
    match data_type {
        DataType::Date => Some(Form::Date),
        DataType::Time(..) => Some(Form::Time),
        DataType::Timestamp(..) => Some(Form::Timestamp),
        _ => None,
    }
}

fn check(literal: &str, form: Form) -> Diagnosed<()> {
    let parts = match form {
        Form::Date => is_date(literal),
        Form::Time => is_time(literal),
        Form::Timestamp => match literal.split_once([' ', 'T']) {
            None => is_date(literal),
            Some((day, clock)) => match (is_date(day), is_time(clock)) {
                (Some(a), Some(b)) => Some(a && b),
                _ => None,
            },
        },
    };
    match parts {
        Some(true) => Ok(()),
        Some(false) => Err(Diagnostic::error(
            "22008",
            format!("date/time field value out of range: \"{literal}\""),
        )),
        None => Err(Diagnostic::not_supported(
            format!("the date or time \"{literal}\" is not supported"),
            "write it as YYYY-MM-DD HH:MM:SS, without a time zone",
        )),
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
