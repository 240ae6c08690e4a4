//! PostgreSQL's result types of functions, by name and types of arguments.

use sqlparser::ast::{Expr, Function};

use super::{Leaf, common, of_with};
use crate::build;
use crate::types::oid;
use crate::wit::Oid;

/// The type of what a call returns; none if it is not known.
pub(super) fn of(function: &Function, leaf: Leaf<'_>) -> Option<Oid> {
    let name = build::function_name(function)?;
    if let Some(oid) = fixed(&name) {
        return Some(oid);
    }
    let arguments = build::arguments(function);
    let first = || of_with(arguments.first()?, leaf);
    match name.as_str() {
        "coalesce" => common(arguments.iter().copied(), leaf),
        "greatest" | "least" => {
            common(arguments.iter().copied(), leaf).or_else(|| listed(&name, &arguments, leaf))
        }
        "nullif" => match arguments.as_slice() {
            // Compared as numbers of one type, and that is the result's.
            [left, right] => super::pair(left, right, leaf)
                .and_then(|(left, right)| compared(left, right))
                .or_else(|| common([*left].into_iter(), leaf).map(stored)),
            _ => None,
        },
        "first_value" | "last_value" | "lag" | "lead" | "nth_value" => first(),
        "min" | "max" => first()
            .or_else(|| super::is_untyped(arguments.first()?).then_some(oid::TEXT))
            .map(stored),
        "abs" => first(),
        "sum" => sum(first()?),
        "avg" | "stddev" | "stddev_pop" | "stddev_samp" | "variance" | "var_pop" | "var_samp" => {
            inexact(first()?)
        }
        "round" | "trunc" if arguments.len() == 2 => Some(oid::NUMERIC),
        "round" | "trunc" => match first()? {
            oid::NUMERIC => Some(oid::NUMERIC),
            oid::INT2 | oid::INT4 | oid::INT8 | oid::FLOAT4 | oid::FLOAT8 => Some(oid::FLOAT8),
            _ => None,
        },
        "mod" | "div" => match arguments.as_slice() {
            [left, right] if name == "mod" => {
                super::wider(of_with(left, leaf)?, of_with(right, leaf)?)
            }
            _ => listed(&name, &arguments, leaf),
        },
        _ => listed(&name, &arguments, leaf),
    }
}

/// The type of `ceil` and `floor` of a number.
pub(super) fn whole(number: Option<Oid>) -> Option<Oid> {
    crate::functions::result_type(crate::functions::Returns::Real, &[number])
}

/// What the table of functions says.
fn listed(name: &str, arguments: &[&Expr], leaf: Leaf<'_>) -> Option<Oid> {
    let Some(entry) = crate::functions::find(name) else {
        return crate::computed::scalar::result_of(name);
    };
    let arguments: Vec<Option<Oid>> = arguments
        .iter()
        .map(|argument| of_with(argument, leaf))
        .collect();
    crate::functions::result_type(entry.returns, &arguments)
}

/// Functions whose arguments do not matter. Those whose value comes out of IRIS
/// in another form are left out.
fn fixed(name: &str) -> Option<Oid> {
    Some(match name {
        "count" | "row_number" | "rank" | "dense_rank" => oid::INT8,
        "length" | "char_length" | "character_length" | "ntile" | "strpos" | "instr" | "ascii"
        | "datediff" => oid::INT4,
        "upper" | "lower" | "concat" | "replace" | "substr" | "ltrim" | "rtrim" | "btrim"
        | "lpad" | "rpad" | "repeat" | "reverse" | "left" | "right" | "split_part" => oid::TEXT,
        "percent_rank" | "cume_dist" | "vector_cosine" | "vector_dot_product"
        | "cosine_distance" | "inner_product" => oid::FLOAT8,
        "current_date" | "last_day" => oid::DATE,
        "dateadd" | "getutcdate" | "getdate" => oid::TIMESTAMP,
        "version" | "current_setting" => oid::TEXT,
        "current_user" | "session_user" | "user" | "current_catalog" | "current_database"
        | "current_schema" => oid::NAME,
        "inet_server_port" | "inet_client_port" => oid::INT4,
        "pg_is_in_recovery" => oid::BOOL,
        _ => return None,
    })
}

/// The type that the left one of two numbers has while `=` compares them: integers and
/// floating point numbers compare among themselves as they are.
fn compared(left: Oid, right: Oid) -> Option<Oid> {
    let is_integer = |oid| matches!(oid, oid::INT2 | oid::INT4 | oid::INT8);
    let is_float = |oid| matches!(oid, oid::FLOAT4 | oid::FLOAT8);
    if is_integer(left) && is_integer(right) || is_float(left) && is_float(right) {
        return Some(left);
    }
    super::wider(left, right)
}

/// `min(varchar)` is text: there is no aggregate for each string type.
fn stored(oid: Oid) -> Oid {
    match oid {
        oid::VARCHAR => oid::TEXT,
        other => other,
    }
}

fn sum(oid: Oid) -> Option<Oid> {
    match oid {
        oid::INT2 | oid::INT4 => Some(oid::INT8),
        oid::INT8 | oid::NUMERIC => Some(oid::NUMERIC),
        oid::FLOAT4 | oid::FLOAT8 | oid::INTERVAL => Some(oid),
        _ => None,
    }
}

fn inexact(oid: Oid) -> Option<Oid> {
    match oid {
        oid::INTERVAL => Some(oid),
        oid::INT2 | oid::INT4 | oid::INT8 | oid::NUMERIC => Some(oid::NUMERIC),
        oid::FLOAT4 | oid::FLOAT8 => Some(oid::FLOAT8),
        _ => None,
    }
}
