//! The `$LIST` functions.

use rusqlite::types::ValueRef;

use super::{Args, Datum, Function, integer, seeing, strict, text};
use crate::error::{Result, SqlError};
use crate::list::{self, Element, Item};

pub(super) const FUNCTIONS: &[Function] = &[
    seeing("iris_list_build", |a| {
        let mut bytes = Vec::new();
        (0..a.len()).for_each(|n| list::push(&mut bytes, &element(a, n)));
        Ok(Datum::Blob(bytes))
    }),
    strict("iris_list_text", |a| match a.raw(0) {
        ValueRef::Blob(bytes) => text(list::widened(bytes)),
        _ => text(a.text(0)),
    }),
    strict("iris_list_concat", |a| {
        let bytes = (0..a.len())
            .map(|n| bytes_of(a, n))
            .collect::<Result<Vec<_>>>()?;
        Ok(Datum::Blob(bytes.concat()))
    }),
    seeing("iris_list", |a| {
        // Only the first argument makes a NULL of it: a position of NULL counts as 0.
        null_list(a, |list| one(list, position(a, 1, 1)?).map(shown))
    }),
    seeing("iris_list_part", |a| null_list(a, |list| part(a, list))),
    seeing("iris_list_get", |a| {
        null_list(a, |list| {
            let position = position(a, 1, 1)?;
            Ok(match find(list, position) {
                Some(Some(item)) => Datum::Text(item.text()),
                _ if a.len() > 2 && !a.is_null(2) => Datum::Text(a.text(2)),
                _ => Datum::Null,
            })
        })
    }),
    seeing("iris_list_data", |a| {
        if a.is_null(0) {
            return integer(0);
        }
        let list = elements(a, 0)?;
        let found = find(&list, position(a, 1, 1)?);
        integer(i32::from(matches!(found, Some(Some(_)))))
    }),
    strict("iris_list_find", |a| {
        let list = elements(a, 0)?;
        let after = position(a, 2, 0)?;
        let wanted = a.text(1);
        let start = usize::try_from(after).unwrap_or(usize::MAX);
        let found = list
            .iter()
            .enumerate()
            .skip(start)
            .find(|(_, element)| element.as_ref().is_some_and(|item| item.text() == wanted));
        integer(found.map_or(0, |(n, _)| n + 1))
    }),
    strict("iris_list_from_string", |a| {
        let whole = a.text(0);
        let delimiter = a.optional(1, Args::text).unwrap_or_else(|| ",".to_owned());
        let mut bytes = Vec::new();
        let mut add = |piece: &str| {
            list::push(&mut bytes, &Some(Item::Text(piece.to_owned())));
        };
        if delimiter.is_empty() {
            add(&whole);
        } else {
            whole.split(&delimiter).for_each(add);
        }
        Ok(Datum::Blob(bytes))
    }),
    strict("iris_list_to_string", |a| {
        let delimiter = a.optional(1, Args::text).unwrap_or_else(|| ",".to_owned());
        text(list::joined(&elements(a, 0)?, &delimiter))
    }),
    strict("iris_list_length", |a| integer(elements(a, 0)?.len())),
    strict("iris_list_same", |a| {
        let texts = |n| -> Result<Vec<Option<String>>> {
            let list = elements(a, n)?;
            Ok(list
                .into_iter()
                .map(|e| e.map(|item| item.text()))
                .collect())
        };
        integer(i32::from(texts(0)? == texts(1)?))
    }),
    strict("iris_list_elements", |a| {
        let quoted = |item: &Item| super::json::quoted(&item.text());
        let items = elements(a, 0)?;
        let items: Vec<String> = items
            .iter()
            .map(|item| item.as_ref().map_or("null".to_owned(), quoted))
            .collect();
        text(format!("[{}]", items.join(",")))
    }),
    strict("iris_in_list", |a| {
        let wanted = a.text(0);
        let list = elements(a, 1)?;
        let found = list.iter().flatten().any(|item| item.text() == wanted);
        integer(i32::from(found))
    }),
];

/// An argument of `$LISTBUILD`; a list inside a list is text.
fn element(a: &Args<'_>, n: usize) -> Element {
    match a.raw(n) {
        ValueRef::Null => None,
        ValueRef::Integer(number) => Some(Item::Number(number.into())),
        ValueRef::Real(number) => Some(Item::Double(number)),
        ValueRef::Text(_) => Some(Item::Text(a.text(n))),
        ValueRef::Blob(bytes) => Some(Item::Text(list::widened(bytes))),
    }
}

fn no_list() -> SqlError {
    SqlError::new(-400, "Unexpected error occurred: <LIST>")
}

fn bytes_of(a: &Args<'_>, n: usize) -> Result<Vec<u8>> {
    match a.raw(n) {
        ValueRef::Blob(bytes) => Ok(bytes.to_vec()),
        ValueRef::Text([]) => Ok(Vec::new()),
        _ => list::narrow(&a.text(n)).ok_or_else(no_list),
    }
}

/// The elements of a list; -400 for anything else, the empty string included.
fn elements(a: &Args<'_>, n: usize) -> Result<Vec<Element>> {
    if matches!(a.raw(n), ValueRef::Text([])) {
        return Err(no_list());
    }
    list::elements(&bytes_of(a, n)?).ok_or_else(no_list)
}

/// NULL is a list without elements.
fn null_list(a: &Args<'_>, body: impl FnOnce(&[Element]) -> Result<Datum>) -> Result<Datum> {
    if a.is_null(0) {
        return Ok(Datum::Null);
    }
    body(&elements(a, 0)?)
}

/// A position; less than -1 is -400.
fn position(a: &Args<'_>, n: usize, default: i64) -> Result<i64> {
    if n >= a.len() {
        return Ok(default);
    }
    match a.integer(n) {
        position if position < -1 => Err(SqlError::new(-400, "<RANGE> list position")),
        position => Ok(position),
    }
}

fn find(list: &[Element], position: i64) -> Option<&Element> {
    match position {
        -1 => list.last(),
        position => list.get(usize::try_from(position.checked_sub(1)?).ok()?),
    }
}

/// An element that is not there or has no value is -400; position 0 is nothing.
fn one(list: &[Element], position: i64) -> Result<Option<&Item>> {
    match find(list, position) {
        Some(Some(item)) => Ok(Some(item)),
        _ if position == 0 => Ok(None),
        _ => Err(SqlError::new(-400, "<NULL VALUE> no such list element")),
    }
}

fn shown(item: Option<&Item>) -> Datum {
    item.map_or(Datum::Null, |item| Datum::Text(item.text()))
}

/// `$LIST(list, from, to)`: a list again, NULL without elements.
fn part(a: &Args<'_>, list: &[Element]) -> Result<Datum> {
    let last = list.len() as i64;
    let from_end = |position| if position == -1 { last } else { position };
    let from = from_end(position(a, 1, 1)?).max(1);
    let to = from_end(position(a, 2, -1)?).min(last);
    if from > to {
        return Ok(Datum::Null);
    }
    let range = usize::try_from(from - 1).unwrap_or(0)..usize::try_from(to).unwrap_or(0);
    let mut bytes = Vec::new();
    let elements = list.get(range).unwrap_or_default();
    elements
        .iter()
        .for_each(|element| list::push(&mut bytes, element));
    Ok(Datum::Blob(bytes))
}
