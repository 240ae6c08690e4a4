//! Numbers, section 9.3 of the manual.

use super::{Function, function, int};
use crate::catalog::Scene;
use crate::failure::{Failure, Result};
use crate::types::Type;
use crate::value::Value;

pub(super) const LIST: &[Function] = &[
    function("abs", &[Type::INT4], Type::INT4, absolute),
    function("abs", &[Type::INT8], Type::INT8, absolute),
    function("abs", &[Type::NUMERIC], Type::NUMERIC, absolute),
    function("abs", &[Type::FLOAT8], Type::FLOAT8, absolute),
    function("mod", &[Type::INT4, Type::INT4], Type::INT4, remainder),
    function("mod", &[Type::INT8, Type::INT8], Type::INT8, remainder),
    function("round", &[Type::NUMERIC], Type::NUMERIC, |_, v| {
        each(v, |number| number.abs().round() * number.signum())
    }),
    function("round", &[Type::FLOAT8], Type::FLOAT8, |_, v| {
        each(v, f64::round_ties_even)
    }),
    function(
        "round",
        &[Type::NUMERIC, Type::INT4],
        Type::NUMERIC,
        |_, v| {
            let scale = 10_f64.powi(int(v, 1)?.clamp(-18, 18) as i32);
            match v.first().and_then(Value::as_float) {
                Some(number) => Ok(tidy((number * scale).round() / scale)),
                None => Ok(Value::Null),
            }
        },
    ),
    function("floor", &[Type::NUMERIC], Type::NUMERIC, |_, v| {
        each(v, f64::floor)
    }),
    function("floor", &[Type::FLOAT8], Type::FLOAT8, |_, v| {
        each(v, f64::floor)
    }),
    function("ceil", &[Type::NUMERIC], Type::NUMERIC, |_, v| {
        each(v, f64::ceil)
    }),
    function("ceil", &[Type::FLOAT8], Type::FLOAT8, |_, v| {
        each(v, f64::ceil)
    }),
];

fn absolute(_: Scene<'_>, values: &[Value]) -> Result<Value> {
    match values.first() {
        Some(Value::Int(number)) => number
            .checked_abs()
            .map(Value::Int)
            .ok_or_else(|| Failure::out_of_range("bigint")),
        _ => each(values, f64::abs),
    }
}

fn remainder(_: Scene<'_>, values: &[Value]) -> Result<Value> {
    int(values, 0)?
        .checked_rem(int(values, 1)?)
        .map(Value::Int)
        .ok_or_else(|| Failure::new("22012", "division by zero"))
}

fn each(values: &[Value], change: fn(f64) -> f64) -> Result<Value> {
    match values.first() {
        Some(Value::Float(number)) => Ok(tidy(change(*number))),
        Some(other) => Ok(other.clone()),
        None => Ok(Value::Null),
    }
}

fn tidy(number: f64) -> Value {
    if number.fract() == 0.0 && number.abs() < 9e15 {
        Value::Int(number as i64)
    } else {
        Value::Float(number)
    }
}
