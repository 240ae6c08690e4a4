//! Calls of aggregate functions.
//!
//! PostgreSQL manual, "Aggregate Functions" and "Aggregate Expressions".

mod collected;
mod document;
mod float;
mod number;
mod pair;
mod plain;

use std::collections::HashSet;

use bytes::Bytes;

use super::distinct::read;
use super::memory::size_of_row;
use super::sorted::key;
use super::{Row, text, value};
use crate::rules::wit_plan::{Aggregate, TypedValue};
use crate::value::order::{Comparable, Key, compare};
use crate::value::{Kind, Oid, ValueError};

use collected::{Arrays, BytesJoined, Elements, Joined};
use document::{Documents, Form, Members};
use float::{Deviations, FloatSum};
use number::{Numbers, Result as Of, Spans};
use pair::{Pair, Pairs};
use plain::{Bits, Count, Extreme, Truths};

/// What an aggregate function knows of the values so far.
trait State: Send {
    /// Takes the operands of one row, and says how many bytes more it holds.
    fn add(&mut self, operands: &[Option<&str>]) -> Result<usize, ValueError>;

    /// What comes of the rows so far.
    fn result(&self) -> Result<Option<String>, ValueError>;
}

/// All that are known, by their names and the types of their operands.
fn state(name: &str, operands: &[Oid]) -> Option<Box<dyn State>> {
    let first = operands.first().copied().unwrap_or_default();
    Some(match (name, operands) {
        ("count", []) => Box::new(Count::rows()),
        ("count", [_]) => Box::new(Count::values()),
        ("min", [_]) => Box::new(Extreme::least(first)),
        ("max", [_]) => Box::new(Extreme::greatest(first)),
        ("bool_and" | "every", [16]) => Box::new(Truths::all()),
        ("bool_or", [16]) => Box::new(Truths::any()),
        ("bit_and", [20 | 21 | 23]) => Box::new(Bits::new(|left, right| left & right)),
        ("bit_or", [20 | 21 | 23]) => Box::new(Bits::new(|left, right| left | right)),
        ("bit_xor", [20 | 21 | 23]) => Box::new(Bits::new(|left, right| left ^ right)),
        ("string_agg", [17, 17]) => Box::new(BytesJoined::default()),
        ("string_agg", [_, _]) => Box::new(Joined::default()),
        ("array_agg", [_]) if Arrays::are(first) => Box::new(Arrays::default()),
        ("array_agg", [_]) => Box::new(Elements::default()),
        ("json_agg", [_]) => Box::new(Documents::new(Form::Json, first)),
        ("jsonb_agg", [_]) => Box::new(Documents::new(Form::Jsonb, first)),
        ("json_object_agg", [_, second]) => Box::new(Members::new(Form::Json, first, *second)),
        ("jsonb_object_agg", [_, second]) => Box::new(Members::new(Form::Jsonb, first, *second)),
        ("sum", [21 | 23]) => Box::new(Numbers::new(Of::WholeSum)),
        ("sum", [700 | 701]) => Box::new(FloatSum::new(first)),
        (_, [700 | 701]) => Box::new(Deviations::new(first, float::measure(name)?)),
        ("sum", [1186]) => Box::new(Spans::sum()),
        ("avg", [1186]) => Box::new(Spans::average()),
        (_, [20 | 21 | 23 | 1700]) => Box::new(Numbers::new(number::result(name)?)),
        (_, [one, other]) if is_number(*one) && is_number(*other) => {
            Box::new(Pairs::new(Pair::of(name)?))
        }
        _ => return None,
    })
}

fn is_number(type_oid: Oid) -> bool {
    use Kind::{Float4, Float8, Int2, Int4, Int8, Numeric};
    let kind = Kind::of(type_oid);
    matches!(kind, Int2 | Int4 | Int8 | Numeric | Float4 | Float8)
}

/// Whether an aggregate function of this name takes these operands.
pub(super) fn is_known(aggregate: &Aggregate) -> bool {
    Call::new(aggregate).is_some()
}

/// A call in one group.
pub(super) struct Call {
    state: Box<dyn State>,
    /// Of DISTINCT and ORDER BY: the rows are put in order before the function sees them.
    gathered: Option<Gathered>,
}

/// The operands of the rows of a group.
struct Gathered {
    keys: Vec<Key>,
    values: Vec<TypedValue>,
    rows: Vec<(Vec<Option<Comparable>>, Row)>,
    /// Of DISTINCT the rows that were there.
    seen: Option<HashSet<Vec<Option<Comparable>>>>,
}

impl Call {
    /// None of a function that is not known.
    pub(super) fn new(aggregate: &Aggregate) -> Option<Self> {
        let types: Vec<Oid> = aggregate.operands.iter().map(|one| one.type_oid).collect();
        Some(Self {
            state: state(&aggregate.name, &types)?,
            gathered: Gathered::of(aggregate),
        })
    }

    /// Takes a row, and says how many bytes more are held.
    ///
    /// # Errors
    /// A value is none of its type, or the function refuses it.
    pub(super) fn push(&mut self, aggregate: &Aggregate, row: &Row) -> Result<usize, ValueError> {
        if let Some(filter) = aggregate.filter
            && value(row, filter).is_none_or(|truth| **truth != *b"t")
        {
            return Ok(0);
        }
        if let Some(gathered) = &mut self.gathered {
            return gathered.push(aggregate, row);
        }
        let operands = aggregate.operands.iter();
        let operands = operands.map(|operand| text(row, operand.number));
        self.state.add(&operands.collect::<Result<Vec<_>, _>>()?)
    }

    /// What comes of the rows so far. Of DISTINCT and ORDER BY there may be no others behind them.
    ///
    /// # Errors
    /// It is out of range.
    pub(super) fn result(&mut self) -> Result<Option<String>, ValueError> {
        if let Some(gathered) = self.gathered.take() {
            for row in gathered.ordered() {
                let numbers = 0..u32::try_from(row.len()).unwrap_or(u32::MAX);
                let operands = numbers.map(|number| text(&row, number));
                self.state.add(&operands.collect::<Result<Vec<_>, _>>()?)?;
            }
        }
        self.state.result()
    }
}

impl Gathered {
    /// None if the function sees the rows as they come.
    fn of(aggregate: &Aggregate) -> Option<Self> {
        if !aggregate.distinct && aggregate.order.is_empty() {
            return None;
        }
        let mut keys: Vec<Key> = aggregate.order.iter().map(key).collect();
        let mut values: Vec<TypedValue> = aggregate.order.iter().map(|key| key.value).collect();
        if aggregate.distinct {
            let ascending = |value: &TypedValue| Key::ascending(value.type_oid);
            keys.extend(aggregate.operands.iter().map(ascending));
            values.extend(&aggregate.operands);
        }
        Some(Self {
            keys,
            values,
            rows: Vec::new(),
            seen: aggregate.distinct.then(HashSet::new),
        })
    }

    fn push(&mut self, aggregate: &Aggregate, row: &Row) -> Result<usize, ValueError> {
        let mut held = 0;
        if let Some(seen) = &mut self.seen {
            let (operands, size) = read(&aggregate.operands, row)?;
            if !seen.insert(operands) {
                return Ok(0);
            }
            held += size;
        }
        let (keys, size) = read(&self.values, row)?;
        let operands = aggregate.operands.iter();
        let operands = operands.map(|operand| value(row, operand.number).cloned());
        let operands: Vec<Option<Bytes>> = operands.collect();
        held += size + size_of_row(&operands);
        self.rows.push((keys, operands));
        Ok(held)
    }

    fn ordered(self) -> impl Iterator<Item = Row> {
        let mut rows = self.rows;
        rows.sort_by(|(left, _), (right, _)| compare(&self.keys, left, right));
        rows.into_iter().map(|(_, row)| row)
    }
}
