//! What the session's zone makes of a moment that is given another type: where the values
//! are written down it is computed here, else by IRIS.

use sqlparser::ast::{DataType, Expr, TimezoneInfo};

use super::Zone;
use super::named::Shown;
use crate::build;
use crate::copies::Copies;
use crate::diagnostic::Diagnosed;
use crate::moment_text::{self, Order};
use crate::types::{self, oid};
use crate::wit::{Diagnostic, Oid};

/// The type that a literal or a cast is of.
pub(crate) fn written_type(expr: &Expr) -> Option<Oid> {
    let data_type = match expr {
        Expr::Cast { data_type, .. } => data_type,
        Expr::TypedString(typed) if !typed.uses_odbc_syntax => &typed.data_type,
        _ => return None,
    };
    Some(types::of(data_type)?.oid)
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

/// A cast to `timestamptz` with the offset; whether there was none.
pub(crate) fn locate(expr: &mut Expr, zone: &Zone) -> bool {
    let text = match literal(expr, &[oid::TIMESTAMPTZ]) {
        Some((text, _)) => text,
        None => match &*expr {
            Expr::Cast { expr: inner, .. } => match clock(inner, zone.1) {
                Some(text) => text,
                None => return false,
            },
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

/// What a literal without a time zone shows: an offset, or a time of day of a date, is ignored.
fn clock(expr: &Expr, order: Order) -> Option<String> {
    let (text, of) = literal(expr, &[oid::DATE, oid::TIMESTAMP])?;
    moment_text::canonical(&text, of, order).ok()
}

/// A value that becomes a `timestamptz` beside one, or in a column of them; whether it changed.
///
/// # Errors
/// Only the server knows the value, or the statement becomes too long.
pub(crate) fn become_zoned(
    expr: &mut Expr,
    from: Option<Oid>,
    zone: &Zone,
    copies: &mut Copies,
) -> Diagnosed<bool> {
    let text = match build::string_in(build::unnested(expr)) {
        Some(text) => Some(text),
        None if matches!(from, Some(oid::DATE | oid::TIMESTAMP)) => match clock(expr, zone.1) {
            Some(text) => Some(text),
            None => {
                *expr = zone.utc(plain(build::take(expr), from), copies)?;
                return Ok(true);
            }
        },
        None => None,
    };
    let Some(located) = text.and_then(|text| zone.located(&text)) else {
        return Ok(false);
    };
    let in_utc = moment_text::canonical(&located, oid::TIMESTAMPTZ, zone.1)?;
    *expr = build::string(&in_utc);
    Ok(true)
}

/// A value with a time zone that becomes one of this type, which has none.
///
/// # Errors
/// Only the server knows the value, or the statement becomes too long.
pub(crate) fn become_plain(
    expr: &mut Expr,
    target: Oid,
    zone: &Zone,
    copies: &mut Copies,
) -> Diagnosed<bool> {
    let is_moment = matches!(target, oid::DATE | oid::TIME | oid::TIMESTAMP);
    let is_string = matches!(target, oid::TEXT | oid::VARCHAR);
    if let Some((text, _)) = literal(expr, &[oid::TIMESTAMPTZ])
        && let Some((clock, offset)) = zone.shown(&text)
    {
        if is_moment {
            let plain = DataType::Timestamp(None, TimezoneInfo::None);
            *expr = build::cast(build::string(&clock), plain);
            return Ok(true);
        }
        if is_string {
            *expr = build::string(&(clock + &offset));
            return Ok(true);
        }
    }
    if is_moment && is_transaction_start(expr) {
        *expr = build::call("localtimestamp", Vec::new());
        return Ok(true);
    }
    if is_moment {
        *expr = zone.local(build::take(expr), copies)?;
        return Ok(true);
    }
    if is_string {
        *expr = zone.text(build::take(expr), Shown::Offset, copies)?;
        return Ok(true);
    }
    Err(refusal(oid::TIMESTAMPTZ, target))
}

/// A date or a timestamp as a timestamp.
pub(crate) fn plain(value: Expr, from: Option<Oid>) -> Expr {
    match from {
        Some(oid::DATE) => build::cast(value, DataType::Timestamp(None, TimezoneInfo::None)),
        _ => value,
    }
}

/// What is not known before the statement runs.
pub(crate) fn refusal(from: Oid, to: Oid) -> Diagnostic {
    Diagnostic::not_supported(
        format!(
            "cast from {} to {} is not supported where TimeZone is not UTC",
            types::words(from),
            types::words(to)
        ),
        "SET TimeZone TO 'UTC', or convert in the client",
    )
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
