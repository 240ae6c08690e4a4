//! The functions that queries on the catalogue may call.

use crate::catalog::Scene;
use crate::failure::{Failure, Result};
use crate::plan::{Call, SetCall};
use crate::types::Type;
use crate::value::{Array, Value};

mod arrays;
mod definitions;
mod descriptions;
mod jsons;
mod numbers;
pub(crate) mod operators;
pub(crate) mod patterns;
mod privileges;
mod routines;
mod sets;
mod sizes;
mod strings;
mod system;
mod types;
mod visibility;

pub(crate) use arrays::to_string as array_to_string;
pub(crate) use jsons::builder;
pub(crate) use types::format_type;

/// One function for one list of argument types.
pub(crate) struct Function {
    pub(crate) name: &'static str,
    pub(crate) arguments: &'static [Type],
    pub(crate) result: Type,
    /// Whether NULL is the answer to a NULL.
    pub(crate) strict: bool,
    /// Whether the last argument may be given any number of times, each shown
    /// as text.
    pub(crate) variadic: bool,
    pub(crate) call: Call,
}

/// One set-returning function.
pub(crate) struct SetFunction {
    pub(crate) name: &'static str,
    pub(crate) arguments: &'static [Type],
    /// Names and types of its columns; one without a name is a plain value.
    pub(crate) columns: &'static [(&'static str, Type)],
    pub(crate) call: SetCall,
}

const fn function(
    name: &'static str,
    arguments: &'static [Type],
    result: Type,
    call: Call,
) -> Function {
    Function {
        name,
        arguments,
        result,
        strict: true,
        variadic: false,
        call,
    }
}

impl Function {
    /// Told of NULL arguments.
    const fn with_nulls(mut self) -> Self {
        self.strict = false;
        self
    }

    const fn variadic(mut self) -> Self {
        self.variadic = true;
        self.strict = false;
        self
    }
}

/// Every list.
const LISTS: &[&[Function]] = &[
    arrays::LIST,
    definitions::LIST,
    descriptions::LIST,
    jsons::LIST,
    numbers::LIST,
    patterns::LIST,
    privileges::LIST,
    routines::LIST,
    sizes::LIST,
    strings::LIST,
    system::LIST,
    types::LIST,
    visibility::LIST,
];

/// The functions of a name.
pub(crate) fn named(name: &str) -> impl Iterator<Item = &'static Function> {
    LISTS
        .iter()
        .flat_map(|list| list.iter())
        .filter(move |function| function.name == name)
}

/// The set-returning functions of a name.
pub(crate) fn sets_named(name: &str) -> impl Iterator<Item = &'static SetFunction> {
    sets::LIST
        .iter()
        .filter(move |function| function.name == name)
}

/// Whether queries on the catalogue may call a function of that name.
#[must_use]
pub fn has_function(name: &str) -> bool {
    named(name).next().is_some() || sets_named(name).next().is_some()
}

/// Whether a function of that name gives rows.
#[must_use]
pub fn gives_rows(name: &str) -> bool {
    sets_named(name).next().is_some()
}

/// Whether one of that name gives one value.
#[must_use]
pub fn gives_one_value(name: &str) -> bool {
    named(name).next().is_some()
}

fn text(values: &[Value], number: usize) -> Result<&str> {
    match values.get(number) {
        Some(Value::Text(text)) => Ok(text),
        _ => Err(unexpected()),
    }
}

fn int(values: &[Value], number: usize) -> Result<i64> {
    values
        .get(number)
        .and_then(Value::as_int)
        .ok_or_else(unexpected)
}

fn array(values: &[Value], number: usize) -> Result<&Array> {
    values
        .get(number)
        .and_then(Value::as_array)
        .ok_or_else(unexpected)
}

/// The binder makes sure of the types of arguments.
fn unexpected() -> Failure {
    Failure::new("XX000", "a function got an argument of another type")
}

/// A function without a fact behind it.
fn constantly_null(_: Scene<'_>, _: &[Value]) -> Result<Value> {
    Ok(Value::Null)
}

fn constantly_true(_: Scene<'_>, _: &[Value]) -> Result<Value> {
    Ok(true.into())
}

fn constantly_false(_: Scene<'_>, _: &[Value]) -> Result<Value> {
    Ok(false.into())
}

fn constantly_zero(_: Scene<'_>, _: &[Value]) -> Result<Value> {
    Ok(Value::Int(0))
}
