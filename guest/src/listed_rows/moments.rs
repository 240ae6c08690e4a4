//! `generate_series` of dates and timestamps.
//!
//! PostgreSQL manual, "Set Returning Functions": the interval is added to the last value, so
//! that a series of months that begins on a 31st goes on with what is left of it. Dates are
//! taken as `timestamp with time zone`.

use sqlparser::ast::{DataType, Expr, TimezoneInfo};

use super::{List, MOST_WRITTEN};
use crate::build;
use crate::diagnostic::Diagnosed;
use crate::interval::Interval;
use crate::moment_text::{self, Order};
use crate::types::{self, oid};
use crate::wit::{Diagnostic, Oid};

/// The moments of a call; none if it is about something else, or not written out.
pub(super) fn series(arguments: &[&Expr]) -> Option<Diagnosed<List>> {
    let [first, last, step] = arguments else {
        return None;
    };
    let step = match build::string_in(step) {
        Some(text) => Interval::written(&text)?,
        None => Interval::of(step)?,
    };
    let (first, last) = (moment(first)?, moment(last)?);
    let of_zone = match (first.1, last.1) {
        (None, None) => return None,
        (first, last) => [first, last]
            .into_iter()
            .flatten()
            .all(|known| known != oid::TIMESTAMP),
    };
    if of_zone && step.has_clock() {
        // Its steps are those of the session's clock, which may be changed on the way.
        return None;
    }
    let data_type = match of_zone {
        true => DataType::Timestamp(None, TimezoneInfo::WithTimeZone),
        false => DataType::Timestamp(None, TimezoneInfo::None),
    };
    Some(between(&first.0, &last.0, step).map(|texts| {
        let values = texts
            .iter()
            .map(|text| build::cast(build::string(text), data_type.clone()))
            .collect();
        List::Values(values, Some(data_type))
    }))
}

/// The text of a moment, and its type; none of a string of any type.
fn moment(expr: &Expr) -> Option<(String, Option<Oid>)> {
    let known = |data_type: &DataType| {
        let found = types::of(data_type)?.oid;
        matches!(found, oid::DATE | oid::TIMESTAMP | oid::TIMESTAMPTZ).then_some(found)
    };
    let (text, found) = match build::unnested(expr) {
        Expr::Cast {
            expr, data_type, ..
        } => (build::string_in(expr)?, Some(known(data_type)?)),
        Expr::TypedString(typed) => {
            let value = Expr::Value(typed.value.clone());
            (build::string_in(&value)?, Some(known(&typed.data_type)?))
        }
        other => (build::string_in(other)?, None),
    };
    // A date has no time of day, and a zone would have to be that of the session.
    let plain = match found {
        Some(oid::DATE) => moment_text::canonical(&text, oid::DATE, Order::Unsaid).ok()?,
        _ => text,
    };
    let without_zone = moment_text::canonical(&plain, oid::TIMESTAMP, Order::Unsaid).ok()?;
    let with_zone = moment_text::canonical(&plain, oid::TIMESTAMPTZ, Order::Unsaid).ok()?;
    (without_zone == with_zone).then_some((without_zone, found))
}

fn between(first: &str, last: &str, step: Interval) -> Diagnosed<Vec<String>> {
    let Some(ascending) = step.is_ascending() else {
        return Err(Diagnostic::error("22023", "step size cannot equal zero"));
    };
    let mut texts = Vec::new();
    let mut next = Some(first.to_owned());
    // Texts of one form are in the order of what they say.
    while let Some(text) = next.filter(|text| match ascending {
        true => text.as_str() <= last,
        false => text.as_str() >= last,
    }) {
        if texts.len() as i128 >= MOST_WRITTEN {
            return Err(
                Diagnostic::error("54000", "generate_series with too many rows")
                    .with_detail(format!(
                        "A series of moments has at most {MOST_WRITTEN} rows."
                    ))
                    .with_hint("select from a table of dates, or add days to a series of numbers"),
            );
        }
        next = step.added_to(&text);
        texts.push(text);
    }
    Ok(texts)
}
