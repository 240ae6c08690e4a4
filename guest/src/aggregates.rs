//! The aggregates of either database.

use sqlparser::ast::{Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments};

use crate::build;
use crate::walk;

/// Aggregates of either database.
const AGGREGATES: &[&str] = &[
    "array_agg",
    "avg",
    "bit_and",
    "bit_or",
    "bit_xor",
    "bool_and",
    "bool_or",
    "corr",
    "count",
    "covar_pop",
    "covar_samp",
    "every",
    "json_agg",
    "json_object_agg",
    "jsonb_agg",
    "jsonb_object_agg",
    "max",
    "min",
    "mode",
    "percentile_cont",
    "percentile_disc",
    "stddev",
    "stddev_pop",
    "stddev_samp",
    "string_agg",
    "sum",
    "var_pop",
    "var_samp",
    "variance",
    "list",
    "%dlist",
    "xmlagg",
    "json_arrayagg",
    "approx_count_distinct",
    "regr_avgx",
    "regr_avgy",
    "regr_count",
    "regr_intercept",
    "regr_r2",
    "regr_slope",
    "regr_sxx",
    "regr_sxy",
    "regr_syy",
];

pub(crate) fn is_aggregate(function: &Function) -> bool {
    function.over.is_none() && is_named_so(function)
}

/// Whether a function is an aggregate, with a window or without.
pub(crate) fn is_named_so(function: &Function) -> bool {
    build::function_name(function).is_some_and(|name| AGGREGATES.contains(&name.as_str()))
}

/// Whether a call is given the rows of a source, as in `count(t.*)`.
pub(crate) fn takes_row(function: &Function) -> bool {
    let is_row = |argument: &FunctionArg| {
        matches!(
            argument,
            FunctionArg::Unnamed(FunctionArgExpr::QualifiedWildcard(_))
        )
    };
    matches!(&function.args, FunctionArguments::List(list) if list.args.iter().any(is_row))
}

/// Whether an expression aggregates, outside of its subqueries.
pub(crate) fn has_aggregate(expression: &Expr) -> bool {
    let mut found = false;
    let mut copy = expression.clone();
    walk::outside_queries(&mut copy, &mut |inner| {
        found |= matches!(inner, Expr::Function(function) if is_aggregate(function));
    });
    found
}

/// The argument of an aggregate whose result is a value of the same kind.
pub(crate) fn of_kind(function: &Function) -> Option<&Expr> {
    let name = build::function_name(function)?;
    let is_known = matches!(name.as_str(), "avg" | "sum" | "min" | "max");
    match build::arguments(function).as_slice() {
        [argument] if is_known => Some(argument),
        _ => None,
    }
}

/// The same call of another value.
pub(crate) fn with_argument(function: &Function, argument: Expr) -> Expr {
    let mut function = function.clone();
    if let FunctionArguments::List(list) = &mut function.args {
        list.args = vec![FunctionArg::Unnamed(FunctionArgExpr::Expr(argument))];
    }
    Expr::Function(function)
}
