//! # What it does
//! Writes the offset of the session's time zone into a `timestamptz` that says none, and
//! converts one to what the clocks of that zone show.
//!
//! # Why
//! IRIS has no time zones, and timestamps with one are kept in UTC.
//!
//! # Example
//! `SELECT '2024-07-01 12:00'::timestamptz` becomes, where `TimeZone` is `America/New_York`,
//! `SELECT '2024-07-01 12:00:00-04'::timestamptz`.
//!
//! # Limits
//! Where `TimeZone` is another zone than UTC, conversions of what is not written in the statement
//! or its time of transaction are refused, and so are `date_trunc`, `extract` and `to_char` of
//! it, if a value's type tells that it has a time zone. Columns never tell: a `timestamptz` is kept in
//! a column as a timestamp in UTC, and read as one. A string beside such a value is taken in UTC.
//!
//! # Versions
//! All.

use sqlparser::ast::{DataType, Expr, Statement, TimezoneInfo};

use crate::build;
use crate::diagnostic::Diagnosed;
use crate::moment_text;
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};
use crate::types::{self, oid};
use crate::walk;
use crate::wit::{Diagnostic, Oid};
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
        marks.has(Marks::CAST)
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let mut changed = false;
        walk::expressions(tree, &mut |expression| {
            let Some(target) = written_type(expression) else {
                return Ok(());
            };
            let Some(zone) = concerned(expression, target)
                .then(|| Zone::of(&pass.scene))
                .transpose()?
                .flatten()
            else {
                return Ok(());
            };
            changed |= match target {
                oid::TIMESTAMPTZ => locate(expression, &zone),
                _ => convert(expression, target, &zone)?,
            };
            Ok(())
        })?;
        Ok(changed)
    }
}

/// The type that a literal or a cast is of.
fn written_type(expr: &Expr) -> Option<Oid> {
    let data_type = match expr {
        Expr::Cast { data_type, .. } => data_type,
        Expr::TypedString(typed) if !typed.uses_odbc_syntax => &typed.data_type,
        _ => return None,
    };
    Some(types::of(data_type)?.oid)
}

/// Whether the zone decides what is given.
fn concerned(expr: &Expr, target: Oid) -> bool {
    match (target, expr) {
        (oid::TIMESTAMPTZ, _) => true,
        (_, Expr::Cast { expr, .. }) => zone::zoned(expr) == Some(true),
        _ => false,
    }
}

/// The text of a literal of one of these types.
fn literal(expr: &Expr, of: &[Oid]) -> Option<(String, Oid)> {
    let expr = build::unnested(expr);
    let found = written_type(expr).filter(|found| of.contains(found))?;
    let text = match expr {
        Expr::Cast { expr, .. } => build::string_in(expr)?,
        Expr::TypedString(typed) => build::string_in(&Expr::Value(typed.value.clone()))?,
        _ => return None,
    };
    Some((text, found))
}

/// With the offset; whether there was none.
fn locate(expr: &mut Expr, zone: &Zone) -> bool {
    let text = match literal(expr, &[oid::TIMESTAMPTZ]) {
        Some((text, _)) => text,
        None => match &*expr {
            Expr::Cast { expr: inner, .. } => {
                let Some((text, of)) = literal(inner, &[oid::DATE, oid::TIMESTAMP]) else {
                    return false;
                };
                // An offset, or a time of day of a date, is ignored.
                match moment_text::canonical(&text, of) {
                    Ok(text) => text,
                    Err(_) => return false,
                }
            }
            _ => return false,
        },
    };
    let Some(located) = zone.located(&text) else {
        return false;
    };
    match expr {
        Expr::Cast { expr: inner, .. } => **inner = build::string(&located),
        Expr::TypedString(typed) => {
            *expr = build::cast(build::string(&located), typed.data_type.clone());
        }
        _ => return false,
    }
    true
}

/// A cast of what has a zone to what has none.
fn convert(expr: &mut Expr, target: Oid, zone: &Zone) -> Diagnosed<bool> {
    let Expr::Cast { expr: inner, .. } = expr else {
        return Ok(false);
    };
    let is_moment = matches!(target, oid::DATE | oid::TIME | oid::TIMESTAMP);
    let is_string = matches!(target, oid::TEXT | oid::VARCHAR);
    if let Some((text, _)) = literal(inner, &[oid::TIMESTAMPTZ])
        && let Some((clock, offset)) = zone.shown(&text)
    {
        if is_moment {
            let plain = DataType::Timestamp(None, TimezoneInfo::None);
            **inner = build::cast(build::string(&clock), plain);
            return Ok(true);
        }
        if is_string {
            **inner = build::string(&(clock + &offset));
            return Ok(true);
        }
    }
    if is_moment && is_transaction_start(inner) {
        **inner = build::call("localtimestamp", Vec::new());
        return Ok(true);
    }
    Err(Diagnostic::not_supported(
        format!(
            "cast from timestamp with time zone to {} is not supported where TimeZone is not UTC",
            types::words(target)
        ),
        "SET TimeZone TO 'UTC', or convert in the client",
    ))
}

fn is_transaction_start(expr: &Expr) -> bool {
    let Expr::Function(function) = build::unnested(expr) else {
        return false;
    };
    build::arguments(function).is_empty()
        && build::function_name(function).is_some_and(|name| {
            matches!(
                name.as_str(),
                "now" | "current_timestamp" | "transaction_timestamp"
            )
        })
}
