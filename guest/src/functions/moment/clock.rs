//! The clock.

use sqlparser::ast::{DataType, Expr, TimezoneInfo};

use crate::build;
use crate::diagnostic::Diagnosed;
use crate::functions::Call;
use crate::placeholder;
use crate::wit::{Argument, ClockReading, ClockZone, Moment};

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
    Ok(read(ClockReading {
        decimals: decimals(call),
        zone: match local {
            true => ClockZone::Session,
            false => ClockZone::Utc,
        },
        ..in_utc(moment)
    }))
}

/// A clock in UTC.
fn in_utc(moment: Moment) -> ClockReading {
    ClockReading {
        moment,
        decimals: 6,
        months: 0,
        days: 0,
        cut: None,
        zone: ClockZone::Utc,
    }
}

/// What a clock shows, as IRIS is told of it.
fn read(reading: ClockReading) -> Expr {
    build::cast(
        placeholder::clock(reading),
        DataType::Timestamp(None, TimezoneInfo::None),
    )
}

/// The reading of a clock in UTC that a call is, or what has become of one; none if it is none.
fn reading_of(expr: &Expr) -> Option<ClockReading> {
    let function = match build::unnested(expr) {
        Expr::Function(function) => function,
        Expr::Cast { expr, .. } => {
            return match placeholder::argument_of(expr)? {
                Argument::Clock(reading) if matches!(reading.zone, ClockZone::Utc) => Some(reading),
                _ => None,
            };
        }
        _ => return None,
    };
    let moment = match build::function_name(function)?.as_str() {
        "now" | "transaction_timestamp" | "current_timestamp" => Moment::Transaction,
        "statement_timestamp" => Moment::Statement,
        _ => return None,
    };
    build::arguments(function)
        .is_empty()
        .then(|| in_utc(moment))
}

/// `now()` on the clocks of a time zone; none if this is another moment.
pub(crate) fn in_zone(expr: &Expr, zone: ClockZone) -> Option<Expr> {
    let reading = reading_of(expr)?;
    Some(read(ClockReading { zone, ..reading }))
}

/// `date_trunc(unit, now())` on the clocks of the session; none if this is another moment, or if
/// the host does not cut to this.
pub(crate) fn cut(expr: &Expr, unit: &str) -> Option<Expr> {
    let reading = reading_of(expr).filter(|reading| reading.cut.is_none())?;
    let cut = Some(placeholder::unit_named(unit)?);
    Some(read(ClockReading { cut, ..reading }))
}

/// `now()` so many months and days later, on the clocks of the session; none if this is another
/// moment.
pub(crate) fn moved(expr: &Expr, months: i32, days: i32) -> Option<Expr> {
    let is_moved = |reading: &ClockReading| (reading.months, reading.days) != (0, 0);
    let reading = reading_of(expr).filter(|reading| !is_moved(reading) && reading.cut.is_none())?;
    Some(read(ClockReading {
        months,
        days,
        ..reading
    }))
}

/// More than six decimals are six in PostgreSQL.
fn decimals(call: &Call<'_, '_, '_>) -> u32 {
    let wanted = call.integer(0).unwrap_or(6).clamp(0, 6);
    u32::try_from(wanted).unwrap_or(6)
}
