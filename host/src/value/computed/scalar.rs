//! Functions of PostgreSQL that instructions call by name, on values in its text format.

mod arithmetic;
mod array;
mod bucket;
mod bytes;
mod cast;
mod characters;
mod decimal;
mod document;
mod document_cast;
mod format;
mod hash;
mod moment;
mod moment_template;
mod number;
mod ordered_set;
mod path;
mod pattern;
mod template;
mod text;

use std::collections::HashMap;
use std::ops::RangeInclusive;
use std::sync::LazyLock;

use pgiris_values::array::Array;

use crate::value::{Kind, Scalar as Value, ValueError, float, text as format_of};

pub(in crate::value) use moment::moment_later;
pub(in crate::value) use path::items as path_items;
pub(in crate::value) use pattern::{matches, parts};
pub(in crate::value) use text::split;

/// The longest text that is put together: more than IRIS's longest strings, and little enough for
/// many rows at once.
const LONGEST: usize = 64 << 20;

/// Code that may give something of operands that are NULL.
type SeeingNull = fn(&[Option<String>]) -> Result<Option<String>, ValueError>;

/// A function; its name is that of PostgreSQL's own code (`pg_proc.prosrc`).
struct Scalar {
    name: &'static str,
    operands: RangeInclusive<u32>,
    result: Body,
}

/// What computes the result.
#[derive(Clone, Copy)]
enum Body {
    /// NULL if an operand is.
    Strict(fn(Operands<'_>) -> Result<String, ValueError>),
    /// The same, and NULL of other values too.
    Partial(fn(Operands<'_>) -> Result<Option<String>, ValueError>),
    /// Of operands that may be NULL.
    OfNulls(SeeingNull),
}

impl Scalar {
    const fn new(
        name: &'static str,
        operands: u32,
        result: fn(Operands<'_>) -> Result<String, ValueError>,
    ) -> Self {
        Self {
            name,
            operands: operands..=operands,
            result: Body::Strict(result),
        }
    }

    /// One that may give NULL.
    const fn partial(
        name: &'static str,
        operands: u32,
        result: fn(Operands<'_>) -> Result<Option<String>, ValueError>,
    ) -> Self {
        Self {
            name,
            operands: operands..=operands,
            result: Body::Partial(result),
        }
    }

    /// One that sees operands that are NULL.
    const fn of_nulls(
        name: &'static str,
        operands: RangeInclusive<u32>,
        result: SeeingNull,
    ) -> Self {
        Self {
            name,
            operands,
            result: Body::OfNulls(result),
        }
    }
}

/// What a function is called with: as many values as it takes, none of them NULL.
struct Operands<'a>(&'a [String]);

impl Operands<'_> {
    fn text(&self, index: usize) -> &str {
        self.0.get(index).map_or("", String::as_str)
    }

    /// A whole number of this type.
    fn integer(&self, index: usize, kind: Kind) -> Result<i64, ValueError> {
        integer(self.text(index), kind)
    }

    fn double(&self, index: usize) -> Result<f64, ValueError> {
        float::read_double(self.text(index))
    }
}

fn integer(written: &str, kind: Kind) -> Result<i64, ValueError> {
    match format_of::read(kind, written)? {
        Value::Int(number) => Ok(number),
        _ => Err(ValueError::text_syntax(kind, written)),
    }
}

/// The text of an array of one dimension.
fn array(elements: Vec<Option<String>>) -> String {
    Array::of(elements).shown()
}

/// All that are known, by what they are of.
const SCALARS: &[&[Scalar]] = &[
    moment::SCALARS,
    moment_template::SCALARS,
    text::SCALARS,
    arithmetic::SCALARS,
    array::SCALARS,
    bucket::SCALARS,
    bytes::SCALARS,
    cast::SCALARS,
    characters::SCALARS,
    decimal::SCALARS,
    document::SCALARS,
    document_cast::SCALARS,
    format::SCALARS,
    hash::SCALARS,
    number::SCALARS,
    ordered_set::SCALARS,
    path::SCALARS,
    pattern::SCALARS,
    template::SCALARS,
];

/// Whether there is such a function of so many operands.
pub(super) fn takes(name: &str, operands: u32) -> bool {
    find(name).is_some_and(|scalar| scalar.operands.contains(&operands))
}

/// What a function makes of its operands; of most NULL if one of them is.
///
/// # Errors
/// An operand is no value of the type that the function takes, or what PostgreSQL refuses as well.
pub(super) fn result(
    name: &str,
    operands: Vec<Option<String>>,
) -> Result<Option<String>, ValueError> {
    let scalar = find(name).ok_or_else(ValueError::no_value)?;
    if let Body::OfNulls(result) = scalar.result {
        return result(&operands);
    }
    let Some(operands) = operands.into_iter().collect::<Option<Vec<String>>>() else {
        return Ok(None);
    };
    match scalar.result {
        Body::Strict(result) => result(Operands(&operands)).map(Some),
        Body::Partial(result) => result(Operands(&operands)),
        Body::OfNulls(_) => Ok(None),
    }
}

/// Each call in each row asks for a function by its name.
static BY_NAME: LazyLock<HashMap<&str, &Scalar>> = LazyLock::new(|| {
    let all = SCALARS.iter().copied().flatten();
    all.map(|scalar| (scalar.name, scalar)).collect()
});

fn find(name: &str) -> Option<&'static Scalar> {
    BY_NAME.get(name).copied()
}

#[cfg(test)]
mod tests;
