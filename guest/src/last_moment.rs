//! Whether a sum may be behind the last moment that IRIS has, 9999-12-31.
//!
//! DATEADD gives NULL there; PostgreSQL's dates go on.

use sqlparser::ast::{BinaryOperator, DataType, Expr, TimezoneInfo, UnaryOperator};

use crate::build;
use crate::functions::integer;
use crate::placeholder;
use crate::raise;

/// A sum that ends before this year has room.
const SAFE_YEAR: i64 = 9_990;

/// Whether what is added to this may end behind the last moment; where that is computed, nobody asks.
pub(crate) fn may_be_passed(base: &Expr, steps: &[(&str, Expr)], is_plus: bool) -> bool {
    let year = match latest_year(base) {
        Some(year) => year,
        None if is_column(base) => 9_999,
        None => return false,
    };
    let mut years = 0;
    for (unit, count) in steps {
        let Some(count) = constant(count) else {
            return true;
        };
        let count = if is_plus { count } else { -count };
        let per_year = match *unit {
            "mm" => 12,
            "dd" => 365,
            _ => 31_536_000,
        };
        years += count / per_year + i64::from(count > 0);
    }
    years > 0 && year + years > SAFE_YEAR
}

/// Whether a count is a number.
pub(crate) fn is_constant(count: &Expr) -> bool {
    constant(count).is_some()
}

/// `COALESCE(sum, CASE WHEN known IS NOT NULL THEN an error END)`
pub(crate) fn guarded(sum: Expr, known: Vec<Expr>) -> Expr {
    let tests = known
        .into_iter()
        .map(|value| Expr::IsNotNull(Box::new(build::nested(value))));
    let Some(all) = tests.reduce(|all, test| build::binary(all, BinaryOperator::And, test)) else {
        return sum;
    };
    let failure = build::cast(
        raise::plain("22008", "timestamp out of range"),
        DataType::Timestamp(None, TimezoneInfo::None),
    );
    build::call(
        "COALESCE",
        vec![sum, build::case(vec![(all, failure)], None)],
    )
}

fn is_column(base: &Expr) -> bool {
    matches!(
        build::unnested(base),
        Expr::Identifier(_) | Expr::CompoundIdentifier(_)
    ) || placeholder::number_of(build::unnested(base)).is_some()
}

/// The year of a literal, or one behind all that clocks show.
fn latest_year(base: &Expr) -> Option<i64> {
    match build::unnested(base) {
        Expr::Cast { expr, .. } => latest_year(expr),
        Expr::TypedString(typed) => year_of(&typed.value.to_string()),
        clock if placeholder::is_clock(clock) => Some(2_200),
        literal => year_of(&build::string_in(literal)?),
    }
}

fn year_of(text: &str) -> Option<i64> {
    let text = text.trim_matches(['\'', ' ']);
    let digits = text.split('-').next()?;
    Some(digits.parse().unwrap_or(9_999))
}

pub(crate) fn constant(count: &Expr) -> Option<i64> {
    match build::unnested(count) {
        Expr::UnaryOp {
            op: UnaryOperator::Minus,
            expr,
        } => constant(expr)?.checked_neg(),
        other => integer(other),
    }
}
