//! `pg_sleep`, for which the broker waits.

use sqlparser::ast::{Expr, UnaryOperator, Value};

use crate::build;
use crate::placeholder;
use crate::rule::Pass;
use crate::types::{self, oid};
use crate::wit::{Argument, Constant, Oid};

/// The seconds of a call of `pg_sleep`, if they are a literal or a parameter.
pub(crate) fn of(expression: &Expr, pass: &mut Pass<'_>) -> Option<Argument> {
    let Expr::Function(function) = expression else {
        return None;
    };
    let is_it = build::function_name(function).as_deref() == Some("pg_sleep");
    match build::arguments(function).as_slice() {
        [seconds] if is_it => seconds_of(seconds, oid::FLOAT8, pass),
        _ => None,
    }
}

/// A number that is written or bound.
fn seconds_of(expression: &Expr, type_oid: Oid, pass: &mut Pass<'_>) -> Option<Argument> {
    let constant = |value: Option<String>| {
        Some(Argument::Constant(Constant {
            type_oid: oid::FLOAT8,
            value,
        }))
    };
    let expression = build::unnested(expression);
    match expression {
        Expr::Cast {
            expr, data_type, ..
        } => {
            let known = types::of(data_type).filter(|known| types::is_number(known.oid))?;
            match build::unnested(expr) {
                Expr::Value(value) if matches!(value.value, Value::Placeholder(_)) => {
                    seconds_of(expr, known.oid, pass)
                }
                // The digits behind the point would be rounded.
                _ if matches!(known.oid, oid::FLOAT8 | oid::NUMERIC) => {
                    seconds_of(expr, type_oid, pass)
                }
                _ => None,
            }
        }
        Expr::UnaryOp {
            op: UnaryOperator::Minus,
            expr,
        } => match build::unnested(expr) {
            Expr::Value(value) => match &value.value {
                Value::Number(digits, _) => constant(Some(format!("-{digits}"))),
                _ => None,
            },
            _ => None,
        },
        Expr::Value(value) => match &value.value {
            Value::Number(digits, _) => constant(Some(digits.clone())),
            Value::Null => constant(None),
            Value::SingleQuotedString(text) => {
                let number: f64 = text.trim().parse().ok()?;
                constant(Some(number.to_string()))
            }
            _ => {
                let number = placeholder::number_of(expression)?;
                pass.parameter_type(number, type_oid);
                Some(Argument::Parameter(number))
            }
        },
        _ => None,
    }
}
