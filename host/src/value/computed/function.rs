//! The functions that instructions call.

mod among;
mod limited;
mod ordered;

use std::cmp::Ordering;

use pgiris_values::array::Array;
use pgiris_values::document::{self, NotJson};
use pgiris_values::json;

use crate::rules::wit_plan::Function;
use crate::value::array::parsed;
use crate::value::json::document as document_of;
use crate::value::order::{self, Comparable, Key};
use crate::value::{Kind, Oid, Scalar, ValueError, like, text};

const JSON: Oid = 114;
const JSONB: Oid = 3802;

type Operand = Option<String>;

pub(super) fn result(
    function: Function,
    type_oid: Oid,
    operands: Vec<Operand>,
) -> Result<Operand, ValueError> {
    if let Some(result) = with_nulls(function, type_oid, &operands)? {
        return Ok(result);
    }
    let Some(operands) = operands.into_iter().collect::<Option<Vec<String>>>() else {
        return Ok(None);
    };
    let at = |index: usize| operands.get(index).map_or("", String::as_str);
    match of_document(function, type_oid, at(0), at(1))? {
        Some(result) => Ok(result),
        None => strict(function, type_oid, at(0), at(1), at(2)),
    }
}

/// Of functions that take NULL; none for the others.
fn with_nulls(
    function: Function,
    type_oid: Oid,
    operands: &[Operand],
) -> Result<Option<Operand>, ValueError> {
    use Function as F;
    let at = |index: usize| operands.get(index).and_then(Option::as_deref);
    let (first, second) = (at(0), at(1));
    Ok(Some(match function {
        F::IsNull => truth(first.is_none()),
        F::Both => match (first, second) {
            (Some("f"), _) | (_, Some("f")) => truth(false),
            (Some(_), Some(_)) => truth(true),
            _ => None,
        },
        F::Either => match (first, second) {
            (Some("t"), _) | (_, Some("t")) => truth(true),
            (Some(_), Some(_)) => truth(false),
            _ => None,
        },
        F::Coalesced => first.or(second).map(str::to_owned),
        F::ArrayPosition => match first {
            Some(array) => position(&parsed(array)?, second, type_oid)?,
            None => None,
        },
        F::ArrayToString => match (first, second) {
            (Some(array), Some(separator)) => Some(joined(&parsed(array)?, separator, at(2))),
            _ => None,
        },
        _ => {
            let Some(test) = among::Test::of(function) else {
                return Ok(None);
            };
            match second {
                Some(array) => test.result(type_oid, first, &parsed(array)?)?,
                None => None,
            }
        }
    }))
}

/// Of functions of documents; none for the others.
fn of_document(
    function: Function,
    type_oid: Oid,
    a: &str,
    b: &str,
) -> Result<Option<Operand>, ValueError> {
    use Function as F;
    let piece = |found: Option<&str>| Ok(Some(found.map(str::to_owned)));
    let shown = |found: Option<&str>| Ok(Some(found.map(document::as_text).transpose()?.flatten()));
    match function {
        F::JsonField => piece(document::field(a, b)?),
        F::JsonFieldText => shown(document::field(a, b)?),
        F::JsonItem => piece(item(type_oid, a, integer(b)?)?),
        F::JsonItemText => shown(item(type_oid, a, integer(b)?)?),
        F::JsonPath | F::JsonPathText => {
            let steps: Option<Vec<String>> = parsed(b)?.elements.into_iter().collect();
            let found = match steps {
                Some(steps) => document::at(a, &steps)?,
                None => None,
            };
            match function {
                F::JsonPath => piece(found),
                _ => shown(found),
            }
        }
        F::JsonTypeof => piece(Some(document::Kind::of(a).name())),
        F::JsonArrayLength => match (document::items(a)?, document::Kind::of(a)) {
            (Some(items), _) => piece(Some(&items.len().to_string())),
            (None, document::Kind::Object) => Err(ValueError::json_length("non-array")),
            (None, _) => Err(ValueError::json_length("scalar")),
        },
        F::JsonbContains => Ok(Some(truth(document::contains(a, b)?))),
        F::JsonbExists => Ok(Some(truth(document::exists(a, b)?))),
        F::JsonbExistsAny | F::JsonbExistsAll => {
            let mut found = Vec::new();
            for key in parsed(b)?.elements.into_iter().flatten() {
                found.push(document::exists(a, &key)?);
            }
            Ok(Some(truth(match function {
                F::JsonbExistsAny => found.contains(&true),
                _ => !found.contains(&false),
            })))
        }
        _ => Ok(None),
    }
}

fn strict(
    function: Function,
    type_oid: Oid,
    a: &str,
    b: &str,
    c: &str,
) -> Result<Operand, ValueError> {
    use Function as F;
    Ok(match function {
        F::ArrayItem => element(&parsed(a)?, integer(b)?),
        F::ArraySlice => Some(slice(&parsed(a)?, integer(b)?, integer(c)?).shown()),
        F::ArrayLength => length(&parsed(a)?, integer(b)?),
        F::ArrayNdims => {
            let dimensions = parsed(a)?.lengths.len();
            (dimensions > 0).then(|| dimensions.to_string())
        }
        F::Cardinality => Some(parsed(a)?.elements.len().to_string()),
        F::ArraySorted => Some(sorted(parsed(a)?, type_oid)?.shown()),
        F::ArraySortedDescending => {
            let mut array = sorted(parsed(a)?, type_oid)?;
            array.elements.reverse();
            Some(array.shown())
        }
        F::ArrayOrdered => Some(ordered::values(parsed(a)?, b)?.shown()),
        F::ArrayContains => {
            let whole = parsed(a)?;
            let mut all = true;
            for wanted in &parsed(b)?.elements {
                all &= wanted.is_some() && position(&whole, wanted.as_deref(), type_oid)?.is_some();
            }
            truth(all)
        }
        F::ArrayOverlaps => {
            let whole = parsed(a)?;
            let mut any = false;
            for wanted in parsed(b)?.elements.iter().flatten() {
                any |= position(&whole, Some(wanted), type_oid)?.is_some();
            }
            truth(any)
        }
        F::Equals => truth(is_equal(type_oid, a, b)?),
        F::Differs => truth(!is_equal(type_oid, a, b)?),
        F::Less => truth(compare(type_oid, a, b)? == Ordering::Less),
        F::LessOrEqual => truth(compare(type_oid, a, b)? != Ordering::Greater),
        F::Like => truth(like::is_like(a, b)?),
        F::LikeInAnyCase => truth(like::is_like(&a.to_lowercase(), &b.to_lowercase())?),
        F::Concatenated => Some(format!("{a}{b}")),
        F::JsonOf => Some(document_of(type_oid, Some(a))?),
        F::Cast if type_oid == JSONB => Some(json::canonical(a).ok_or(NotJson)?),
        F::Cast if type_oid == JSON => {
            json::canonical(a).ok_or(NotJson)?;
            Some(a.to_owned())
        }
        F::Cast => Some(text::read(Kind::of(type_oid), a)?.to_string()),
        F::CastLimited => Some(limited::cast(type_oid, a, integer(b)?)?),
        F::Negated => truth(a == "f"),
        // Those that take NULL, and those of documents.
        _ => None,
    })
}

/// To `->` of `jsonb` what is neither an object nor an array is an array of one element.
fn item(type_oid: Oid, whole: &str, number: i64) -> Result<Option<&str>, ValueError> {
    use document::Kind::{Array, Object};
    let is_scalar = !matches!(document::Kind::of(whole), Array | Object);
    if type_oid == JSONB && is_scalar {
        return Ok(matches!(number, 0 | -1).then_some(whole));
    }
    Ok(document::item(whole, number)?)
}

fn truth(value: bool) -> Operand {
    Some(if value { "t" } else { "f" }.to_owned())
}

fn integer(text: &str) -> Result<i64, ValueError> {
    match text::read(Kind::Int4, text)? {
        Scalar::Int(value) => Ok(value),
        _ => Err(ValueError::binary()),
    }
}

/// The elements in the order of their type, NULL last.
fn sorted(array: Array, type_oid: Oid) -> Result<Array, ValueError> {
    let key = Key::ascending(type_oid);
    let mut rows = Vec::with_capacity(array.elements.len());
    for element in array.elements {
        rows.push(([key.read(element.as_deref())?], element));
    }
    rows.sort_by(|(left, _), (right, _)| order::compare(&[key], left, right));
    Ok(Array {
        elements: rows.into_iter().map(|(_, element)| element).collect(),
        ..array
    })
}

/// `array[subscript]` of one dimension.
fn element(array: &Array, subscript: i64) -> Operand {
    if array.lengths.len() != 1 {
        return None;
    }
    let index = usize::try_from(subscript.checked_sub(1)?).ok()?;
    array.elements.get(index)?.clone()
}

/// Those of the outermost dimension from one subscript to the other.
fn slice(array: &Array, from: i64, to: i64) -> Array {
    let outer = array.lengths.first().copied().unwrap_or_default();
    let bound = |at: i64| usize::try_from(at.max(0)).map_or(outer, |at| at.min(outer));
    let (from, to) = (bound(from.saturating_sub(1)), bound(to));
    let width = array.elements.len() / outer.max(1);
    let kept = array.elements.get(from * width..to * width);
    let mut lengths = array.lengths.clone();
    match (lengths.first_mut(), kept) {
        (Some(length), Some(kept)) if !kept.is_empty() => {
            *length = to - from;
            Array {
                lengths,
                elements: kept.to_vec(),
            }
        }
        _ => Array::of(Vec::new()),
    }
}

fn length(array: &Array, dimension: i64) -> Operand {
    let index = usize::try_from(dimension.checked_sub(1)?).ok()?;
    Some(array.lengths.get(index)?.to_string())
}

/// The subscript of the first such element.
fn position(array: &Array, wanted: Option<&str>, type_oid: Oid) -> Result<Operand, ValueError> {
    let key = Key::ascending(type_oid);
    let wanted = key.read(wanted)?;
    for (index, element) in array.elements.iter().enumerate() {
        if key.read(element.as_deref())? == wanted {
            return Ok(Some((index + 1).to_string()));
        }
    }
    Ok(None)
}

fn joined(array: &Array, separator: &str, null: Option<&str>) -> String {
    let elements = array.elements.iter();
    let shown: Vec<&str> = elements
        .filter_map(|element| element.as_deref().or(null))
        .collect();
    shown.join(separator)
}

fn is_equal(type_oid: Oid, a: &str, b: &str) -> Result<bool, ValueError> {
    Ok(compare(type_oid, a, b)?.is_eq())
}

/// As the type orders its values; strings by their bytes.
fn compare(type_oid: Oid, a: &str, b: &str) -> Result<Ordering, ValueError> {
    Ok(Comparable::read(type_oid, a)?.cmp(&Comparable::read(type_oid, b)?))
}
