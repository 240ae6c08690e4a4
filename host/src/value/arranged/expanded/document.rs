//! Of documents and arrays: `jsonfuncs.c`.

use pgiris_values::document::{Kind, as_text, items, members};

use super::{Body, Function, Rows, of_values, operand};
use crate::value::ValueError;
use crate::value::array::parsed;
use crate::value::computed::path_items;

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("json_array_elements", 1, 1, |operands| {
        let function = "json_array_elements";
        elements(operands, |kind| not_of_json(function, kind), whole)
    }),
    Function::new("json_array_elements_text", 1, 1, |operands| {
        let function = "json_array_elements_text";
        elements(operands, |kind| not_of_json(function, kind), shown)
    }),
    Function::new("jsonb_array_elements", 1, 1, |operands| {
        elements(operands, not_of_jsonb, whole)
    }),
    Function::new("jsonb_array_elements_text", 1, 1, |operands| {
        elements(operands, not_of_jsonb, shown)
    }),
    Function::new("json_each", 1, 2, |operands| {
        each(operands, not_deconstructed, whole)
    }),
    Function::new("json_each_text", 1, 2, |operands| {
        each(operands, not_deconstructed, shown)
    }),
    Function::new("jsonb_each", 1, 2, |operands| {
        each(operands, |_| no_object("jsonb_each"), whole)
    }),
    Function::new("jsonb_each_text", 1, 2, |operands| {
        each(operands, |_| no_object("jsonb_each_text"), shown)
    }),
    Function::new("json_object_keys", 1, 1, |operands| {
        keys(operands, "json_object_keys")
    }),
    Function::new("jsonb_object_keys", 1, 1, |operands| {
        keys(operands, "jsonb_object_keys")
    }),
    Function::new("jsonb_path_query", 4, 1, found),
    Function::new("jsonb_path_query_tz", 4, 1, found),
    Function {
        name: "array_unnest",
        operands: 1..=MOST_ARRAYS,
        width: None,
        rows: Body::OfNulls(side_by_side),
    },
];

/// As many columns as a row of PostgreSQL's may have.
const MOST_ARRAYS: usize = 1_664;

/// The elements of arrays, those of each in a column of its own; NULL behind the last one.
fn side_by_side(arrays: &[Option<String>]) -> Result<Rows, ValueError> {
    let mut columns = Vec::with_capacity(arrays.len());
    for array in arrays {
        columns.push(match array {
            Some(array) => parsed(array)?.elements,
            None => Vec::new(),
        });
    }
    let longest = columns.iter().map(Vec::len).max().unwrap_or(0);
    let row = move |index: usize| {
        let values = columns.iter();
        Ok(values
            .map(|column| column.get(index).cloned().flatten())
            .collect())
    };
    Ok(Box::new((0..longest).map(row)))
}

/// How a part of a document is shown.
type Shown = fn(&str) -> Result<Option<String>, ValueError>;

fn whole(part: &str) -> Result<Option<String>, ValueError> {
    Ok(Some(part.to_owned()))
}

/// Strings without their quotes.
fn shown(part: &str) -> Result<Option<String>, ValueError> {
    Ok(as_text(part)?)
}

/// What a path finds, written when it is wanted.
fn found(operands: &[String]) -> Result<Rows, ValueError> {
    let items = path_items(operands)?.into_iter();
    Ok(Box::new(items.map(|item| Ok(vec![Some(item.shown())]))))
}

fn elements(
    operands: &[String],
    refused: impl Fn(Kind) -> String,
    shown: Shown,
) -> Result<Rows, ValueError> {
    let document = operand(operands, 0);
    let items = items(document)?.ok_or_else(|| wrong(refused(Kind::of(document))))?;
    let items = items.into_iter().map(shown);
    Ok(of_values(items.collect::<Result<_, _>>()?))
}

fn each(
    operands: &[String],
    refused: impl Fn(Kind) -> String,
    shown: Shown,
) -> Result<Rows, ValueError> {
    let document = operand(operands, 0);
    let members = members(document)?.ok_or_else(|| wrong(refused(Kind::of(document))))?;
    let rows = members
        .into_iter()
        .map(|(name, value)| Ok(vec![Some(name), shown(value)?]));
    let rows: Vec<_> = rows.collect();
    Ok(Box::new(rows.into_iter()))
}

fn keys(operands: &[String], function: &str) -> Result<Rows, ValueError> {
    let document = operand(operands, 0);
    let members = members(document)?.ok_or_else(|| {
        let what = match Kind::of(document) {
            Kind::Array => "an array",
            _ => "a scalar",
        };
        wrong(format!("cannot call {function} on {what}"))
    })?;
    let names = members.into_iter().map(|(name, _)| Some(name));
    Ok(of_values(names.collect()))
}

fn wrong(message: String) -> ValueError {
    ValueError::refused("22023", message)
}

fn not_of_json(function: &str, kind: Kind) -> String {
    let what = match kind {
        Kind::Object => "non-array",
        _ => "scalar",
    };
    format!("cannot call {function} on a {what}")
}

fn not_of_jsonb(kind: Kind) -> String {
    let what = match kind {
        Kind::Object => "an object",
        _ => "a scalar",
    };
    format!("cannot extract elements from {what}")
}

fn not_deconstructed(kind: Kind) -> String {
    match kind {
        Kind::Array => "cannot deconstruct an array as an object".to_owned(),
        _ => "cannot deconstruct a scalar".to_owned(),
    }
}

fn no_object(function: &str) -> String {
    format!("cannot call {function} on a non-object")
}
