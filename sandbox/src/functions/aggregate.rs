//! Aggregates that SQLite lacks: exact sums and averages, deviations, JSON arrays.

use bigdecimal::BigDecimal;
use rusqlite::Connection;
use rusqlite::functions::{Aggregate, Context, FunctionFlags, WindowAggregate};
use rusqlite::types::ValueRef;

use super::{Datum, text_of};
use crate::decimal;

/// Registers the aggregates.
pub(super) fn register(connection: &Connection) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection.create_window_function("iris_sum", 1, flags, Exact { average: false })?;
    connection.create_window_function("iris_avg", 1, flags, Exact { average: true })?;
    for (name, root, sample) in [
        ("iris_stddev", true, true),
        ("iris_stddev_samp", true, true),
        ("iris_stddev_pop", true, false),
        ("iris_variance", false, true),
        ("iris_var_samp", false, true),
        ("iris_var_pop", false, false),
    ] {
        connection.create_aggregate_function(name, 1, flags, Deviation { root, sample })?;
    }
    connection.create_aggregate_function("iris_json_arrayagg", 1, flags, JsonArray)
}

/// SUM or AVG without binary floats.
struct Exact {
    average: bool,
}

type Total = (BigDecimal, u64);

fn value(context: &Context<'_>) -> Option<BigDecimal> {
    match context.get_raw(0) {
        ValueRef::Null => None,
        ValueRef::Integer(number) => Some(number.into()),
        ValueRef::Real(number) => Some(decimal::from_f64(number)),
        other => Some(decimal::leading(&text_of(other))),
    }
}

impl Exact {
    fn result(&self, total: Option<&Total>) -> Datum {
        match total {
            Some((sum, count)) if *count > 0 && self.average => {
                let average = decimal::quotient(sum, &BigDecimal::from(*count));
                average.map_or(Datum::Null, |average| {
                    Datum::Text(decimal::canonical(&average))
                })
            }
            Some((sum, count)) if *count > 0 => Datum::Text(decimal::canonical(sum)),
            _ => Datum::Null,
        }
    }
}

impl Aggregate<Total, Datum> for Exact {
    fn init(&self, _: &mut Context<'_>) -> rusqlite::Result<Total> {
        Ok((BigDecimal::default(), 0))
    }

    fn step(&self, context: &mut Context<'_>, total: &mut Total) -> rusqlite::Result<()> {
        if let Some(number) = value(context) {
            total.0 += number;
            total.1 += 1;
        }
        Ok(())
    }

    fn finalize(&self, _: &mut Context<'_>, total: Option<Total>) -> rusqlite::Result<Datum> {
        Ok(self.result(total.as_ref()))
    }
}

impl WindowAggregate<Total, Datum> for Exact {
    fn value(&self, total: Option<&mut Total>) -> rusqlite::Result<Datum> {
        Ok(self.result(total.as_deref()))
    }

    fn inverse(&self, context: &mut Context<'_>, total: &mut Total) -> rusqlite::Result<()> {
        if let Some(number) = value(context) {
            total.0 -= number;
            total.1 = total.1.saturating_sub(1);
        }
        Ok(())
    }
}

/// Standard deviation or variance, by Welford's method.
struct Deviation {
    root: bool,
    sample: bool,
}

impl Aggregate<(f64, f64, f64), Option<f64>> for Deviation {
    fn init(&self, _: &mut Context<'_>) -> rusqlite::Result<(f64, f64, f64)> {
        Ok((0.0, 0.0, 0.0))
    }

    fn step(
        &self,
        context: &mut Context<'_>,
        (count, mean, squares): &mut (f64, f64, f64),
    ) -> rusqlite::Result<()> {
        if let Some(x) = context.get::<Option<f64>>(0)? {
            *count += 1.0;
            let delta = x - *mean;
            *mean += delta / *count;
            *squares += delta * (x - *mean);
        }
        Ok(())
    }

    fn finalize(
        &self,
        _: &mut Context<'_>,
        state: Option<(f64, f64, f64)>,
    ) -> rusqlite::Result<Option<f64>> {
        let (count, _, squares) = state.unwrap_or_default();
        if count == 0.0 {
            return Ok(None);
        }
        let divisor = if self.sample && count > 1.0 {
            count - 1.0
        } else {
            count
        };
        let variance = squares / divisor;
        Ok(Some(if self.root { variance.sqrt() } else { variance }))
    }
}

/// JSON_ARRAYAGG over ready-made JSON values; NULLs are left out.
struct JsonArray;

impl Aggregate<String, String> for JsonArray {
    fn init(&self, _: &mut Context<'_>) -> rusqlite::Result<String> {
        Ok(String::new())
    }

    fn step(&self, context: &mut Context<'_>, json: &mut String) -> rusqlite::Result<()> {
        if !matches!(context.get_raw(0), ValueRef::Null) {
            if !json.is_empty() {
                json.push(',');
            }
            json.push_str(&text_of(context.get_raw(0)));
        }
        Ok(())
    }

    fn finalize(&self, _: &mut Context<'_>, json: Option<String>) -> rusqlite::Result<String> {
        Ok(format!("[{}]", json.unwrap_or_default()))
    }
}
