//! Frames by the distance from the value of a row: RANGE with offsets.
//!
//! PostgreSQL's `in_range` functions of `int.c`, `int8.c`, `numeric.c`, `float.c`, `date.c` and `timestamp.c`.

use pgiris_values::interval::Interval;

use super::View;
use super::frame::{End, Offset};
use crate::rules::wit_plan::{FrameMode, SortKey, Window};
use crate::value::computed::moment_later;
use crate::value::order::{Comparable, Key, Number, float_order};
use crate::value::{Kind, Oid, Scalar, ValueError, calendar, decimal, float, text};

const TIME: Oid = 1083;
const TIMESTAMP: Oid = 1114;

/// The key of each row, in order.
pub(super) struct Ranges {
    key: SortKey,
    values: Vec<Option<Comparable>>,
}

/// What values are compared with.
enum Edge {
    At(Comparable),
    /// Less than every value.
    Below,
    /// Greater than every value.
    Above,
    /// Infinitely far from an infinite value: every value up to this one, which is infinite, is in range.
    Everywhere(Comparable),
}

impl Edge {
    fn beyond(is_less: bool) -> Self {
        match is_less {
            true => Self::Below,
            false => Self::Above,
        }
    }

    /// Whether a value is not greater, or not less.
    fn allows(&self, value: &Comparable, is_greatest: bool) -> bool {
        match self {
            Self::At(edge) if is_greatest => value <= edge,
            Self::At(edge) => value >= edge,
            Self::Below => !is_greatest,
            Self::Above => is_greatest,
            Self::Everywhere(greatest) => !is_greatest || value <= greatest,
        }
    }
}

/// Whether the offset of a frame goes with the key of its window.
pub(super) fn takes(window: &Window, offset: &Offset) -> bool {
    use Kind::{Date, Float4, Float8, Int2, Int4, Int8, Numeric, Time, Timestamp, Timestamptz};
    let offset = Kind::of(offset.value.type_oid);
    let is_whole = matches!(offset, Int2 | Int4 | Int8);
    if window.frame.mode != FrameMode::Range {
        return is_whole;
    }
    let [key] = window.order.as_slice() else {
        return false;
    };
    match Kind::of(key.value.type_oid) {
        Int2 | Int4 | Int8 => is_whole,
        Numeric => is_whole || offset == Numeric,
        Float4 | Float8 => is_whole || matches!(offset, Numeric | Float4 | Float8),
        Date | Time | Timestamp | Timestamptz | Kind::Interval => offset == Kind::Interval,
        _ => false,
    }
}

/// Dates are compared as moments.
fn compared_as(type_oid: Oid) -> Oid {
    match Kind::of(type_oid) {
        Kind::Date => TIMESTAMP,
        _ => type_oid,
    }
}

impl Ranges {
    /// # Errors
    /// A value is none of its type.
    pub(super) fn new(view: View<'_>) -> Result<Self, ValueError> {
        let key = view.window.order.first().copied();
        let key = key.ok_or_else(ValueError::no_value)?;
        let read = Key::ascending(compared_as(key.value.type_oid));
        let values =
            (0..view.length()).map(|position| read.read(view.text(position, key.value.number)?));
        Ok(Self {
            values: values.collect::<Result<_, _>>()?,
            key,
        })
    }

    /// An end of the frame of a row; of NULL all that are NULL.
    ///
    /// # Errors
    /// The offset is negative, or none of its type.
    pub(super) fn bound(
        &self,
        view: View<'_>,
        position: usize,
        offset: Offset,
    ) -> Result<usize, ValueError> {
        let by = view.text(position, offset.value.number)?;
        let by = by.ok_or_else(ValueError::no_value)?;
        let Some(base) = view.text(position, self.key.value.number)? else {
            let peers = view.partition.peers(position);
            return Ok(match offset.end {
                End::Start => peers.start,
                End::Behind => peers.end,
            });
        };
        let is_less = offset.is_preceding != self.key.descending;
        let edge = edge(self.key.value.type_oid, base, by, is_less)?;
        let is_greatest = (offset.end == End::Behind) != self.key.descending;
        Ok(self.values.partition_point(|value| match value {
            None => self.key.nulls_first,
            Some(value) => edge.allows(value, is_greatest) == (offset.end == End::Behind),
        }))
    }
}

/// The value that is less or greater by the offset.
fn edge(type_oid: Oid, base: &str, by: &str, is_less: bool) -> Result<Edge, ValueError> {
    match Kind::of(type_oid) {
        Kind::Int2 | Kind::Int4 | Kind::Int8 => whole(base, by, is_less),
        Kind::Numeric => numeric(base, by, is_less),
        kind @ (Kind::Float4 | Kind::Float8) => {
            let (base, by) = (float::read_number(kind, base)?, float::read_double(by)?);
            floating(base, by, is_less)
        }
        Kind::Time => time(base, by, is_less),
        Kind::Interval => interval(base, by, is_less),
        _ => moment(type_oid, base, by, is_less),
    }
}

fn negative() -> ValueError {
    let message = "invalid preceding or following size in window function";
    ValueError::refused("22013", message)
}

fn whole(base: &str, by: &str, is_less: bool) -> Result<Edge, ValueError> {
    let read = |written| match text::read(Kind::Int8, written)? {
        Scalar::Int(value) => Ok(value),
        _ => Err(ValueError::no_value()),
    };
    let (base, by): (i64, i64) = (read(base)?, read(by)?);
    if by < 0 {
        return Err(negative());
    }
    let edge = match is_less {
        true => base.checked_sub(by),
        false => base.checked_add(by),
    };
    Ok(edge.map_or(Edge::beyond(is_less), |edge| {
        Edge::At(Comparable::Int(edge))
    }))
}

fn numeric(base: &str, by: &str, is_less: bool) -> Result<Edge, ValueError> {
    let zero = Number::Finite(0.into());
    let (base, by) = (Number::read(base)?, Number::read(by)?);
    if by == Number::NaN || by < zero {
        return Err(negative());
    }
    let is_undefined = match base {
        Number::Infinity => is_less,
        Number::MinusInfinity => !is_less,
        _ => false,
    };
    if by == Number::Infinity && is_undefined {
        return Ok(Edge::Everywhere(Comparable::Number(by)));
    }
    Ok(Edge::At(Comparable::Number(match (base, by) {
        (Number::NaN, _) => Number::NaN,
        (_, Number::Infinity) if is_less => Number::MinusInfinity,
        (_, Number::Infinity) => Number::Infinity,
        (Number::Finite(base), Number::Finite(by)) => Number::Finite(match is_less {
            true => decimal::difference(&base, &by),
            false => decimal::sum(&base, &by),
        }),
        (base, _) => base,
    })))
}

fn floating(base: f64, by: f64, is_less: bool) -> Result<Edge, ValueError> {
    if by.is_nan() || by < 0.0 {
        return Err(negative());
    }
    let value = |value: f64| Comparable::Float(float_order(value));
    if by.is_infinite() && base.is_infinite() && (base > 0.0) == is_less {
        return Ok(Edge::Everywhere(value(by)));
    }
    Ok(Edge::At(value(if is_less { base - by } else { base + by })))
}

fn interval_of(written: &str) -> Result<Interval, ValueError> {
    Interval::parse(written).map_err(|wrong| ValueError::interval(written, wrong))
}

/// The offset, with the sign that it is added with.
fn signed(by: &str, is_less: bool) -> Result<Interval, ValueError> {
    let offset = interval_of(by)?;
    if offset.span() < 0 {
        return Err(negative());
    }
    match is_less {
        true => offset.negated(),
        false => Ok(offset),
    }
    .map_err(|wrong| ValueError::interval(by, wrong))
}

fn moment(type_oid: Oid, base: &str, by: &str, is_less: bool) -> Result<Edge, ValueError> {
    let by = signed(by, is_less)?;
    let base = Comparable::read(compared_as(type_oid), base)?;
    let from = match &base {
        Comparable::Moment(i64::MIN | i64::MAX) => return Ok(Edge::At(base)),
        Comparable::Moment(micros) => calendar::timestamp_of_micros(*micros)?,
        _ => return Err(ValueError::no_value()),
    };
    // PostgreSQL's calendar goes farther, but no value is there.
    Ok(
        moment_later(from, by).map_or(Edge::beyond(is_less), |later| {
            Edge::At(Comparable::Moment(calendar::micros_of_timestamp(later)))
        }),
    )
}

/// Only the time of the offset counts (`in_range_time_interval`).
fn time(base: &str, by: &str, is_less: bool) -> Result<Edge, ValueError> {
    let by = interval_of(by)?.micros;
    if by < 0 {
        return Err(negative());
    }
    let Comparable::Moment(base) = Comparable::read(TIME, base)? else {
        return Err(ValueError::no_value());
    };
    Ok(Edge::At(Comparable::Moment(match is_less {
        true => base.saturating_sub(by),
        false => base.saturating_add(by),
    })))
}

fn interval(base: &str, by: &str, is_less: bool) -> Result<Edge, ValueError> {
    let edge = interval_of(base)?.plus(signed(by, is_less)?);
    let edge = edge.map_err(|wrong| ValueError::interval(base, wrong))?;
    Ok(Edge::At(Comparable::Span(edge.span())))
}
