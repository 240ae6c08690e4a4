//! Ordered-set aggregates: the broker computes them of all values of a group, put together in an array.

use sqlparser::ast::{Expr, Function as Called, OrderBySort};

use super::{Compiled, Compiler, Computed, known};
use crate::build;
use crate::diagnostic::Diagnosed;
use crate::types::{kept, oid};
use crate::wit::{Function, Oid};

/// Those that the broker computes.
const NAMES: &[&str] = &["mode", "percentile_cont", "percentile_disc"];

/// Whether a call is one of them.
pub(super) fn is_one(function: &Called) -> bool {
    !function.within_group.is_empty()
        && function.over.is_none()
        && build::function_name(function).is_some_and(|name| NAMES.contains(&name.as_str()))
}

impl Compiler<'_> {
    pub(super) fn ordered_set(&mut self, function: &Called) -> Compiled {
        let [key] = function.within_group.as_slice() else {
            return Ok(None);
        };
        let array = known!(self.compile(&put_together(&key.expr, function))?);
        let of_array = array.type_oid;
        let element = known!(kept::element_of(of_array));
        let descends = matches!(key.options.sort, Some(OrderBySort::Desc));
        let sorting = match descends {
            true => Function::ArraySortedDescending,
            false => Function::ArraySorted,
        };
        let sorted = array.then(sorting, element, of_array);
        let name = known!(build::function_name(function));
        match (name.as_str(), build::arguments(function).as_slice()) {
            ("mode", []) => Ok(Some(sorted.called("mode_final", 1).typed(element))),
            ("percentile_disc", [fraction]) => {
                let (fraction, is_array) = known!(self.fraction(fraction)?);
                let both = sorted.with(fraction);
                Ok(Some(match is_array {
                    true => both
                        .called("percentile_disc_multi_final", 2)
                        .typed(of_array),
                    false => both.called("percentile_disc_final", 2).typed(element),
                }))
            }
            ("percentile_cont", [fraction]) if super::is_number(element) => {
                let (fraction, is_array) = known!(self.fraction(fraction)?);
                let both = sorted.with(fraction);
                Ok(Some(match is_array {
                    true => both
                        .called("percentile_cont_float8_multi_final", 2)
                        .typed(FLOATS),
                    false => both
                        .called("percentile_cont_float8_final", 2)
                        .typed(oid::FLOAT8),
                }))
            }
            _ => Ok(None),
        }
    }

    /// A fraction, or an array of them.
    fn fraction(&mut self, fraction: &Expr) -> Diagnosed<Option<(Computed, bool)>> {
        let fraction = known!(self.compile(fraction)?);
        if kept::element_of(fraction.type_oid).is_some_and(super::is_number) {
            return Ok(Some((fraction.typed(FLOATS), true)));
        }
        Ok(self
            .settled(fraction, oid::FLOAT8)?
            .map(|fraction| (fraction, false)))
    }
}

/// The call that puts the values of such an aggregate together; none of others.
pub(crate) fn values_of(function: &Called) -> Option<Expr> {
    let [key] = function.within_group.as_slice() else {
        return None;
    };
    is_one(function).then(|| put_together(&key.expr, function))
}

/// `double precision[]`
const FLOATS: Oid = 1022;

/// `array_agg` of the values; NULL, which none of these aggregates counts, in the rows that it leaves out.
fn put_together(value: &Expr, aggregate: &Called) -> Expr {
    let value = match &aggregate.filter {
        Some(condition) => build::case(vec![((**condition).clone(), value.clone())], None),
        None => value.clone(),
    };
    build::call("array_agg", vec![value])
}
