//! # What it does
//! Writes `FILTER (WHERE …)` of an aggregate as a CASE around what it aggregates.
//!
//! # Why
//! IRIS has no FILTER; aggregates leave out NULL. (InterSystems SQL Reference, "Aggregates".)
//!
//! # Example
//! `count(*) FILTER (WHERE a > 1)` becomes `count(CASE WHEN a > 1 THEN 1 END)`.
//!
//! # Limits
//! An aggregate that counts NULL as a value, as `array_agg` and `json_agg` do, is refused.
//!
//! # Versions
//! All.

use sqlparser::ast::{
    Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, NullTreatment, Spanned,
    Statement,
};

use crate::build;
use crate::diagnostic::Diagnosed;
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};
use crate::walk;
use crate::wit::Diagnostic;

pub(crate) struct AggregateFilter;

impl Rule for AggregateFilter {
    fn name(&self) -> &'static str {
        "aggregate_filter"
    }

    fn summary(&self) -> &'static str {
        "filters what is aggregated by a CASE"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::FILTER)
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let text = pass.text;
        let mut changed = false;
        walk::expressions(tree, &mut |expression| {
            let start = expression.span().start.column.saturating_sub(1);
            if let Expr::Function(function) = expression
                && function.filter.is_some()
            {
                changed = true;
                filter(function).map_err(|refusal| refusal.at(text, start as usize))?;
            }
            Ok(())
        })?;
        Ok(changed)
    }
}

/// Aggregates that leave NULL out.
const OMIT_NULL: &[&str] = &[
    "avg",
    "bit_and",
    "bit_or",
    "bit_xor",
    "bool_and",
    "bool_or",
    "count",
    "every",
    "max",
    "min",
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
];

fn filter(function: &mut Function) -> Diagnosed<()> {
    let name = build::function_name(function).unwrap_or_default();
    let Some(condition) = function.filter.take() else {
        return Ok(());
    };
    let FunctionArguments::List(list) = &mut function.args else {
        return Err(unknown(&name));
    };
    let omits_null = function.null_treatment == Some(NullTreatment::IgnoreNulls);
    if !omits_null && !OMIT_NULL.contains(&name.as_str()) {
        return Err(unknown(&name));
    }
    match list.args.first_mut() {
        Some(FunctionArg::Unnamed(FunctionArgExpr::Expr(value))) => {
            *value = build::case(vec![(*condition, build::take(value))], None);
        }
        Some(FunctionArg::Unnamed(argument @ FunctionArgExpr::Wildcard)) => {
            *argument =
                FunctionArgExpr::Expr(build::case(vec![(*condition, build::number(1))], None));
        }
        _ => return Err(unknown(&name)),
    }
    Ok(())
}

fn unknown(name: &str) -> Diagnostic {
    Diagnostic::not_supported(
        format!("FILTER of {name} is not supported"),
        "aggregate a subquery that has the condition in its WHERE",
    )
}
