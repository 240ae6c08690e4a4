//! Of texts and regular expressions.

use super::{Body, Function, of_values};
use crate::value::computed::{matches, parts, split};

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("regexp_split_to_table_no_flags", 2, 1, |operands| {
        Ok(of_values(parts(operands)?))
    }),
    Function::new("regexp_split_to_table", 3, 1, |operands| {
        Ok(of_values(parts(operands)?))
    }),
    Function::new("regexp_matches_no_flags", 2, 1, |operands| {
        Ok(of_values(
            matches(operands)?.into_iter().map(Some).collect(),
        ))
    }),
    Function::new("regexp_matches", 3, 1, |operands| {
        Ok(of_values(
            matches(operands)?.into_iter().map(Some).collect(),
        ))
    }),
    of_text("text_to_table", 2),
    of_text("text_to_table_null", 3),
];

/// Separated by a text that may be NULL.
const fn of_text(name: &'static str, operands: usize) -> Function {
    Function {
        name,
        operands: operands..=operands,
        width: Some(1),
        rows: Body::OfNulls(|operands| Ok(of_values(split(operands).unwrap_or_default()))),
    }
}
