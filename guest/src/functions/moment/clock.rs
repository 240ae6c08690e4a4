//! The clock.

use sqlparser::ast::{DataType, Expr, TimezoneInfo};

use crate::build;
use crate::diagnostic::Diagnosed;
use crate::functions::Call;
use crate::placeholder;
use crate::wit::{ClockReading, Moment};

/// Whether a function tells the time: a column's default has it in another form.
pub(crate) fn is_clock(name: &str) -> bool {
    matches!(
        name,
        "now"
            | "transaction_timestamp"
            | "statement_timestamp"
            | "clock_timestamp"
            | "current_timestamp"
            | "localtimestamp"
            | "current_date"
            | "localtime"
            | "current_time"
    )
}

/// `GETUTCDATE(digits)`; more than six digits are six in PostgreSQL.
pub(super) fn moving(call: &mut Call<'_, '_, '_>) -> Diagnosed<Expr> {
    Ok(build::call(
        "GETUTCDATE",
        vec![build::number(decimals(call))],
    ))
}

pub(super) fn timestamp(call: &mut Call<'_, '_, '_>) -> Diagnosed<Expr> {
    shown(call, Moment::Transaction, false)
}

pub(super) fn statement(call: &mut Call<'_, '_, '_>) -> Diagnosed<Expr> {
    shown(call, Moment::Statement, false)
}

pub(super) fn local(call: &mut Call<'_, '_, '_>) -> Diagnosed<Expr> {
    shown(call, Moment::Transaction, true)
}

pub(super) fn date(call: &mut Call<'_, '_, '_>) -> Diagnosed<Expr> {
    Ok(build::cast(local(call)?, DataType::Date))
}

pub(super) fn time(call: &mut Call<'_, '_, '_>) -> Diagnosed<Expr> {
    Ok(build::cast(
        local(call)?,
        DataType::Time(None, TimezoneInfo::None),
    ))
}

/// What the host's clock shows; IRIS takes no value of it into a definition.
fn shown(call: &mut Call<'_, '_, '_>, moment: Moment, local: bool) -> Diagnosed<Expr> {
    if !call.pass.binds {
        return moving(call);
    }
    let reading = placeholder::clock(ClockReading {
        moment,
        decimals: decimals(call),
        local,
    });
    Ok(build::cast(
        reading,
        DataType::Timestamp(None, TimezoneInfo::None),
    ))
}

/// More than six decimals are six in PostgreSQL.
fn decimals(call: &Call<'_, '_, '_>) -> u32 {
    let wanted = call.integer(0).unwrap_or(6).clamp(0, 6);
    u32::try_from(wanted).unwrap_or(6)
}
