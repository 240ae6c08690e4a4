//! The clock.

use sqlparser::ast::{DataType, Expr, TimezoneInfo};

use crate::build;
use crate::diagnostic::Diagnosed;
use crate::functions::Call;

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
pub(super) fn timestamp(call: &mut Call<'_, '_, '_>) -> Diagnosed<Expr> {
    let digits = call.integer(0).unwrap_or(6).clamp(0, 6);
    Ok(build::call("GETUTCDATE", vec![build::number(digits)]))
}

pub(super) fn date(_call: &mut Call<'_, '_, '_>) -> Diagnosed<Expr> {
    Ok(build::cast(
        build::call("GETUTCDATE", Vec::new()),
        DataType::Date,
    ))
}

pub(super) fn time(call: &mut Call<'_, '_, '_>) -> Diagnosed<Expr> {
    Ok(build::cast(
        timestamp(call)?,
        DataType::Time(None, TimezoneInfo::None),
    ))
}
